"""Adjusted comparisons: R's numbers, invariants, degenerate cohorts, the simulated truth."""

from dataclasses import replace
from math import exp

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gluteal.analyses import adjusted_effect as method
from gluteal.cohort.derive import derive
from gluteal.cohort.package import read_package
from gluteal.errors import UserError
from gluteal.estimates import tabulate
from gluteal.simulate import simulate
from gluteal.simulate.truth import truths

NAMES = {"exposure": "hip_abd_nm_kg", "adjust": ("age_years", "sex", "prior_lbp")}
NEW = {**NAMES, "outcome": "incident_lbp"}
CUT = {"exposure_cut": 1.6, "exposure_cut_source": "made up for a test"}
LATER = {**NAMES, "outcome": "med_analgesic_24h", "outcome_visit": "week16"}
ADJUST = ("sex", "age_years", "bmi_kg_m2", "log_met", "occ_lifting", "phq9", "prior_lbp", "hip_oa")


@pytest.fixture(scope="module")
def cohort(followed_up):
    """The cohort with a later yes/no outcome that everyone has."""
    first = followed_up.visits["visit"] == "baseline"
    number = followed_up.visits["participant_id"].str[1:].astype(int)
    strength = followed_up.visits["hip_abd_nm_kg"].where(first).groupby(number).transform("max")
    taken = ((number % 7 + 3 * strength) < 7).astype("boolean")
    late = followed_up.visits["visit"] == "week16"
    return replace(
        followed_up, visits=followed_up.visits.assign(med_analgesic_24h=taken.where(late))
    )


def by_model(fit):
    rows = {}
    for row in fit.estimates:
        name = {"ratio": "ratio", "number needed": "number"}.get(row["scale"], row["model"])
        rows[name] = row
    return rows


@pytest.mark.parametrize(
    ("outcome", "kind", "more"),
    [
        ("new_pain", "groups", {**NEW, **CUT}),
        ("new_pain", "shift", {**NEW, "shift": 0.2}),
        ("prior", "groups", {**LATER, **CUT}),
        ("prior", "shift", {**LATER, "shift": 0.2}),
    ],
)
def test_numbers_are_those_of_r(cohort, answers, same_numbers, outcome, kind, more):
    want = answers("adjusted_effect")[outcome][kind]
    found = by_model(method.fit(cohort, method.Spec(**more)))
    for name in ("adjusted", "g-computation", "weights alone", "ratio"):
        same_numbers(found[name], want[name], rtol=1e-6)
    assert found["adjusted"]["n_people"] == want["people"]
    if outcome == "new_pain":
        assert found["adjusted"]["n_events"] == want["events"]


@pytest.mark.parametrize("more", [{**NEW, **CUT}, NEW, {**LATER, **CUT}, LATER])
def test_the_headline_alone_is_the_first_estimate(cohort, more):
    spec = method.Spec(**more)
    fit = method.fit(cohort, spec)
    assert method.headline(cohort, spec) == fit.estimates[0]
    first = fit.estimates[0]
    assert (first["model"], first["threat"], first["scale"]) == ("adjusted",) * 2 + ("difference",)
    assert "later" in first["estimand"]
    assert fit.diagnostics[0]["name"] == "overlap"
    assert isinstance(fit.diagnostics[0]["ok"], bool)
    assert tabulate(fit, "x", spec, "a", "b")["converged"].all()
    threats = {row.get("threat") for row in fit.estimates}
    assert {"adjusted", "crude", "weighted", "doubly robust"} <= threats


def test_no_word_of_effects_or_causes(cohort):
    fit = method.fit(cohort, method.Spec(**NEW))
    words = " ".join([*fit.sentences, *(str(row["estimand"]) for row in fit.estimates)])
    assert "effect" not in words
    assert "cause" not in words


def test_at_one_visit_it_is_an_association(cohort):
    spec = method.Spec(**NAMES, outcome="nprs_avg")
    fit = method.fit(cohort, spec)
    assert "association" in fit.estimates[0]["estimand"]
    assert "later" not in fit.estimates[0]["estimand"]
    told = {row["name"]: row["ok"] for row in fit.diagnostics}
    assert told["exposure before outcome"] is False
    assert "which came first is not known" in " ".join(fit.sentences)


def test_stronger_means_fewer_with_new_pain(cohort):
    shift = by_model(method.fit(cohort, method.Spec(**NEW, shift=0.2)))
    assert shift["adjusted"]["estimate"] < 0
    assert shift["number"]["estimate"] > 0  # people to strengthen for one case less
    assert "everyone 0.200 Nm/kg more" in shift["adjusted"]["contrast"]
    back = by_model(method.fit(cohort, method.Spec(**NEW, shift=-0.2)))
    assert back["adjusted"]["estimate"] > 0
    assert "less" in back["adjusted"]["contrast"]
    hazards = shift["g-computation by hazards, with those who left"]
    assert hazards["estimate"] == pytest.approx(shift["adjusted"]["estimate"], abs=0.05)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 99), factor=st.sampled_from([0.01, 9.81]))
