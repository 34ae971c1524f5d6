import numpy as np
import pytest
from scipy import stats

from gluteal.errors import UserError
from gluteal.estimators.multiverse import Specification, check_joint_null, expand_grid

GRID = expand_grid([0, 1], [2], [(), (3,), (4,), (3, 4)])


def make(rng, effect, n=80):
    x, z, w = rng.normal(size=(3, n))
    x += 0.5 * z
    y = effect * x + z + rng.normal(size=n)
    return np.column_stack([y, y + 0.5 * rng.normal(size=n), x, z, w])


@pytest.mark.parametrize("method", ["bootstrap", "shuffle"])
def test_adjusted_curves_hold_their_level_and_find_effects(method):
    rng = np.random.default_rng(5)
    grid = expand_grid([0, 1], [2], [(3,), (3, 4)])
    tests = [
        check_joint_null(make(rng, 0.0), grid, method=method, resamples=99, seed=k)
        for k in range(200)
    ]
    for name in ("p_median", "p_stouffer"):
        rejected = sum(getattr(t, name) <= 0.05 for t in tests)
        assert stats.binomtest(rejected, 200, 0.05).pvalue > 0.001
    # The share of significant results is discrete: at most its level.
    assert sum(t.p_significant <= 0.05 for t in tests) <= 20
    found = check_joint_null(make(rng, 0.6), grid, method=method, resamples=199)
    assert found.p_median == found.p_stouffer == 1 / 200
    # Four specifications that all but agree are all significant in 5 % of null curves.
    assert found.p_significant < 0.1


def test_statistics_are_those_of_the_curve():
    columns = make(np.random.default_rng(1), 0.3)
    found = check_joint_null(columns, GRID, resamples=300, seed=2)
    b = []
    for s in GRID:
        x = np.column_stack([np.ones(80), columns[:, [*s.covariates, s.exposure]]])
        b.append(np.linalg.lstsq(x, columns[:, s.outcome], rcond=None)[0][-1])
    assert found.median == pytest.approx(np.median(b), rel=1e-10)
    assert found.null.shape == (300, 3)
    assert found.band.shape == (2, len(GRID))
    assert (np.diff(found.band, axis=1) >= 0).all()
    assert np.abs(np.median(found.null[:, 0])) < 0.1
    again = check_joint_null(columns, GRID, resamples=300, seed=2)
    np.testing.assert_array_equal(again.null, found.null)


def test_families_mix_in_one_curve():
    rng = np.random.default_rng(9)
    x, z = rng.normal(size=(2, 300))
    y = (rng.uniform(size=300) < 1 / (1 + np.exp(-x))).astype(float)
    columns = np.column_stack([y, x, z])
    grid = expand_grid([0], [1], [(), (2,)], families=["linear", "logistic", "poisson"])
    for method in ("bootstrap", "shuffle"):
        found = check_joint_null(columns, grid, method=method, resamples=99)
        assert found.specifications == 6
        assert found.p_stouffer == 0.01


def test_repeated_rows_of_a_person_do_not_make_evidence():
    rng = np.random.default_rng(3)
    columns = np.repeat(make(rng, 0.15, 40), 6, axis=0)
    who = np.repeat(np.arange(40), 6)
    naive = check_joint_null(columns, GRID, resamples=400)
    honest = check_joint_null(columns, GRID, resamples=400, person=who)
    assert honest.p_median > 3 * naive.p_median


def test_what_has_no_answer_takes_no_part():
    columns = make(np.random.default_rng(1), 0.3)
    columns = np.column_stack([columns, 2 * columns[:, 3]])
    found = check_joint_null(columns, [*GRID, Specification(0, 2, (3, 5))], resamples=20)
    assert found.specifications == len(GRID)
    assert "collinear" in found.warnings[0]
    with pytest.raises(UserError, match="no specification has an answer"):
        check_joint_null(columns, [Specification(0, 2, (3, 5))], resamples=20)


def test_misuse():
    columns = make(np.random.default_rng(1), 0.3)
    with pytest.raises(ValueError, match="at least one null curve"):
        check_joint_null(columns, GRID, resamples=0)
    with pytest.raises(ValueError, match="bootstrap or shuffle"):
        check_joint_null(columns, GRID, method="jackknife")
    with pytest.raises(UserError, match="one person"):
        check_joint_null(columns, GRID, person=np.zeros(80))
