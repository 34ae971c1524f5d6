import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses import group_difference as method
from gluteal.errors import UserError
from gluteal.estimates import tabulate

ADJUST = ("age_years", "sex", "bmi_kg_m2", "prior_lbp")


def spec(**more):
    given = {"outcome": "hip_abd_nm_kg", "exposure": "lbp", "adjust": ADJUST, "role": "primary"}
    return method.Spec(**(given | more))


def by_name(rows):
    return {row["name"]: row for row in rows}


@pytest.fixture
def fitted(small):
    return method.fit(small, spec(by="sex"))


def test_every_number_equals_r(fitted, answers, same_numbers):
    want = answers("group_difference")["rows"]
    assert len(fitted.estimates) == len(want)
    for found, row in zip(fitted.estimates, want, strict=True):
        same_numbers(found, row)


def test_every_diagnostic_equals_r(fitted, answers):
    want = answers("group_difference")
    got = [row["value"] for row in fitted.diagnostics]
    np.testing.assert_allclose(got, want["diagnostics"], rtol=1e-8)
    bound = fitted.panels["bound"][0]
    assert (bound["bound"], bound["sd"]) == pytest.approx((want["bound"], want["sd"]))


def test_the_rows_and_their_roles(fitted):
    names = [
        (row.get("role", "headline"), row["model"], row["estimand"]) for row in fitted.estimates
    ]
    assert names[0] == ("headline", "adjusted", "adjusted mean difference")
    assert {role for role, *_ in names[1:6]} == {"secondary"}
    assert {role for role, *_ in names[6:]} == {"sensitivity"}
    assert fitted.estimates[0]["contrast"] == "low back pain − no low back pain"
    assert fitted.estimates[5]["level"] == pytest.approx(0.9)


def test_raw_torque_is_adjusted_for_mass(fitted):
    row = next(row for row in fitted.estimates if row["outcome"] == "hip_abd_nm")
    assert row["adjusted_for"].endswith("ln body_mass_kg")
    assert row["unit"] == "Nm"


def test_the_table_of_estimates_takes_them(fitted):
    table = tabulate(fitted, "a", spec(by="sex"), "data", "code")
    assert table.loc[0, "role"] == "primary"
    assert table["n_people"].iloc[0] == 180


def test_words_of_association_only(fitted):
    text = " ".join(fitted.sentences).lower()
    assert "association" in text
    assert "180 people" in text
    assert not {"effect", "cause", "impact"} & set(text.replace(".", " ").split())


def test_imbalance_is_flagged(fitted):
    checks = by_name(fitted.diagnostics)
    assert checks["imbalance of prior_lbp"]["ok"] is False
    assert checks["imbalance of age_years"]["ok"] is True


def test_panels_are_aggregates(fitted):
    assert {row["group"] for row in fitted.panels["density"]} == {"0", "1"}
    assert len(fitted.panels["density"]) == 202
    for rows in fitted.panels.values():
        assert not any("participant_id" in row for row in rows)


def test_a_small_group_has_no_curve(small):
    few = small.people.index[:9]
    small.people["lbp"] = pd.array(small.people.index.isin(few), dtype="boolean")
    found = method.fit(small, spec(adjust=()))
    assert {row["group"] for row in found.panels["density"]} == {"0"}
    assert "q05" not in found.panels["groups"][1]
    assert by_name(found.diagnostics)["people in group 1"]["ok"] is False


def test_what_the_cohort_lacks_is_said(small):
    found = method.fit(small, spec(adjust=("hip_oa", "age_years")))
    assert found.needs == ["hip_oa"]
    assert not found.estimates


def test_dag_is_known_to_needs():
    assert method.needs(spec(adjust="dag", by="sex")) == ("hip_abd_nm_kg", "lbp", "sex")


@pytest.mark.parametrize("outcome", ["hip_abd_n", "hip_abd_nm", "leg_press_1rm_kg"])
def test_force_without_mass_is_refused(outcome):
    with pytest.raises(ValidationError, match="body_mass_kg"):
        spec(outcome=outcome)
    assert spec(outcome=outcome, adjust=(*ADJUST, "body_mass_kg"))


def test_a_misspelt_sensitivity_outcome_is_refused():
    with pytest.raises(ValidationError, match="hip_abd_nk"):
        spec(sensitivity_outcomes=("hip_abd_nk",))


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"exposure": "sex"}, "sex"),
        ({"outcome": "sex"}, "sex"),
        ({"adjust": (*ADJUST, "body_mass_kg")}, "body_mass_kg"),
    ],
)
def test_unsuitable_settings_name_the_column(small, change, column):
    if column == "body_mass_kg":
        small.visits["body_mass_kg"] = 3 * small.visits["bmi_kg_m2"]
    with pytest.raises(UserError) as caught:
        method.fit(small, spec(**change))
    assert caught.value.faults[0].column == column


