"""Dropout after pain: R's glm and clubSandwich, and how visits are paired."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import typed
from gluteal.estimators.glm import fit_glm
from gluteal.frames.dropout import fit_dropout, pair_visits


@pytest.fixture(scope="module")
def visits(parity):
    return typed(pd.read_csv(parity / "data" / "dropout.csv"))


@pytest.fixture(scope="module")
def answer(parity):
    return json.loads((parity / "dropout.json").read_text())


def test_the_model_equals_r(visits, answer):
    steps = pair_visits(visits, "nprs_avg")
    assert len(steps.missed) == answer["n"]
    assert steps.missed.sum() == answer["events"]
    assert len(set(steps.person)) == answer["people"]
    assert steps.n_missing == answer["lost"]
    model = fit_dropout(steps)
    assert model.coef == pytest.approx(answer["coef"], rel=1e-7)
    assert np.sqrt(np.diag(model.cov)) == pytest.approx(answer["robust_se"], rel=1e-6)
    found = model.coefficient(1)
    assert found.df == pytest.approx(answer["df"], rel=1e-6)
    assert (found.low, found.high) == pytest.approx((answer["low"], answer["high"]), rel=1e-6)
    assert found.p == pytest.approx(answer["p"], rel=1e-6)


def test_without_clusters_it_is_the_classical_glm(visits, answer):
    steps = pair_visits(visits, "nprs_avg")
    later = [(steps.visit == one).astype(float) for one in ("week08", "week12")]
    x = np.column_stack([np.ones(len(steps.value)), steps.value, *later])
    classical = fit_glm(x, steps.missed, "logistic", "classical")
    assert np.sqrt(np.diag(classical.cov)) == pytest.approx(answer["classical_se"], rel=1e-7)


def test_visits_are_paired_within_people_in_the_order_of_weeks():
    table = typed(
        pd.DataFrame(
            {
                "participant_id": ["b", "a", "a", "b", "a", "c", "b", "c"],
                "visit": ["w8", "w8", "w0", "w0", "w4", "w0", "w4", "w4"],
                "week_nominal": [8, 8, 0, 0, 4, 0, 4, 4],
                "attended": [False, True, True, True, False, True, True, True],
                "nprs_avg": [None, 3, 7, 2, None, None, 4, 5],
            }
        )
    )
    steps = pair_visits(table, "nprs_avg")
    # a: came at w0 (7), missed w4. b: came at w0 (2) and w4 (4), missed w8; w8 tells nothing,
    # for everybody at risk missed it. c: no score at w0.
    assert list(zip(steps.person, steps.value, steps.missed, strict=True)) == [
        ("a", 7, 1),
        ("b", 2, 0),
    ]
    assert list(steps.visit) == ["w4", "w4"]
    assert steps.n_missing == 1


def test_the_order_of_rows_does_not_matter(visits):
    straight = fit_dropout(pair_visits(visits, "nprs_avg")).coefficient(1)
    mixed = fit_dropout(pair_visits(visits.sample(frac=1, random_state=2), "nprs_avg"))
    assert mixed.coefficient(1).estimate == pytest.approx(straight.estimate)
    assert mixed.coefficient(1).se == pytest.approx(straight.se)


def test_the_scale_of_the_score_changes_the_unit_only(visits):
    straight = fit_dropout(pair_visits(visits, "nprs_avg")).coefficient(1)
    tenfold = fit_dropout(pair_visits(visits.assign(nprs_avg=visits["nprs_avg"] * 10), "nprs_avg"))
    assert tenfold.coefficient(1).estimate * 10 == pytest.approx(straight.estimate)
    assert tenfold.coefficient(1).p == pytest.approx(straight.p)
