import numpy as np
import pyarrow as pa
import pytest

from gluteal.cohort.answers import check_answers
from gluteal.cohort.grid import Grid
from gluteal.instruments import INSTRUMENTS, allowed
from gluteal.instruments.scale import Interval

NAMES = ("participant_id", "visit", "instrument", "item", "value")


def found(rows, settings=None):
    rows = [("P1", "baseline", *row) if len(row) == 3 else row for row in rows]
    table = pa.table(dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True)))
    faults = check_answers(Grid("responses", "r.csv", table), settings)
    return [(f.row, f.column, f.rule, f.severity) for f in faults]


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_the_ends_of_every_item_are_allowed_and_no_more(name):
    rows, wrong = [], []
    for key, codes in allowed(name).items():
        ends = (codes.low, codes.high) if isinstance(codes, Interval) else (codes[0], codes[-1])
        rows += [(f"P{i}", "baseline", name, key, f"{end:g}") for i, end in enumerate(ends)]
        wrong.append((name, key, f"{ends[1] + 1:g}"))
    errors = [fault for fault in found(rows) if fault[3] == "error"]
    assert errors == []
    errors = [fault for fault in found(wrong) if fault[3] == "error"]
    assert len(errors) == len(wrong)


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("11", "is none of the answers"),
        ("55", "is none of the answers"),
        ("3.5", "is none of the answers"),
        ("-9", "looks like a code for missing"),
        ("n/a", "is a missing answer without a reason"),
        ("4,0", "has a decimal comma"),
        ("some", "is text where the code of an answer belongs"),
    ],
)
def test_a_rating_of_0_to_10(value, rule):
    ((row, column, said, severity),) = found([("nprs", "avg", value)])
    assert (row, column, severity) == (2, "value", "error")
    assert rule in said


@pytest.mark.parametrize("value", ["NA:refused", "", " 3", "NA:what"])
def test_what_every_cell_is_checked_for_is_not_said_twice(value):
    assert found([("nprs", "avg", value)]) == []


def test_unknown_names():
    ((_, column, rule, _),) = found([("npr", "avg", "3")])
    assert (column, rule) == ("instrument", "is no questionnaire that this package knows")
    ((_, column, rule, _),) = found([("nprs", "mean", "3")])
    assert (column, rule) == ("item", "is no item of nprs")


def test_settings_of_the_study_count():
    assert found([("odi", "item_1", "6")], {"odi": {"recode": {"6": 5}}}) == []
    assert found([("startback9", "bothersome", "5")], {"startback9": {"bothersome": "1-5"}}) == []
    assert len(found([("vas", "mm", "30")], {"vas": {"unit": "cm"}})) == 1


def scales(people=100, cm=(), seed=1):
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(people):
        pain = int(rng.integers(0, 11))
        mm = int(np.clip(round(10 * pain + rng.normal(0, 4)), 0, 100))
        vas = f"{mm / 10:g}" if i in cm else str(mm)
        rows += [(f"P{i}", "baseline", "nprs", item, str(pain)) for item in ("avg", "now")]
        rows.append((f"P{i}", "baseline", "vas", "mm", vas))
    return rows


def test_centimetres_for_millimetres_are_asked_about():
    assert found(scales()) == []
    rows = scales(cm={3, 30, 77})
    dirty = {2 + 3 * i + 2 for i in (3, 30, 77) if float(rows[3 * i][4]) >= 3}
    assert dirty
    named = {row for row, _, rule, severity in found(rows) if severity == "query"}
    assert dirty <= named
    assert named <= {2 + 3 * i + 2 for i in (3, 30, 77)}


def test_a_tenth_among_whole_millimetres():
    rows = scales()
    rows[2] = (*rows[2][:4], "1.2")
    rows[0], rows[1] = ((*row[:4], "1") for row in rows[:2])
    ((row, _, rule, severity),) = found(rows)
    assert (row, severity) == (4, "query")
    assert "whole millimetres" in rule


def test_activity_past_a_day_and_hours_for_minutes():
    minutes = [("vig_min", "400"), ("mod_min", "500"), ("walk_min", "90")]
    ((row, _, rule, _),) = found([("ipaq_sf", *item) for item in minutes])
    assert row == 3
    assert "over 960 minutes a day" in rule
    ((_, _, rule, severity),) = found([("ipaq_sf", "vig_min", "1.5")])
    assert (severity, rule) == ("query", "is under 10 minutes: hours?")
    assert found([("ipaq_sf", "vig_min", "0"), ("ipaq_sf", "walk_min", "30")]) == []