def test_order_ids_and_units_do_not_matter(cohort, seed, factor):
    rng = np.random.default_rng(seed)
    names = cohort.people["participant_id"]
    other = dict(zip(names, rng.permutation([f"Q{n}" for n in range(len(names))]), strict=True))
    people = cohort.people.sample(frac=1, random_state=seed).reset_index(drop=True)
    visits = cohort.visits.sample(frac=1, random_state=seed + 1).reset_index(drop=True)
    people["participant_id"] = people["participant_id"].map(other)
    visits = visits.assign(
        participant_id=visits["participant_id"].map(other),
        hip_abd_nm_kg=factor * visits["hip_abd_nm_kg"] + 2,
    )
    moved = replace(cohort, people=people, visits=visits)
    for more, changed in (
        ({"shift": 0.2}, {"shift": 0.2 * factor}),
        (CUT, {**CUT, "exposure_cut": 1.6 * factor + 2}),
    ):
        want = method.headline(cohort, method.Spec(**NEW, **more))
        found = method.headline(moved, method.Spec(**NEW, **changed))
        for key in ("estimate", "se", "low", "high"):
            assert found[key] == pytest.approx(want[key], rel=1e-6, abs=1e-12)


def test_an_sd_an_mdc_and_an_amount(cohort):
    sd = method.headline(cohort, method.Spec(**NEW))
    assert "1 SD (" in sd["contrast"]
    mdc = method.Spec(**NEW, shift="mdc", mdc="mdc95_hip_abd")
    assert "1 minimal detectable change (0.200 Nm/kg)" in method.headline(cohort, mdc)["contrast"]
    with pytest.raises(UserError, match="the exposure in Nm/kg"):
        method.fit(cohort, method.Spec(**NEW, shift="mdc", mdc="mdc_nprs"))


def test_the_shift_is_frozen_before_imputation(cohort):
    spec = method.Spec(**NEW)
    frozen = method.freeze(cohort, spec)
    want = method.headline(cohort, spec)
    assert method.headline(cohort, frozen)["estimate"] == pytest.approx(want["estimate"])
    cut = method.Spec(**NEW, **CUT)
    assert method.freeze(cohort, cut) == cut


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"exposure_cut": 1.2}, "not cut in two without a reason"),
        ({"exposure_cut": 1.2, "exposure_cut_source": "  "}, "not cut in two without a reason"),
        ({"exposure_cut_source": "x"}, "needs exposure_cut"),
        ({"exposure": "prior_lbp", **CUT}, "yes/no already"),
        ({"shift": "mdc"}, "shift: mdc needs mdc"),
        ({"shift": 0.0}, "must not be 0"),
        ({"truncate": (0.9, 0.1)}, "in order"),
    ],
)
def test_settings_that_make_no_sense_are_refused(more, said):
    with pytest.raises(ValidationError, match=said):
        method.Spec(**{**NEW, **more})


def test_what_cannot_be_compared_is_refused(cohort, small):
    assert method.fit(small, method.Spec(**NEW)).needs == ["incident_lbp"]
    with pytest.raises(UserError, match="does not come after"):
        method.fit(cohort, method.Spec(**NEW, outcome_visit="baseline"))
    with pytest.raises(UserError, match="there is no visit week99"):
        method.fit(cohort, method.Spec(**NEW, outcome_visit="week99"))
    few = {**CUT, "exposure_cut": 0.8}
    with pytest.raises(UserError, match=r"one group has <10 people") as error:
        method.fit(cohort, method.Spec(**NEW, **few))
    assert error.value.faults[0].column == "hip_abd_nm_kg"
    with pytest.raises(UserError, match="neither a number nor yes/no"):
        method.fit(cohort, method.Spec(**{**NEW, "outcome": "sex"}))
    flat = replace(cohort, visits=cohort.visits.assign(nprs_avg=2.0))
    with pytest.raises(UserError, match="one value only"):
        method.fit(flat, method.Spec(**NAMES, outcome="nprs_avg"))
    never = cohort.visits.assign(
        med_analgesic_24h=pd.array([False] * len(cohort.visits), dtype="boolean")
    )
    with pytest.raises(UserError, match="0 of 180 people"):
        method.fit(replace(cohort, visits=never), method.Spec(**LATER))


def test_no_overlap_is_said(cohort):
    """The exposure nearly follows from a covariate: a model answers alone."""
    base = cohort.visits["visit"] == "baseline"
    strength = cohort.visits[base].set_index("participant_id")["hip_abd_nm_kg"]
    age = 20 + 30 * strength.reindex(cohort.people["participant_id"]).to_numpy()
    rng = np.random.default_rng(1)
    people = cohort.people.assign(age_years=age + rng.normal(0, 0.5, len(age)))
    fit = method.fit(replace(cohort, people=people), method.Spec(**NEW))
    assert fit.diagnostics[0]["ok"] is False


def test_the_simulated_risk_difference_is_found(tmp_path):
    simulate(tmp_path / "package", 8000, 3, "seed", form="parquet", design="cohort")
    cohort = derive(read_package(tmp_path / "package"), {})
    spec = method.Spec(exposure="hip_abd_nm_kg", outcome="incident_lbp", adjust=ADJUST, shift=0.1)
    rows = by_model(method.fit(cohort, spec))
    known = truths("seed")
    ratio = exp(known["m2_ln_hr_observed_fitted"][0] * 0.1 / 0.25)
    risk = known["m2_incidence_26wk"][0]
    truth = 1 - (1 - risk) ** ratio - risk
    for name in ("adjusted", "g-computation", "weights alone"):
        assert abs(rows[name]["estimate"] - truth) < 3 * rows[name]["se"]
        assert rows[name]["high"] < 0
