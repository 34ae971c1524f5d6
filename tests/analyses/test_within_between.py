import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses import within_between as method
from gluteal.cohort.derive import derive
from gluteal.cohort.package import read_package
from gluteal.errors import UserError
from gluteal.estimates import tabulate
from gluteal.simulate import simulate

WEEKS = {"baseline": 0.0, "week04": 4.0, "week08": 8.0, "week12": 12.0}
ADJUST = ("sex", "age_years")


@pytest.fixture
def weekly(small):
    """The cohort that R fitted, with the weeks of its visits."""
    small.visits["week_nominal"] = small.visits["visit"].map(WEEKS)
    return small


@pytest.fixture(scope="module")
def treated(tmp_path_factory):
    """Cases and controls; cases have an arm."""
    folder = tmp_path_factory.mktemp("treated") / "package"
    simulate(folder, 500, 5, "evidence", form="parquet", design="full")
    return derive(read_package(folder), {})


def spec(**more):
    given = {"outcome": "nprs_avg", "exposure": "hip_abd_nm_kg", "adjust": ADJUST, "per": 1.0}
    return method.Spec(**(given | more))


def by_model(rows, model):
    return next(row for row in rows if row["model"] == model)


def test_every_number_equals_r(weekly, answers, same_numbers):
    want = answers("within_between")
    rows = method.fit(weekly, spec()).estimates
    assert rows[0]["n_obs"] == want["rows"]
    for model, key in {
        "within people": "within", "between people": "between", "contextual": "contextual",
        "cluster-robust errors": "robust", "a slope of each person's own": "slope",
        "every person as a fixed effect": "fixed", "first differences": "differences",
        "exposure as it is (pooled slope)": "pooled", "exposure of the visit before": "lagged",
        "without arm, dose and covariates": "crude",
    }.items():  # fmt: skip
        same_numbers(by_model(rows, model), want[key], 1e-5 if key == "slope" else 1e-6)
    assert by_model(rows, "exposure of the visit before")["n_obs"] == want["rows_lagged"]


@pytest.mark.parametrize("term", ["within", "between", "contextual"])
@pytest.mark.parametrize("lag", [0, 1])
def test_the_headline_is_the_first_estimate(weekly, term, lag):
    asked = spec(term=term, lag=lag, role="primary")
    found = method.fit(weekly, asked)
    assert method.headline(weekly, asked) == found.estimates[0]
    assert found.estimates[0]["term"] == term
    assert ("lag" in found.estimates[0]["estimand"]) == bool(lag)
    table = tabulate(found, "a", asked, "d", "c")
    assert table["role"].iloc[0] == "primary"
    assert table["threat"].iloc[0] == "adjusted"
    others = {row["model"] for row in found.estimates}
    assert ("exposure of the same visit" in others) == bool(lag)
    if term != "within":
        assert "corrected for the few visits of a mean" in others


def test_the_pooled_slope_is_a_warning_only(weekly):
    row = by_model(method.fit(weekly, spec()).estimates, "exposure as it is (pooled slope)")
    assert row["role"] == "exploratory"
    assert "neither" in row["warnings"]
    assert row["term"] == "pooled"


def test_a_lagged_slope_says_that_feedback_biases_it(weekly):
    found = method.fit(weekly, spec(lag=1))
    assert "cross_lagged" in found.estimates[0]["warnings"]
    assert found.estimates[0]["contrast"].endswith("at the visit 4 weeks before")
    assert {row["name"]: row["ok"] for row in found.diagnostics}["feedback"] is False


def test_arm_and_dose_have_a_course_of_their_own(treated):
    cases = treated.only({"lbp": ("1",)})
    found = method.fit(cases, spec(per="auto"))
    assert found.estimates[0]["adjusted_for"] == (
        "visit; sex=m; age_years; arm=programme; adherence"
    )
    assert found.estimates[0]["contrast"] == "per 0.1 Nm/kg more at the same visit"
    alone = by_model(found.estimates, "people without the programme")
    assert alone["n_people"] == int((cases.people["arm"] == "control").sum())
    assert "arm and adherence" in " ".join(found.sentences)
    mended = by_model(found.estimates, "corrected for the error of the score")
    assert abs(mended["estimate"]) > abs(found.estimates[0]["estimate"])
    assert mended["se"] > found.estimates[0]["se"]
    assert mended["threat"] == "exposure error"


def test_people_without_an_arm_stay_in(treated):
    row = method.headline(treated, spec())
    assert row["n_people"] > 480
    assert "arm=none" in row["adjusted_for"]


