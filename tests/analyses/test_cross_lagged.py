import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses import cross_lagged as method
from gluteal.cohort.derive import derive
from gluteal.cohort.derived import Cohort
from gluteal.cohort.package import read_package
from gluteal.errors import UserError
from gluteal.estimates import tabulate
from gluteal.simulate import simulate

WEEKS = {"baseline": 0.0, "week04": 4.0, "week08": 8.0, "week12": 12.0}
KNOWN = {"exposure": 0.05, "outcome": 0.3}


@pytest.fixture
def weekly(small):
    """The cohort that R fitted, with the weeks of its visits."""
    small.visits["week_nominal"] = small.visits["visit"].map(WEEKS)
    return small


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """People with pain whom nobody treats, through every step."""
    folder = tmp_path_factory.mktemp("followed") / "package"
    simulate(folder, 1200, 4, "evidence", form="parquet", design="repeated")
    return derive(read_package(folder), {})


@pytest.fixture(scope="module")
def treated(tmp_path_factory):
    """Cases and controls; cases have an arm."""
    folder = tmp_path_factory.mktemp("treated") / "package"
    simulate(folder, 900, 5, "evidence", form="parquet", design="full")
    return derive(read_package(folder), {}).only({"lbp": ("1",)})


def spec(**more):
    given = {"outcome": "nprs_avg", "exposure": "hip_abd_nm_kg", "role": "primary"}
    return method.Spec(**(given | more))


def by_model(rows, model):
    return [row for row in rows if row["model"] == model]


def test_every_number_equals_lavaan(weekly, answers, same_numbers):
    want = answers("cross_lagged")
    found = method.fit(weekly, spec(errors=KNOWN, adjust=("sex",), per=1.0))
    corrected = want["error_corrected"]
    rows = found.estimates
    assert [row["model"] for row in rows[:4]] == ["error-corrected"] * 2 + [
        "error-corrected: carry-over"] * 2  # fmt: skip
    for row, key in zip(rows, ("c", "b"), strict=False):
        same_numbers(row, corrected[key], 1e-6)
    assert rows[2]["estimate"] == pytest.approx(corrected["a"]["estimate"], rel=1e-6)
    assert rows[3]["estimate"] == pytest.approx(corrected["d"]["estimate"], rel=1e-6)
    for row, key in zip(rows[4:6], ("std_c", "std_b"), strict=True):
        assert row["estimate"] == pytest.approx(corrected[key]["estimate"], rel=1e-6)
        assert row["se"] == pytest.approx(corrected[key]["se"], rel=1e-6)
    for model, key in (("observed scores (attenuated)", "observed"),
                       ("traditional cross-lagged panel model", "traditional")):  # fmt: skip
        for row, arrow in zip(by_model(rows, model), "cb", strict=True):
            same_numbers(row, want[key][arrow], 1e-6)
    same_numbers(by_model(rows, "mean of free lags")[0], want["free"], 1e-6)
    same_numbers(by_model(rows, "without arm, dose and covariates")[0], want["crude"], 1e-6)
    checks = {row["name"]: row["value"] for row in found.diagnostics}
    assert checks["model fit, p (17 df)"] == pytest.approx(want["fit"]["pvalue.scaled"], rel=1e-5)
    assert checks["equal lags, p (8 df)"] == pytest.approx(want["equal_p"], rel=1e-4)
    assert checks["SRMR"] == pytest.approx(want["fit"]["srmr"], rel=1e-2)
    assert checks["RMSEA"] == pytest.approx(want["fit"]["rmsea.robust"], rel=1e-4)


def test_the_headline_is_the_first_estimate(followed):
    found = method.fit(followed, spec())
    assert method.headline(followed, spec()) == found.estimates[0]
    table = tabulate(found, "a", spec(), "d", "c")
    assert table["role"].iloc[0] == "primary"
    assert table["threat"].iloc[0] == "adjusted"
    assert table["estimand"].iloc[0].startswith("lagged")


def test_the_truth_lies_within_the_interval(followed):
    rows = method.fit(followed, spec()).estimates
    strength, pain = rows[:2]
    assert strength["contrast"] == "per 0.1 Nm/kg more at the visit 4 weeks before"
    assert abs(strength["estimate"] + 0.09) < 3 * strength["se"]
    assert abs(pain["estimate"] + 0.010) < 3 * pain["se"]
    assert pain["contrast"].startswith("per 1 point")
    observed = by_model(rows, "observed scores (attenuated)")[0]
    assert observed["se"] < strength["se"]


def test_turning_the_question_turns_the_paths(followed):
    one = method.fit(followed, spec()).estimates[1]
    two = method.headline(followed, spec(exposure="nprs_avg", outcome="hip_abd_nm_kg"))
    for key in ("estimate", "se", "low", "high", "p"):
        assert two[key] == pytest.approx(one[key], rel=1e-5)
    assert two["unit"] == "Nm/kg"


def test_only_equally_spaced_visits_share_a_coefficient(followed):
    every = ("baseline", "week04", "week08", "week12", "week26")
    with pytest.raises(UserError, match="4, 4, 4, 14 weeks"):
        method.headline(followed, spec(visits=every))
    free = method.headline(followed, spec(visits=every, lags_equal=False))
    assert free["contrast"].endswith("4 weeks before")
    row = next(
        r for r in method.fit(followed, spec()).estimates if "0, 4, 8, 12 and 26" in r["model"]
    )
    assert row["converged"]
    assert row["n_obs"] > method.headline(followed, spec())["n_obs"]


