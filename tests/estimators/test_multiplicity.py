"""Adjusted p values: R's p.adjust, and what must hold for any family."""

from __future__ import annotations

import json
from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.estimators.multiplicity import adjust_fdr, adjust_holm

FAMILY = st.lists(st.floats(0, 1), max_size=12)


def test_both_rules_equal_r(parity):
    answers = json.loads((parity / "p_adjust.json").read_text())
    assert len(answers) == 5
    for name, answer in answers.items():
        p = [nan if value is None else value for value in answer["p"]]
        for rule, key in ((adjust_holm, "holm"), (adjust_fdr, "fdr")):
            expected = [nan if value is None else value for value in answer[key]]
            assert rule(p) == pytest.approx(expected, rel=1e-12, nan_ok=True), (name, key)


@given(FAMILY, st.randoms())
def test_order_does_not_matter(p, random):
    places = list(range(len(p)))
    random.shuffle(places)
    for rule in (adjust_holm, adjust_fdr):
        straight = rule(p)
        assert rule([p[i] for i in places]) == pytest.approx([straight[i] for i in places])


@given(FAMILY)
def test_adjusting_never_makes_a_p_smaller_and_keeps_the_order(p):
    holm, fdr = adjust_holm(p), adjust_fdr(p)
    for i, value in enumerate(p):
        assert value <= fdr[i] * (1 + 1e-12)
        assert fdr[i] <= holm[i] * (1 + 1e-12)
        assert holm[i] <= min(1.0, len(p) * value) * (1 + 1e-12) + 1e-300
        for j, other in enumerate(p):
            if value <= other:
                assert holm[i] <= holm[j]
                assert fdr[i] <= fdr[j]


def test_missing_p_values_do_not_count():
    found = adjust_holm([0.01, nan, 0.04])
    assert found[0] == pytest.approx(0.02)
    assert isnan(found[1])


def test_what_is_no_p_value_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjust_fdr([0.2, 1.2])
