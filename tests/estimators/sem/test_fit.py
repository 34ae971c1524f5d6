"""Fits beside lavaan's: estimates in units of their standard error, everything else relative."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.sem import (
    bootstrap_sem,
    clpm,
    compare_models,
    fit_indices,
    fit_sem,
    read_model,
    riclpm,
    standardise,
)

# lavaan's roots for intervals of RMSEA and its numerical Jacobians have fewer digits.
LOOSE = {key: 1e-5 for key in ("rmsea.ci.lower", "rmsea.ci.upper", "std_se")}
LOOSE |= {f"{key}.{kind}": 1e-5 for key in list(LOOSE) for kind in ("scaled", "robust")}
# lavaan searches its baseline model to fewer digits than ours, which has a closed form.
LOOSE |= {f"{key}.{kind}": 1e-6 for key in ("cfi", "tli", "rmsea") for kind in ("scaled", "robust")}
OBSERVED = {"means": True, "information": "observed"}


@pytest.fixture(scope="module")
def said(answers):
    return answers("sem")


def assert_close(worst, factor=1.0):
    far = {k: v for k, v in worst.items() if not v <= factor * LOOSE.get(k, 2e-7)}
    assert not far


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("equal", [False, True])
def test_riclpm_with_missing_cells_equals_lavaan(wide, said, differences, equal, robust):
    data, names = wide
    fit = fit_sem(riclpm(names[:4], names[4:], lags_equal=equal), data, names, robust=robust)
    key = f"wide_{'equal' if equal else 'free'}{'_mlr' if robust else ''}"
    assert fit.converged
    assert fit.warnings == ()
    assert_close(differences(fit, said[key]))


@pytest.mark.parametrize(
    ("key", "settings", "model"),
    [
        ("mulder", OBSERVED, {}),
        ("mulder_equal", OBSERVED, {"lags_equal": True}),
        ("mulder_expected", {}, {}),
        ("mulder_mlr", {"robust": True, "means": True}, {}),
    ],
)
def test_riclpm_of_mulder_and_hamaker_equals_lavaan(
    mulder, said, differences, key, settings, model
):
    data, names = mulder
    fit = fit_sem(riclpm(names[:5], names[5:], **model), data, names, **settings)
    assert_close(differences(fit, said[key]))


def test_riclpm_gives_the_printed_digits_of_the_tutorial(mulder):
    """Mulder and Hamaker 2021, recomputed with lavaan as it comes, which stops 1e-7 short."""
    data, names = mulder
    fit = fit_sem(riclpm(names[:5], names[5:]), data, names, **OBSERVED)
    lag = fit.estimate("within_y2 ~ within_x1")
    assert (lag.estimate, lag.se) == pytest.approx((0.17373841, 0.04468394), abs=3e-7)
    assert fit.estimate("trait_1 ~~ trait_2").estimate == pytest.approx(0.01004895, abs=2e-8)
    assert fit.test.statistic == pytest.approx(25.8055923, abs=5e-8)
    assert fit.log_likelihood == pytest.approx(531.7495260, abs=5e-8)


@pytest.mark.parametrize(
    ("model", "settings", "name", "estimate", "se"),
    [
        ("free", {"robust": True}, "within_x2 ~ within_x1", 0.23178777, 0.02820101),
        ("free", {"robust": True}, "within_y2 ~ within_y1", 0.00424679, 0.04897250),
        ("equal", OBSERVED, "a", 0.2511495, 0.0204421),
        ("equal", OBSERVED, "c", 0.1322550, 0.0277317),
        ("clpm", OBSERVED, "x2 ~ x1", 0.3210444, 0.0233599),
        ("clpm", OBSERVED, "y2 ~ x1", 0.1513885, 0.0381841),
    ],
)
def test_printed_digits_of_panels(mulder, model, settings, name, estimate, se):
    data, names = mulder
    build = clpm if model == "clpm" else riclpm
    fit = fit_sem(build(names[:5], names[5:], lags_equal=model == "equal"), data, names, **settings)
    found = fit.estimate(name)
    assert (found.estimate, found.se) == pytest.approx((estimate, se), abs=5e-7)
    want = {"free": 25.8055923, "equal": 90.9678342, "clpm": 202.2247677}[model]
    assert fit.test.statistic == pytest.approx(want, abs=1e-6)


def test_printed_digits_of_factors_and_of_democracy(schools, democracy, syntax):
    fit = fit_sem(syntax["three"], *schools)
    for name, estimate, se in (
        ("visual =~ x2", 0.5535003, 0.0996651),
        ("visual =~ x3", 0.7293702, 0.1091097),
        ("textual =~ x5", 1.1130766, 0.0654201),
        ("speed =~ x8", 1.1799508, 0.1649866),
    ):
        found = fit.estimate(name)
        assert (found.estimate, found.se) == pytest.approx((estimate, se), abs=1e-6)
    index = fit_indices(fit)
    got = (fit.test.statistic, index.cfi, index.tli, index.rmsea.value, index.srmr)
    want = (85.3055218, 0.9305597, 0.8958395, 0.0921215, 0.0652051)
    assert got == pytest.approx(want, abs=1e-7)
    fit = fit_sem(syntax["democracy"], *democracy)
    found = fit.estimate("dem60 ~ ind60")
    assert (found.estimate, found.se) == pytest.approx((1.4830005, 0.3991486), abs=2e-6)
    assert fit.test.statistic == pytest.approx(38.1252182, abs=1e-6)


def test_clpm_equals_lavaan(mulder, said, differences):
    data, names = mulder
    fit = fit_sem(clpm(names[:5], names[5:]), data, names, **OBSERVED)
    assert_close(differences(fit, said["mulder_clpm"]))


@pytest.mark.parametrize("key", ["serial", "serial_free", "serial_mlr"])
def test_serial_mediation_equals_lavaan(first_wave, syntax, said, differences, key):
    model = read_model(syntax["serial"], fixed_x="free" not in key)
    fit = fit_sem(model, *first_wave, robust="mlr" in key)
    skip = ("chisq.scaled", "cfi.scaled", "tli.scaled")  # no degree of freedom
    skip += tuple(k for k in said[key]["fit"] if "robust" in k)
    assert_close(differences(fit, said[key], skip=skip))


@pytest.mark.parametrize("key", ["partial", "partial_mlr", "partial_free_mlr"])
def test_path_model_with_a_degree_of_freedom_equals_lavaan(
    first_wave, syntax, said, differences, key
):
    model = read_model(syntax["partial"], fixed_x="free" not in key)
    fit = fit_sem(model, *first_wave, robust="mlr" in key)
    # lavaan prints 0 where degrees of freedom times scaling fall below 1.
    skip = ("rmsea.ci.lower.scaled", "rmsea.ci.upper.scaled")
    assert_close(differences(fit, said[key], skip=skip), 2)


@pytest.mark.parametrize("key", ["gaps", "gaps_mlr", "gaps_fixed_mlr"])
def test_path_model_with_missing_values_equals_lavaan(first_wave, syntax, said, differences, key):
    """Covariates are missing too: modelled they keep everybody, fixed they cost people."""
    data, names = first_wave
    i, j = np.arange(len(data))[:, None], np.arange(len(names))
    data = np.where(((i * i * 31 + j * 17 + i * j * 7) % 10 == 4) & (j < 4), np.nan, data)
    fixed = "fixed" in key
    fit = fit_sem(read_model(syntax["partial"], fixed_x=fixed), data, names, robust="mlr" in key)
    assert (fit.dropped > 0) == fixed
    skip = ("rmsea.ci.lower.scaled", "rmsea.ci.upper.scaled")  # as above
    if not fixed:
        # lavaan corrects as if covariates were fixed although they are not (its refit says
        # fixed.x = TRUE); with their information set to 0 ours gives its digits.
        skip += tuple(name for name in said[key]["fit"] if "robust" in name)
    # lavaan's optimiser as it comes where covariates are fixed: 2e-6 of a standard error short.
    assert_close(differences(fit, said[key], skip=skip), 20 if fixed else 2)


def test_outcomes_that_act_on_each_other_equal_lavaan(mulder, said, differences):
    model = read_model("x2 ~ y2 + x1; y2 ~ x2 + y1; x2 ~~ y2", fixed_x=True)
    assert_close(differences(fit_sem(model, *mulder), said["loop"]), 50)


@pytest.mark.parametrize(
    ("key", "settings"),
    [("hs", {}), ("hs_mlr", {"robust": True}), ("hs_std_lv", {})],
)
def test_three_factors_equal_lavaan(schools, syntax, said, differences, key, settings):
    model = read_model(syntax["three"], fix_first="std" not in key)
    assert_close(differences(fit_sem(model, *schools, **settings), said[key]))


@pytest.mark.parametrize("robust", [False, True])
def test_three_factors_with_holes_equal_lavaan(
    schools_with_holes, syntax, said, differences, robust
):
    fit = fit_sem(syntax["three"], *schools_with_holes, robust=robust)
    want = said["hs_holes_mlr" if robust else "hs_holes"]
    assert_close(differences(fit, want))


@pytest.mark.parametrize(
    ("key", "settings"),
    [
        ("democracy", {}),
        ("democracy_observed", {"information": "observed"}),
        ("democracy_mlr", {"robust": True}),
    ],
)
def test_full_model_equals_lavaan(democracy, syntax, said, differences, key, settings):
    fit = fit_sem(syntax["democracy"], *democracy, **settings)
    assert_close(differences(fit, said[key]))


def test_lags_over_unequal_times_equal_lavaan_with_nonlinear_constraints(wide, said, differences):
    """Waves at 0, 1, 2, 4. lavaan's optimiser stops early here: ours must fit no worse."""
    data, names = wide
    model = riclpm(names[:4], names[4:], lag_times=[1, 1, 2])
    fit = fit_sem(model, data, names, information="expected")
    want = said["wide_power"]
    worst = differences(fit, want)
    assert_close({k: worst[k] for k in ("chisq", "df", "cfi", "tli", "logl", "aic", "bic")})
    assert max(worst["est"], worst["se"], worst["std"], worst["std_se"]) < 3e-4
    assert fit.log_likelihood >= want["fit"]["logl"] - 1e-9
    assert "experimental" in fit.warnings[0]


