from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.figures import claims

CLAIM = {
    "claim": "H1", "sentence": "People with low back pain have weaker hip abductors.",
    "direction": "negative", "scale": "difference", "smallest_effect": "0.05", "unit": "Nm/kg",
    "estimate": "-0.1", "low": "-0.15", "high": "-0.06", "verdict": "supported", "reason": "",
}  # fmt: skip
ABSENT = {
    **CLAIM, "claim": "H2", "estimate": "", "low": "", "high": "", "verdict": "not testable",
    "reason": "method incident_lbp is not built",
}  # fmt: skip


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def intervals(figure) -> list[tuple[float, float]]:
    lines = figure.axes[0].lines
    return [tuple(x) for line in lines if len(x := line.get_xdata()) == 2 and x[0] != x[1]]


def test_the_axis_holds_multiples_in_the_claimed_direction():
    ((low, high),) = intervals(claims.draw({"claims": [CLAIM]}))
    assert (low, high) == pytest.approx((1.2, 3.0))


@given(st.floats(-5, 5), st.floats(0.01, 3), st.floats(0.01, 3), st.floats(0.01, 5), st.booleans())
def test_standardised_claims_keep_their_side_of_the_smallest_effect(
    estimate, below, above, smallest, negative
):
    row = {
        "estimate": estimate, "low": estimate - below, "high": estimate + above,
        "smallest_effect": smallest, "direction": "negative" if negative else "positive",
    }  # fmt: skip
    middle, low, high = claims.standardise(row)
    assert low <= middle <= high
    sign = -1 if negative else 1
    assert middle == pytest.approx(sign * estimate / smallest, abs=1e-8)


def test_ratios_are_compared_on_the_log_scale():
    row = {"estimate": 4.0, "low": 0.5, "high": 8.0, "scale": "ratio", "smallest_effect": 2.0}
    assert claims.standardise(row) == pytest.approx((2.0, -1.0, 3.0))
    assert claims.standardise({**row, "direction": "negative"}) == pytest.approx((-2, -3, 1))


@pytest.mark.parametrize("lack", ["estimate", "low", "smallest_effect"])
def test_without_a_number_nothing_is_placed(lack):
    assert claims.standardise({**CLAIM, lack: ""}) is None


def test_a_claim_without_direction_is_met_by_either_sign():
    row = {**CLAIM, "direction": "none"}
    assert claims.standardise(row) == claims.standardise(CLAIM)


def test_a_ratio_of_zero_is_not_placed():
    row = {"estimate": 1.0, "low": 0.0, "high": 8.0, "scale": "ratio", "smallest_effect": 2.0}
    assert claims.standardise(row) is None


def test_a_cut_interval_has_an_arrow_and_stays_in_the_axis():
    figure = claims.draw({"claims": [{**CLAIM, "low": "-9"}]})
    ((low, high),) = intervals(figure)
    assert high == claims.WIDEST
    assert [line.get_marker() for line in figure.axes[0].lines].count(">") == 1
    assert math.isclose(low, 1.2)


def test_untestable_claims_stand_below_with_their_reason():
    figure = claims.draw({"claims": [ABSENT, CLAIM]})
    words = texts(figure)
    assert len(intervals(figure)) == 1
    assert words.index("Not testable in this cohort") > words.index("supported")
    assert "method incident_lbp is not built" in words


def test_nothing_testable_needs_no_axis():
    figure = claims.draw({"claims": [ABSENT]})
    assert not figure.axes
    assert "method incident_lbp is not built" in texts(figure)


def test_each_verdict_has_a_look_of_its_own():
    looks = [(marker, filled) for _, marker, filled in claims.VERDICTS.values()]
    assert len(set(looks)) == len(looks)


def test_the_description_says_verdict_and_interval():
    words = claims.describe({"claims": [CLAIM, ABSENT]})
    assert "H1 supported, −0.100 [−0.150 to −0.060] Nm/kg" in words
    assert "1 claims are not testable" in words
