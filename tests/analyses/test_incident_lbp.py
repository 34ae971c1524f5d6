"""New pain: R's numbers, invariants, degenerate cohorts, and the truth of the simulated worlds."""

from dataclasses import replace
from math import exp, log

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gluteal.analyses import incident_lbp as method
from gluteal.cohort.derive import derive
from gluteal.cohort.package import read_package
from gluteal.errors import UserError
from gluteal.estimates import tabulate
from gluteal.simulate import simulate
from gluteal.simulate.truth import exact, truths
from gluteal.simulate.worlds import WORLDS

NAMES = {"exposure": "hip_abd_nm_kg", "adjust": ("age_years", "sex", "prior_lbp")}
SPEC = method.Spec(**NAMES)
ADJUST = ("sex", "age_years", "bmi_kg_m2", "log_met", "occ_lifting", "phq9", "prior_lbp", "hip_oa")


@pytest.fixture(scope="module")
def fitted(followed_up):
    return method.fit(followed_up, SPEC)


def by_model(fit):
    found = {}
    for row in fit.estimates:
        name = row["model"]
        if name.startswith("standardised"):
            name = "risk_difference" if row["scale"] == "difference" else "risk_ratio"
        found[name] = row
    return found


def test_numbers_are_those_of_r(fitted, answers, same_numbers):
    want, rows = answers("incident_lbp"), by_model(fitted)
    compared = [name for name in want if name in rows]
    assert len(compared) == 9
    for name in compared:
        same_numbers(rows[name], want[name], rtol=2e-7)
    first = fitted.estimates[0]
    assert (first["n_events"], first["n_people"], first["n_obs"]) == (
        want["events"], want["people"], want["rows"],
    )  # fmt: skip
    told = {row["name"]: row["value"] for row in fitted.diagnostics}
    assert told["reliability"] == pytest.approx(want["reliability"], rel=1e-9)
    zph = (told["proportional hazards of the exposure, p"], told["of all, p"])
    assert zph == pytest.approx(want["zph"], rel=1e-6)


def test_the_headline_alone_is_the_first_estimate(followed_up, fitted):
    assert method.headline(followed_up, SPEC) == fitted.estimates[0]


def test_the_headline_says_what_it_is(fitted):
    first = fitted.estimates[0]
    assert first["estimand"] == "hazard ratio of incident low back pain"
    assert (first["scale"], first["threat"], first["model"]) == ("ratio", "adjusted", "adjusted")
    assert first["contrast"].startswith("per SD (")
    assert first["estimate"] < 1  # the stronger get pain less often: as claimed
    assert tabulate(fitted, "x", SPEC, "a", "b")["converged"].all()
    threats = {row.get("threat") for row in fitted.estimates}
    assert {"crude", "robust", "early events out", "exclusion", "weighted"} <= threats
    assert "exposure error" in threats


def test_people_in_pain_at_entry_play_no_part(followed_up, fitted):
    people = followed_up.people
    ill = people.iloc[:40].assign(
        participant_id=[f"X{n}" for n in range(40)],
        lbp=pd.array([True] * 40, dtype="boolean"),
        incident_lbp=pd.array([None] * 40, dtype="boolean"),
    )
    more = followed_up.visits[
        followed_up.visits["participant_id"].isin(people["participant_id"][:40])
    ]
    more = more.assign(participant_id=np.repeat(ill["participant_id"].to_numpy(), 5))
    more["incident_lbp"] = pd.array([None] * len(more), dtype="boolean")
    both = replace(
        followed_up,
        people=pd.concat([people, ill], ignore_index=True),
        visits=pd.concat([followed_up.visits, more], ignore_index=True),
    )
    found = method.fit(both, SPEC)
    assert found.estimates[0] == fitted.estimates[0]
    told = {row["name"]: row["value"] for row in found.diagnostics}
    assert told["in pain at the start"] == 40


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 99), factor=st.sampled_from([0.01, 1.0, 9.81]))
def test_order_ids_and_units_of_the_exposure_do_not_matter(followed_up, seed, factor):
    rng = np.random.default_rng(seed)
    names = followed_up.people["participant_id"]
    other = dict(zip(names, rng.permutation([f"Q{n}" for n in range(len(names))]), strict=True))
    people = followed_up.people.sample(frac=1, random_state=seed).reset_index(drop=True)
    visits = followed_up.visits.sample(frac=1, random_state=seed + 1).reset_index(drop=True)
    people["participant_id"] = people["participant_id"].map(other)
    visits = visits.assign(
        participant_id=visits["participant_id"].map(other),
        hip_abd_nm_kg=factor * visits["hip_abd_nm_kg"] + 3,
    )
    found = method.headline(replace(followed_up, people=people, visits=visits), SPEC)
    want = method.headline(followed_up, SPEC)
    for key in ("estimate", "se", "low", "high", "df"):
        assert found[key] == pytest.approx(want[key], rel=1e-6)


