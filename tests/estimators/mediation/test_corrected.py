import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.mediation import mediate, mediate_corrected


def system(n, seed=3):
    rng = np.random.default_rng(seed)
    age = rng.normal(size=n)
    arm = rng.integers(0, 2, n).astype(float)
    before = rng.normal(0, 1, n) + 0.3 * age
    after = before + 0.5 * arm + rng.normal(0, 0.6, n)
    pain = -0.8 * after + 0.6 * before + 0.2 * age + rng.normal(size=n)
    noise = rng.normal(0, 0.5, (2, n))
    return arm, after, pain, np.column_stack([age, before]), noise


def test_without_error_it_is_mediate():
    arm, after, pain, more, _ = system(300)
    plain = mediate(arm, after, pain, more, resamples=500)
    found = mediate_corrected(arm, after, pain, more, sem=(0, 0, 0, 0), resamples=500)
    assert tuple(found) == plain.names
    for name, one in found.items():
        assert one == plain.effect(name)


def test_the_truth_is_recovered_from_noisy_columns():
    arm, after, pain, more, noise = system(200_000)
    noisy, seen = more + np.c_[np.zeros(len(arm)), noise[0]], after + noise[1]
    naive = mediate(arm, seen, pain, noisy, resamples=10).effect("indirect").estimate
    found = mediate_corrected(arm, seen, pain, noisy, sem=(0, 0.5, 0, 0.5), resamples=50)
    assert found["indirect"].estimate == pytest.approx(-0.4, abs=0.02)
    assert found["M → Y"].estimate == pytest.approx(-0.8, abs=0.02)
    assert abs(naive) < 0.3


def test_matrix_algebra_says_the_same():
    arm, after, pain, more, _ = system(80)
    found = mediate_corrected(arm, after, pain, more, sem=(0, 0.2, 0, 0.3), resamples=5)
    x = np.column_stack([np.ones(80), more, arm, after])
    square = x.T @ x - 80 * np.diag([0, 0, 0.2**2, 0, 0.3**2])
    coef = np.linalg.solve(square, x.T @ pain)
    assert found["direct"].estimate == pytest.approx(coef[3], rel=1e-10)
    assert found["M → Y"].estimate == pytest.approx(coef[4], rel=1e-10)


def test_an_error_that_leaves_nothing_is_refused():
    arm, after, pain, more, _ = system(100)
    with pytest.raises(UserError, match="nothing reliable"):
        mediate_corrected(arm, after, pain, more, sem=(0, 0, 0, 5.0))
    with pytest.raises(UserError, match="reliable of strength before"):
        names = ("age", "strength before")
        mediate_corrected(arm, after, pain, more, sem=(0, 5.0, 0, 0), covariate_names=names)
    with pytest.raises(ValueError, match="each column"):
        mediate_corrected(arm, after, pain, more, sem=(0, 0))
