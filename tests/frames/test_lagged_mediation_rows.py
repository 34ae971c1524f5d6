from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort
from gluteal.estimates import COLUMNS, THREATS
from gluteal.frames.lagged_mediation_rows import ATTENUATED, FREE, Settings, Traced
from gluteal.frames.score_error import NOTHING, stated_error

PAIR = ("hip_abd_nm_kg", "nprs_avg")
WEEKS = {"baseline": 0.0, "week04": 4.0, "week08": 8.0, "week12": 12.0}
ASKED = Settings(PAIR, (), "baseline", None, 0.95, 1)


@pytest.fixture(scope="module")
def cohort(parity):
    long = pd.read_csv(parity / "data" / "lagged_programme.csv")
    first = long[long["visit"] == "baseline"].rename(columns={"id": "participant_id"})
    people = first[["participant_id", "arm", "adherence", "age_years"]].reset_index(drop=True)
    people["arm"] = pd.Categorical(people["arm"], ["control", "programme"])
    visits = long.rename(
        columns={"id": "participant_id", "torque": "hip_abd_nm_kg", "nprs": "nprs_avg"}
    )
    visits = visits.drop(columns=["arm", "adherence", "age_years"])
    visits["week_nominal"] = visits["visit"].map(WEEKS)
    none = pd.DataFrame({"participant_id": [], "visit": [], "side": []})
    return Cohort(people, visits, none, none)


@pytest.fixture(scope="module")
def made(cohort):
    errors = stated_error(PAIR[0], 0.05), stated_error(PAIR[1], 0.3)
    return Traced(cohort, ASKED, errors)


@pytest.fixture(scope="module")
def others(made):
    return list(made.otherwise())


def test_rows_keep_to_the_columns(made, others):
    rows = [made.first(), *made.beside(), *others]
    for row in rows:
        assert set(row) <= set(COLUMNS)
        assert row.get("threat") in (None, *THREATS)
    names = [row["model"] for row in rows]
    assert len(names) == len(set(names))
    assert rows[0]["threat"] == "adjusted"
    assert "role" not in rows[0]
    assert all(row["role"] != "primary" for row in rows[1:])


def test_the_headline_says_where_its_numbers_come_from(made):
    row = made.first()
    assert (row["exposure"], row["term"], row["outcome"]) == ("arm", *PAIR)
    assert row["estimand"].startswith("indirect")
    assert row["n_people"] == 260
    assert row["n_obs"] + row["n_missing"] == 260 * 8
    assert row["low"] < row["estimate"] < row["high"]


def test_the_direct_part_has_the_error_of_both(made):
    """The total and the indirect part come from the same people."""
    parts = made.parts
    plain = np.hypot(made.plain(made.total).se, parts["indirect"].se)
    assert parts["direct"].se == pytest.approx(plain, rel=0.2)
    assert parts["direct"].se != pytest.approx(plain, rel=1e-4)


def test_other_models_stand_beside_it_under_their_names(made, others):
    rows = {row["model"]: row for row in others}
    assert FREE in rows
    assert "observed scores (attenuated)" in rows
    assert not any(name.startswith("traditional") for name in rows)
    complete = rows["people seen at every visit"]
    assert complete["threat"] == "exclusion"
    assert complete["n_people"] < 260
    once = rows["one regression on the mediator at week08"]
    assert once["role"] == "exploratory"
    assert once["warnings"] == ATTENUATED
    assert abs(once["estimate"]) < abs(made.first()["estimate"])


def test_the_path_that_would_carry_all_makes_the_direct_part_nothing(made):
    needed, path = made.parts["needed"].estimate, made.main.path("c").estimate
    assert made.parts["indirect"].estimate * needed / path == pytest.approx(made.total.value)


def test_a_wider_level_is_wider(cohort, made):
    wide = Traced(cohort, replace(ASKED, level=0.99), made.errors).first()
    assert wide["low"] < made.first()["low"]
    assert wide["level"] == 0.99


def test_scores_without_error_are_called_observed(cohort):
    row = Traced(cohort, ASKED, (NOTHING, NOTHING)).first()
    assert row["model"] == "lagged products, as observed"


def test_the_table_shows_no_interval_of_what_did_not_converge(made):
    rows = [made.first() | {"converged": False}, *made.beside()]
    table = made.table(rows)
    assert table[0]["Estimate"] == "did not converge"
    assert "[" in table[1]["Estimate"]
