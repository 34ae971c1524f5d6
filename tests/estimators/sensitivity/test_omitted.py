import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.sensitivity.omitted import (
    adjust_estimate,
    bound_by_benchmarks,
    compute_robustness,
    contour_estimate,
)

KINDS = ["few", "missing", "separated", "collinear", "constant", "huge"]

FEMALE, WORK = 7, (3, 4)


@pytest.fixture(scope="module")
def said(answers):
    return answers("sensitivity")


@pytest.fixture(scope="module")
def darfur(parity):
    d = pd.read_csv(parity / "data" / "darfur.csv")
    villages = [(d.village == v).astype(float) for v in sorted(d.village.unique())[1:]]
    plain = d.drop(columns=["peacefactor", "village"]).to_numpy(float)
    x = np.column_stack([np.ones(len(d)), plain, *villages])
    return bound_by_benchmarks(x, d.peacefactor, 1, {"female": [FEMALE], "work": WORK})


def assert_equal(found, want):
    robustness, bounds = found
    [stats] = want["stats"]
    got = [robustness.estimate, robustness.se, robustness.df, robustness.t, robustness.partial_r2]
    keys = ("estimate", "se", "dof", "t_statistic", "r2yd.x", "rv_q", "rv_qa")
    got += [robustness.rv, robustness.rv_alpha]
    np.testing.assert_allclose(got, [stats[key] for key in keys], rtol=1e-9)
    assert len(bounds) == len(want["bounds"])
    for bound, row in zip(bounds, want["bounds"], strict=True):
        got = [bound.r2_exposure, bound.r2_outcome, bound.estimate, bound.se, bound.t, bound.low]
        keys = ("r2dz.x", "r2yz.dx", "adjusted_estimate", "adjusted_se", "adjusted_t")
        keys += ("adjusted_lower_CI", "adjusted_upper_CI")
        np.testing.assert_allclose([*got, bound.high], [row[key] for key in keys], rtol=1e-8)
        assert row["bound_label"] == f"{bound.times:g}x {bound.benchmark}"


def test_darfur_with_one_and_with_two_covariates_as_benchmark(darfur, said):
    assert_equal(darfur, said["darfur"])


def test_darfur_as_printed(darfur):
    """Cinelli and Hazlett 2020 print RV 13.9 % and 7.6 %, and 0.0752 under 1 x female."""
    robustness, bounds = darfur
    want = (0.09731581928, 0.02325653781, 783, 0.02187309334, 0.1387763539, 0.07625796554)
    got = (robustness.estimate, robustness.se, robustness.df, robustness.partial_r2)
    assert (*got, robustness.rv, robustness.rv_alpha) == pytest.approx(want, rel=1e-9)
    one, three = bounds[0], bounds[2]
    want = (0.009164286675, 0.1246409230, 0.07522027121, 0.02187332774, 0.03228296573)
    got = (one.r2_exposure, one.r2_outcome, one.estimate, one.se, one.low)
    assert got == pytest.approx(want, rel=1e-9)
    assert (three.estimate, three.low, three.high) == pytest.approx(
        (0.03039602346, -0.00625328, 0.06704533), abs=5e-9
    )


def test_our_fixture(base, matrix, said):
    x = matrix(base, "glute", "age", "female", "bmi", "prior_lbp")
    found = bound_by_benchmarks(x, base["pain"], 1, {"prior_lbp": [5]})
    assert_equal(found, said["glute"])
    assert found[0].rv == pytest.approx(0.228502505, abs=1e-9)
    assert found[0].rv_alpha == pytest.approx(0.104193953, abs=1e-9)


def test_strong_effects_and_shares(said):
    for row in said["strong"]:
        t, df, q = row["given"]
        found = compute_robustness(t, 1.0, df, q=q)
        assert found.rv == pytest.approx(row["rv"], rel=1e-12)
        assert found.rv_alpha == pytest.approx(row["rv_alpha"], rel=1e-10, abs=1e-14)


def test_adjusted_estimates(said):
    [stats] = said["darfur"]["stats"]
    given = stats["estimate"], stats["se"], stats["dof"]
    strengths = np.array([[0.05, 0.05], [0.1, 0.3], [0.02, 0.6]]).T
    found = adjust_estimate(*given, *strengths)
    more = adjust_estimate(*given, *strengths, reduce=False)
    got = [found.estimate, found.se, found.t, found.low, found.high, more.estimate]
    np.testing.assert_allclose(np.transpose(got), said["adjusted"], rtol=1e-9)


