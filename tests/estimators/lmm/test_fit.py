import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.lmm.fit import covariance_shape, fit_lmm, start_thetas

NAMES = ("slope", "slope_ml", "wb", "wb_ml", "apart", "times", "weights", "weights_intercept")
EDGE = ("boundary", "none")


def components(fit):
    """Variances, then covariances, then the residual variance: VarCorr's order."""
    c = fit.covariance
    if len(c) == 2 and c[0, 1] == 0:
        return [*np.diag(c), fit.residual_variance]
    return [*np.diag(c), *c.T[np.triu_indices(len(c), 1)], fit.residual_variance]


# lme4 stops within 1e-7 of the optimum for these: its digits are the limit, not ours.
@pytest.mark.parametrize("name", [*NAMES, *EDGE, "three"])
def test_equals_lme4(fits, said, name):
    fit, want = fits(name), said[name]
    np.testing.assert_allclose(fit.model.coef, want["coef"], rtol=2e-7, atol=1e-12)
    np.testing.assert_allclose(fit.model.classical_cov, want["cov"], rtol=5e-7, atol=1e-12)
    np.testing.assert_allclose(components(fit), want["vc"], rtol=5e-6, atol=1e-12)
    assert fit.deviance == pytest.approx(want["deviance"], abs=1e-9)
    assert fit.aic == pytest.approx(want["aic"], abs=1e-9)
    assert fit.bic == pytest.approx(want["bic"], abs=1e-9)
    assert fit.converged
    assert fit.reached == len(fit.starts) == 3
    assert fit.singular == (name in EDGE) == any("singular" in text for text in fit.warnings)


def test_the_answers_are_of_these_models(answers):
    assert {*NAMES, *EDGE, "three"} <= set(answers("lmm"))


def test_the_fixture_where_one_start_of_a_prototype_stuck(fits):
    """8.9 above the optimum, once."""
    fit = fits("slope")
    assert fit.deviance == pytest.approx(2085.04674510761, abs=1e-9)
    assert fit.model.coef[1] == pytest.approx(-0.466011774, rel=1e-7)
    assert max(fit.starts) - min(fit.starts) < 1e-8


def test_sleepstudy(sleep, said):
    x = np.column_stack([np.ones(180), sleep["Days"]])
    fit = fit_lmm(x, sleep["Reaction"], sleep["Subject"], x)
    np.testing.assert_allclose(fit.model.coef, [251.4051048485, 10.4672859596], rtol=1e-10)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.model.cov)), [6.82455688, 1.54578880], rtol=1e-6)
    c = fit.covariance
    found = [c[0, 0], c[1, 1], c[0, 1], fit.residual_variance]
    np.testing.assert_allclose(found, [612.090024, 35.0716552, 9.60433030, 654.941029], rtol=1e-6)
    assert fit.deviance == pytest.approx(1743.6282719585, abs=1e-9)
    ml = fit_lmm(x, sleep["Reaction"], sleep["Subject"], x, reml=False)
    assert ml.model.log_likelihood == pytest.approx(-875.9696722316, abs=1e-9)
    found = np.sqrt(np.diag(ml.model.cov))
    np.testing.assert_allclose(found, [6.63227651, 1.50223678], rtol=1e-6)
    one = fit_lmm(x, sleep["Reaction"], sleep["Subject"])
    found = [*np.sqrt(np.diag(one.model.cov)), one.covariance[0, 0], one.residual_variance]
    want = [9.74671627, 0.80422143, 1378.178514, 960.456579]
    np.testing.assert_allclose(found, want, rtol=1e-7)
    for name, got in (("sleep", fit), ("sleep_ml", ml), ("sleep_intercept", one)):
        assert got.deviance == pytest.approx(said[name]["deviance"], abs=1e-9)
        np.testing.assert_allclose(got.model.cov, said[name]["cov"], rtol=2e-7)
        np.testing.assert_allclose(components(got), said[name]["vc"], rtol=5e-7)


