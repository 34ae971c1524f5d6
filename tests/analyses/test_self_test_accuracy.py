import json

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses import self_test_accuracy as method
from gluteal.cohort.derive import derive
from gluteal.cohort.derived import Cohort, typed
from gluteal.cohort.package import read_package
from gluteal.errors import UserError
from gluteal.estimates import tabulate
from gluteal.simulate import simulate
from gluteal.simulate.truth import truths

SIGN = {"test": "trendelenburg_pos", "reference": "hip_abd_nm_kg"}
WEAK = {"value": 1.0, "source": "by construction"}
STATED = method.Spec(**SIGN, reference_cut=WEAK)


def as_cohort(legs: pd.DataFrame) -> Cohort:
    """Make a cohort of legs: person, side, sex, and variables."""
    people = legs.groupby("person", as_index=False)["sex"].first()
    people = people.rename(columns={"person": "participant_id"})
    visits = people[["participant_id"]].assign(visit="baseline")
    sides = legs.rename(columns={"person": "participant_id"}).drop(columns="sex")
    sides.insert(1, "visit", "baseline")
    return Cohort(typed(people), visits, typed(sides), pd.DataFrame())


@pytest.fixture(scope="module")
def legs(parity):
    """The legs that R analysed: weak legs get a strength below 1, the others above."""
    table = pd.read_csv(parity / "data" / "legs.csv")
    second = table.groupby("person").cumcount()
    return pd.DataFrame(
        {
            "person": table["person"].map("P{:02d}".format),
            "side": second.map({0: "left", 1: "right"}),
            "sex": np.where(table["person"] % 2 == 0, "f", "m"),
            "hip_abd_nm_kg": np.where(table["weak"] == 1, 0.9, 1.1),
            "trendelenburg_pos": table["pos"],
            "sls_time_s": 30 - 5 * table["score"],
        }
    )


def by_name(fit, model="all legs"):
    return {row["contrast"]: row for row in fit.estimates if row["model"] == model}


def numbers(row):
    return [row["estimate"], row["low"], row["high"]]


def test_every_number_equals_r(legs, answers):
    spec = method.Spec(**SIGN, reference_cut=WEAK, prevalence=0.2, role="primary")
    fit, r = method.fit(as_cohort(legs), spec), answers("accuracy")
    want, found = r["clustered"], by_name(fit)
    first = fit.estimates[0]
    assert (first["scale"], first["role"]) == ("difference", "primary")
    assert numbers(first) == pytest.approx(want["j"], rel=1e-9)
    assert numbers(found["sensitivity"]) == pytest.approx(want["se"], rel=1e-9)
    assert numbers(found["specificity"]) == pytest.approx(want["sp"], rel=1e-9)
    for sign in ("positive", "negative"):
        row = found[f"{sign} likelihood ratio"]
        assert [*numbers(row), row["se"]] == pytest.approx(want[f"lr_{sign}"], rel=1e-9)
    at = by_name(fit, "at a prevalence of 20%")
    assert numbers(at["positive predictive value"]) == pytest.approx(want["ppv_20"], rel=1e-9)
    assert numbers(at["negative predictive value"]) == pytest.approx(want["npv_20"], rel=1e-9)
    assert (first["n_people"], first["n_obs"], first["n_missing"]) == (90, 170, 0)


def test_the_area_of_a_number_equals_r_and_its_cutoff_is_corrected(legs, answers):
    spec = method.Spec(test="sls_time_s", positive="<", reference="hip_abd_nm_kg",
                       reference_cut=WEAK, resamples=300)  # fmt: skip
    fit = method.fit(as_cohort(legs), spec)
    area, variance = answers("accuracy")["clustered_area"]
    row = by_name(fit)["area under the ROC curve"]
    assert (row["estimate"], row["se"] ** 2) == pytest.approx((area, variance), rel=1e-9)
    assert row["warnings"] == ""
    assert "corrected" in fit.estimates[0]["estimator"]
    apparent = by_name(fit)
    both = apparent["sensitivity"]["estimate"] + apparent["specificity"]["estimate"] - 1
    assert fit.estimates[0]["estimate"] < both
    assert "not corrected" in apparent["sensitivity"]["warnings"]
    assert any("people left out" in text for text in fit.sentences)


def test_a_number_needs_the_source_of_its_cutoff():
    with pytest.raises(ValidationError, match="needs a stated source"):
        method.Spec(test="sls_time_s", positive="< 20", reference="hip_abd_nm_kg")
    sourced = method.Spec(test="sls_time_s", positive="< 20", positive_source="Someone 2000",
                          reference="hip_abd_nm_kg")  # fmt: skip
    assert sourced.rule.cut == 20
    with pytest.raises(ValidationError):
        method.Spec(test="sls_time_s", positive="about 20", reference="hip_abd_nm_kg")


def test_two_legs_are_not_two_people(legs):
    """A second leg that copies the first adds nothing to what is known."""
    one = legs[legs["side"] == "left"]
    copies = pd.concat([one, one.assign(side="right")], ignore_index=True)
    spec = method.Spec(**SIGN, reference_cut=WEAK)
    single = method.fit(as_cohort(one), spec).estimates
    double = method.fit(as_cohort(copies), spec).estimates
    for a, b in zip(single[:8], double[:8], strict=True):
        assert numbers(b) == pytest.approx(numbers(a), rel=1e-9), a["contrast"]
    assert double[0]["n_obs"] == 2 * single[0]["n_obs"]
    assert double[0]["n_people"] == single[0]["n_people"]