def test_per_an_amount_and_per_sd_within_sexes(followed_up):
    one = method.headline(followed_up, method.Spec(**NAMES, per=1.0))
    quarter = method.headline(followed_up, method.Spec(**NAMES, per=0.25))
    assert log(one["estimate"]) == pytest.approx(4 * log(quarter["estimate"]))
    within = method.headline(followed_up, method.Spec(**NAMES, per="within_sex_sd"))
    assert "SD within sexes" in within["contrast"]


def test_the_amount_is_frozen_before_imputation(followed_up):
    frozen = method.freeze(followed_up, SPEC)
    assert isinstance(frozen.per, float)
    want = method.headline(followed_up, SPEC)
    assert method.headline(followed_up, frozen)["estimate"] == pytest.approx(want["estimate"])


def test_a_later_start_counts_those_still_free_then(followed_up):
    found = method.headline(followed_up, method.Spec(**NAMES, visit="week04"))
    assert found["n_people"] < 140
    assert found["n_events"] == 115 - 40


def test_few_events_are_refused_or_penalised(followed_up):
    def with_events(number):
        keep = followed_up.people["participant_id"].where(
            followed_up.people["incident_lbp"].fillna(value=False)
        ).dropna()[:number]  # fmt: skip
        free = ~followed_up.people["incident_lbp"].fillna(value=False)
        ids = [*keep, *followed_up.people["participant_id"][free]]
        parts = {
            name: getattr(followed_up, name)[
                getattr(followed_up, name)["participant_id"].isin(ids)
            ].reset_index(drop=True)
            for name in ("people", "visits")
        }
        return replace(followed_up, **parts)

    with pytest.raises(UserError, match=r"<5 people .* have new pain") as error:
        method.fit(with_events(4), SPEC)
    assert error.value.faults[0].column == "incident_lbp"
    found = method.fit(with_events(6), SPEC)
    told = {row["name"]: row["ok"] for row in found.diagnostics}
    assert told["events per coefficient"] is False
    assert found.estimates[0]["converged"]
    if told["penalty needed"] is False:
        assert "Firth" in found.estimates[0]["estimator"]
        assert found.panels == {}


def test_what_lacks_is_named(followed_up, small):
    assert method.fit(small, SPEC).needs == ["incident_lbp"]
    one = followed_up.visits[followed_up.visits["visit"] == "baseline"].reset_index(drop=True)
    with pytest.raises(UserError, match="no visit follows baseline"):
        method.fit(replace(followed_up, visits=one), SPEC)
    ill = followed_up.people.assign(lbp=pd.array([True] * 180, dtype="boolean"))
    with pytest.raises(UserError, match="nobody is known to be free") as error:
        method.fit(replace(followed_up, people=ill), SPEC)
    assert error.value.faults[0].column == "lbp"
    with pytest.raises(UserError, match="is not a number"):
        method.fit(followed_up, method.Spec(exposure="prior_lbp", adjust=()))
    flat = followed_up.visits.assign(hip_abd_nm_kg=1.0)
    with pytest.raises(UserError, match="one value only"):
        method.fit(replace(followed_up, visits=flat), SPEC)


@pytest.mark.parametrize(
    ("settings_", "said"),
    [
        ({"outcome": "nprs_avg"}, "must be incident_lbp"),
        ({"per": -1.0}, "above 0"),
        ({"exposure_error": "sem_nothing"}, "no such constant"),
        ({"percentiles": (90.0, 10.0)}, "in order"),
        ({"by": "age_years"}, "no yes/no variable"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings_, said):
    with pytest.raises(ValidationError, match=said):
        method.Spec(**NAMES, **settings_)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    def run(n, seed, world="evidence"):
        folder = tmp_path_factory.mktemp("cohort") / "package"
        simulate(folder, n, seed, world, form="parquet", design="cohort")
        cohort = derive(read_package(folder), {})
        return by_model(
            method.fit(cohort, method.Spec(exposure="hip_abd_nm_kg", adjust=ADJUST, per=0.25))
        )

    return run


def test_the_simulated_truth_is_found(many):
    rows = many(8000, 3)
    truth = truths("evidence")["m2_ln_hr_observed_fitted"][0]
    head = rows["adjusted"]
    assert abs(log(head["estimate"]) - truth) < 3 * head["se"]
    better = rows["corrected for measurement error"]
    latent = exact(WORLDS["evidence"])["m2_ln_hr_latent"]
    assert abs(log(better["estimate"]) - latent) < 3 * better["se"]
    assert log(better["estimate"]) < log(head["estimate"]) < 0
    assert log(rows["Cox, exact days"]["estimate"]) == pytest.approx(
        log(head["estimate"]), abs=0.02
    )


@pytest.mark.nightly
def test_a_large_cohort_comes_within_a_tenth_of_the_latent_truth(many):
    head, better = [], []
    for seed in range(3):
        rows = many(60_000, 100 + seed, "seed")
        head.append(log(rows["adjusted"]["estimate"]))
        better.append(log(rows["corrected for measurement error"]["estimate"]))
    latent = exact(WORLDS["seed"])["m2_ln_hr_latent"]
    assert np.mean(head) == pytest.approx(truths("seed")["m2_ln_hr_observed_fitted"][0], rel=0.05)
    assert np.mean(better) == pytest.approx(latent, rel=0.1)
    assert exp(latent) < exp(np.mean(head))
