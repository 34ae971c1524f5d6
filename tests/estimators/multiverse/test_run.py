import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm, is_separated
from gluteal.estimators.multiverse import (
    Specification,
    expand_grid,
    run_multiverse,
    summarise_curve,
)

NAMES = ("pain", "lbp", "days", "glute", "tilt", "age", "female", "bmi", "activity", "prior_lbp")
SETS = ((), ("age",), ("age", "female"), ("age", "bmi", "activity"))
SETS = (*SETS, ("age", "bmi", "activity", "prior_lbp"))


@pytest.fixture(scope="module")
def said(answers):
    return answers("multiverse")


@pytest.fixture(scope="module")
def gappy(base):
    """The fixture's baseline with the gaps that the R script makes."""
    frame = base.copy()
    frame.loc[frame.index[2::11], "tilt"] = np.nan
    frame.loc[frame.index[4::17], "bmi"] = np.nan
    columns = frame[list(NAMES)].to_numpy(float)
    subsets = np.stack([np.ones(len(frame), dtype=bool), frame["female"].to_numpy() == 1])
    at = NAMES.index
    specs = [
        (at(x), tuple(map(at, z)), s)
        for x in ("glute", "tilt")
        for z in SETS
        for s in (0, 1)
        if not (s == 1 and "female" in z)
    ]
    return columns, subsets, specs


@pytest.fixture(scope="module")
def example(parity):
    frame = pd.read_csv(parity / "data" / "specr_example.csv")
    columns = frame[["y1", "y2", "x1", "x2", "c1", "c2"]].to_numpy()
    g1, g2 = frame["group1"].to_numpy(), frame["group2"].to_numpy()
    subsets = np.array(
        [((a == 0) | (g1 == a)) & ((b == 0) | (g2 == b)) for a in range(4) for b in range(3)]
    )
    return columns, expand_grid([0, 1], [2, 3], [(), (4,), (5,), (4, 5)], range(12)), subsets


def check(found, want, rtol):
    want = np.asarray(want)
    for got, column in ((found.estimate, 0), (found.se, 1), (found.n, 3)):
        np.testing.assert_allclose(got, want[:, column], rtol=rtol)
    # A far tail multiplies what the errors differ by.
    np.testing.assert_allclose(found.p, want[:, 2], rtol=10 * rtol)
    assert found.converged.all()


def test_specr_192_cells_equal_lm(example, said):
    columns, grid, subsets = example
    found = run_multiverse(columns, grid, subsets)
    assert len(grid) == 192
    check(found, said["specr"], 1e-10)


def test_specr_summary_of_the_vignette(example, said):
    """The vignette prints 0.13 0.45 -0.49 0.68 -0.16 0.44."""
    curve = summarise_curve(run_multiverse(*example))
    got = [curve.median, curve.mad, curve.minimum, curve.maximum, curve.q25, curve.q75]
    np.testing.assert_allclose(got, said["specr_summary"], rtol=1e-11)
    reference = [
        0.1287878258,
        0.4523882062,
        -0.4897675415,
        0.6784088928,
        -0.1614450963,
        0.4400527711,
    ]
    np.testing.assert_allclose(got, reference, rtol=1e-9)


@pytest.mark.parametrize(
    ("family", "outcome", "rtol"),
    [("linear", "pain", 1e-10), ("logistic", "lbp", 1e-7), ("poisson", "days", 1e-7)],
)
def test_specifications_with_gaps_and_subsets_equal_r(gappy, said, family, outcome, rtol):
    columns, subsets, specs = gappy
    grid = [Specification(NAMES.index(outcome), x, z, s, family) for x, z, s in specs]
    check(run_multiverse(columns, grid, subsets), said[family], rtol)


