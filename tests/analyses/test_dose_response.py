import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses import dose_response as method
from gluteal.errors import UserError
from gluteal.estimates import tabulate

ADJUST = ("age_years", "sex", "bmi_kg_m2", "prior_lbp")
OUTCOMES = {
    "linear": "nprs_avg",
    "logistic": "lbp",
    "poisson": "lbp",
    "negative_binomial": "days_with_pain_28d",
    "ordinal": "startback_psych",
}


def spec(family="linear", **more):
    given = {"outcome": OUTCOMES[family], "exposure": "hip_abd_nm_kg", "adjust": ADJUST}
    return method.Spec(**(given | {"family": family, "role": "primary"} | more))


def by_name(rows):
    return {row["name"]: row["value"] for row in rows}


def check(found, want, same_numbers, rtol):
    assert len(found.estimates) == len(want["rows"])
    for row, answer in zip(found.estimates, want["rows"], strict=True):
        same_numbers(row, answer, rtol)
    for index, answer in zip((0, 19, 60), want["points"], strict=True):
        point = found.panels["curve"][index]
        for key in ("estimate", "low", "high"):
            assert point[key] == pytest.approx(answer[key], rel=rtol)
    checks = by_name(found.diagnostics)
    names = ("nonlinearity, statistic", "nonlinearity, p")
    np.testing.assert_allclose([checks[n] for n in names], want["bend"], rtol=10 * rtol)
    assert checks["link test, p"] == pytest.approx(want["link"], rel=10 * rtol)
    assert checks["variance inflation of the exposure"] == pytest.approx(want["vif"], rel=1e-8)
    for name, key in (
        ("dispersion", "dispersion"),
        ("largest leverage", "leverage"),
    ):
        if want.get(key) is not None and name in checks:
            assert checks[name] == pytest.approx(want[key], rel=1e-7)
    return checks


# clm ends its own Newton a little before the last digits: 1e-6, the others 1e-7.
@pytest.mark.parametrize("family", list(OUTCOMES))
def test_every_number_equals_r(small, answers, same_numbers, family):
    want = answers("dose_response")[family]
    rtol = 1e-6 if family == "ordinal" else 1e-7
    checks = check(method.fit(small, spec(family)), want, same_numbers, rtol)
    if family in ("linear", "logistic"):
        assert checks["HC3 over classical standard error"] == pytest.approx(want["ratio"], rel=1e-8)


@pytest.mark.parametrize(("family", "key"), [("linear", "visits"), ("poisson", "visits_poisson")])
def test_clustered_visits_equal_r(small, answers, same_numbers, family, key):
    more = {"outcome": "med_analgesic_24h"} if family == "poisson" else {}
    found = method.fit(small, spec(family, unit="visit", **more))
    check(found, answers("dose_response")[key], same_numbers, 1e-7)
    assert found.estimates[0]["n_people"] == 180
    assert found.estimates[0]["n_obs"] == 677
    assert by_name(found.diagnostics)["clusters"] == 180


def test_brant_is_reported(small, answers):
    from scipy.stats import chi2

    checks = by_name(method.fit(small, spec("ordinal", adjust=("age_years", "sex"))).diagnostics)
    want = answers("glm")["brant"]
    for name, (statistic, df) in (
        ("all variables", want["omnibus"]),
        ("exposure", want["single"][0]),
    ):
        found = checks[f"proportional odds, {name}, p"]
        assert found == pytest.approx(chi2.sf(statistic, df), rel=1e-8)


def test_the_rows_and_their_roles(small):
    rows = method.fit(small, spec("logistic")).estimates
    assert "role" not in rows[0]
    assert rows[0]["contrast"].startswith("per SD (0.383 Nm/kg)")
    roles = [row["role"] for row in rows[1:]]
    assert roles == ["secondary"] * 6 + ["sensitivity"] * 2
    table = tabulate(method.fit(small, spec("logistic")), "a", spec("logistic"), "d", "c")
    assert table["n_events"].iloc[0] == 94
    assert table["role"].iloc[0] == "primary"


def test_odds_of_a_common_outcome_are_not_called_risks(small):
    found = method.fit(small, spec("logistic"))
    assert "not a prevalence ratio" in found.estimates[0]["estimand"]
    assert by_name(found.diagnostics)["share with the outcome"] > 0.1
    assert method.fit(small, spec("poisson")).estimates[0]["estimand"] == "prevalence ratio"


def test_the_curve_stays_within_the_data(small):
    found = method.fit(small, spec())
    x = [row["x"] for row in found.panels["curve"]]
    low, high = np.quantile(
        small.visits.query("visit == 'baseline'")["hip_abd_nm_kg"], [0.05, 0.95]
    )
    assert (x[0], x[-1]) == pytest.approx((low, high))
    assert len(found.panels["deciles"]) == 9


def test_per_an_amount(small):
    one = method.fit(small, spec(per=1.0)).estimates[0]["estimate"]
    tenth = method.fit(small, spec(per=-0.1)).estimates[0]
    assert tenth["estimate"] == pytest.approx(-one / 10)
    assert tenth["low"] < tenth["estimate"] < tenth["high"]


def test_per_mdc_needs_a_constant_in_the_right_unit(small):
    with pytest.raises(ValidationError, match="constant"):
        spec(per="mdc")
    with pytest.raises(UserError, match="N/kgf"):
        method.fit(small, spec(per="mdc", mdc="newton_per_kgf"))