def test_ordinal_rows_are_odds_ratios(treated):
    row = by_model(method.fit(treated.only({"lbp": ("1",)}), spec()).estimates,
                   "ordinal mixed model")  # fmt: skip
    assert row["scale"] == "ratio"
    assert row["low"] < row["estimate"] < row["high"]
    assert row["estimate"] > 0


def test_amounts(weekly):
    one = method.headline(weekly, spec())
    tenth = method.headline(weekly, spec(per=-0.1))
    assert tenth["estimate"] == pytest.approx(-one["estimate"] / 10)
    assert "SD within people" in method.headline(weekly, spec(per="sd"))["contrast"]
    assert (
        "SD between people" in method.headline(weekly, spec(per="sd", term="between"))["contrast"]
    )
    assert method.headline(weekly, spec(per="auto"))["estimate"] == pytest.approx(
        one["estimate"] / 10
    )


def test_a_slope_of_each_persons_own_may_be_the_headline(weekly, answers, same_numbers):
    row = method.headline(weekly, spec(random_slope=True))
    same_numbers(row, answers("within_between")["slope"], 1e-5)


def test_stated_error_is_used(weekly):
    rows = method.fit(weekly, spec(exposure_error=0.1)).estimates
    mended = by_model(rows, "corrected for the error of the score")
    assert mended["estimate"] > rows[0]["estimate"]
    too_much = method.fit(weekly, spec(exposure_error=0.5)).estimates
    row = by_model(too_much, "corrected for the error of the score")
    assert not row["converged"]
    assert "no correction is possible" in row["warnings"]
    none = method.fit(weekly, spec(exposure_error="none")).estimates
    assert "corrected for the error of the score" not in {r["model"] for r in none}


def test_faults_are_named(weekly):
    with pytest.raises(ValidationError, match="same variable"):
        spec(outcome="hip_abd_nm_kg")
    with pytest.raises(ValidationError, match="per"):
        spec(per=0.0)
    with pytest.raises(ValidationError, match="Did you mean 'arm'"):
        spec(by_visit=("arn",))
    assert method.fit(weekly, spec(adjust=("hip_oa",))).needs == ["hip_oa"]
    weekly.visits["hip_abd_nm_kg"] = weekly.visits.groupby("participant_id")[
        "hip_abd_nm_kg"
    ].transform("first")
    with pytest.raises(UserError, match="does not change within people") as caught:
        method.headline(weekly, spec())
    assert caught.value.faults[0].column == "hip_abd_nm_kg"


def test_one_visit_is_not_enough(weekly):
    object.__setattr__(weekly, "visits", weekly.visits.query("visit == 'baseline'"))
    with pytest.raises(UserError, match="2 are needed"):
        method.headline(weekly, spec())


def test_two_visits_give_a_slope_but_no_lag(weekly):
    two = weekly.visits["visit"].isin(["baseline", "week04"])
    object.__setattr__(weekly, "visits", weekly.visits[two].reset_index(drop=True))
    found = method.fit(weekly, spec())
    assert found.estimates[0]["converged"]
    row = by_model(found.estimates, "exposure of the visit before")
    assert not row["converged"]
    assert "3 are needed" in row["warnings"]


def test_what_is_shown_names_nobody(treated):
    found = method.fit(treated, spec())
    assert {row["people"] >= 10 for row in found.panels["within"]} == {True}
    text = str([found.panels, found.tables, found.sentences])
    assert not any(one in text for one in treated.people["participant_id"].head(40))
    words = " ".join(found.sentences).lower()
    assert " causes" not in words
    assert "kenward-roger" in words


def test_units_order_and_shifts_change_nothing(weekly):
    plain = method.headline(weekly, spec())
    weekly.visits["hip_abd_nm_kg"] = 100 * weekly.visits["hip_abd_nm_kg"] - 7
    weekly.visits["nprs_avg"] = weekly.visits["nprs_avg"] + 3
    object.__setattr__(weekly, "visits", weekly.visits.sample(frac=1, random_state=3))
    object.__setattr__(weekly, "people", weekly.people.sample(frac=1, random_state=4))
    again = method.headline(weekly, spec(per=100.0))
    for key in ("estimate", "se", "df", "low", "high", "p"):
        assert again[key] == pytest.approx(plain[key], rel=1e-6)


def test_relabelled_people_change_nothing(weekly):
    plain = method.headline(weekly, spec())
    names = {one: f"Z{k:03d}" for k, one in enumerate(reversed(list(weekly.people.participant_id)))}
    for table in (weekly.people, weekly.visits):
        table["participant_id"] = pd.Series(table["participant_id"]).map(names)
    again = method.headline(weekly, spec())
    np.testing.assert_allclose([again["estimate"], again["se"]], [plain["estimate"], plain["se"]])