def test_robust_errors_equal_sandwich(gappy, said):
    columns, subsets, specs = gappy
    grid = [Specification(0, x, z, s) for x, z, s in specs]
    found = run_multiverse(columns, grid, subsets, se="HC3")
    np.testing.assert_allclose(found.se, said["robust"], rtol=1e-10)
    np.testing.assert_allclose(found.estimate, np.array(said["linear"])[:, 0], rtol=1e-10)
    twice = np.concatenate([np.arange(len(columns) // 2)] * 2)
    clustered = run_multiverse(columns, grid, subsets, se="CR2", cluster=twice)
    assert (clustered.df < found.df).all()
    with pytest.raises(ValueError, match="clusters"):
        run_multiverse(columns, grid, subsets, se="CR2")


def test_a_large_grid_equals_a_loop_of_fit_glm():
    rng = np.random.default_rng(3)
    n = 3000  # more than a tile of rows
    x = rng.normal(size=(n, 8))
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(-x[:, 0] + 0.5 * x[:, 3]))).astype(float)
    columns = np.column_stack([y, rng.poisson(np.exp(0.3 * x[:, 1])), x])
    sets = [tuple(j for j in range(4, 10) if i >> (j - 4) & 1) for i in range(64)]
    grid = expand_grid([0], [2, 3], sets, families=["logistic"])
    grid += expand_grid([1], [2, 3], sets, families=["poisson"])
    found = run_multiverse(columns, grid)
    assert found.converged.all()
    for i in range(0, len(grid), 19):
        s = grid[i]
        design = np.column_stack([np.ones(n), columns[:, [*s.covariates, s.exposure]]])
        alone = fit_glm(design, columns[:, s.outcome], s.family, "classical").coefficient(-1)
        assert found.estimate[i] == pytest.approx(alone.estimate, rel=1e-9)
        assert found.se[i] == pytest.approx(alone.se, rel=1e-7)
        assert found.p[i] == pytest.approx(alone.p, rel=1e-6)


def test_what_has_no_answer_is_flagged_and_says_why():
    rng = np.random.default_rng(1)
    n = 40
    x, z = rng.normal(size=(2, n))
    y = x + rng.normal(size=n)
    columns = np.column_stack([y, x, z, 2 * z - 1, np.full(n, 7.3), x > 0, rng.poisson(2, n)])
    few = np.arange(n) < 4
    subsets = np.stack([np.ones(n, dtype=bool), few, x > 0])
    grid = [
        Specification(0, 1),
        Specification(0, 1, (2, 3)),
        Specification(0, 4),
        Specification(4, 1),
        Specification(5, 1, family="logistic"),
        Specification(0, 1, (2, 3), subset=1),
        Specification(5, 2, subset=2, family="logistic"),
        Specification(6, 1, (2, 3), family="poisson"),
        Specification(5, 2, (0,), family="logistic"),
    ]
    found = run_multiverse(columns, grid, subsets)
    why = ["", "collinear", "collinear", "outcome constant", "separated", "too few rows"]
    assert list(found.problem) == [*why, "outcome constant", "collinear", ""]
    assert found.converged.tolist() == [word == "" for word in found.problem]
    assert np.isfinite(found.estimate[found.converged]).all()
    assert np.isnan(found.p[~found.converged]).all()
    assert "3 of 9: collinear" in found.warnings


@pytest.mark.parametrize("family", ["logistic", "poisson"])
def test_separation_is_never_taken_for_an_answer(family):
    """Data set 890 has slopes that stop at -19 by rounding alone."""
    for seed in [890, 1303, 1060, *range(20)]:
        rng = np.random.default_rng(seed)
        n = rng.integers(8, 40)
        z = rng.normal(size=(n, 3))
        z[:, 2] = z[:, 2] > 0.5
        y = (rng.uniform(size=n) < 1 / (1 + np.exp(-2 * z[:, 0] - z[:, 1]))).astype(float)
        y = y * rng.poisson(3, n) if family == "poisson" else y
        grid = expand_grid([0], [1, 3], [(), (2,)], families=[family])
        columns = np.column_stack([y, z])
        found = run_multiverse(columns, grid)
        for k, s in enumerate(grid):
            x = np.column_stack([np.ones(n), columns[:, [*s.covariates, s.exposure]]])
            if np.ptp(y) == 0 or np.linalg.matrix_rank(x) < x.shape[1]:
                assert not found.converged[k]
            else:
                assert found.converged[k] != is_separated(x, y, family)


def test_nearly_dependent_columns_are_left_to_qr():
    """A centimetre beside its rounded inch: beyond what cross-products can tell."""
    rng = np.random.default_rng(2)
    z = rng.normal(170, 8, 200)
    x = z + rng.normal(0, 1e-4, 200)
    y = 3 * x - 2 * z + rng.normal(size=200)
    found = run_multiverse(np.column_stack([y, x, z]), [Specification(0, 1, (2,))])
    centred = np.column_stack([np.ones(200), z - 170, x - z])
    slope = np.linalg.lstsq(centred, y, rcond=None)[0]
    assert found.estimate[0] == pytest.approx(slope[2], rel=1e-4)
    assert found.converged[0]


def test_faults_of_data_are_named_together():
    columns = np.array([[0.5, 1, -1], [1, np.inf, 2], [0, 1, 1], [1, 2, 0], [1, 3, 1]])
    grid = [Specification(0, 1, family="logistic"), Specification(2, 1, family="poisson")]
    with pytest.raises(
        UserError, match=r"column 1 has infinite.*column 0 .* 0 or 1.*column 2 .*below"
    ):
        run_multiverse(columns, grid)


@pytest.mark.parametrize(
    "bad", [Specification(0, 9), Specification(0, 0), Specification(0, 1, (1,))]
)
def test_wrong_places_are_misuse(bad):
    with pytest.raises(ValueError, match="specification 0"):
        run_multiverse(np.eye(5), [bad])


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    scale=st.floats(0.01, 100),
    shift=st.floats(-50, 50),
    family=st.sampled_from(["linear", "logistic", "poisson"]),
)
def test_invariants(seed, scale, shift, family):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(80, 4))
    y = {
        "linear": z[:, 0] + rng.normal(size=80),
        "logistic": (rng.uniform(size=80) < 0.5).astype(float),
        "poisson": rng.poisson(2, 80),
    }[family]
    columns = np.column_stack([y, z])
    columns[rng.uniform(size=80) < 0.1, 3] = np.nan
    grid = expand_grid([0], [1, 2], [(), (3,), (4,), (3, 4)], families=[family])
    plain = run_multiverse(columns, grid)
    order = rng.permutation(80)
    mixed = run_multiverse(columns[order], grid)
    np.testing.assert_allclose(mixed.estimate, plain.estimate, rtol=1e-8, atol=1e-11)
    other = columns.copy()
    other[:, 1:] = other[:, 1:] * scale + shift  # another unit of exposures and covariates
    moved = run_multiverse(other, grid)
    np.testing.assert_allclose(moved.estimate * scale, plain.estimate, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(moved.statistic, plain.statistic, rtol=1e-6, atol=1e-8)
    back = run_multiverse(columns, grid[::-1])
    np.testing.assert_allclose(back.estimate[::-1], plain.estimate, rtol=1e-9, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(
    n=st.integers(1, 12),
    seed=st.integers(0, 1000),
    family=st.sampled_from(["linear", "logistic", "poisson"]),
    holes=st.floats(0, 1),
)
def test_tiny_data_never_yield_unflagged_numbers(n, seed, family, holes):
    rng = np.random.default_rng(seed)
    columns = rng.integers(0, 2, size=(n, 4)).astype(float)
    columns[rng.uniform(size=(n, 4)) < holes] = np.nan
    grid = expand_grid([0], [1], [(), (2,), (3,), (2, 3)], families=[family])
    found = run_multiverse(columns, grid)
    assert np.isfinite(found.estimate[found.converged]).all()
    assert all((word == "") == ok for word, ok in zip(found.problem, found.converged, strict=True))


def test_null_data_reject_at_their_level():
    rng = np.random.default_rng(8)
    rejected = [
        run_multiverse(rng.normal(size=(60, 4)), expand_grid([0], [1], [(2, 3)])).p[0] < 0.05
        for _ in range(400)
    ]
    assert stats.binomtest(sum(rejected), 400, 0.05).pvalue > 0.001


@pytest.mark.parametrize("family", ["linear", "logistic"])
def test_a_subset_of_one_cluster_is_flagged_and_spares_the_others(family):
    rng = np.random.default_rng(2)
    columns = np.column_stack([np.arange(40) % 2, rng.normal(size=40)])
    subsets = np.array([np.ones(40, dtype=bool), np.arange(40) < 8])
    specs = [Specification(0, 1, (), s, family) for s in (0, 1)]
    found = run_multiverse(columns, specs, subsets, se="CR2", cluster=np.arange(40) // 8)
    assert found.problem == ("", "too few clusters")
    assert np.isfinite(found.p[0])
    assert np.isnan(found.se[1])
