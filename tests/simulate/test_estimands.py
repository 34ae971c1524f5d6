import numpy as np
import pytest

from gluteal.simulate import estimands
from gluteal.simulate.estimands import alpha, binary_regression, kappa, least_squares
from gluteal.simulate.survey import survey


def test_least_squares_is_exact_without_noise():
    x = np.arange(10.0)
    assert least_squares(2 + 3 * x, [x]) == pytest.approx([2, 3])


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_binary_regressions_agree_with_statsmodels(link):
    import statsmodels.api as sm

    rng = np.random.default_rng(1)
    x = rng.normal(size=800)
    y = rng.random(800) < 1 / (1 + np.exp(1 - 0.7 * x))
    kind = sm.families.links.Logit() if link == "logit" else sm.families.links.CLogLog()
    model = sm.GLM(y.astype(float), sm.add_constant(x), sm.families.Binomial(kind)).fit(tol=1e-12)
    assert binary_regression(y, [x], link) == pytest.approx(model.params, rel=1e-6)


def test_kappa_and_alpha_of_known_tables():
    a = np.repeat([0, 0, 1, 1], [20, 5, 10, 15])
    b = np.repeat([0, 1, 0, 1], [20, 5, 10, 15])
    assert kappa(a, b, 2) == pytest.approx(0.4)  # the textbook example
    assert kappa(a, a, 2) == 1
    x = np.random.default_rng(1).normal(size=(500, 1))
    assert alpha(np.repeat(x, 4, axis=1)) == pytest.approx(1)


def test_the_evidence_world_looks_as_published(sample):
    found = estimands.summarise(sample)
    expected = {  # the domain note's table 7.3, within the error of 20,000 people
        "abd_mean_case": (1.21, 0.012),
        "abd_mean_control": (1.38, 0.012),
        "abd_sd_case": (0.32, 0.01),
        "m1_crude_smd": (-0.55, 0.04),
        "m1_adjusted_abd_nm_kg": (-0.114, 0.02),
        "tilt_difference_deg": (0.2, 0.25),
        "r_tilt_lordosis": (0.35, 0.025),
        "nprs_control_week00": (5.1, 0.1),
        "nprs_control_week12": (3.4, 0.1),
        "nprs_control_week26": (3.2, 0.1),
        "m2_incidence_26wk": (0.146, 0.015),
        "m4_arm_week12_nprs": (-0.54, 0.1),
        "m8_responders_control": (0.50, 0.03),
        "m8_responders_programme": (0.64, 0.03),
        "m6_kappa_trendelenburg_retest": (0.75, 0.03),
        "m6_kappa_squeeze_linear": (0.5, 0.05),
        "m7_sensitivity": (0.42, 0.02),
        "m7_specificity": (0.66, 0.02),
        "odi_mean_case": (29.0, 0.6),
        "odi_alpha_case": (0.83, 0.02),
        "rmdq_mean_case": (9.9, 0.3),
        "m6_icc_within_session": (0.955, 0.01),
    }
    wrong = {k: found[k] for k, (v, tol) in expected.items() if abs(found[k] - v) > tol}
    assert not wrong


def test_files_lead_to_nearly_the_truth(sample):
    found = estimands.strength_numbers(sample)
    bias = found["m1_adjusted_abd_observed_nm_kg"] - found["m1_adjusted_abd_nm_kg"]
    assert abs(bias) < 0.006


TABLE = {  # the domain note's table 7.3: evidence, seed, reverse, null; allowed distance
    "abd_mean_case": ((1.21, 1.23, 1.20, 1.32), 0.01),
    "abd_mean_control": ((1.38, 1.40, 1.36, 1.36), 0.01),
    "abd_sd_case": ((0.32, 0.31, 0.32, 0.32), 0.01),
    "m1_crude_smd": ((-0.55, -0.52, -0.51, -0.15), 0.03),
    "m1_adjusted_abd_nm_kg": ((-0.114, -0.100, -0.112, 0.001), 0.01),
    "m1_adjusted_ln_or": (tuple(np.log([0.64, 0.67, 0.65, 1.02])), 0.05),
    "tilt_difference_deg": ((0.2, 0.9, 0.0, 0.0), 0.12),
    "r_tilt_lordosis": ((0.35, 0.37, 0.35, 0.35), 0.015),
    "nprs_control_week00": ((5.1, 5.2, 5.1, 5.1), 0.07),
    "nprs_control_week04": ((4.1, 4.2, 4.1, 4.1), 0.07),
    "nprs_control_week08": ((3.6, 3.7, 3.6, 3.6), 0.07),
    "nprs_control_week12": ((3.4, 3.5, 3.4, 3.4), 0.07),
    "nprs_control_week26": ((3.2, 3.4, 3.2, 3.2), 0.07),
    "nprs_sd_control_week12": ((1.75, 1.8, 1.75, 1.75), 0.06),
    "m2_incidence_26wk": ((0.146, 0.148, 0.146, 0.146), 0.01),
    "m4_arm_week12_nprs": ((-0.54, -1.05, -0.55, 0.0), 0.06),
    "m8_responders_control": ((0.50, 0.50, 0.50, 0.50), 0.02),
    "m8_responders_programme": ((0.64, 0.75, 0.64, 0.50), 0.02),
    "r_change_strength_pain_control": ((-0.04, -0.03, -0.05, 0.0), 0.035),
    "r_change_strength_pain_programme": ((-0.08, -0.08, -0.07, 0.0), 0.035),
    "m6_icc_within_session": ((0.955,) * 4, 0.01),
    "m6_trial_sd_nm_kg": ((0.067,) * 4, 0.004),
    "m6_kappa_trendelenburg_retest": ((0.75,) * 4, 0.02),
    "m6_kappa_squeeze_linear": ((0.5,) * 4, 0.04),
    "m7_sensitivity": ((0.42,) * 4, 0.02),
    "m7_specificity": ((0.66,) * 4, 0.02),
    "odi_mean_case": ((29.0, 29.6, 29.0, 29.0), 0.4),
    "odi_sd_case": ((12.4,) * 4, 0.4),
    "odi_mean_control": ((3.4,) * 4, 0.1),
    "rmdq_mean_case": ((9.9,) * 4, 0.3),
    "rmdq_sd_case": ((4.8,) * 4, 0.2),
    "rmdq_mean_control": ((1.5,) * 4, 0.1),
    "retained_case_week26": ((0.80,) * 4, 0.015),
    "retained_control_week26": ((0.82,) * 4, 0.015),
}


@pytest.mark.nightly
@pytest.mark.parametrize(("place", "world"), enumerate(["evidence", "seed", "reverse", "null"]))
def test_every_world_looks_as_specified_at_60_000(place, world):
    batches = [estimands.summarise(s) for s in survey(world, 60_000, 17)]
    wrong = {}
    for name, (values, allowed) in TABLE.items():
        found = np.mean([batch[name] for batch in batches])
        if abs(found - values[place]) > allowed:
            wrong[name] = (values[place], round(float(found), 4))
    assert not wrong
