from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gluteal.estimators.multiverse import check_joint_null, run_multiverse
from gluteal.frames.multiverse import Choices, build_grid
from gluteal.frames.multiverse_fit import fit_grid, resample_grid

SET = ("age_years", "sex")


@pytest.fixture(scope="module")
def grid():
    rng = np.random.default_rng(7)
    n = 120
    frame = pd.DataFrame({"age_years": rng.uniform(20, 60, n)})
    frame["sex"] = pd.Categorical(np.where(rng.random(n) < 0.5, "f", "m"), ["f", "m"])
    frame["hip_abd_nm_kg"] = rng.normal(1.4, 0.3, n).clip(0.4)
    frame["hip_oa"] = pd.array(rng.random(n) < 0.2, dtype="boolean")
    frame["nprs_avg"] = 4 - 1.5 * frame["hip_abd_nm_kg"] + rng.normal(0, 1, n)
    frame["nprs_now"] = frame["nprs_avg"] + rng.normal(0, 1, n)
    choices = Choices(
        ("nprs_avg", "nprs_now"),
        ("hip_abd_nm_kg",),
        (SET, ("age_years",)),
        ("linear", "spline"),
        ("hip_oa",),
        ("least_squares", "huber"),
    )
    return build_grid(frame, choices)


def test_a_part_of_the_grid_is_the_same_as_in_the_whole(grid):
    whole, one = fit_grid(grid, 0.95), fit_grid(grid, 0.95, slice(0, 1))
    for name in ("estimate", "se", "low", "high", "p", "n"):
        assert getattr(one, name)[0] == pytest.approx(getattr(whole, name)[0], rel=1e-12)
    assert whole.converged.all() and len(whole.problem) == len(grid.specifications)


def test_the_joint_test_is_that_of_the_engine(grid):
    found = resample_grid(grid, 200, 3, 0.95)
    linear = [s for s, huber in zip(grid.specifications, grid.robust, strict=True) if not huber]
    want = check_joint_null(grid.columns, linear, grid.subsets, resamples=200, seed=3)
    assert found.p_median == want.p_median
    assert found.p_stouffer == want.p_stouffer
    assert found.median == pytest.approx(want.median)
    np.testing.assert_allclose(found.band, want.band)


def test_the_interval_of_the_median_is_that_of_people_drawn_anew(grid):
    """The same spread as refitting everything to resampled rows, within what chance allows."""
    found = resample_grid(grid, 400, 1, 0.95)
    assert found.low < found.median < found.high
    rng = np.random.default_rng(2)
    linear = np.flatnonzero(~np.array(grid.robust))
    medians = []
    for _ in range(120):
        rows = rng.integers(0, len(grid.columns), len(grid.columns))
        drawn = replace(grid, columns=grid.columns[rows], subsets=grid.subsets[:, rows])
        chosen = [grid.specifications[i] for i in linear]
        made = run_multiverse(drawn.columns, chosen, drawn.subsets)
        medians.append(np.median(made.estimate))
    assert found.se == pytest.approx(np.std(medians, ddof=1), rel=0.25)


def test_the_same_seed_gives_the_same_numbers(grid):
    one, two = (resample_grid(grid, 100, 5, 0.95) for _ in range(2))
    assert (one.low, one.high, one.p_median) == (two.low, two.high, two.p_median)
    assert resample_grid(grid, 100, 6, 0.95).low != one.low


def test_what_cannot_be_fitted_is_flagged(grid):
    few = replace(grid, subsets=grid.subsets & (np.arange(len(grid.columns)) < 3))
    found = fit_grid(few, 0.95)
    assert not found.converged.any()
    assert "too few rows" in found.problem
    assert np.isnan(found.estimate).all()
    assert resample_grid(few, 100, 1, 0.95) is None
