import numpy as np
import pytest

from gluteal.simulate import estimands
from gluteal.simulate.estimands import alpha, binary_regression, kappa, least_squares


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
