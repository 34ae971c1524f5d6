import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.inference import p_value
from gluteal.estimators.sensitivity.calibration import calibrate_estimate, fit_systematic_error


@pytest.fixture(scope="module")
def said(answers):
    return answers("sensitivity")["calibration"]


def test_the_r_package(said):
    found = fit_systematic_error(said["log_rr"], said["se"])
    # R's optimiser stops at 1e-8 of the likelihood; ours solves the score equation.
    assert [found.mean, found.sd] == pytest.approx(said["null"], rel=2e-6)
    # The package itself stops after a few digits.
    assert [found.mean, found.sd] == pytest.approx(said["package"], rel=1e-3)
    made = calibrate_estimate(*said["positive"], found)
    assert made.p == pytest.approx(said["p"], rel=1e-5)
    assert made.p > p_value(said["positive"][0] / said["positive"][1])


def test_calibrated_tests_keep_their_level():
    rng = np.random.default_rng(4)
    bias = 0.3 + 0.2 * rng.normal(size=600)
    se = rng.uniform(0.05, 0.2, 600)
    b = bias + se * rng.normal(size=600)
    learnt = fit_systematic_error(b[:300], se[:300])
    assert learnt.mean == pytest.approx(0.3, abs=4 * learnt.mean_se)
    assert learnt.sd == pytest.approx(0.2, abs=0.03)
    assert learnt.share_significant > 0.5
    p = [calibrate_estimate(e, s, learnt).p for e, s in zip(b[300:], se[300:], strict=True)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.04)


def test_without_systematic_error_nothing_changes():
    se = np.full(12, 0.5)
    learnt = fit_systematic_error(np.tile([0.1, -0.1], 6), se)
    assert learnt.sd == 0
    assert calibrate_estimate(1.0, 0.5, learnt).estimate == pytest.approx(1.0)
    assert calibrate_estimate(1.0, 0.5, learnt).se == 0.5


@settings(max_examples=20)
@given(seed=st.integers(0, 500), move=st.floats(-3, 3), scale=st.floats(0.05, 20))
def test_invariants(seed, move, scale):
    rng = np.random.default_rng(seed)
    b, se = rng.normal(size=15), rng.uniform(0.1, 1, 15)
    plain = fit_systematic_error(b, se)
    other = fit_systematic_error(scale * b + move, scale * se)
    assert other.mean == pytest.approx(scale * plain.mean + move, rel=1e-5, abs=1e-6 * scale)
    assert other.sd == pytest.approx(scale * plain.sd, rel=1e-5, abs=1e-6 * scale)


def test_degenerate_input():
    with pytest.raises(UserError, match=r"10 negative controls, found 3.*1 controls"):
        fit_systematic_error([0.1, np.nan, 0.2], [0.1, 0.1, 0.1])
    with pytest.raises(UserError, match="do not fit"):
        fit_systematic_error(np.zeros(12), np.ones(11))
    learnt = fit_systematic_error(np.zeros(10), np.ones(10))
    with pytest.raises(UserError, match="above zero"):
        calibrate_estimate(1.0, 0.0, learnt)
