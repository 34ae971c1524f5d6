import numpy as np
import pytest

from gluteal.cohort.readings import UNSAID, read_trials
from gluteal.cohort.roster import make_roster
from gluteal.cohort.tally import Tally
from gluteal.cohort.wide import read_wide
from gluteal.errors import UserError


@pytest.fixture
def read(rows):
    def go(measurements, people=("P1",)):
        package = rows.package(
            participants=[rows.person(p) for p in people],
            visits=[rows.visit(p) for p in people],
            measurements=measurements,
        )
        tables = (read_wide(package, name, Tally()) for name in ("participants", "visits"))
        tally = Tally()
        roster = make_roster(*tables, frozenset())
        return read_trials(package.tables["measurements"], roster, tally), tally

    return go


def test_units_become_the_dictionarys(read, rows):
    found, _ = read(
        [
            rows.force("P1", "left", 10, 1, unit="kgf"),
            rows.force("P1", "left", 100, 2, unit="lbf"),
            rows.force("P1", "left", 100, 3, unit="N"),
            rows.lever("P1", "left", 80, unit="cm"),
        ]
    )
    np.testing.assert_allclose(found.of("hip_abd_n").value, [98.0665, 444.82216152605, 100])
    np.testing.assert_allclose(found.of("hip_abd_lever_m").value, [0.8])
    assert found.of("sls_time_s") is None


def test_values_not_done_and_impossible_are_counted(read, rows):
    found, tally = read(
        [
            rows.force("P1", "left", "NA:pain", 1),
            rows.force("P1", "left", 5000, 2),
            rows.force("P1", "left", 100, 3),
        ]
    )
    assert found.of("hip_abd_n").trial.tolist() == [3]
    assert tally.rows() == [
        {"variable": "hip_abd_n", "reason": "not done (NA:pain)", "n": 1},
        {"variable": "hip_abd_n", "reason": "outside the hard range", "n": 1},
    ]


def test_a_correction_needs_its_reason(read, rows):
    good = rows.force("P1", "left", 100)
    typo = {**good, "value": "110", "version": "1"}
    with pytest.raises(UserError, match="give no reason"):
        read([good, typo])
    found, _ = read([{**typo, "correction_reason": "typing error"}, good])
    assert found.of("hip_abd_n").value.tolist() == [110]


def test_the_first_assessor_of_a_side_leads(read, rows):
    found, _ = read(
        [
            rows.force("P1", "left", 100, assessor="B"),
            rows.force("P1", "left", 110, assessor="A"),
            rows.force("P1", "right", 120, assessor="B"),
        ]
    )
    abd = found.of("hip_abd_n")
    assert sorted(abd.value[abd.first].tolist()) == [110, 120]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"test": "hip_forse"}, "no variable has this test"),
        ({"muscle": "na"}, "no variable has this test"),
        ({"unit": "kg"}, "not measured in this unit"),
        ({"value": "strong"}, "no numbers"),
        ({"side": "links"}, "not one of left"),
        ({"trial": "1.5"}, "whole number"),
        ({"visit": "week99"}, "visits that visits does not list"),
        ({"participant_id": "P7"}, "participants does not list"),
    ],
)
def test_what_cannot_be_read_is_named(read, rows, change, said):
    with pytest.raises(UserError) as caught:
        read([rows.force("P1", "left", 100), {**rows.force("P1", "right", 100), **change}])
    assert said in str(caught.value)
    assert "Run gluteal check" in str(caught.value)


def test_optional_columns_may_be_absent(read, rows):
    short = rows.force("P1", "left", 100)
    for column in ("position", "censored", "assessor", "version", "correction_reason"):
        del short[column]
    found, _ = read([short])
    assert found.assessors == ["na"]
    assert found.of("hip_abd_n").value.tolist() == [100]


def test_censored_trials(read, rows):
    found, _ = read(
        [
            rows.measure("P1", "sls_time", 45, unit="s", side="left", censored="right"),
            rows.measure("P1", "sls_time", 20, unit="s", side="right"),
        ]
    )
    assert found.of("sls_time_s").censored.tolist() == [True, False]


def test_trials_know_whether_they_hurt(read, rows):
    said = ("1", "0", "NA:not_asked")
    found, _ = read(
        [rows.force("P1", "left", 100 + k, k + 1, pain_during=one) for k, one in enumerate(said)]
    )
    assert found.of("hip_abd_n").pain.tolist() == [1, 0, UNSAID]
