import numpy as np
import pandas as pd
import pytest

from gluteal.frames.multiverse import AXES, Choices, build_grid, count_by_choice

MAIN = ("age_years", "hip_oa")


@pytest.fixture
def frame():
    rng = np.random.default_rng(2)
    made = pd.DataFrame({"age_years": rng.uniform(20, 60, 60), "phq9": rng.integers(0, 20, 60)})
    made["hip_oa"] = pd.array(rng.random(60) < 0.3, dtype="boolean")
    made["hip_abd_nm_kg"], made["hip_abd_n_kg"] = rng.gamma(9, 0.15, (2, 60))
    made["nprs_avg"], made["nprs_now"] = rng.uniform(0, 10, (2, 60))
    return made


def lay_out(frame, **more):
    given = {
        "outcomes": ("nprs_avg", "nprs_now"),
        "exposures": ("hip_abd_nm_kg", "hip_abd_n_kg"),
        "sets": (MAIN, (*MAIN, "phq9"), ("age_years",)),
        "forms": ("linear", "log"),
        "exclusions": ("hip_oa",),
        "estimators": ("least_squares", "huber"),
    }
    return build_grid(frame, Choices(**(given | more)))


def test_every_combination_once_the_primary_one_first(frame):
    grid = lay_out(frame)
    assert len(grid.specifications) == 2 * 2 * 3 * 2 * 2 * 2
    keys = {tuple(words[axis] for axis in AXES) for words in grid.words}
    assert len(keys) == len(grid.specifications)
    first = grid.words[0]
    assert (first["form"], first["people"], first["estimator"]) == (
        "linear",
        "everybody",
        "least squares",
    )
    assert first["adjustment"] == "main set (2)" and not grid.robust[0]


def test_sets_are_named_by_what_differs(frame):
    names = {words["adjustment"] for words in lay_out(frame).words}
    assert "with PHQ-9" in names
    assert any(name.startswith("without hip osteoarthritis") for name in names)
    assert lay_out(frame, sets=((),)).words[0]["adjustment"] == "nothing"


def test_who_is_left_out_for_a_covariate_is_not_adjusted_for_it(frame):
    grid = lay_out(frame)
    sizes: dict[str, set[int]] = {}
    for words, one in zip(grid.words, grid.specifications, strict=True):
        sizes.setdefault(words["people"], set()).add(len(one.covariates))
    assert sizes["everybody"] == {1, 2, 3}
    assert max(sizes["without hip osteoarthritis diagnosed"]) == 2


def test_the_answer_by_each_choice(frame):
    words = lay_out(frame, sets=(MAIN,), estimators=("least_squares",)).words
    estimate = np.array([1.0 if w["form"] == "log" else -3.0 for w in words])
    rows = count_by_choice(words, estimate, estimate < -2)
    by = {(r["axis"], r["option"]): r for r in rows}
    assert by["form", "log"]["median"] == 1.0 and by["form", "linear"]["clear"] == 1.0
    assert ("estimator", "least squares") not in by  # no choice, no row
    assert count_by_choice(words, np.full(len(words), np.nan), estimate > 9) == []