def test_the_arm_is_taken_out_by_itself(treated):
    rows = method.fit(treated, spec()).estimates
    assert rows[0]["adjusted_for"] == "arm=programme; adherence"
    without = by_model(rows, "without arm, dose and covariates")[0]
    assert without["threat"] == "crude"
    assert without["adjusted_for"] == ""
    alone = by_model(rows, "people without the programme")[0]
    assert alone["n_people"] < rows[0]["n_people"]
    bare = method.headline(treated, spec(by_visit=()))
    assert bare["estimate"] == pytest.approx(without["estimate"], rel=1e-6)


def test_error_is_estimated_stated_or_ignored(followed):
    estimated = method.fit(followed, spec())
    none = method.fit(followed, spec(errors="none"))
    assert none.estimates[0]["model"] == "as observed"
    assert not by_model(none.estimates, "observed scores (attenuated)")
    observed = by_model(estimated.estimates, "observed scores (attenuated)")[0]
    assert observed["estimate"] == pytest.approx(none.estimates[0]["estimate"], rel=1e-6)
    limits = [row for row in estimated.estimates if row.get("threat") == "exposure error"]
    assert len(limits) == 3
    flagged = {row["name"]: row["ok"] for row in none.diagnostics}
    assert flagged["error of a score: Hip abduction torque per body mass"] is False


def test_the_traditional_model_is_a_warning_only(followed):
    rows = by_model(method.fit(followed, spec()).estimates, "traditional cross-lagged panel model")
    assert [row["role"] for row in rows] == ["exploratory"] * 2
    assert all("stable differences" in row["warnings"] for row in rows)


def test_too_much_error_does_not_look_like_a_result(followed):
    found = method.fit(followed, spec(errors={"exposure": 0.3}))
    table = tabulate(found, "a", spec(), "d", "c")
    assert not table["converged"].iloc[0]
    assert np.isnan(table["low"].iloc[0])
    assert "negative variance" in table["warnings"].iloc[0]
    assert found.panels == {}


def test_a_model_that_cannot_be_fitted_stops_nothing(weekly):
    weekly.visits.loc[weekly.visits["visit"] == "baseline", "nprs_avg"] = np.nan
    weekly.visits.loc[:5, "nprs_avg"] = [3.0, 4.0, 5.0, 6.0, 2.0, 1.0]
    first = weekly.visits["visit"] == "baseline"
    at = weekly.visits.index[first][:12]
    weekly.visits.loc[at, "nprs_avg"] = np.arange(12.0) % 9
    found = method.fit(weekly, spec(errors=KNOWN))
    row = by_model(found.estimates, "people seen at every visit")[0]
    assert not row["converged"]
    assert row["warnings"]


def test_what_the_cohort_lacks_is_said(weekly):
    assert method.fit(weekly, spec(outcome="odi_pct")).needs == ["odi_pct"]
    assert method.needs(spec(adjust="dag")) == ("nprs_avg", "hip_abd_nm_kg")


def test_faults_are_named(weekly):
    with pytest.raises(UserError, match="3 are needed"):
        one = weekly.visits[weekly.visits["visit"] == "baseline"]
        method.headline(Cohort(weekly.people, one, weekly.sides, pd.DataFrame()), spec())
    with pytest.raises(UserError) as caught:
        method.headline(weekly, spec(outcome="med_analgesic_24h", visits=("baseline", "week40")))
    assert caught.value.faults[0].column == "visits"
    few = Cohort(weekly.people.head(6), weekly.visits, weekly.sides, weekly.trials)
    with pytest.raises(UserError):
        method.headline(few, spec())


def test_settings_are_checked():
    with pytest.raises(ValidationError, match="same variable"):
        spec(outcome="hip_abd_nm_kg")
    with pytest.raises(ValidationError, match="per"):
        spec(per=0.0)
    with pytest.raises(ValidationError, match="Did you mean 'arm'"):
        spec(by_visit=("arn",))
    with pytest.raises(ValidationError):
        spec(errors={"exposure": -1})


def test_what_is_shown_names_nobody(followed):
    found = method.fit(followed, spec())
    ids = set(followed.people["participant_id"])
    text = str([found.panels, found.tables, found.sentences])
    assert not any(one in text for one in list(ids)[:50])
    assert {row["arrow"] for row in found.panels["paths"]} == {"b", "c"}
    said = " ".join(found.sentences)
    assert "weeks 0, 4, 8 and 12" in said
    assert "two assessors" in said
    words = said.lower()
    assert " effect" not in words
    assert "cause" not in words.replace("because", "")


def test_units_and_order_of_rows_change_nothing(weekly):
    plain = method.headline(weekly, spec(errors="none", per=1.0))
    weekly.visits["hip_abd_nm_kg"] = 10 * weekly.visits["hip_abd_nm_kg"] + 4
    object.__setattr__(weekly, "visits", weekly.visits.sample(frac=1, random_state=3))
    object.__setattr__(weekly, "people", weekly.people.sample(frac=1, random_state=4))
    again = method.headline(weekly, spec(errors="none", per=10.0))
    for key in ("estimate", "se", "p"):
        assert again[key] == pytest.approx(plain[key], rel=1e-5)
