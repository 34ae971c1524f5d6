import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses import pain_trajectories as method
from gluteal.cohort.derive import derive
from gluteal.cohort.derived import Cohort, typed
from gluteal.cohort.package import read_package
from gluteal.errors import UserError
from gluteal.estimates import tabulate
from gluteal.simulate import simulate

LIKE_R = {"adjust": ("age_years",), "classes": 3, "degree": 2, "time": "week"}


def build(rows: pd.DataFrame, people: pd.DataFrame) -> Cohort:
    """Name the columns of trajectories.csv as the dictionary does; x1 is the measure."""
    ids = "P" + people["id"].astype("str").str.zfill(4)
    who = pd.DataFrame({"participant_id": ids, "age_years": people["x2"].astype(float)})
    names = {"time": "week_actual", "pain": "nprs_avg"}
    visits = rows.rename(columns=names).assign(
        participant_id="P" + rows["id"].astype("str").str.zfill(4),
        visit=np.where(rows["time"] == 0, "baseline", "wave" + rows["time"].round().astype("str")),
    )
    visits = visits.merge(people[["id", "x1"]].rename(columns={"x1": "hip_abd_nm_kg"}), on="id")
    none = pd.DataFrame({"participant_id": [], "visit": [], "side": []})
    return Cohort(typed(who), typed(visits.drop(columns="id")), none, none)


@pytest.fixture(scope="module")
def tables(parity):
    names = ("trajectories", "trajectory_people")
    return [pd.read_csv(parity / "data" / f"{name}.csv") for name in names]


@pytest.fixture
def cohort(tables):
    return build(*tables)


def spec(**more):
    given = {"outcome": "nprs_avg", "exposure": "hip_abd_nm_kg", "adjust": (), "starts": 20}
    return method.Spec(**(given | more))


def test_classes_and_odds_equal_r(cohort, answers, tables):
    want = answers("trajectories")["steps"]
    found = method.fit(cohort, spec(**LIKE_R))
    sd = tables[1]["x1"].std(ddof=1)
    for row, place, name in (
        (found.estimates[0], 4, "ml"),
        (found.estimates[1], 1, "ml"),
        (next(r for r in found.estimates if "weights" in r["model"]), 4, "bch"),
    ):
        coef, sandwich = want[name]["coef"][place], want[name]["sandwich"][place]
        assert row["estimate"] == pytest.approx(np.exp(coef * sd), rel=1e-6)
        # The engine adds what is not known of the classes themselves: a little above R's sandwich.
        assert sandwich * sd <= row["se"] < 1.03 * sandwich * sd
    assert "per SD" in found.estimates[0]["contrast"]


def test_the_headline_is_the_first_estimate(cohort):
    for more in ({}, LIKE_R):
        assert (
            method.headline(cohort, spec(**more)) == method.fit(cohort, spec(**more)).estimates[0]
        )


def test_it_stays_exploratory_and_a_summary(cohort):
    found = method.fit(cohort, spec())
    table = tabulate(found, "a", spec(), "d", "c")
    assert table["role"].iloc[0] == "exploratory"
    assert table["threat"].iloc[0] == "crude"
    assert any("not types" in text for text in found.sentences)
    assert len(found.tables["classes"]) == int(found.estimates[0]["term"].split(" ")[-1])
    words = " ".join(str(row["estimand"]) for row in found.estimates)
    assert not any(word in words for word in ("effect", "later", "lag", "hazard", "incident"))


def test_neighbouring_numbers_of_classes_stand_beside_it(cohort):
    found = method.fit(cohort, spec(**LIKE_R, most=4))
    models = {row["model"]: row for row in found.estimates}
    assert {"2 classes", "4 classes", "crude", "course 2"} <= set(models)
    assert models["crude"]["adjusted_for"] == ""
    assert models["2 classes"]["term"] == "class 2 of 2"


def test_one_course_gives_no_odds(cohort):
    found = method.fit(cohort, spec(classes=1))
    assert len(found.estimates) == 1
    table = tabulate(found, "a", spec(), "d", "c")
    assert not table["converged"].iloc[0]
    assert np.isnan(table["estimate"].iloc[0])
    assert "one course" in table["warnings"].iloc[0]


def test_fewer_than_four_visits_are_no_course(tables):
    rows, people = tables
    found = method.fit(build(rows[rows["time"] < 2.5], people), spec())
    assert list(found.needs) == ["nprs_avg at four visits or more"]
    assert not found.estimates
    cohort = build(rows, people)
    cohort.visits["hip_abd_nm_kg"] = np.nan
    assert list(method.fit(cohort, spec()).needs) == ["hip_abd_nm_kg"]


def test_order_names_and_units_do_not_matter(cohort, tables):
    rows, people = tables
    one = method.headline(cohort, spec(**LIKE_R))
    turned = build(rows.sample(frac=1, random_state=3), people.sample(frac=1, random_state=4))
    assert method.headline(turned, spec(**LIKE_R))["estimate"] == pytest.approx(
        one["estimate"], rel=1e-5
    )
    scaled = build(rows.assign(pain=3 + 2 * rows["pain"]), people.assign(x1=10 * people["x1"]))
    two = method.headline(scaled, spec(**LIKE_R))
    assert two["estimate"] == pytest.approx(one["estimate"], rel=1e-5)
    assert two["se"] == pytest.approx(one["se"], rel=1e-4)


def test_the_simulated_cohort_is_a_continuum(tmp_path):
    simulate(tmp_path, 500, 5, "null", form="parquet", design="programme")
    cohort = derive(read_package(tmp_path))
    found = method.fit(cohort, spec(adjust=("age_years", "sex", "phq9")))
    row = found.estimates[0]
    assert row["low"] < 1 < row["high"]  # strength and pain are unrelated in this world
    flags = {d["name"]: d["ok"] for d in found.diagnostics}
    assert flags["classes against a continuum"] is False
    assert found.panels["courses"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"exposure": "sex"}, "number"),
        ({"outcome": "psfs_0_10"}, "more is worse"),
        ({"outcome": "hip_ext_nm_kg"}, "more is worse"),
        ({"adjust": ("nprs_avg",)}, "explain"),
        ({"most": 0}, "most"),
    ],
)
def test_settings_that_mislead_are_refused(more, words):
    with pytest.raises(ValidationError, match=words):
        spec(**more)


def test_degenerate_data_are_named(tables):
    rows, people = tables
    with pytest.raises(UserError):
        method.fit(build(rows.assign(pain=4.0), people), spec())
    with pytest.raises(UserError, match="hip_abd_nm_kg"):
        method.fit(build(rows, people.assign(x1=1.0)), spec())
    few = people.head(4)
    with pytest.raises(UserError, match="4 people"):
        method.fit(build(rows[rows["id"].isin(few["id"])], few), spec())
