import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.effect_size import equivalence
from gluteal.estimators.meta import estimate_tau2, moment_tau2, pool_estimates

METHODS = ["DL", "REML", "PM", "ML"]


@pytest.fixture(scope="module")
def said(answers):
    return answers("meta")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("data", ["bcg", "none"])
def test_metafor(said, data, method):
    y, v = (said["yi"], said["vi"]) if data == "bcg" else said["homogeneous"].values()
    want = said[data][method]
    normal = pool_estimates(y, v, method, hartung_knapp=False)
    got = [normal.found.estimate, normal.found.se, normal.found.low, normal.found.high, normal.q]
    np.testing.assert_allclose(got, [want["b"], want["se"], *want["ci"], want["q"]], rtol=1e-9)
    assert normal.tau2 == pytest.approx(want["tau2"], rel=1e-8, abs=1e-12)
    assert normal.i2 == pytest.approx(want["i2"], rel=1e-8, abs=1e-9)
    assert normal.q_p == pytest.approx(want["qp"], rel=1e-7)
    assert normal.prediction == pytest.approx(want["pi"], rel=1e-8)
    np.testing.assert_allclose(normal.weights, want["weights"], rtol=1e-8)
    small = pool_estimates(y, v, method)
    hk = want["knha"]
    assert [small.found.se, small.found.p] == pytest.approx([hk["se"], hk["p"]], rel=1e-7)
    assert [small.found.low, small.found.high] == pytest.approx(hk["ci"], rel=1e-8)
    assert small.prediction == pytest.approx(hk["pi"], rel=1e-8)


def test_bcg_as_printed(said):
    """Values noted with metafor's default steps, which stop at six digits for REML and PM."""
    y, v = said["yi"], said["vi"]
    want = {
        "DL": (-0.7141172221, 0.1787420895, 0.3087602629),
        "REML": (-0.7145323484, 0.1797815318, 0.3132433260),
        "PM": (-0.7149704056, 0.1808979841, None),
    }
    for method, (b, se, tau2) in want.items():
        found = pool_estimates(y, v, method, hartung_knapp=False)
        assert (found.found.estimate, found.found.se) == pytest.approx((b, se), rel=4e-5)
        assert tau2 is None or found.tau2 == pytest.approx(tau2, rel=1e-6)
    made = pool_estimates(y, v)
    assert (made.found.low, made.found.high) == pytest.approx((-1.1084437, -0.3206210), abs=2e-7)
    assert made.prediction == pytest.approx((-1.9960170, 0.5669523), abs=4e-7)
    assert made.i2 == pytest.approx(92.22138608, abs=2e-6)


def test_equivalence_of_the_toster_example(said):
    """Noted: t 10.245088 and -3.415029, p 0.0004569751, df 102.8579216."""
    want = said["tost"]
    found = equivalence(0.5, want["se"], want["df"], 1.0)
    assert want["df"] == pytest.approx(102.8579216, abs=1e-7)
    assert want["t"] == pytest.approx([10.245088, -3.415029], abs=1e-6)
    assert found.p == pytest.approx(max(want["p"]), rel=1e-9)
    assert found.p == pytest.approx(0.0004569751, abs=1e-10)


def test_intervals_cover_the_truth():
    """Hartung-Knapp keeps its level with six studies; the normal interval does not."""
    rng = np.random.default_rng(5)
    inside = {True: 0, False: 0}
    for _ in range(400):
        v = rng.uniform(0.02, 0.2, 6)
        y = 0.3 + rng.normal(size=6) * np.sqrt(v + 0.1)
        for hk in inside:
            found = pool_estimates(y, v, hartung_knapp=hk).found
            inside[hk] += found.low <= 0.3 <= found.high
    assert inside[True] / 400 > 0.92
    assert inside[False] < inside[True]


@pytest.mark.parametrize("method", METHODS)
def test_the_spread_between_studies_is_recovered(method):
    rng = np.random.default_rng(6)
    v = rng.uniform(0.05, 0.2, 3000)
    y = rng.normal(size=3000) * np.sqrt(v + 0.3)
    tau2, converged = estimate_tau2(y, v, method)
    assert converged
    assert tau2 == pytest.approx(0.3, abs=0.04)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2000),
    scale=st.floats(0.01, 100),
    move=st.floats(-10, 10),
    method=st.sampled_from(METHODS),
)
def test_invariants(seed, scale, move, method):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 12))
    y, v = rng.normal(size=k), rng.uniform(0.05, 1, k)
    plain = pool_estimates(y, v, method)
    order = rng.permutation(k)
    mixed = pool_estimates(y[order], v[order], method)
    assert mixed.found.estimate == pytest.approx(plain.found.estimate, rel=1e-6, abs=1e-9)
    other = pool_estimates(scale * y + move, scale**2 * v, method)
    assert other.found.estimate == pytest.approx(
        scale * plain.found.estimate + move, rel=1e-5, abs=1e-6 * scale
    )
    assert other.tau2 == pytest.approx(scale**2 * plain.tau2, rel=1e-5, abs=1e-8 * scale**2)
    assert other.i2 == pytest.approx(plain.i2, abs=1e-3)
    assert plain.converged
    assert 0 <= plain.i2 <= 100
    assert plain.prediction[0] <= plain.found.low


@pytest.mark.parametrize(
    ("y", "v", "message"),
    [
        ([1.0], [1.0], "needs two"),
        ([1.0, np.nan], [1.0, 0.0], "1 estimates are missing.*1 variances"),
        ([1.0, 2.0], [1.0, np.inf], "variances"),
        ([1.0, 2.0], [1.0], "do not fit"),
        ([], [], "needs two"),
    ],
)
def test_degenerate_input(y, v, message):
    with pytest.raises(UserError, match=message):
        pool_estimates(y, v)


def test_equal_estimates_are_flagged():
    found = pool_estimates([1.0, 1.0, 1.0], [0.1, 0.2, 0.3])
    assert found.tau2 == 0
    assert "zero" in found.warnings[0]
    assert moment_tau2(np.array([1.0, 1.0]), np.array([0.1, 0.1])) == 0


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_the_highest_of_several_peaks_is_found(method):
    """Few estimates of very different precision give likelihoods with two peaks."""

    def like(y, v, tau2):
        w = 1 / (v + tau2)
        extra = np.log(w.sum()) if method == "REML" else 0.0
        return (np.log(w).sum() - w @ (y - w @ y / w.sum()) ** 2 - extra) / 2

    several = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        k = int(rng.integers(2, 7))
        v, y = 10 ** rng.uniform(-4, 1.5, k), rng.normal(size=k) * 10 ** rng.uniform(-1, 1)
        grid = np.r_[0.0, np.geomspace(1e-7, 2.0, 400)] * (np.ptp(y) ** 2 + v.max())
        on_grid = np.array([like(y, v, t) for t in grid])
        rises = np.diff(np.r_[-np.inf, on_grid, -np.inf]) > 0
        several += int((rises[:-1] & ~rises[1:]).sum() > 1)
        tau2, converged = estimate_tau2(y, v, method)
        assert converged
        assert like(y, v, tau2) >= on_grid.max() - 1e-9
    assert several or method == "REML"
