"""Table 1 against R, its display, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses.table_one import Spec, fit, needs
from gluteal.cohort.derived import Cohort, typed
from gluteal.errors import UserError
from gluteal.estimates import tabulate

NUMBERS = ("age_years", "bmi_kg_m2", "phq9", "leg_length_diff_mm")
LEVELS = ("sex", "occ_lifting", "prior_lbp")


def make_cohort(people: pd.DataFrame) -> Cohort:
    keys = pd.DataFrame({"participant_id": people["participant_id"], "visit": "baseline"})
    sides = keys.iloc[:0].assign(side=pd.Series(dtype="str"))
    return Cohort(typed(people), keys, sides, sides)


@pytest.fixture(scope="module")
def people(parity) -> pd.DataFrame:
    frame = pd.read_csv(parity / "data" / "table_one.csv", dtype={"occ_lifting": "str"})
    frame["occ_lifting"] = frame["occ_lifting"].str[:1]
    return frame


@pytest.fixture(scope="module")
def cohort(people) -> Cohort:
    return make_cohort(people)


@pytest.fixture(scope="module")
def answers(parity):
    return json.loads((parity / "table_one.json").read_text())


SPEC = Spec(by="lbp", variables=(*NUMBERS, *LEVELS))


def test_summaries_and_differences_equal_r(cohort, answers):
    found = fit(cohort, SPEC)
    assert [e["outcome"] for e in found.estimates] == [*NUMBERS, *LEVELS]
    for estimate in found.estimates:
        expected = answers["lbp"][estimate["outcome"]]
        for ours, theirs in (("estimate", "smd"), ("se", "se"), ("low", "low"), ("high", "high")):
            assert estimate[ours] == pytest.approx(expected[theirs], rel=1e-9), estimate["outcome"]
        assert estimate["n_people"] == expected["n"]
        assert estimate["n_missing"] == expected["missing"]
    summary = pd.DataFrame(found.panels["summary"])
    for name in NUMBERS:
        lines = summary[summary["variable"] == name].reset_index()
        for i, group in enumerate(answers["lbp"][name]["groups"]):
            for key, value in group.items():
                assert lines[key][i] == pytest.approx(value, rel=1e-9), (name, i, key)
    for name in LEVELS:
        lines = summary[(summary["variable"] == name) & (summary["group"] == "low back pain")]
        percent = (100 * lines["n"] / lines["n_known"]).tolist()
        assert percent == pytest.approx(answers["lbp"][name]["percent"], rel=1e-9)


def test_three_groups_are_compared_with_the_first(cohort, answers):
    found = fit(cohort, Spec(by="diagnosis", variables=(*NUMBERS, *LEVELS)))
    labels = {"disc_hernia": "disc hernia", "spondylolisthesis": "spondylolisthesis"}
    for key, label in labels.items():
        mine = {e["outcome"]: e for e in found.estimates if e["contrast"].startswith(label)}
        assert set(mine) == set(answers["diagnosis"][key])
        for name, expected in answers["diagnosis"][key].items():
            assert mine[name]["estimate"] == pytest.approx(expected["smd"], rel=1e-9)
            assert mine[name]["n_obs"] == expected["n"]
    row = found.tables["table_one"][0]
    assert "SMD, disc hernia" in row
    assert "SMD, spondylolisthesis" in row


def test_the_table_reads_as_a_table_one(cohort, people):
    rows = fit(cohort, SPEC).tables["table_one"]
    heads = list(rows[0])
    sizes = people["lbp"].value_counts()
    assert heads == [
        "Variable",
        f"No low back pain (n = {sizes[0]})",
        f"Low back pain (n = {sizes[1]})",
        "All (n = 160)",
        "SMD",
        "Missing",
    ]
    by_name = {row["Variable"]: row for row in rows}
    age = by_name["Age (years), mean (SD)"]
    mean, sd = people["age_years"].mean(), people["age_years"].std()
    assert age["All (n = 160)"] == f"{mean:.1f} ({sd:.1f})"
    assert age["Missing"] == "9"
    # Skewed: the median stands below the mean.
    place = [row["Variable"] for row in rows].index("Leg-length difference (mm), mean (SD)")
    assert rows[place + 1]["Variable"] == "\u2003median [IQR]"
    assert rows[place + 1]["SMD"] == ""
    assert "Previous low back pain, n (%)" in by_name  # one line for yes or no
    assert by_name["Sex, n (%)"][heads[1]] == ""
    women = (people[people["lbp"] == 1]["sex"] == "f").sum()
    known = people[people["lbp"] == 1]["sex"].notna().sum()
    assert by_name["\u2003female"][heads[2]] == f"{women} ({100 * women / known:.1f})"
    assert not any(key.lower() == "p" or "p value" in key.lower() for key in heads)


def test_estimates_carry_no_p_and_fit_the_fixed_columns(cohort):
    table = tabulate(fit(cohort, SPEC), "t1", SPEC, "d", "c")
    assert table["p"].isna().all()
    assert set(table["scale"]) == {"smd"}
    assert set(table["role"]) == {"exploratory"}
    assert table["level"].eq(0.95).all()


def test_rows_of_people_may_come_in_any_order(people, cohort):
    shuffled = fit(make_cohort(people.sample(frac=1, random_state=1)), SPEC)
    straight = fit(cohort, SPEC)
    assert shuffled.tables == straight.tables
    assert [e["estimate"] for e in shuffled.estimates] == pytest.approx(
        [e["estimate"] for e in straight.estimates]
    )


def test_people_without_a_group_are_left_out_and_counted(people):
    less = people.assign(lbp=people["lbp"].where(people.index >= 7).astype("Int64"))
    found = fit(make_cohort(less), SPEC)
    line = next(d for d in found.diagnostics if d["name"] == "people without a group")
    assert (line["value"], line["ok"]) == (7, False)
    assert "All (n = 153)" in found.tables["table_one"][0]
    dropped = fit(make_cohort(people[7:]), SPEC)
    assert dropped.tables == found.tables


def test_small_counts_are_hidden_with_their_complement(people):
    few = people.copy()
    few["prior_lbp"] = 0
    few.loc[few.index[few["lbp"] == 1][:3], "prior_lbp"] = 1
    few.loc[few.index[few["lbp"] == 0][:9], "prior_lbp"] = 1
    row = fit(make_cohort(few), Spec(by="lbp", variables=("prior_lbp",))).tables["table_one"][0]
    cells = [value for key, value in row.items() if "n =" in key]
    assert cells[1] == "<5"
    assert sum(cell in ("<5", "hidden") for cell in cells) >= 2
    summary = fit(make_cohort(few), Spec(by="lbp", variables=("prior_lbp",))).panels["summary"]
    assert not [line for line in summary if line["n"] == 3]


def test_a_small_group_is_not_described(people):
    few = pd.concat([people[people["lbp"] == 0], people[people["lbp"] == 1][:3]])
    found = fit(make_cohort(few), SPEC)
    row = found.tables["table_one"][0]
    heads = list(row)
    assert heads[2] == "Low back pain (n < 5)"
    assert row[heads[2]] == row[heads[3]] == "–"
    assert heads[3] == "All (n hidden)"
    assert row[heads[1]] != "–"
    groups = {line["group"] for line in found.panels["summary"] if line["variable"] == "age_years"}
    assert groups == {"no low back pain"}


def test_what_the_cohort_lacks(people):
    lacking = make_cohort(people.drop(columns="lbp"))
    assert fit(lacking, SPEC).needs == ["lbp"]
    bare = make_cohort(people[["participant_id", "lbp"]])
    assert set(fit(bare, SPEC).needs) == {*NUMBERS, *LEVELS}
    some = fit(make_cohort(people.drop(columns="sex").assign(phq9=np.nan)), SPEC)
    line = next(d for d in some.diagnostics if d["name"] == "rows left out")
    assert line["value"] == 2
    assert "PHQ-9 and Sex" in line["meaning"]
    assert len(some.estimates) == len(NUMBERS) + len(LEVELS) - 2


def test_differences_that_do_not_exist_are_named(people):
    flat = people.assign(age_years=40.0 + people["lbp"])
    found = fit(make_cohort(flat), SPEC)
    assert np.isnan(found.estimates[0]["estimate"])
    line = next(d for d in found.diagnostics if d["name"] == "undefined differences")
    assert line["ok"] is False
    assert "Age" in line["meaning"]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ({"lbp": 1}, "column lbp: has only one level here: low back pain"),
        ({"lbp": 0}, "column lbp: has only one level here: no low back pain"),
    ],
)
def test_one_level_is_refused(people, spoil, words):
    with pytest.raises(UserError, match=words):
        fit(make_cohort(people.assign(**spoil)), SPEC)


def test_one_person_is_refused(people):
    with pytest.raises(UserError, match="column lbp: has only one level"):
        fit(make_cohort(people[:1]), SPEC)


def test_grouping_by_a_number_is_refused(cohort):
    with pytest.raises(UserError, match="column age_years: cannot group people"):
        fit(cohort, Spec(by="age_years", variables=("sex",)))


def test_a_visit_without_values_is_named(cohort):
    visits = cohort.visits.assign(nprs_avg=5.0)
    other = Cohort(cohort.people, visits, cohort.sides, cohort.trials)
    with pytest.raises(UserError, match="Look at visit week12"):
        fit(other, Spec(by="lbp", variables=("nprs_avg",), visit="week12"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"variables": ("sex", "lbp")}, "lbp is the grouping variable"),
        ({"variables": ("sex", "sex")}, "sex stands twice"),
        ({"variables": ()}, "at least 1"),
        ({"variables": ("sex",), "medians": ("age_years",)}, "it is no row"),
        ({"variables": ("sex",), "p_values": True}, "Extra inputs"),
    ],
)
def test_settings_that_make_no_table(settings, words):
    with pytest.raises(ValidationError, match=words):
        Spec(by="lbp", **settings)


def test_it_says_what_it_needs():
    assert needs(Spec(by="lbp", variables=("sex", "phq9"))) == ("lbp", "sex", "phq9")
