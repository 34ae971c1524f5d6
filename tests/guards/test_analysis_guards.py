"""Errors of the field in models and words: each is refused or flagged.

The numbers are those of docs/guards.md.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from gluteal.analyses import METHODS, method
from gluteal.config.study import parse_study
from gluteal.errors import UserError
from gluteal.ledger import Grounds, build_ledger, verdict

SOURCE = "published in 2020, doi:10.1/x"


def study(root, **analysis):
    return parse_study(
        {
            "title": "T",
            "design": "case_control",
            "cohort": "c",
            "dag": str(root / "config" / "dag.yaml"),
            "analyses": {"a": analysis},
        }
    )


def fit(world, name, **settings):
    module = method(name)
    return module.fit(world, module.Spec(**settings))


def row(low, high, **more):
    base = {"outcome": "nprs_avg", "exposure": "hip_abd_nm_kg", "scale": "difference"}
    ends = {"estimate": (low + high) / 2, "low": low, "high": high, "level": 0.95}
    return {**base, **ends, "converged": True, **more}


CLAIM = {"sentence": "S.", "direction": "negative", "smallest_effect": 0.5, "scale": "difference"}


def test_guard_04_legs_of_one_person_are_clustered(world):
    pair = {"outcome": "gait_pelvic_drop_deg", "exposure": "hip_abd_nm_kg", "adjust": ()}
    head = fit(world, "dose_response", **pair, unit="side").estimates[0]
    assert head["se_type"] == "CR2" and head["n_obs"] > head["n_people"]
    legs = fit(
        world,
        "self_test_accuracy",
        test="trendelenburg_pos",
        reference="hip_abd_nm_kg",
        resamples=100,
    ).estimates[0]
    assert legs["se_type"] == "cluster-robust" and legs["n_obs"] > legs["n_people"]


def test_guard_06_mediators_and_colliders_are_refused(root):
    pair = {"method": "dose_response", "outcome": "nprs_avg", "exposure": "hip_abd_nm_kg"}
    for bad, why in (("pelvic_tilt_asis_psis_deg", "mediator"), ("recruitment_source", "must not")):
        with pytest.raises(UserError, match=why):
            study(root, **pair, adjust=["age_years", bad])


def test_guard_07_strength_is_not_cut_without_a_stated_source(root):
    from gluteal.analyses import dose_response

    assert not {"cut", "groups", "quantiles"} & set(dose_response.Spec.model_fields)
    test = {"method": "self_test_accuracy", "test": "sls_time_s", "reference": "lbp"}
    with pytest.raises(UserError, match="stated source"):
        study(root, **test, positive="< 20")
    assert study(root, **test, positive="< 20", positive_source=SOURCE)


def test_guard_08_a_searched_cut_off_is_corrected_for_its_search(world):
    found = fit(
        world,
        "self_test_accuracy",
        test="sls_time_s",
        positive="<",
        reference="hip_abd_nm_kg",
        resamples=200,
    )
    head = found.estimates[0]
    assert "corrected for optimism" in head["estimator"]
    plain = [e for e in found.estimates if e["contrast"] == "sensitivity"]
    assert all("not corrected" in e["warnings"] for e in plain)


def test_guard_09_table_one_has_no_p_values_and_no_method_picks_covariates(world):
    found = fit(world, "table_one", by="lbp", variables=("sex", "age_years", "bmi_kg_m2"))
    assert all(e.get("p") in (None, "") or e["p"] != e["p"] for e in found.estimates)
    heads = {key for rows in found.tables.values() for line in rows for key in line}
    assert not [head for head in heads if re.fullmatch(r"[Pp]([ -]value)?", head)]
    for name in METHODS:
        assert not {"select", "stepwise", "p_enter"} & set(method(name).Spec.model_fields)


def test_guard_17_values_at_the_floor_are_counted(world):
    found = fit(world, "dose_response", outcome="nprs_avg", exposure="age_years", adjust=())
    floor = [d for d in found.diagnostics if d["name"] == "share at the floor"]
    assert floor and floor[0]["ok"] is False and floor[0]["value"] > 0.15


def test_guard_19_questions_share_a_family_and_are_counted():
    heads = {f"a{k}": pd.DataFrame([row(-1.2, -0.6, role="primary", p=0.02)]) for k in range(5)}
    claims = {f"H{k}": {**CLAIM, "analysis": f"a{k}"} for k in range(5)}
    table = build_ledger(claims, heads, {"design": "cohort", "analyses": {}})
    assert table["family_size"].tolist() == [5] * 5
    assert table["p_adj"].tolist() == pytest.approx([0.1] * 5)


def test_guard_20_a_wide_interval_around_zero_is_not_called_no_effect():
    wide = verdict(row(-2.0, 2.0, p=0.9), CLAIM, Grounds("cohort"))
    tight = verdict(row(-0.2, 0.2, p=0.9), CLAIM, Grounds("cohort"))
    assert (wide.verdict, tight.verdict) == ("inconclusive", "negligible")
    bare = verdict({**row(-1.2, -0.6), "low": None, "high": None}, CLAIM, Grounds("cohort"))
    assert bare.verdict == "inconclusive"


@pytest.mark.parametrize("design", ["cross_sectional", "case_control"])
def test_guard_21_a_cross_section_never_speaks_of_cause(design):
    for estimand in ("mean difference", "lagged slope", "later pain", "hazard ratio"):
        grounds = Grounds(design, randomised=True, sufficient=True, overlap=True)
        text = verdict(row(-1.2, -0.6, estimand=estimand), CLAIM, grounds).wording
        assert "associated" in text.split(":")[0]
        assert not re.search(r"caus|had an effect|preced|leads? to", text)


def test_guard_22_reliability_names_its_form_raters_and_formula(world):
    found = fit(world, "test_reliability")
    icc = [e for e in found.estimates if e.get("scale") == "icc"]
    assert icc and all(re.search(r"ICC\([AC1],", e["contrast"]) for e in icc)
    assert any("ICC(A,1), absolute agreement" in text for text in found.sentences)
    assert any("mean square" in text for text in found.sentences)
    assert all(e["n_people"] for e in icc)


def test_guard_25_groups_that_differ_are_flagged_before_adjustment(world):
    pair = {"outcome": "hip_abd_nm_kg", "exposure": "lbp", "adjust": ("bmi_kg_m2", "phq9")}
    found = fit(world, "group_difference", **pair)
    gaps = [d for d in found.diagnostics if d["name"].startswith("imbalance of")]
    assert len(gaps) == 2 and any(d["ok"] is False for d in gaps)


def test_guard_26_prevalent_cases_are_no_risk(world):
    pair = {"outcome": "lbp", "exposure": "hip_abd_nm_kg", "adjust": ()}
    for family in ("poisson", "logistic"):
        for e in fit(world, "dose_response", **pair, family=family).estimates:
            assert "risk" not in e["estimand"], e["estimand"]
    head = fit(world, "dose_response", **pair, family="poisson").estimates[0]
    assert head["estimand"] == "prevalence ratio"
    sites = {"outcome": "pain_site_left_si", "also": ("pain_site_right_si",), "unit": "side"}
    for family in ("poisson", "logistic"):
        more = {**sites, "exposure": "hip_abd_nm_kg", "adjust": (), "family": family}
        for e in fit(world, "functional_triggers", **more).estimates:
            assert "risk" not in (e.get("estimand") or ""), e["estimand"]


def test_guard_30_a_structural_model_that_is_not_determined_is_not_converged():
    from gluteal.estimators.sem import fit_sem

    rng = np.random.default_rng(3)
    trait = rng.normal(size=300)
    data = np.column_stack([trait + rng.normal(size=300) for _ in range(3)])
    text = "f =~ 1*a + b + c\nf ~~ f\na ~~ a\nb ~~ b\nc ~~ c"
    names = ("a", "b", "c")
    found = fit_sem(text, data, names)
    assert found.converged
    for seed in (1, 2):  # wherever a search starts
        other = fit_sem(text, data[::-1], names, seed=seed)
        assert other.log_likelihood == pytest.approx(found.log_likelihood, rel=1e-9)
    two = "f =~ 1*a + b\nf ~~ f\na ~~ a\nb ~~ b"  # four numbers from three moments
    with pytest.raises(UserError, match="more than the observed moments can carry"):
        fit_sem(two, data[:, :2], ("a", "b"))
    # Identified by count only: two uncorrelated pairs of indicators of one factor.
    loose = "f =~ 1*a + b\nf ~~ f\na ~~ a\nb ~~ b\nc ~~ c\nc ~~ 0*f"
    open_ended = fit_sem(loose, rng.normal(size=(300, 3)), names)
    assert not open_ended.converged or open_ended.warnings
