"""Verdicts: the table of rules, and what must hold for any interval."""

from __future__ import annotations

from math import exp, inf, isnan, log, nan

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from gluteal.ledger.judgement import verdict
from gluteal.ledger.wording import Grounds

CLAIM = {"sentence": "S.", "direction": "positive", "smallest_effect": 0.5, "scale": "difference"}
WORDS = {"supported", "negligible", "contradicted", "inconclusive"}


def row(low: float, high: float, estimate: float | None = None, **more):
    middle = (low + high) / 2 if estimate is None else estimate
    base = {"estimate": middle, "low": low, "high": high, "level": 0.95, "scale": "difference"}
    return {**base, "unit": "deg", "converged": True, **more}


@pytest.mark.parametrize(
    ("low", "high", "word", "words_of_reason"),
    [
        (0.6, 1.0, "supported", "beyond the smallest"),
        (0.5, 1.0, "inconclusive", "size is not settled"),  # touching is not beyond
        (0.1, 1.0, "inconclusive", "sign is as claimed"),
        (0.1, 0.4, "negligible", "smaller than"),
        (-0.4, 0.4, "negligible", "smaller than"),
        (-0.4, -0.1, "negligible", "smaller than"),  # not contradicted: too small to matter
        (-0.5, 0.4, "inconclusive", "what is claimed is ruled out"),
        (-0.9, -0.1, "contradicted", "other side"),
        (-0.9, -0.6, "contradicted", "other side"),
        (-0.9, 0.0, "inconclusive", "what is claimed is ruled out"),
        (-0.3, 0.9, "inconclusive", "the opposite is ruled out"),
        (-0.9, 0.9, "inconclusive", "too wide"),
        (-0.9, 0.5, "inconclusive", "too wide"),
    ],
)
def test_the_rules(low, high, word, words_of_reason):
    found = verdict(row(low, high), CLAIM, Grounds("cross_sectional"))
    assert found.verdict == word
    assert words_of_reason in found.reason
    flipped = verdict(
        row(-high, -low), {**CLAIM, "direction": "negative"}, Grounds("cross_sectional")
    )
    assert (flipped.verdict, flipped.reason) == (found.verdict, found.reason)


@pytest.mark.parametrize(
    ("low", "high", "direction", "word"),
    [
        (1.6, 2.5, "positive", "supported"),
        (1.2, 2.5, "positive", "inconclusive"),
        (0.7, 1.4, "positive", "negligible"),
        (0.3, 0.9, "positive", "contradicted"),
        (0.3, 0.6, "negative", "supported"),  # 1/1.5 is the limit
        (0.3, 0.7, "negative", "inconclusive"),
        (0.67, 1.49, "negative", "negligible"),
        (0.66, 1.49, "negative", "inconclusive"),
    ],
)
def test_ratios_are_compared_on_the_log_scale(low, high, direction, word):
    claim = {**CLAIM, "scale": "ratio", "smallest_effect": 1.5, "direction": direction}
    found = verdict(row(low, high, (low * high) ** 0.5, scale="ratio"), claim, Grounds("cohort"))
    assert found.verdict == word
    assert "zero" not in found.reason


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.6, 1, "supported"),
        (-1, -0.6, "supported"),
        (-0.2, 0.2, "negligible"),
        (-1, -0.1, "inconclusive"),
    ],
)
def test_a_claim_without_direction_is_supported_on_either_side(low, high, word):
    assert (
        verdict(row(low, high), {**CLAIM, "direction": "none"}, Grounds("cohort")).verdict == word
    )


NUMBER = st.floats(-5, 5)
CUT = st.floats(0.01, 3)


@given(NUMBER, NUMBER, CUT, st.sampled_from(["positive", "negative", "none"]))
def test_exactly_one_verdict_and_it_is_that_of_the_definition(a, b, smallest, direction):
    low, high = sorted((a, b))
    claim = {**CLAIM, "smallest_effect": smallest, "direction": direction}
    found = verdict(row(low, high), claim, Grounds("cohort"))
    if direction == "negative" or (direction == "none" and low + high < 0):
        low, high = -high, -low
    held = {
        "supported": low > smallest,
        "negligible": -smallest < low and high < smallest,
        "contradicted": direction != "none" and high < 0 and not -smallest < low,
    }
    assert sum(held.values()) <= 1
    assert found.verdict == next((word for word, is_so in held.items() if is_so), "inconclusive")
    assert found.verdict in WORDS
    assert isnan(found.p) == (found.verdict == "inconclusive")


