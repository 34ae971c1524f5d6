import json

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses import test_reliability as method
from gluteal.cohort.derive import derive
from gluteal.cohort.derived import Cohort
from gluteal.cohort.package import read_package
from gluteal.errors import UserError
from gluteal.estimates import DIAGNOSTICS, tabulate
from gluteal.simulate import simulate
from gluteal.simulate.truth import truths


def as_cohort(tables: dict[str, np.ndarray], side="right", facet="assessor") -> Cohort:
    """Lay persons × raters tables out as trials."""
    rows = [
        (f"P{i:03d}", "baseline", side, name, "ABCD"[j] if facet == "assessor" else "A", 1,
         1 if facet == "assessor" else j + 1, value)
        for name, table in tables.items()
        for i, line in enumerate(np.asarray(table, float))
        for j, value in enumerate(line)
        if np.isfinite(value)
    ]  # fmt: skip
    names = ["participant_id", "visit", "side", "variable", "assessor", "session", "trial", "value"]
    trials = pd.DataFrame(rows, columns=names)
    people = trials[["participant_id"]].drop_duplicates()
    visits = people.assign(visit="baseline")
    return Cohort(people, visits, visits.assign(side=side), trials)


@pytest.fixture(scope="module")
def raters(parity):
    return np.loadtxt(parity / "data" / "raters.csv", delimiter=",", skiprows=1)


@pytest.fixture(scope="module")
def ratings(parity):
    return np.loadtxt(parity / "data" / "ratings.csv", delimiter=",", skiprows=1)


def estimates(fit, **where):
    rows = [r for r in fit.estimates if all(r[key] == value for key, value in where.items())]
    return {row["contrast"]: row for row in rows}


def numbers(row):
    return [row["estimate"], row["low"], row["high"]]


def test_every_number_of_a_continuous_measure_equals_r(raters, answers):
    fit = method.fit(as_cohort({"hip_abd_nm_kg": raters}), method.Spec(role="primary"))
    r, found = answers("reliability"), estimates(fit)
    assert fit.estimates[0]["contrast"] == "ICC(A,1)"
    assert fit.estimates[0]["role"] == "primary"
    for form, want in r["raters"].items():
        assert numbers(found[form]) == pytest.approx(want, rel=1e-9)
    assert numbers(found["SEM, agreement"]) == pytest.approx(r["raters_sem"]["agreement"], rel=1e-9)
    want = r["raters_sem"]["consistency"]
    assert numbers(found["SEM, consistency"]) == pytest.approx(want, rel=1e-9)
    assert found["MDC95"]["estimate"] == pytest.approx(r["raters_sem"]["mdc95"], rel=1e-9)
    assert found["MDC90"]["estimate"] == pytest.approx(r["raters_sem"]["mdc90"], rel=1e-9)
    percent = 100 * r["raters_sem"]["mdc95"] / raters.mean()
    assert found["MDC95, % of mean"]["estimate"] == pytest.approx(percent, rel=1e-9)
    for contrast, name in (("bias", "bias"), ("lower limit", "lower"), ("upper limit", "upper")):
        row = found[f"{contrast}, assessor A minus B"]
        assert numbers(row) == pytest.approx(r["limits"][name], rel=1e-8)
    assert fit.estimates[0]["n_people"] == 40
    assert fit.estimates[0]["n_obs"] == 120


def test_every_number_of_categories_equals_r(ratings, answers):
    fit = method.fit(as_cohort({"squeeze_grade": ratings[:, :2]}), method.Spec(resamples=200))
    r, found = answers("kappa"), estimates(fit)
    assert fit.estimates[0]["contrast"] == "kappa, quadratic weights"
    first = found["kappa, quadratic weights"]
    assert (first["estimate"], first["se"]) == pytest.approx(r["quadratic_delta"], rel=1e-7)
    assert found["kappa, linear weights"]["estimate"] == pytest.approx(r["linear"], rel=1e-9)
    assert numbers(found["kappa, no weights"]) == pytest.approx(r["grades"], rel=1e-9)
    assert (found["AC1"]["estimate"], found["AC1"]["se"]) == pytest.approx(r["grades_ac1"])


def test_missing_scores_go_to_reml_and_say_so(raters, answers, parity):
    holes = np.genfromtxt(parity / "data" / "raters_missing.csv", delimiter=",", skip_header=1)
    fit = method.fit(as_cohort({"hip_abd_nm_kg": holes}), method.Spec())
    first = fit.estimates[0]
    seen = np.isfinite(holes)[(np.isfinite(holes).sum(1) >= 2)]
    assert first["n_missing"] == (~seen).sum()
    assert "REML" in first["estimator"]
    names = list(estimates(fit, role="sensitivity"))
    assert names == ["ICC(A,1), people with every score"]
    assert any("restricted maximum likelihood" in text for text in fit.sentences)


def test_the_other_leg_is_a_sensitivity_analysis_and_not_more_people(raters):
    both = as_cohort({"hip_abd_nm_kg": raters})
    left = both.trials.assign(side="left", value=both.trials["value"] * 1.01)
    legs = Cohort(both.people, both.visits, both.sides, pd.concat([both.trials, left]))
    fit = method.fit(legs, method.Spec())
    assert numbers(fit.estimates[0]) == numbers(method.fit(both, method.Spec()).estimates[0])
    again = estimates(fit, role="sensitivity", model="between assessors, left side")
    assert list(again) == ["ICC(A,1)"]
    assert fit.estimates[0]["n_people"] == 40
    other = method.fit(legs, method.Spec(side="left"))
    assert other.estimates[0]["model"] == "between assessors, left side"
    assert "two legs are not two people" in fit.sentences[0]


