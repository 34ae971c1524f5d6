from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derive import derive
from gluteal.cohort.package import read_package
from gluteal.frames.completed import attach
from gluteal.frames.completion import choose_predictors, impute_cohort
from gluteal.frames.gaps import find_gaps
from gluteal.simulate import simulate
from gluteal.variables import variables

NAMES = ["hip_abd_nm_kg", "nprs_avg", "log_met", "age_years", "sex", "med_analgesic_24h", "gpe7"]
SETTINGS = {"m": 5, "cycles": 5, "seed": 1, "donors": 5, "variables": NAMES}
MODELS = [{"variables": ["nprs_avg", "hip_abd_nm_kg", "age_years"], "visits": ["baseline"]}]


def make_cohort(folder, n, seed):
    simulate(folder, n=n, seed=seed, design="full")
    return derive(read_package(folder), {})


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    return make_cohort(tmp_path_factory.mktemp("cohort"), 150, 4)


@pytest.fixture(scope="module")
def imputed(cohort):
    return impute_cohort(cohort, SETTINGS)


def test_only_missing_cells_are_imputed_within_their_range(cohort, imputed):
    cells, account = imputed
    pain = cells[cells["variable"] == "nprs_avg"]
    missing = cohort.visits.loc[cohort.visits["nprs_avg"].isna(), ["participant_id", "visit"]]
    assert len(pain) == 5 * len(missing)
    assert len(pain.merge(missing, on=["participant_id", "visit"])) == len(pain)
    for name, part in cells.groupby("variable"):
        known = variables()[name]
        if known.numeric:
            assert part["value"].between(known.low, known.high).all()
    assert set(cells.loc[cells["variable"] == "med_analgesic_24h", "value"]) <= {0.0, 1.0}
    assert account["cells"] == len(cells) / 5


def test_matching_keeps_to_observed_values(cohort, imputed):
    drawn = imputed[0].query("variable == 'hip_abd_nm_kg'")["value"]
    assert set(drawn) <= set(cohort.visits["hip_abd_nm_kg"].dropna())


def test_the_same_bytes_again_and_others_with_another_seed(cohort, imputed):
    again, account = impute_cohort(cohort, SETTINGS)
    pd.testing.assert_frame_equal(again, imputed[0])
    assert account == imputed[1]
    other = impute_cohort(cohort, SETTINGS | {"seed": 2})[0]
    assert (other["value"] != again["value"]).any()


def test_more_imputations_keep_the_first_ones(cohort, imputed):
    more = impute_cohort(cohort, SETTINGS | {"m": 7})[0]
    kept = more[more["m"] <= 5]
    pd.testing.assert_series_equal(
        kept["value"].reset_index(drop=True), imputed[0]["value"], check_names=False
    )


def test_the_account_says_what_was_done(imputed):
    account = imputed[1]
    assert account["left_out"][0]["variable"] == "gpe7"
    one = next(a for a in account["variables"] if a["visit"] == "week12" and a["r_hat"])
    assert one["method"] and one["predictors"] and len(one["trace_mean"]) == 5
    assert 0 < one["share"] < 1


def test_a_regression_where_matching_could_not_be_right(cohort):
    chosen = SETTINGS | {"normal": ["hip_abd_nm_kg"]}
    cells, account = impute_cohort(cohort, chosen)
    used = {a["method"] for a in account["variables"] if a["variable"] == "hip_abd_nm_kg"}
    assert used == {"Bayesian linear regression"}
    drawn = cells.query("variable == 'hip_abd_nm_kg'")["value"]
    assert not set(drawn) <= set(cohort.visits["hip_abd_nm_kg"].dropna())


def test_nothing_missing_is_said_plainly(cohort):
    cells, account = impute_cohort(cohort, SETTINGS | {"variables": ["age_years", "arm"]})
    assert cells.empty and account["cells"] == 0 and account["converged"]
    assert "Nothing was imputed" in account["note"]
    assert list(cells.columns) == ["table", "participant_id", "visit", "variable", "m", "value"]


