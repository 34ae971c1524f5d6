import json

import numpy as np
import pandas as pd
import pytest

from gluteal.analyses import dose_response
from gluteal.cohort.derived import Cohort
from gluteal.errors import UserError
from gluteal.frames.completed import attach
from gluteal.frames.pooling import find_tips, pool_headline, pool_rows

HOLES = {"nprs_avg": "hole_y", "hip_abd_nm_kg": "hole_s", "lbp": "hole_l"}


@pytest.fixture(scope="module")
def completed(parity):
    """Five completed data sets as a cohort with gaps and the cells that fill them."""
    every = pd.read_csv(parity / "data" / "pooled.csv")
    first = every[every["m"] == 1].reset_index(drop=True)
    people = first[["id", "sex", "age_years"]].rename(columns={"id": "participant_id"})
    people["lbp"] = pd.array(first["lbp"] == 1, dtype="boolean")
    people.loc[first["hole_l"] == 1, "lbp"] = None
    visits = people[["participant_id"]].assign(visit="baseline")
    for name in ("nprs_avg", "hip_abd_nm_kg"):
        visits[name] = first[name].where(first[HOLES[name]] == 0).astype(float)
    parts = []
    for name, hole in HOLES.items():
        part = every.loc[every[hole] == 1, ["id", "m", name]]
        part = part.rename(columns={"id": "participant_id", name: "value"})
        part["table"] = "people" if name == "lbp" else "visits"
        part["visit"] = "" if name == "lbp" else "baseline"
        parts.append(part.assign(variable=name, value=part["value"].astype(float)))
    sides = pd.DataFrame({"participant_id": [], "visit": [], "side": []})
    return attach(Cohort(people, visits, sides, pd.DataFrame()), pd.concat(parts))


def ask(completed, outcome, family, shift=None):
    spec = dose_response.Spec(
        outcome=outcome,
        exposure="hip_abd_nm_kg",
        adjust=("age_years", "sex"),
        family=family,
        per=0.25,
    )
    names = [outcome, "hip_abd_nm_kg"]
    made = lambda tables: dose_response.headline(tables, spec)  # noqa: E731
    return pool_headline(completed, made, names, 0.95, shift)


@pytest.mark.parametrize(("outcome", "family"), [("nprs_avg", "linear"), ("lbp", "logistic")])
def test_pooled_headlines_equal_mice(completed, parity, outcome, family):
    want = json.loads((parity / "pooled.json").read_text())[family]
    pooled = ask(completed, outcome, family)
    row = pooled.row()
    for key in ("estimate", "se", "df", "low", "high", "p"):
        assert row[key] == pytest.approx(want[key], rel=1e-7), key
    assert pooled.found.fmi == pytest.approx(want["fmi"], rel=1e-7)
    assert (row["n_obs"], row["m"], row["converged"]) == (60, 5, True)
    assert row["missing_method"] == "multiple imputation"
    assert "Rubin" in row["se_type"]


def test_one_failed_imputation_is_never_hidden(completed):
    calls = iter(range(5))

    def headline(tables):
        if next(calls) == 2:
            raise UserError("separated")
        return {"estimate": 1.0, "se": 0.1, "df": 20.0, "scale": "difference", "n_obs": 60}

    row = pool_headline(completed, headline, ["nprs_avg"], 0.95).row()
    assert row["converged"] is False
    assert "1 of 5 imputations failed" in row["warnings"] and "separated" in row["warnings"]
    assert row["estimate"] == 1.0


def test_no_imputation_that_fits_gives_no_number(completed):
    def headline(tables):
        return {"estimate": 1.0, "se": 0.1, "converged": False, "warnings": "no maximum"}

    row = pool_headline(completed, headline, ["nprs_avg"], 0.95).row()
    assert row["converged"] is False and np.isnan(row["estimate"])
    assert "5 of 5" in row["warnings"]


def test_a_shift_moves_the_imputed_outcome_alone(completed):
    plain, moved = (ask(completed, "nprs_avg", "linear", s) for s in (None, ("nprs_avg", 2.0)))
    assert plain.row()["estimate"] != moved.row()["estimate"]
    again = ask(completed, "nprs_avg", "linear", ("nprs_avg", 0.0))
    assert again.row()["estimate"] == plain.row()["estimate"]


def test_a_unit_change_changes_a_pooled_difference_by_it():
    rows = [{"estimate": e, "se": 0.2, "df": 30.0, "scale": "difference"} for e in (1, 1.2, 0.9)]
    ten = [row | {"estimate": 10 * row["estimate"], "se": 2.0} for row in rows]
    one, other = pool_rows(rows, 0.95).estimate, pool_rows(ten, 0.95).estimate
    assert other.low == pytest.approx(10 * one.low) and other.df == pytest.approx(one.df)


def test_ratios_are_pooled_on_the_log_scale():
    rows = [
        {"estimate": r, "se": 0.1, "se_type": "HC3, log scale", "scale": "ratio", "df": None}
        for r in (2.0, 0.5)
    ]
    found = pool_rows(rows, 0.95).estimate
    assert found.estimate == pytest.approx(1.0)
    assert found.low == pytest.approx(1 / found.high)


def test_tips_of_ratios_are_against_one():
    rows = [
        {"low": 1.1, "high": 2.0, "scale": "ratio"},
        {"low": 1 / 1.1, "high": 1.8, "scale": "ratio"},
    ]
    assert find_tips([0.0, 1.0], rows) == pytest.approx([0.5])
    assert find_tips([0.0, 1.0], [rows[0], rows[0]]) == []