def test_trials_and_assessors_are_told_apart(raters):
    fit = method.fit(as_cohort({"sls_time_s": raters}, facet="trial"), method.Spec(by=("trial",)))
    assert {row["term"] for row in fit.estimates} == {"trial"}
    with pytest.raises(UserError, match=r"sls_time_s: fewer than two people .* by assessor"):
        method.fit(
            as_cohort({"sls_time_s": raters}, facet="trial"),
            method.Spec(by=("assessor",), measures=("sls_time_s",)),
        )


def test_three_raters_of_categories_give_lights_kappa(ratings, answers):
    fit = method.fit(as_cohort({"squeeze_grade": ratings}), method.Spec(resamples=100))
    want = answers("kappa")["light_quadratic"]
    assert fit.estimates[0]["estimate"] == pytest.approx(want, rel=1e-9)
    assert any("Light" in text for text in fit.sentences)


def test_units_carry_through(raters):
    one = estimates(method.fit(as_cohort({"hip_abd_n": raters}), method.Spec()))
    ten = estimates(method.fit(as_cohort({"hip_abd_n": 10 * raters}), method.Spec()))
    assert numbers(ten["ICC(A,1)"]) == pytest.approx(numbers(one["ICC(A,1)"]))
    assert ten["MDC95"]["estimate"] == pytest.approx(10 * one["MDC95"]["estimate"])
    assert one["MDC95"]["unit"] == "N"


def test_a_measure_that_is_not_there_is_needed_and_none_at_all_is_said(raters):
    cohort = as_cohort({"hip_abd_nm_kg": raters})
    assert method.fit(cohort, method.Spec(measures=("sway_path_mm",))).needs == ["sway_path_mm"]
    assert method.fit(cohort, method.Spec(visit="week12")).needs
    assert method.needs(method.Spec(measures=("sls_time_s",))) == ("sls_time_s",)
    assert method.needs(method.Spec()) == ()


def test_a_constant_measure_is_an_error_if_named_and_a_diagnostic_among_all(raters):
    cohort = as_cohort({"hip_abd_nm_kg": raters, "sls_time_s": np.full((40, 3), 45.0)})
    with pytest.raises(UserError, match=r"sls_time_s, between assessors, right side: .* not vary"):
        method.fit(cohort, method.Spec(measures=("sls_time_s",)))
    fit = method.fit(cohort, method.Spec())
    flagged = [row for row in fit.diagnostics if row["value"] == "not analysed"]
    assert len(flagged) == 1
    assert flagged[0]["ok"] is False
    alone = as_cohort({"trendelenburg_pos": np.ones((40, 2))})
    with pytest.raises(UserError, match="one and the same category"):
        method.fit(alone, method.Spec())


def test_few_people_show_no_points_and_are_flagged(raters):
    fit = method.fit(as_cohort({"hip_abd_nm_kg": raters[:9]}), method.Spec())
    assert fit.panels["pairs"] == []
    assert len(fit.panels["limits"]) == 1
    assert any(row["name"].startswith("People") and row["ok"] is False for row in fit.diagnostics)
    many = method.fit(as_cohort({"hip_abd_nm_kg": raters}), method.Spec()).panels["pairs"]
    assert len(many) == 40
    assert set(many[0]) == {"panel", "mean", "difference"}


def test_products_can_be_written(raters, ratings):
    spec = method.Spec(resamples=100)
    fit = method.fit(as_cohort({"hip_abd_nm_kg": raters, "squeeze_grade": ratings}), spec)
    table = tabulate(fit, "reliability", spec, "d", "c")
    assert table["converged"].all()
    assert set(table["scale"]) == {"icc", "sd", "percent", "difference", "kappa"}
    assert all(tuple(row) == DIAGNOSTICS for row in fit.diagnostics)
    json.dumps({"panels": fit.panels, "tables": fit.tables}, allow_nan=False)


def test_settings_are_strict():
    for wrong in ({"by": ()}, {"side": "both"}, {"by": ("session",)}, {"measure": ("x",)}):
        with pytest.raises(ValidationError):
            method.Spec.model_validate(wrong)


def test_the_simulated_cohort_gives_back_its_truth(tmp_path):
    simulate(tmp_path / "package", 1500, 3, form="parquet", design="case_control")
    fit = method.fit(derive(read_package(tmp_path / "package")), method.Spec(resamples=200))
    known = {name: value for name, (value, _) in truths("evidence").items()}
    trials = estimates(fit, outcome="hip_abd_nm_kg", model="between trials, right side")
    assert trials["SEM, consistency"]["estimate"] == pytest.approx(
        known["m6_trial_sd_nm_kg"], rel=0.05
    )
    icc = trials["ICC(C,1)"]
    assert icc["estimate"] == pytest.approx(known["m6_icc_within_session"], abs=0.01)
    for outcome, contrast, name in (
        ("trendelenburg_pos", "kappa", "m6_kappa_trendelenburg_retest"),
        ("squeeze_grade", "kappa, quadratic weights", "m6_kappa_squeeze_quadratic"),
        ("squeeze_grade", "kappa, linear weights", "m6_kappa_squeeze_linear"),
    ):
        row = estimates(fit, outcome=outcome, model="between assessors, right side")[contrast]
        assert abs(row["estimate"] - known[name]) < 3 * row["se"], name