def simulate(seed, n=200):
    rng = np.random.default_rng(seed)
    f = rng.normal(size=(n, 1))
    x = 0.8 * f + rng.normal(0, 0.7, (n, 3))
    y = 0.5 * f[:, 0] + rng.normal(0, 1, n)
    return np.column_stack([x, y])


NAMES = ("a", "b", "c", "y")
MODEL = "f =~ a + b + c; y ~ slope*f"


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.001, 1000), shift=st.floats(-1e3, 1e3))
def test_invariants(seed, scale, shift):
    data = simulate(seed)
    data[np.random.default_rng(seed).random(data.shape) < 0.05] = np.nan
    fit = fit_sem(MODEL, data, NAMES)
    if not fit.converged or fit.warnings:
        return
    order = np.random.default_rng(seed).permutation(len(data))
    mixed = fit_sem(MODEL, data[order], NAMES)
    np.testing.assert_allclose(mixed.model.coef, fit.model.coef, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(mixed.model.cov, fit.model.cov, rtol=1e-5, atol=1e-10)
    # Another unit of the outcome, and another zero: the slope takes the unit, the test stays.
    other = fit_sem(MODEL, data * [1, 1, 1, scale] + [0, 0, 0, shift], NAMES)
    assert other.test.statistic == pytest.approx(fit.test.statistic, rel=1e-6, abs=1e-7)
    one, two = fit.estimate("slope"), other.estimate("slope")
    assert two.estimate / scale == pytest.approx(one.estimate, rel=1e-6)
    assert two.se / scale == pytest.approx(one.se, rel=1e-6)
    # The order of the columns is of no matter.
    turned = fit_sem(MODEL, data[:, ::-1], NAMES[::-1])
    assert turned.estimate("slope").estimate == pytest.approx(one.estimate, rel=1e-6)


def test_truth_is_recovered_with_measurement_error_fixed():
    """A known error variance removes the attenuation that a regression has."""
    rng = np.random.default_rng(4)
    true = rng.normal(size=20_000)
    seen = true + rng.normal(0, 0.6, 20_000)
    y = 0.5 * true + rng.normal(size=20_000)
    data = np.column_stack([seen, y])
    fit = fit_sem("t =~ 1*s; s ~~ 0.36*s; y ~ t", data, ("s", "y"))
    assert fit.estimate("y ~ t").estimate == pytest.approx(0.5, abs=0.03)
    naive = fit_sem("y ~ s", data, ("s", "y"))
    assert naive.estimate("y ~ s").estimate < 0.4


def test_complete_data_give_the_same_with_and_without_means():
    data = simulate(3)
    plain, means = fit_sem(MODEL, data, NAMES), fit_sem(MODEL, data, NAMES, means=True)
    k = len(plain.names)
    np.testing.assert_allclose(means.model.coef[:k], plain.model.coef, rtol=1e-8)
    np.testing.assert_allclose(means.model.cov[:k, :k], plain.model.cov, rtol=1e-6, atol=1e-10)
    assert means.test.statistic == pytest.approx(plain.test.statistic, abs=1e-8)


def test_what_is_wrong_with_data_is_said_together():
    data = simulate(1)
    data[:, 1] = 2.0
    data[:, 2] = 7.0
    with pytest.raises(UserError, match="b does not vary; c does not vary"):
        fit_sem(MODEL, data, NAMES)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: np.where(np.arange(4) == 1, np.nan, d), "b: no value is left"),
        (lambda d: np.where(d == d[5, 0], np.inf, d), "a is infinite"),
        (lambda d: d[:4], "4 people are too few for 4 variables"),
        (lambda d: np.column_stack([d[:, :3], d[:, 0] + d[:, 1]]), "y is a combination"),
        (lambda d: d[:, :3], "do not fit 4 names"),
    ],
)
def test_unusable_data_are_refused(change, said):
    with pytest.raises(UserError, match=said):
        fit_sem(MODEL, change(simulate(1)), NAMES)