def test_contour_holds_the_adjusted_estimates():
    grid = contour_estimate(1.0, 0.2, 100, most=(0.4, 0.2), points=5)
    assert grid.estimate.shape == (5, 5)
    assert grid.estimate[0, 0] == 1.0
    one = adjust_estimate(1.0, 0.2, 100, 0.3, 0.1)
    assert grid.estimate[2, 3] == pytest.approx(float(one.estimate))
    assert grid.t[2, 3] == pytest.approx(float(one.t))


@settings(max_examples=25)
@given(seed=st.integers(0, 1000))
def test_the_bias_is_that_of_the_variable_left_out(seed):
    """Leaving out a column changes the estimate by exactly what its partial R² foretell."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=60)
    d = 0.5 * z + rng.normal(size=60)
    y = d + 0.7 * z + rng.normal(size=60)
    short = fit_linear(np.c_[np.ones(60), d], y, "classical").coefficient(1)
    full = fit_linear(np.c_[np.ones(60), d, z], y, "classical")

    def r2(x, y, j):
        one = fit_linear(x, y, "classical").coefficient(j)
        t = one.estimate / one.se
        return t**2 / (t**2 + one.df)

    of_d = r2(np.c_[np.ones(60), z], d, 1)
    of_y = r2(np.c_[np.ones(60), d, z], y, 2)
    toward = (short.estimate - full.coef[1]) * short.estimate > 0
    found = adjust_estimate(short.estimate, short.se, short.df, of_d, of_y, reduce=toward)
    assert float(found.estimate) == pytest.approx(full.coef[1], rel=1e-8, abs=1e-9)
    assert float(found.se) == pytest.approx(full.coefficient(1).se, rel=1e-8)


@given(t=st.floats(0.1, 50), df=st.integers(5, 2000), scale=st.floats(0.01, 100))
def test_a_confounder_as_strong_as_the_robustness_value_takes_all(t, df, scale):
    found = compute_robustness(t * scale, scale, df)
    left = adjust_estimate(t * scale, scale, df, found.rv, found.rv)
    assert float(left.estimate) == pytest.approx(0.0, abs=1e-8 * t * scale)
    assert found.rv_alpha <= found.rv
    assert compute_robustness(-t, 1.0, df).rv == pytest.approx(found.rv, rel=1e-9)


def test_degenerate_input():
    for sick in ((1.0, 0.0, 50), (np.nan, 1.0, 50), (1.0, np.inf, 50)):
        with pytest.raises(UserError, match="above zero"):
            compute_robustness(*sick)
    with pytest.raises(UserError, match="omitted variable"):
        compute_robustness(1.0, 1.0, 1)
    with pytest.raises(UserError, match="between 0 and 1"):
        adjust_estimate(1.0, 1.0, 50, 1.0, 0.5)
    with pytest.raises(ValueError, match="q must"):
        compute_robustness(1.0, 1.0, 50, q=0)
    x = np.random.default_rng(1).normal(size=(40, 3))
    with pytest.raises(UserError, match="combination"):
        bound_by_benchmarks(np.c_[x, x[:, 1]], x[:, 0], 1, {"twin": [3]})
    strong = np.c_[np.ones(60), np.arange(60.0), np.arange(60) + np.tile([0.0, 1], 30)]
    with pytest.raises(UserError, match=r"no confounder can be 1 times.*no confounder can be 2"):
        bound_by_benchmarks(strong, np.arange(60) ** 0.5, 1, {"twin": [2]})


def test_a_bound_that_passes_one_is_said():
    rng = np.random.default_rng(1)
    c, d = rng.normal(size=(2, 80))
    x, y = np.c_[np.ones(80), d + 0.1 * c, c], 3 * c + 0.5 * d + 0.3 * rng.normal(size=80)
    _robustness, [bound] = bound_by_benchmarks(x, y, 1, {"c": [2]}, times=[1.0])
    assert bound.r2_outcome == 1
    assert "set to it" in bound.warnings[0]


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 14), kind=st.sampled_from(KINDS))
def test_poor_data_are_refused_or_flagged(poor_data, seed, n, kind):
    y, _a, z = poor_data(seed, n, kind)
    try:
        robustness, bounds = bound_by_benchmarks(z, y, 1, {"second": [2]})
    except UserError as error:
        assert str(error)
        return
    assert 0 <= robustness.rv_alpha <= robustness.rv <= 1
    assert all(np.isfinite([b.estimate, b.se, b.low, b.high]).all() for b in bounds)