def test_relabelled_sides_and_mixed_rows_change_nothing(legs):
    spec = method.Spec(**SIGN, reference_cut=WEAK, resamples=100)
    base = method.fit(as_cohort(legs), spec).estimates
    other = legs.assign(side=legs["side"].map({"left": "right", "right": "left"}))
    other = method.fit(as_cohort(other.sample(frac=1, random_state=1)), spec).estimates
    for a, b in zip(base, other, strict=True):
        if "right legs" not in a["model"]:
            assert numbers(b) == pytest.approx(numbers(a), rel=1e-9), a["contrast"]


def test_the_weakest_tertile_is_taken_within_sex(legs):
    rng = np.random.default_rng(2)
    strength = rng.normal(1.3, 0.3, len(legs)) + 0.5 * (legs["sex"] == "m")
    fit = method.fit(as_cohort(legs.assign(hip_abd_nm_kg=strength)), method.Spec(**SIGN))
    assert fit.estimates[0]["n_events"] == pytest.approx(len(legs) / 3, abs=2)
    varied = [row["model"] for row in fit.estimates if row["role"] == "sensitivity"]
    assert varied[0] == "cut of the reference × 0.8"
    assert "right legs only" in varied
    assert any("internal reference" in text for text in fit.sentences)


def test_a_test_of_people_is_analysed_by_people(legs):
    rng = np.random.default_rng(1)
    people = pd.DataFrame({"participant_id": [f"P{i}" for i in range(80)], "sex": "f"})
    people["lbp"] = rng.integers(0, 2, 80)
    visits = people[["participant_id"]].assign(visit="baseline")
    visits["sts_uses_back_lean"] = np.where(rng.random(80) < 0.7, people["lbp"], 1 - people["lbp"])
    sides = pd.DataFrame({"participant_id": [], "visit": [], "side": []})
    cohort = Cohort(typed(people), typed(visits), sides, pd.DataFrame())
    fit = method.fit(cohort, method.Spec(test="sts_uses_back_lean", reference="lbp"))
    assert fit.estimates[0]["model"] == "all people"
    assert (fit.estimates[0]["n_obs"], fit.estimates[0]["n_people"]) == (80, 80)
    assert not [row for row in fit.estimates if "cut of" in row["model"]]
    assert any("Clopper" in text for text in fit.sentences)


def test_what_is_lacking_is_named(legs):
    cohort = as_cohort(legs.drop(columns="trendelenburg_pos"))
    assert method.fit(cohort, method.Spec(**SIGN)).needs == ["trendelenburg_pos"]
    assert method.needs(method.Spec(**SIGN)) == ("trendelenburg_pos", "hip_abd_nm_kg", "sex")
    assert method.needs(method.Spec(test="trendelenburg_pos", reference="lbp"))[2:] == ()


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("hip_abd_nm_kg", 2.0, "the reference is negative in all"),
        ("hip_abd_nm_kg", 0.5, "the reference is positive in all"),
        ("trendelenburg_pos", 1, "the test is positive in all"),
        ("trendelenburg_pos", 0, "the test is negative in all"),
    ],
)
def test_what_does_not_vary_is_refused_by_name(legs, column, value, words):
    with pytest.raises(UserError, match=f"trendelenburg_pos against hip_abd_nm_kg: {words}"):
        method.fit(as_cohort(legs.assign(**{column: value})), STATED)


def test_missing_legs_are_counted(legs):
    holes = legs.copy()
    holes.loc[:9, "hip_abd_nm_kg"] = np.nan
    fit = method.fit(as_cohort(holes), STATED)
    assert fit.estimates[0]["n_missing"] == 10
    right = by_name(fit, "right legs only")["J = sensitivity + specificity - 1"]
    assert right["n_obs"] + right["n_missing"] == (legs["side"] == "right").sum()


def test_small_cells_are_hidden(legs):
    seen = legs["trendelenburg_pos"] == 1
    few = pd.concat([legs[~seen], legs[seen][:4]])
    table = method.fit(as_cohort(few), STATED).tables["cross_table"]
    shown = [value for row in table for value in row.values()]
    assert "<5" in shown
    assert not {"1", "2", "3", "4"} & set(shown)


def test_products_can_be_written(legs):
    spec = method.Spec(**SIGN, reference_cut=WEAK)
    fit = method.fit(as_cohort(legs), spec)
    table = tabulate(fit, "stance", spec, "d", "c")
    assert table["converged"].all()
    keys = {key for rows in fit.panels.values() for row in rows for key in row}
    assert not {"participant_id", "person", "threshold"} & keys
    json.dumps({"panels": fit.panels, "tables": fit.tables}, allow_nan=False)


def test_the_simulated_cohort_gives_back_its_truth(tmp_path):
    simulate(tmp_path / "package", 1500, 3, form="parquet", design="case_control")
    fit = method.fit(derive(read_package(tmp_path / "package")), method.Spec(**SIGN, resamples=200))
    known = {name: value for name, (value, _) in truths("evidence").items()}
    found = by_name(fit)
    for name in ("sensitivity", "specificity"):
        assert found[name]["low"] < known[f"m7_{name}"] < found[name]["high"]
    truth = known["m7_sensitivity"] + known["m7_specificity"] - 1
    assert fit.estimates[0]["low"] < truth < fit.estimates[0]["high"]


def test_rows_say_which_threat_they_answer(legs):
    fit = method.fit(as_cohort(legs), STATED)
    named = {row["model"]: row["threat"] for row in fit.estimates if row.get("threat")}
    assert named["all legs"] == "crude"
    assert named["right legs only"] == "exclusion"
    assert {v for k, v in named.items() if k.startswith("cut of the reference")} == {"robust"}
    assert any(d["name"] == "threat: unmeasured confounding" for d in fit.diagnostics)