def test_an_unidentified_model_is_flagged_not_returned_as_a_result():
    data = simulate(1)
    text = "f =~ l1*a + l2*b + l3*c; f ~~ v*f; a ~~ a; b ~~ b; c ~~ c; y ~~ y; y ~~ a"
    fit = fit_sem(read_model(text, auto=False), data, NAMES)
    assert any("not identified" in w and "l1" in w for w in fit.warnings)
    assert np.isnan(fit.estimate("l1").se)


def test_more_parameters_than_moments_are_refused():
    with pytest.raises(UserError, match="more than the observed moments"):
        fit_sem("f =~ a + b; g =~ a + b", simulate(1), NAMES)


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 30),
    seed=st.integers(0, 1000),
    missing=st.floats(0, 0.9),
    robust=st.booleans(),
    grain=st.sampled_from([0.0, 1.0]),
)
def test_small_or_coarse_data_end_in_a_flag_or_a_sentence(n, seed, missing, robust, grain):
    rng = np.random.default_rng(seed)
    data = simulate(seed, n)
    data = np.round(data / grain) * grain if grain else data
    data[rng.random(data.shape) < missing] = np.nan
    try:
        fit = fit_sem(MODEL, data, NAMES, robust=robust)
    except UserError:
        return
    sound = fit.converged and np.isfinite(fit.model.coef).all()
    sound = sound and np.isfinite(np.diag(fit.model.cov)).all() and np.isfinite(fit.test.p)
    assert sound or fit.warnings
    # What is computed from a fit may lack numbers, but never breaks or makes them up.
    found = fit_indices(fit)
    if fit.converged and np.isfinite(fit.test.statistic):
        assert 0 <= found.cfi <= 1
    else:
        assert np.isnan([found.cfi, found.rmsea.value]).all() or not fit.converged
    assert len(standardise(fit).estimates) >= len(fit.specification.terms)
    assert bootstrap_sem(fit, resamples=5).draws.shape == (5, len(fit.names))


def test_equal_lags_are_tested_as_by_lavaan(wide, mulder, said):
    for (data, names), key in ((wide, "wide"), (mulder, "mulder")):
        half = len(names) // 2
        one, two = names[:half], names[half:]
        for robust, end in ((False, ""), (True, "_mlr")):
            narrow = fit_sem(riclpm(one, two, lags_equal=True), data, names, robust=robust)
            free = fit_sem(riclpm(one, two), data, names, robust=robust)
            found, want = compare_models(narrow, free), said[f"{key}_difference{end}"]
            assert found.statistic == pytest.approx(want["chisq"], rel=1e-8)
            assert (found.df, found.p) == pytest.approx((want["df"], want["p"]), rel=1e-7)
