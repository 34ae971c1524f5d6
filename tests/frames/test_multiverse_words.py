import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gluteal.analyses.multiverse import Spec
from gluteal.estimators.multiverse import summarise_curve
from gluteal.frames import multiverse_words
from gluteal.frames.multiverse import Choices, build_grid
from gluteal.frames.multiverse_fit import fit_grid, resample_grid
from gluteal.frames.multiverse_words import (
    lay_out_curve,
    lay_out_tables,
    name_set,
    write_multiverse,
)

SPEC = Spec(outcome="nprs_avg", exposure="hip_abd_nm_kg", adjust=("age_years",))


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"age_years": rng.uniform(20, 60, 90)})
    frame["hip_abd_nm_kg"] = rng.gamma(9, 0.15, 90)
    frame["nprs_avg"] = 5 - frame["hip_abd_nm_kg"] + rng.normal(0, 1, 90)
    frame["nprs_now"] = frame["nprs_avg"] + rng.normal(0, 1, 90)
    frame["med_analgesic_24h"] = pd.array(rng.random(90) < 0.3, dtype="boolean")
    choices = Choices(
        ("nprs_avg", "nprs_now"),
        ("hip_abd_nm_kg",),
        (("age_years",),),
        ("linear", "log"),
        ("med_analgesic_24h",),
        ("least_squares", "huber"),
    )
    grid = build_grid(frame, choices)
    return grid, fit_grid(grid, 0.95), resample_grid(grid, 100, 1, 0.95)


def test_the_curve_is_in_order_with_the_choices_behind_it(made):
    grid, found, drawn = made
    panels = lay_out_curve(grid, found, drawn, summarise_curve(found))
    rows = panels["specifications"]
    assert [row["rank"] for row in rows] == list(range(16))
    assert np.all(np.diff([row["estimate"] for row in rows]) >= 0)
    (primary,) = [row for row in rows if row["primary"]]
    assert primary["estimate"] == found.estimate[0]
    assert (primary["outcome"], primary["form"], primary["estimator"]) == (0, 0, 0)
    assert {row["axis"] for row in panels["choices"]} == {"outcome", "form", "people", "estimator"}
    assert panels["summary"][0]["joint_p"] == drawn.p_median
    json.dumps(panels)


def test_a_very_long_curve_is_thinned_but_keeps_the_primary_one(made, monkeypatch):
    grid, found, _ = made
    monkeypatch.setattr(multiverse_words, "MOST_DRAWN", 3)
    panels = lay_out_curve(grid, found, None, summarise_curve(found))
    assert 3 <= len(panels["specifications"]) <= 4
    assert sum(row["primary"] for row in panels["specifications"]) == 1
    assert panels["summary"][0]["specifications"] == 16


def test_tables_say_what_moves_the_answer_and_what_was_not_taken(made):
    grid, found, _ = made
    tables = lay_out_tables(grid, found, [("adjusting for nothing", "leaves a path open")], 5)
    assert len(tables["by_choice"]) == 8
    assert tables["choices_not_taken"][0]["Not taken, because"] == "leaves a path open"
    assert "without_answer" not in tables
    lost = replace(found, problem=("collinear", *found.problem[1:]))
    assert lay_out_tables(grid, lost, [], 5)["without_answer"][0]["Specifications"] == "<5"


def test_sets_in_words():
    assert name_set(()) == "adjusting for nothing"
    assert name_set(("age_years", "phq9")) == "adjusting for age and PHQ-9"


def test_what_was_done_is_said(made):
    grid, _, drawn = made
    text = " ".join(write_multiverse(SPEC, grid, drawn))
    assert "16 specifications" in text and "2 forms" in text and "100 resamples" in text
    assert "no node for analgesic" in text and "hip osteoarthritis" not in text
    assert "suffice by the causal graph were taken" in text
    assert "knows no measured set" in write_multiverse(SPEC, grid, drawn, sufficient=False)[0]
    assert "Huber" in text and "10.1038/s41562-020-0912-z" in text
    assert len(write_multiverse(SPEC.model_copy(update={"exclusions": ()}), grid, None)) == 1