@pytest.mark.parametrize(
    ("spoil", "column"),
    [
        (lambda c: c.people.__setitem__("lbp", pd.array([True] * 180, dtype="boolean")), "lbp"),
        (lambda c: c.visits.__setitem__("hip_abd_nm_kg", 1.0), "hip_abd_nm_kg"),
        (lambda c: c.people.__setitem__("age_years", 40.0), "age_years"),
    ],
)
def test_degenerate_data_name_the_column(small, spoil, column):
    spoil(small)
    with pytest.raises(UserError) as caught:
        method.fit(small, spec())
    assert column in {fault.column for fault in caught.value.faults}


def test_an_empty_stratum_is_said_and_stops_nothing(small):
    small.people.loc[small.people["sex"] == "m", "lbp"] = True
    found = method.fit(small, spec(by="sex"))
    row = next(row for row in found.estimates if row["model"] == "Sex: male")
    assert row["converged"] is False
    assert "fewer than two people" in row["warnings"]
    table = tabulate(found, "a", spec(), "d", "c")
    assert table["estimate"].notna().sum() == len(table) - 1


def test_missing_values_are_counted(small):
    small.visits.loc[:4, "hip_abd_nm_kg"] = np.nan
    row = method.fit(small, spec()).estimates[0]
    assert row["n_missing"] + row["n_obs"] == 180
    assert row["n_missing"] > 0


def test_bound_in_units_of_the_outcome(small):
    found = method.fit(small, spec(equivalence_bound=0.05, bound_unit="outcome"))
    assert found.panels["bound"][0]["bound"] == 0.05


KEYS = ("estimate", "low", "high")


def headline(cohort, **more):
    row = method.fit(cohort, spec(**more)).estimates[0]
    return np.array([row[key] for key in KEYS])


def test_row_order_changes_nothing(small):
    plain = headline(small)
    shuffled = small.people.sample(frac=1, random_state=2)
    object.__setattr__(small, "people", shuffled)
    np.testing.assert_allclose(headline(small), plain, rtol=1e-10)


def test_another_unit_and_a_shift(small):
    plain = headline(small)
    small.visits["hip_abd_nm_kg"] = 7.5 * small.visits["hip_abd_nm_kg"] + 3
    np.testing.assert_allclose(headline(small), 7.5 * plain, rtol=1e-9)
    g = method.fit(small, spec()).estimates[2]["estimate"]
    assert g == pytest.approx(-0.44181, abs=1e-5)


def test_relabelled_groups_flip_the_sign(small):
    low, high = headline(small)[1:]
    small.people["lbp"] = ~small.people["lbp"]
    np.testing.assert_allclose(headline(small)[1:], (-high, -low), rtol=1e-9)


def test_without_covariates_nothing_is_called_adjusted(small):
    row = method.fit(small, spec(adjust=())).estimates[0]
    assert (row["model"], row["estimand"]) == ("unadjusted", "mean difference")


def test_the_vertebral_table(real_data):
    """310 people, radiographs: no covariates, so the headline is the difference of means."""
    from scipy import stats

    from gluteal.cohort.derived import Cohort

    table = pd.read_csv(real_data / "vertebral" / "column_3C_weka.csv")
    ids = [f"P{k:03d}" for k in range(len(table))]
    ill = table["status"] != "Normal"
    people = pd.DataFrame(
        {"participant_id": ids, "spinal_disorder": pd.array(ill, dtype="boolean")}
    )
    angle = table["lumbar_lordosis_angle"]
    visits = pd.DataFrame(
        {"participant_id": ids, "visit": "baseline", "lumbar_lordosis_cobb_deg": angle}
    )
    cohort = Cohort(people, visits, visits.iloc[:0].assign(side=""), pd.DataFrame())
    names = {"outcome": "lumbar_lordosis_cobb_deg", "exposure": "spinal_disorder", "adjust": ()}
    found = method.fit(cohort, method.Spec(**names))
    head, crude = found.estimates[:2]
    assert head["n_people"] == 310
    assert head["estimate"] == pytest.approx(angle[ill].mean() - angle[~ill].mean())
    welch = stats.ttest_ind(angle[ill], angle[~ill], equal_var=False)
    assert crude["p"] == pytest.approx(welch.pvalue, rel=1e-6)
    assert head["low"] > 3  # deeper, whatever the smallest difference of interest
    spread = next(row for row in found.diagnostics if row["name"].startswith("HC3"))
    assert spread["value"] < 1  # the ill differ more among themselves


def test_rows_say_which_threat_they_answer(small):
    rows = method.fit(small, spec()).estimates
    named = [(row["model"], row["scale"], row["threat"]) for row in rows if row.get("threat")]
    assert named == [("adjusted", "difference", "adjusted"), ("crude", "difference", "crude")]
