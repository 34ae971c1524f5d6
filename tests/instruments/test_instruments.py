"""The whole of the scoring: all instruments together, as derive calls it."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.instruments import INSTRUMENTS, allowed, score_responses
from gluteal.instruments.scale import Interval
from gluteal.variables import variables

TABLE_1_6 = {
    "nprs", "vas", "aggravation", "odi", "rmdq24", "promis_pi4a", "psfs", "startback9", "fabq",
    "tsk11", "tsk17", "phq9", "hads", "ipaq_sf", "gpe7", "pgic7", "pain_sites", "nih_impact",
}  # fmt: skip


def test_every_instrument_of_the_domain_is_here():
    assert set(INSTRUMENTS) == TABLE_1_6


@pytest.mark.parametrize("name", sorted(TABLE_1_6))
def test_scores_are_the_dictionarys_variables_of_that_instrument(name):
    known = {v.name for v in variables().values() if v.instrument == name}
    assert set(INSTRUMENTS[name].SCORES) == known


@pytest.mark.parametrize("name", sorted(TABLE_1_6))
def test_no_item_wording_is_shipped(name):
    for key in INSTRUMENTS[name].ITEMS:
        assert len(key) <= 18
        assert " " not in key


@pytest.mark.parametrize("name", sorted(TABLE_1_6))
def test_each_module_states_its_rule_and_its_mark(name):
    text = INSTRUMENTS[name].__doc__ or ""
    assert "Rule" in text
    assert any(mark in text for mark in ("[V]", "[M]", "[D]"))


def numbers(codes):
    if isinstance(codes, Interval):
        return st.integers(int(codes.low), int(codes.high))
    return st.sampled_from(codes)


@pytest.mark.parametrize("name", sorted(TABLE_1_6))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_scores_stay_in_the_dictionarys_range(name, score, data):
    sheet = {
        key: data.draw(numbers(codes) | st.just(float("nan")))
        for key, codes in INSTRUMENTS[name].ITEMS.items()
    }
    scores, _ = score(name, [sheet])
    for variable in INSTRUMENTS[name].SCORES:
        value, known = scores[variable].iloc[0], variables()[variable]
        if known.kind == "category":
            assert value != value or value in known.levels
        elif value == value and known.low is not None and known.high is not None:
            assert known.low <= value <= known.high


def table(rows, names, people=3):
    rng = np.random.default_rng(4)
    parts = []
    for name in names:
        for person in range(people):
            sheet = {
                key: rng.integers(int(c.low), min(int(c.high), 300) + 1)
                if isinstance(c, Interval)
                else rng.choice(c)
                for key, c in INSTRUMENTS[name].ITEMS.items()
            }
            parts.append(rows(name, sheet, f"P{person}"))
    return pd.concat(parts, ignore_index=True)


def test_all_together_in_any_order(rows):
    long = table(rows, INSTRUMENTS)
    scores, notes = score_responses(long)
    again, notes_again = score_responses(long.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(scores, again)
    assert notes == notes_again
    assert list(scores.columns[:2]) == ["participant_id", "visit"]
    assert scores["participant_id"].tolist() == ["P0", "P1", "P2"]
    names = [name for module in INSTRUMENTS.values() for name in module.SCORES]
    assert list(scores.columns[2:]) == names
    assert {note["instrument"] for note in notes} == TABLE_1_6


def test_people_who_did_not_get_an_instrument_have_no_score(rows):
    long = pd.concat([rows("gpe7", {"change": 2}, "P2"), rows("pgic7", {"change": 6}, "P1")])
    scores, _ = score_responses(long)
    assert scores["participant_id"].tolist() == ["P1", "P2"]
    np.testing.assert_array_equal(scores["gpe7"], [np.nan, 2])
    np.testing.assert_array_equal(scores["pgic7"], [6, np.nan])


def test_notes_count_answered_and_not(rows):
    long = pd.concat(
        [rows("gpe7", {"change": 2}, "P1"), rows("gpe7", {"change": "NA:refused"}, "P2")]
    )
    _, notes = score_responses(long)
    counts = {note["rule"]: note["n"] for note in notes}
    assert counts == {"answered": 1, "not answered": 1}


def test_odi_coded_1_to_6_is_refused_unless_declared(rows):
    # All items at the worst but one of 1-6: 5, that is 4 of 0-5: 4 x 10 x 2 = 80 %.
    long = rows("odi", {f"item_{i}": 6 if i == 1 else 5 for i in range(1, 11)})
    with pytest.raises(UserError) as caught:
        score_responses(long)
    fault = caught.value.faults[0]
    assert (fault.column, fault.value) == ("odi.item_1", "6")
    assert "recode" in fault.remedy
    recode = {str(code): code - 1 for code in range(1, 7)}
    scores, _ = score_responses(long, {"odi": {"recode": recode}})
    assert scores["odi_pct"].tolist() == [82]  # one item 5, nine of 4: 41 x 2
    with_numbers, _ = score_responses(
        long, {"odi": {"recode": {code: code - 1 for code in range(1, 7)}}}
    )
    assert with_numbers["odi_pct"].tolist() == [82]


def test_faults_of_all_instruments_come_at_once(rows):
    long = pd.concat(
        [
            rows("nprs", {"avg": 11}),
            rows("phq9", {"item_1": 4, "item_10": 1}),
            rows("oddi", {"item_1": 1}),
            rows("rmdq24", {"item_1": "yes"}),
        ]
    )
    with pytest.raises(UserError) as caught:
        score_responses(long)
    found = {(fault.column, fault.value) for fault in caught.value.faults}
    assert found == {
        ("nprs.avg", "11"),
        ("phq9.item_1", "4"),
        ("item", "item_10"),
        ("instrument", "oddi"),
        ("rmdq24.item_1", "yes"),
    }


def test_words_can_be_declared_as_codes(rows):
    long = rows("rmdq24", {f"item_{i}": "yes" if i < 6 else "no" for i in range(1, 25)})
    scores, _ = score_responses(long, {"rmdq24": {"recode": {"yes": 1, "no": 0}}})
    assert scores["rmdq_0_24"].tolist() == [5]


@pytest.mark.parametrize("column", ["participant_id", "visit", "instrument", "item", "value"])
def test_a_missing_column_is_named(rows, column):
    with pytest.raises(UserError, match=column):
        score_responses(rows("gpe7", {"change": 1}).drop(columns=column))


def test_a_row_of_nobody_is_refused(rows):
    long = rows("gpe7", {"change": 1})
    long["participant_id"] = pd.Series([None], dtype="str")
    with pytest.raises(UserError, match="participant_id"):
        score_responses(long)


def test_no_answers_at_all(rows):
    scores, notes = score_responses(rows("gpe7", {"change": 1}).iloc[:0])
    assert scores.empty
    assert notes == []


def test_settings_change_what_is_allowed():
    assert allowed("startback9", {"bothersome": "1-5"})["bothersome"] == (1, 2, 3, 4, 5)
    assert allowed("odi") == INSTRUMENTS["odi"].ITEMS


@pytest.mark.parametrize("name", ["odi", "startback9", "ipaq_sf", "psfs"])
def test_half_a_million_questionnaires_are_quick(name):
    rng = np.random.default_rng(1)
    people = pd.Index([f"P{i:06d}" for i in range(100_000)])
    visits = ["baseline", "week04", "week08", "week12", "week26"]
    index = pd.MultiIndex.from_product([people, visits], names=["participant_id", "visit"])
    items = pd.DataFrame(
        {
            key: rng.integers(0, 1 + (60 if isinstance(c, Interval) else max(c)), len(index)) * 1.0
            for key, c in INSTRUMENTS[name].ITEMS.items()
        },
        index=index,
    )
    start = time.process_time()
    scored = INSTRUMENTS[name].score(items, INSTRUMENTS[name].SETTINGS)
    assert time.process_time() - start < 2
    assert len(scored.scores) == 500_000
