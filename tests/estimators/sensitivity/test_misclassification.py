import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.sensitivity.misclassification import (
    correct_prevalence,
    correct_risk_ratio,
)


@given(truth=st.floats(0, 1), se=st.floats(0.55, 1), sp=st.floats(0.55, 1))
def test_the_expected_counts_give_the_truth_back(truth, se, sp):
    positive = 1000 * (truth * se + (1 - truth) * (1 - sp))
    assert correct_prevalence(positive, 1000, se, sp).estimate == pytest.approx(truth, abs=1e-9)


def test_variance_by_hand():
    found = correct_prevalence(300, 1000, 0.8, 0.9)
    assert found.se == pytest.approx((0.3 * 0.7 / 1000) ** 0.5 / 0.7)
    wider = correct_prevalence(300, 1000, 0.8, 0.9, tested=(50, 80))
    parts = 0.8 * 0.2 / 50 * (2 / 7 / 0.7) ** 2 + 0.9 * 0.1 / 80 * (5 / 7 / 0.7) ** 2
    assert wider.se**2 == pytest.approx(found.se**2 + parts)


def test_the_error_is_the_spread():
    rng = np.random.default_rng(3)
    p = 0.25 * 0.8 + 0.75 * 0.1
    found = []
    for _ in range(800):
        se, sp = rng.binomial(60, 0.8) / 60, rng.binomial(90, 0.9) / 90
        found.append(correct_prevalence(rng.binomial(400, p), 400, se, sp, tested=(60, 90)))
    inside = np.mean([f.low <= 0.25 <= f.high for f in found])
    assert inside == pytest.approx(0.95, abs=0.025)


def test_the_corrected_ratio_lies_further_out():
    found = correct_risk_ratio((40, 100), (25, 100), 0.8, 0.9)
    assert found.estimate == pytest.approx(2.0)
    parts = 0.24 / 100 / 0.3**2 + 0.1875 / 100 / 0.15**2
    assert found.se == pytest.approx(parts**0.5)
    perfect = correct_risk_ratio((40, 100), (25, 100), 1.0, 1.0)
    assert perfect.estimate == pytest.approx(1.6)
    assert np.isnan(correct_risk_ratio((40, 100), (5, 100), 0.8, 0.9).estimate)


def test_degenerate_input():
    with pytest.raises(UserError, match=r"no count.*says nothing"):
        correct_prevalence(11, 10, 0.5, 0.5)
    with pytest.raises(UserError, match="between 0 and 1"):
        correct_prevalence(1, 10, 1.5, 0.5)
    with pytest.raises(UserError, match="somebody"):
        correct_prevalence(1, 10, 0.9, 0.9, tested=(0, 5))
    with pytest.raises(UserError, match=r"exposed: 3 of 0.*unexposed: nan"):
        correct_risk_ratio((3, 0), (float("nan"), 4), 0.9, 0.9)
    assert correct_prevalence(0, 50, 0.9, 0.9).estimate == 0
