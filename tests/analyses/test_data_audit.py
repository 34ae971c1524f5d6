"""The audit: R's dropout model, what it flags, and what it refuses."""

from __future__ import annotations

import json
from math import exp

import numpy as np
import pandas as pd
import pytest

from gluteal.analyses.data_audit import Spec, fit, needs
from gluteal.cohort.derived import Cohort, typed
from gluteal.errors import UserError
from gluteal.estimates import tabulate


def make_cohort(visits: pd.DataFrame, people: pd.DataFrame | None = None) -> Cohort:
    if people is None:
        people = pd.DataFrame({"participant_id": visits["participant_id"].unique()})
    sides = visits[["participant_id", "visit"]].iloc[:0].assign(side=pd.Series(dtype="str"))
    return Cohort(typed(people), typed(visits), sides, sides)


@pytest.fixture(scope="module")
def visits(parity) -> pd.DataFrame:
    return pd.read_csv(parity / "data" / "dropout.csv")


@pytest.fixture(scope="module")
def answer(parity):
    return json.loads((parity / "dropout.json").read_text())


def test_attendance_and_dropout_equal_r(visits, answer):
    head, dropout = fit(make_cohort(visits), Spec()).estimates
    assert head["estimate"] == pytest.approx(answer["attended"])
    assert (head["low"], head["high"]) == pytest.approx(answer["wilson"], rel=1e-9)
    assert dropout["estimate"] == pytest.approx(exp(answer["coef"][1]), rel=1e-7)
    assert dropout["se"] == pytest.approx(answer["robust_se"][1], rel=1e-6)
    ends = (exp(answer["low"]), exp(answer["high"]))
    assert (dropout["low"], dropout["high"]) == pytest.approx(ends, rel=1e-6)
    assert dropout["scale"] == "ratio"
    assert (dropout["n_obs"], dropout["n_events"]) == (answer["n"], answer["events"])
    assert (dropout["n_people"], dropout["n_missing"]) == (answer["people"], answer["lost"])


def test_estimates_fit_the_fixed_columns(visits):
    found = fit(make_cohort(visits), Spec())
    table = tabulate(found, "audit", Spec(), "d", "c")
    assert len(table) == 2
    assert set(table["role"]) == {"exploratory"}
    assert table["converged"].all()


def named(found, name):
    return next(line for line in found.diagnostics if line["name"] == name)


def test_dropout_that_follows_pain_is_flagged():
    rng = np.random.default_rng(5)
    rows = []
    for i in range(150):
        pain = int(rng.integers(0, 11))
        stays = rng.random() < 1 / (1 + np.exp(0.5 * (pain - 6)))
        rows += [(f"p{i}", "baseline", 0, True, pain), (f"p{i}", "week04", 4, stays, None)]
    columns = ["participant_id", "visit", "week_nominal", "attended", "nprs_avg"]
    table = pd.DataFrame(rows, columns=columns)
    found = fit(make_cohort(table), Spec())
    assert found.estimates[1]["low"] > 1
    line = named(found, "missed visits for the dropout model")
    assert line["ok"] is False
    assert "differs by pain" in line["meaning"]


def test_few_missed_visits_fit_no_model(visits):
    few = visits[visits["participant_id"].isin(visits["participant_id"].unique()[:8])]
    found = fit(make_cohort(few), Spec())
    assert len(found.estimates) == 1
    assert "not fitted" in named(found, "missed visits for the dropout model")["meaning"]
    unscored = fit(make_cohort(visits.assign(nprs_avg=np.nan)), Spec())
    assert "lacks Pain (NPRS)" in named(unscored, "missed visits for the dropout model")["meaning"]


def test_perfect_separation_is_not_reported_as_a_result():
    rows = []
    for i in range(40):
        pain = 8 if i % 2 else 2
        rows += [(f"p{i}", "baseline", 0, True, pain), (f"p{i}", "week04", 4, pain == 2, None)]
    columns = ["participant_id", "visit", "week_nominal", "attended", "nprs_avg"]
    found = fit(make_cohort(pd.DataFrame(rows, columns=columns)), Spec())
    row = tabulate(found, "audit", Spec(), "d", "c").iloc[1]
    assert not row["converged"]
    assert row[["low", "high", "p"]].isna().all()
    assert named(found, "missed visits for the dropout model")["ok"] is not False


def test_a_single_visit_has_a_share_of_values():
    visits = pd.DataFrame({"participant_id": list("abcd"), "visit": "baseline"})
    people = pd.DataFrame({"participant_id": list("abcd"), "sex": ["f", "m", None, "f"]})
    found = fit(make_cohort(visits, people), Spec())
    assert found.estimates[0]["estimate"] == 0.75
    assert found.estimates[0]["n_missing"] == 1
    assert "low" not in found.estimates[0]


def test_floor_above_fifteen_percent_is_flagged(visits):
    floored = visits.assign(nprs_avg=visits["nprs_avg"].where(visits.index % 3 > 0, 0))
    line = named(fit(make_cohort(floored), Spec()), "floor or ceiling")
    assert line["ok"] is False
    assert "Pain (NPRS), average" in line["meaning"]
    fine = named(fit(make_cohort(floored), Spec(edge_share=0.9)), "floor or ceiling")
    assert fine["ok"] is True


def test_the_panel_and_the_tables_name_nobody(visits):
    found = fit(make_cohort(visits), Spec())
    text = json.dumps([found.panels, found.tables, found.diagnostics], default=str)
    assert "P01" not in text
    assert {"missing", "floor_and_ceiling", "core_outcomes"} <= set(found.tables)


def test_rows_may_come_in_any_order(visits):
    straight = fit(make_cohort(visits), Spec())
    mixed = fit(make_cohort(visits.sample(frac=1, random_state=3)), Spec())
    assert mixed.tables == straight.tables
    assert mixed.estimates[1]["estimate"] == pytest.approx(straight.estimates[1]["estimate"])


def test_only_what_was_asked_for(visits):
    found = fit(make_cohort(visits), Spec(variables=("nprs_avg",)))
    assert {row["variable"] for row in found.panels["missing"]} == {"nprs_avg"}
    assert fit(make_cohort(visits), Spec(variables=("phq9",))).needs == ("phq9",)
    assert needs(Spec()) == ()


def test_nothing_to_audit_is_named(visits):
    bare = visits[["participant_id", "visit"]]
    with pytest.raises(UserError, match="no variable has a value"):
        fit(make_cohort(bare), Spec())
    with pytest.raises(UserError, match="there are no people"):
        fit(make_cohort(visits.iloc[:0]), Spec())
    with pytest.raises(UserError, match="column nprs: no such variable"):
        fit(make_cohort(visits), Spec(pain="nprs"))


def test_one_person_is_audited(visits):
    found = fit(make_cohort(visits[visits["participant_id"] == "P01"]), Spec())
    assert found.estimates[0]["n_people"] == 1
