from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.instruments.startback9 import PHYSICAL, PSYCH

KEYS = (*PHYSICAL, *PSYCH)
YES = {**dict.fromkeys(KEYS, 1), "bothersome": 3}


def sheet(*agreed, missing=()):
    answers = {key: (YES[key] if key in agreed else 0) for key in KEYS}
    return {**answers, **dict.fromkeys(missing, np.nan)}


def test_classes_by_hand(score):
    sheets = [
        sheet("leg_pain", "walk", "dress"),  # total 3: low
        sheet("leg_pain", "walk", "dress", "neck_shoulder"),  # total 4, psych 0: medium
        sheet("leg_pain", "fear", "worry", "enjoy"),  # total 4, psych 3: medium
        sheet("fear", "worry", "enjoy", "catastrophise"),  # total 4, psych 4: high
        sheet(*KEYS),  # total 9, psych 5: high
    ]
    scores, notes = score("startback9", sheets)
    assert scores["startback_total"].tolist() == [3, 4, 4, 4, 9]
    assert scores["startback_psych"].tolist() == [0, 0, 3, 4, 5]
    assert scores["startback_class"].tolist() == ["low", "medium", "medium", "high", "high"]
    assert notes["complete"] == 5


def test_bothersome_counts_from_very_much(score):
    sheets = [{**sheet(), "bothersome": level} for level in range(5)]
    assert score("startback9", sheets)[0]["startback_psych"].tolist() == [0, 0, 0, 1, 1]
    sheets = [{**sheet(), "bothersome": level} for level in range(1, 6)]
    scores, _ = score("startback9", sheets, bothersome="1-5")
    assert scores["startback_psych"].tolist() == [0, 0, 0, 1, 1]
    sheets = [{**sheet(), "bothersome": level} for level in (0, 1)]
    scores, _ = score("startback9", sheets, bothersome="0-1")
    assert scores["startback_psych"].tolist() == [0, 1]


def test_a_dichotomised_file_is_noted(score):
    _, notes = score("startback9", [{**sheet(), "bothersome": i % 2} for i in range(20)])
    assert any(rule.startswith("query") for rule in notes)


def test_missing_items_that_cannot_change_the_class(score):
    sheets = [
        sheet("leg_pain", "walk", missing=["dress"]),  # total 2 or 3: low either way
        sheet("leg_pain", "walk", "dress", missing=["neck_shoulder"]),  # 3 or 4: unknown
        sheet("fear", "worry", "enjoy", missing=["bothersome"]),  # psych 3 or 4: unknown
        sheet("fear", "worry", "enjoy", "catastrophise", missing=["walk"]),  # high either way
        sheet("leg_pain", "walk", "dress", "fear", missing=["neck_shoulder"]),  # medium
    ]
    scores, notes = score("startback9", sheets)
    found = scores["startback_class"].fillna("?").tolist()
    assert found == ["low", "?", "?", "high", "medium"]
    assert np.isnan(scores["startback_total"]).all()
    # The psychosocial score needs its own five items only.
    assert scores["startback_psych"].tolist()[:2] == [0, 0]
    assert np.isnan(scores["startback_psych"][2])
    assert notes["class certain despite missing items"] == 3
    assert notes["no class (missing items could change it)"] == 2


@given(st.lists(st.sampled_from([0, 1, None]), min_size=9, max_size=9))
def test_a_class_is_given_exactly_when_every_completion_has_it(score, answers):
    raw = dict(zip(KEYS, answers, strict=True))

    def coded(values):
        return {k: np.nan if v is None else v * YES[k] for k, v in zip(KEYS, values, strict=True)}

    gaps = [key for key, value in raw.items() if value is None]
    fills = [{**raw, **dict(zip(gaps, f, strict=True))} for f in product((0, 1), repeat=len(gaps))]
    classes = set(score("startback9", [coded(f.values()) for f in fills])[0]["startback_class"])
    found = score("startback9", [coded(answers)])[0]["startback_class"][0]
    # With nothing answered at all there is no questionnaire, whatever the completions say.
    if len(classes) == 1:
        assert found == classes.pop()
    else:
        assert found != found


def test_items_are_keyed_by_name_so_their_order_is_free(score):
    answers = sheet("fear", "worry", "enjoy", "catastrophise")
    turned = dict(reversed(answers.items()))
    first, second = score("startback9", [answers])[0], score("startback9", [turned])[0]
    assert first.equals(second)


def test_nothing_answered(score):
    scores, notes = score("startback9", [{}])
    assert scores["startback_class"].isna().all()
    assert notes["no class (missing items could change it)"] == 0


@pytest.mark.parametrize("key", KEYS)
def test_each_item_counts_once(score, key):
    scores, _ = score("startback9", [sheet(key)])
    assert scores["startback_total"].tolist() == [1]
    assert scores["startback_psych"].tolist() == [int(key in PSYCH)]