def test_separation_is_answered_by_firth(small):
    strong = small.visits.groupby("participant_id")["hip_abd_nm_kg"].first()
    small.people["lbp"] = pd.array(strong.to_numpy() < 1.4, dtype="boolean")
    found = method.fit(small, spec("logistic", adjust=("age_years",)))
    row = found.estimates[0]
    assert row["converged"]
    assert "Firth" in row["estimator"]
    assert "profile" in row["se_type"]
    assert 0 <= row["low"] < row["estimate"] < row["high"] < 1
    checks = {row["name"]: row for row in found.diagnostics}
    assert checks["separation"]["ok"] is False
    assert "Firth" in " ".join(found.sentences)


def test_a_model_that_does_not_converge_carries_no_interval(small):
    small.visits["days_with_pain_28d"] = np.tile([1.0, 2.0, 2.0, 3.0], 170)[: len(small.visits)]
    made = method.fit(small, spec("negative_binomial"))
    table = tabulate(made, "a", spec("negative_binomial"), "d", "c")
    assert not table["converged"].iloc[0]
    assert np.isnan(table["low"].iloc[0])


def test_an_exposure_of_few_values_has_no_curve(small):
    small.visits["hip_abd_nm_kg"] = np.where(small.visits["hip_abd_nm_kg"] > 1.6, 2.0, 1.0)
    found = method.fit(small, spec())
    assert found.panels == {}
    assert {row["name"]: row["ok"] for row in found.diagnostics}["spline"] is False
    assert len(found.estimates) == 2


def test_floor_of_the_outcome_is_flagged(small):
    small.visits["nprs_avg"] = np.maximum(small.visits["nprs_avg"] - 4, 0)
    rows = {row["name"]: row for row in method.fit(small, spec()).diagnostics}
    assert rows["share at the floor"]["ok"] is False


def test_ordinal_takes_ordered_categories(small):
    codes = small.visits["startback_psych"].clip(0, 2).astype(int)
    levels = ["low", "medium", "high"]
    small.visits["startback_class"] = pd.Categorical(
        [levels[k] for k in codes], levels, ordered=True
    )
    small.visits["startback_psych"] = codes.astype(float)
    named = method.fit(small, spec("ordinal", outcome="startback_class")).estimates[0]
    number = method.fit(small, spec("ordinal")).estimates[0]
    assert named["estimate"] == pytest.approx(number["estimate"])


@pytest.mark.parametrize(
    ("family", "change", "column"),
    [
        ("linear", {"exposure": "lbp"}, "lbp"),
        ("linear", {"outcome": "lbp"}, "lbp"),
        ("logistic", {"outcome": "nprs_avg"}, "nprs_avg"),
        ("ordinal", {"outcome": "nprs_avg"}, "nprs_avg"),
        ("ordinal", {"outcome": "sex", "adjust": ()}, "sex"),
        ("negative_binomial", {"outcome": "nprs_avg"}, "nprs_avg"),
    ],
)
def test_what_does_not_suit_is_named(small, family, change, column):
    with pytest.raises(UserError) as caught:
        method.fit(small, spec(family, **change))
    assert caught.value.faults[0].column == column


def test_several_rows_a_person_need_a_clustered_family():
    with pytest.raises(ValidationError, match="cluster"):
        spec("ordinal", unit="visit")


def test_what_the_cohort_lacks_is_said(small):
    assert method.fit(small, spec(adjust=("hip_oa",))).needs == ["hip_oa"]
    assert method.needs(spec(adjust="dag")) == ("nprs_avg", "hip_abd_nm_kg")


def test_sentences_say_what_was_done(small):
    text = " ".join(method.fit(small, spec(unit="visit")).sentences)
    assert "CR2" in text
    assert "677 rows of 180 people" in text
    assert "4 knots" in text
    assert not {"effect", "cause"} & set(text.lower().split())


KEYS = ("estimate", "low", "high")


def headline(cohort, family="linear", **more):
    row = method.fit(cohort, spec(family, **more)).estimates[0]
    return np.array([row[key] for key in KEYS])


@pytest.mark.parametrize("family", ["linear", "poisson", "ordinal"])
def test_units_and_row_order_change_nothing_per_sd(small, family):
    plain = headline(small, family)
    small.visits["hip_abd_nm_kg"] = 101.97 * small.visits["hip_abd_nm_kg"] + 5
    object.__setattr__(small, "people", small.people.sample(frac=1, random_state=1))
    np.testing.assert_allclose(headline(small, family), plain, rtol=1e-6)


@pytest.mark.parametrize("family", ["linear", "logistic"])
def test_a_turned_outcome_turns_the_slope(small, family):
    estimate, low, high = headline(small, family)
    if family == "linear":
        small.visits["nprs_avg"] = 10 - small.visits["nprs_avg"]
        want = (-estimate, -high, -low)
    else:
        small.people["lbp"] = ~small.people["lbp"]
        want = (1 / estimate, 1 / high, 1 / low)
    np.testing.assert_allclose(headline(small, family), want, rtol=1e-7)


def test_without_covariates_nothing_is_called_adjusted(small):
    rows = method.fit(small, spec(adjust=())).estimates
    assert rows[0]["model"] == "unadjusted"
    assert "crude" not in {row["model"] for row in rows}


def test_rows_say_which_threat_they_answer(small):
    rows = method.fit(small, spec()).estimates
    named = {row["model"]: row["threat"] for row in rows if row.get("threat")}
    assert named == {"adjusted": "adjusted", "crude": "crude"}