def test_truth_is_recovered(simulate):
    found = []
    for seed in range(60):
        x, y, who, z = simulate(seed, people=60)
        fit = fit_lmm(x, y, who, z)
        found.append([*fit.model.coef, *np.diag(fit.covariance), fit.residual_variance])
    mean, se = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(60)
    np.testing.assert_array_less(np.abs(mean - [1, 0.5, -0.4, 1, 0.09, 1]), 3.5 * se + 0.01)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 5000),
    unit=st.floats(0.01, 400),
    origin=st.sampled_from([0.0, -3.0, 12.5, 2024.0]),
    times=st.sampled_from(["shared", "own"]),
    reml=st.booleans(),
)
def test_invariants(simulate, seed, unit, origin, times, reml):
    x, y, who, z = simulate(seed, people=25, times=times)
    plain = fit_lmm(x, y, who, z, reml=reml)
    rng = np.random.default_rng(seed)
    order, names = rng.permutation(len(y)), rng.permutation(25).astype(str)
    mixed = fit_lmm(x[order], y[order], names[who][order], z[order], reml=reml)
    assert mixed.deviance == pytest.approx(plain.deviance, abs=1e-7)
    np.testing.assert_allclose(mixed.model.coef, plain.model.coef, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(mixed.covariance, plain.covariance, rtol=1e-4, atol=1e-6)
    # Time in another unit from another origin: the same model, its slope in another unit.
    moved = x.copy()
    moved[:, 1] = (x[:, 1] - origin) * unit
    other = fit_lmm(moved, y, who, moved[:, :2], reml=reml)
    assert other.model.coef[1] * unit == pytest.approx(plain.model.coef[1], rel=1e-5, abs=1e-7)
    se = [np.sqrt(f.model.cov[1, 1]) for f in (plain, other)]
    assert se[1] * unit == pytest.approx(se[0], rel=1e-5)
    slope = other.covariance[1, 1] * unit**2
    assert slope == pytest.approx(plain.covariance[1, 1], rel=1e-4, abs=1e-6)
    # The outcome in another unit, shifted.
    scaled = fit_lmm(x, 5 + unit * y, who, z, reml=reml)
    want = unit * plain.model.coef + [5, 0, 0]
    np.testing.assert_allclose(scaled.model.coef, want, rtol=1e-5, atol=1e-6 * unit)
    np.testing.assert_allclose(
        scaled.covariance, unit**2 * plain.covariance, rtol=1e-4, atol=1e-6 * unit**2
    )


def test_years_are_as_good_as_visits(simulate):
    """lme4 asks to rescale these; the inner basis does."""
    x, y, who, z = simulate(3)
    years = np.column_stack([np.ones(len(x)), x[:, 1] + 2020])
    plain, other = fit_lmm(x, y, who, z), fit_lmm(x, y, who, years)
    assert other.deviance == pytest.approx(plain.deviance, abs=1e-9)


def test_weights_of_one_change_nothing_and_repeats_count(simulate):
    x, y, who, z = simulate(4)
    plain = fit_lmm(x, y, who, z)
    same = fit_lmm(x, y, who, z, weights=np.ones(len(y)))
    np.testing.assert_allclose(same.model.coef, plain.model.coef, rtol=1e-9)
    twice = fit_lmm(x, y, who, z, weights=np.full(len(y), 2.0))
    np.testing.assert_allclose(twice.model.cov, plain.model.cov, rtol=1e-7)
    assert twice.residual_variance == pytest.approx(2 * plain.residual_variance, rel=1e-7)


def bad(case):
    x = np.column_stack([np.ones(12), np.tile([0.0, 1, 2], 4)])
    y = np.random.default_rng(1).normal(size=12)
    who, z, more = np.repeat(np.arange(4), 3), None, {}
    if case == "one person":
        who = np.zeros(12)
    elif case == "one visit":
        who = np.arange(12)
    elif case == "many effects":
        z = np.column_stack([x, x[:, 1] ** 2])
    elif case == "constant":
        y = np.full(12, 0.1)
    elif case == "perfect":
        y = x[:, 1] * 0.1 + who / 3
    elif case == "perfect covariates":
        y = 3 + x[:, 1] / 7
    elif case == "no row left":
        z, who = x, np.repeat(np.arange(5), [2, 2, 2, 3, 3])
        x = np.column_stack([x, y**2, y**3 + x[:, 1]])
    elif case == "collinear":
        x = np.column_stack([x, x[:, 1] * 2])
    elif case == "collinear effects":
        z = np.column_stack([x, x[:, 1] * 2])
    elif case == "nan":
        y[3] = np.nan
    elif case == "infinite":
        x[2, 1] = np.inf
    elif case == "nan effect":
        z = np.where(np.arange(24).reshape(12, 2) == 5, np.nan, x)
    elif case == "no person":
        who = np.where(who == 1, np.nan, who)
    elif case == "weights":
        more = {"weights": np.r_[0.0, np.ones(11)]}
    elif case == "huge outcome":
        y = y * 1e200
    elif case == "huge covariate":
        x = x * [1, 1e200]
    elif case == "huge effect":
        z = x * [1, 1e200]
    elif case == "few rows":
        x, y, who = x[:2], y[:2], who[:2]
    return x, y, who, z, more


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("one person", "two people"),
        ("one visit", "cannot be told from the residual"),
        ("many effects", "3 random effects"),
        ("constant", "fit the outcome exactly"),
        ("perfect", "fit the outcome exactly"),
        ("perfect covariates", "fit the outcome exactly"),
        ("no row left", "nothing is left"),
        ("collinear", "combination"),
        ("collinear effects", "combination"),
        ("nan", "missing or infinite in row 3"),
        ("infinite", "missing or infinite in row 2"),
        ("nan effect", "missing or infinite"),
        ("no person", "no person"),
        ("weights", "positive"),
        ("few rows", "rows cannot carry"),
        ("huge outcome", "the outcome: numbers too large"),
        ("huge covariate", "combination"),
        ("huge effect", "columns: numbers too large"),
    ],
)
def test_what_cannot_be_fitted_is_said(case, text):
    x, y, who, z, more = bad(case)
    with pytest.raises(UserError, match=text):
        fit_lmm(x, y, who, z, **more)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    people=st.integers(1, 6),
    slope=st.booleans(),
    kind=st.sampled_from(["normal", "whole", "steps", "large", "tiny"]),
)
def test_small_data_give_an_answer_a_flag_or_a_sentence(seed, people, slope, kind):
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), rng.integers(1, 5, people))
    t = rng.integers(0, 4, len(who)).astype(float)
    y = rng.normal(size=len(who))
    y = {"normal": y, "whole": np.round(y), "steps": who + t, "large": y + 1e9, "tiny": y * 1e-9}[
        kind
    ]
    x = np.column_stack([np.ones(len(who)), t])
    try:
        fit = fit_lmm(x, y, who, x if slope else None)
    except UserError as error:
        assert str(error)
        return
    numbers = [*fit.model.coef, *np.diag(fit.model.cov), fit.residual_variance, fit.deviance]
    assert np.isfinite(numbers).all()
    assert (np.linalg.eigvalsh(fit.covariance) >= -1e-6 * fit.covariance.max()).all()
    assert fit.contrast([0, 1]).df > 0
    assert fit.converged or fit.warnings
    assert fit.reached >= 1


def test_few_levels_are_flagged():
    x, y, who, _, _ = bad("none")
    assert any("only 4 levels" in text for text in fit_lmm(x, y, who).warnings)


def test_starts_and_shapes():
    assert len(start_thetas(2, True, 6)) == 6
    np.testing.assert_array_equal(start_thetas(2, True, 1)[0], [1, 0, 1])
    assert start_thetas(3, False, 2)[1].tolist() == [1.0, 0.1, 0.1]
    with pytest.raises(ValueError, match="at least 1"):
        fit_lmm(np.ones((4, 1)), np.arange(4), [1, 1, 2, 2], starts=0)
    directions, squares, overall = covariance_shape(3, True)
    assert directions.shape == (6, 3, 3)
    assert squares.shape == (6, 6, 6)
    assert overall.shape == (6, 9, 9)