@given(NUMBER, NUMBER, CUT)
def test_the_mirror_image_gets_the_same_verdict(a, b, smallest):
    low, high = sorted((a, b))
    straight = verdict(row(low, high), {**CLAIM, "smallest_effect": smallest}, Grounds("cohort"))
    mirrored = {**CLAIM, "smallest_effect": smallest, "direction": "negative"}
    turned = verdict(row(-high, -low), mirrored, Grounds("cohort"))
    assert (turned.verdict, turned.reason) == (straight.verdict, straight.reason)
    assert turned.p == pytest.approx(straight.p, nan_ok=True)


@given(NUMBER, NUMBER, CUT)
def test_a_ratio_gets_the_verdict_of_its_logarithm(a, b, smallest):
    low, high = sorted((a, b))
    assume(min(abs(abs(x) - smallest) for x in (low, high)) > 1e-6)
    assume(min(abs(low), abs(high)) > 1e-6)
    linear = verdict(row(low, high), {**CLAIM, "smallest_effect": smallest}, Grounds("cohort"))
    claim = {**CLAIM, "smallest_effect": exp(smallest), "scale": "ratio"}
    ratio = row(exp(low), exp(high), exp((low + high) / 2), scale="ratio")
    found = verdict(ratio, claim, Grounds("cohort"))
    assert found.verdict == linear.verdict
    assert found.p == pytest.approx(linear.p, rel=1e-6, abs=1e-12, nan_ok=True)


@given(NUMBER, st.floats(0.01, 2), CUT, st.sampled_from([inf, 12.0]), st.floats(0.5, 0.999))
def test_the_own_p_is_the_level_at_which_the_verdict_falls(estimate, se, smallest, df, level):
    """With an interval of level 1 - p' the verdict stands if, and only if, p' is above p."""
    claim = {**CLAIM, "smallest_effect": smallest}

    def at(level: float):
        half = stats.t.ppf((1 + level) / 2, df) * se
        made = row(estimate - half, estimate + half, estimate, level=level, df=df)
        return verdict(made, claim, Grounds("cohort"))

    found = at(0.95)
    assume(found.verdict != "inconclusive")
    assume(abs(found.p - (1 - level)) > 1e-6)
    stands = at(level).verdict == found.verdict
    if 1 - level > found.p and 1 - level <= 0.05 + 1e-12:
        assert stands
    if 1 - level < found.p:
        assert not stands


def test_the_own_p_of_known_cases():
    supported = verdict(row(0.6, 1.4), CLAIM, Grounds("cohort"))
    se = 0.4 / 1.959963984540054
    assert supported.p == pytest.approx(2 * stats.norm.sf((1.0 - 0.5) / se))
    claim = {**CLAIM, "smallest_effect": log(2)}
    negligible = verdict(row(-0.2, 0.4), claim, Grounds("cohort"))
    se = 0.3 / 1.959963984540054
    assert negligible.p == pytest.approx(2 * stats.norm.sf((log(2) - 0.1) / se))


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"converged": False}, "did not converge"),
        ({"converged": "False"}, "did not converge"),
        ({"low": nan}, "no finite interval"),
        ({"high": inf}, "no finite interval"),
        ({"estimate": None}, "no finite interval"),
        ({"estimate": 9.0}, "outside its interval"),
    ],
)
def test_a_doubtful_estimate_is_inconclusive_and_says_why(more, reason):
    found = verdict(row(0.6, 1.0) | more, CLAIM, Grounds("cohort"))
    assert found.verdict == "inconclusive"
    assert reason in found.reason
    assert reason in found.wording


def test_a_ratio_that_reaches_zero_is_inconclusive():
    claim = {**CLAIM, "scale": "ratio", "smallest_effect": 2}
    found = verdict(row(0.0, 3.0, 1.0, scale="ratio"), claim, Grounds("cohort"))
    assert "reaches zero" in found.reason


@pytest.mark.parametrize(
    ("claim", "scale", "reason"),
    [
        ({"smallest_effect": None}, "difference", "no smallest effect"),
        ({"smallest_effect": 0}, "difference", "above 0"),
        ({"smallest_effect": 0.8, "scale": "ratio"}, "ratio", "a ratio above 1"),
        ({"smallest_effect": 1.5, "scale": "ratio"}, "difference", "is a ratio"),
        ({}, "ratio", "is a difference"),
        ({}, "auc", "scale auc"),
        ({}, "proportion", "scale proportion"),
    ],
)
def test_claim_and_estimate_that_cannot_be_compared(claim, scale, reason):
    found = verdict(row(0.6, 1.0, scale=scale), CLAIM | claim, Grounds("cohort"))
    assert found.verdict == "not testable"
    assert reason in found.reason
