import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from gluteal.errors import UserError
from gluteal.estimators.calibration import calibrate, group_risks


@pytest.fixture(scope="module")
def risks(parity):
    return pd.read_csv(parity / "data" / "risks.csv")


@pytest.fixture(scope="module")
def said(answers):
    return answers("calibration")


def test_all_measures_equal_val_prob(risks, said):
    found, r = calibrate(risks["y"], risks["p"]), said["val_prob"]
    pairs = {
        "Intercept": found.intercept.estimate,
        "Slope": found.slope.estimate,
        "Brier": found.brier.value,
        "Emax": found.emax,
        "E90": found.e90,
        "Eavg": found.ici,
        "S:z": found.spiegelhalter[0],
        "S:p": found.spiegelhalter[1],
        "U:Chi-sq": found.unreliability.statistic,
        "U:p": found.unreliability.p,
    }
    for name, value in pairs.items():
        assert value == pytest.approx(r[name], rel=1e-9), name
    assert found.converged
    assert found.e50 <= found.e90 <= found.emax


def test_errors_equal_glm(risks, said):
    found, r = calibrate(risks["y"], risks["p"]), said["line"]
    large = [found.in_the_large.estimate, found.in_the_large.se]
    np.testing.assert_allclose(large, said["large"][:2], rtol=1e-9)
    np.testing.assert_allclose([found.intercept.se, found.slope.se], r["se"], rtol=1e-7)
    assert found.brier.se == pytest.approx(said["brier_se"][0] * np.sqrt(1), rel=1e-2)
    assert found.slope.p == pytest.approx(
        2 * special.ndtr(-abs(found.slope.estimate - 1) / found.slope.se), rel=1e-9
    )
    seen, expected = risks["y"].sum(), risks["p"].sum()
    assert found.observed_expected.value == pytest.approx(seen / expected)
    base = risks["y"].mean() * (1 - risks["y"].mean())
    assert found.scaled_brier == pytest.approx(1 - found.brier.value / base)


def test_clustered_errors_equal_sandwich(risks, said):
    found = calibrate(risks["y"], risks["p"], risks["person"])
    assert found.in_the_large.se == pytest.approx(said["large"][2], rel=1e-9)
    pair = [found.intercept.se, found.slope.se]
    np.testing.assert_allclose(pair, said["line"]["robust"], rtol=1e-7)
    assert found.brier.se == pytest.approx(said["brier_se"][1], rel=1e-9)
    share = found.observed_expected.se * risks["y"].mean()
    assert share == pytest.approx(said["share_se"], rel=1e-9)


def test_true_risks_are_calibrated_and_wrong_ones_are_found_out():
    rng = np.random.default_rng(4)
    eta = rng.normal(-0.5, 1.2, 40_000)
    y = (rng.uniform(size=eta.size) < special.expit(eta)).astype(float)
    right = calibrate(y, special.expit(eta))
    assert abs(right.slope.estimate - 1) < 3.5 * right.slope.se
    assert abs(right.in_the_large.estimate) < 3.5 * right.in_the_large.se
    assert right.ici < 0.01
    extreme = calibrate(y, special.expit(0.4 + 2 * eta))
    assert extreme.slope.estimate == pytest.approx(0.5, abs=0.02)
    assert extreme.intercept.estimate == pytest.approx(-0.2, abs=0.03)
    assert extreme.slope.p < 1e-10
    assert extreme.ici > 0.05


def test_groups_hold_everyone_once_and_never_part_equal_risks(risks):
    found = group_risks(risks["y"], risks["p"], 10)
    assert sum(group.n for group in found) == 300
    assert len(found) == 10
    assert sum(group.n * group.observed.value for group in found) == pytest.approx(risks["y"].sum())
    tied = group_risks([0, 1, 0, 1, 1, 0], [0.2, 0.2, 0.2, 0.2, 0.7, 0.9], 3)
    assert [group.n for group in tied] == [4, 2]


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_the_other_outcome_turns_all_around(seed):
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.02, 0.98, 80)
    y = (rng.uniform(size=80) < p).astype(float)
    plain, other = calibrate(y, p), calibrate(1 - y, 1 - p)
    if not plain.converged:
        return
    assert other.slope.estimate == pytest.approx(plain.slope.estimate, rel=1e-6)
    assert other.in_the_large.estimate == pytest.approx(-plain.in_the_large.estimate, abs=1e-8)
    assert other.brier.value == pytest.approx(plain.brier.value)
    order = rng.permutation(80)
    assert calibrate(y[order], p[order]).ici == pytest.approx(plain.ici, rel=1e-9)


def test_missing_and_certain_risks_are_told():
    y, p = [0, 1, 0, 1, 1, np.nan], [0.1, 0.6, 0.7, 0.4, 1.0, 0.5]
    found = calibrate(y, p)
    assert found.n == 5
    assert "1 risks of 0 or 1 are left out" in found.warnings[0]
    assert np.isfinite([found.slope.estimate, found.ici]).all()


def test_risks_that_part_the_outcomes_are_flagged():
    found = calibrate([0, 0, 0, 1, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.7, 0.8])
    assert not found.converged
    assert found.warnings


@pytest.mark.parametrize(
    ("y", "p", "words"),
    [
        ([0, 1], [0.2, 1.2], "between 0 and 1, found 1.2"),
        ([0, 2], [0.2, 0.3], "must be 0 or 1, found 2"),
        ([1, 1], [0.2, 0.3], "1 in all 2"),
        ([np.nan, 1], [0.2, np.nan], "missing in all"),
        ([0, 1], [0.2], "do not fit"),
        ([0, 1], [0.2, 0.2], "do not vary"),
        ([0, 1, 1], [0.2, 1, 1], "do not vary"),
        ([0, 1, 1], [0, 0.2, 0.3], "inside 0 to 1 are the same"),
    ],
)
def test_faults_are_named(y, p, words):
    with pytest.raises(UserError, match=words):
        calibrate(y, p)


def test_one_person_and_no_group_are_refused():
    with pytest.raises(UserError, match="at least two people"):
        calibrate([0, 1, 0, 1], [0.1, 0.6, 0.7, 0.4], [1, 1, 1, 1])
    with pytest.raises(ValueError, match="one group"):
        group_risks([0, 1], [0.1, 0.2], 0)