def test_a_variable_that_nobody_has_at_a_visit_is_not_imputed_there(cohort):
    visits = cohort.visits.copy()
    visits.loc[visits["visit"] == "week08", "nprs_avg"] = np.nan
    cells, _ = impute_cohort(replace(cohort, visits=visits), SETTINGS)
    pain = cells[cells["variable"] == "nprs_avg"]
    assert "week08" not in set(pain["visit"]) and "week12" in set(pain["visit"])


def test_models_and_other_visits_always_predict(cohort):
    gaps = find_gaps(cohort, ["hip_abd_nm_kg", "nprs_avg", "age_years"])
    data = np.column_stack([gap.codes for gap in gaps])
    allowed = choose_predictors(data, gaps, MODELS)
    place = {gap.name: k for k, gap in enumerate(gaps)}
    assert allowed[place["nprs_avg at baseline"], place["age_years"]]
    assert allowed[place["nprs_avg at week26"], place["nprs_avg at week04"]]
    assert not np.diag(allowed).any()


def test_an_outcome_of_another_visit_predicts_what_its_model_relates_it_to(cohort):
    gaps = find_gaps(cohort, ["hip_abd_nm_kg", "nprs_avg", "age_years"])
    rng = np.random.default_rng(1)
    data = rng.normal(size=(len(cohort.people), len(gaps)))  # nothing is correlated by itself
    models = [{**MODELS[0], "visits": ["baseline", "week12"]}]
    allowed = choose_predictors(data, gaps, models)
    place = {gap.name: k for k, gap in enumerate(gaps)}
    assert allowed[place["hip_abd_nm_kg at baseline"], place["nprs_avg at week12"]]
    assert allowed[place["nprs_avg at week12"], place["hip_abd_nm_kg at baseline"]]


def test_outcomes_that_only_some_can_have_predict_without_being_imputed(cohort):
    names = [*NAMES, "incident_lbp", "pain_side"]
    cells, account = impute_cohort(cohort, SETTINGS | {"m": 2, "variables": names})
    assert not {"incident_lbp", "pain_side"} & set(cells["variable"])
    strength = next(a for a in account["variables"] if a["variable"] == "hip_abd_nm_kg")
    assert {"incident_lbp", "pain_side"} <= set(strength["predictors"])


def test_imputed_pain_recovers_the_mean_that_dropout_hides(tmp_path):
    """Missing at random given pain at entry: complete cases are too low, imputation is not."""
    cohort = make_cohort(tmp_path, 600, 9)
    visits = cohort.visits[cohort.visits["visit"].isin(["baseline", "week12"])].copy()
    visits = visits.reset_index(drop=True)
    whole = (
        visits.dropna(subset=["nprs_avg"]).groupby("participant_id").filter(lambda d: len(d) > 1)
    )
    visits = visits[visits["participant_id"].isin(whole["participant_id"])].reset_index(drop=True)
    people = cohort.people[cohort.people["participant_id"].isin(whole["participant_id"])]
    first = visits[visits["visit"] == "baseline"].set_index("participant_id")["nprs_avg"]
    later = visits["visit"] == "week12"
    truth = visits.loc[later, "nprs_avg"].mean()
    rng = np.random.default_rng(1)
    gone = later & (rng.random(len(visits)) < 0.15 + 0.1 * visits["participant_id"].map(first))
    visits.loc[gone, "nprs_avg"] = np.nan
    seen = visits.loc[later, "nprs_avg"].mean()
    made = replace(cohort, people=people.reset_index(drop=True), visits=visits)
    cells, _ = impute_cohort(made, SETTINGS | {"m": 10, "cycles": 10})
    filled = attach(made, cells)
    means = [filled.complete(k).visits.loc[later, "nprs_avg"].mean() for k in range(filled.m)]
    assert abs(np.mean(means) - truth) < 0.4 * abs(seen - truth)
