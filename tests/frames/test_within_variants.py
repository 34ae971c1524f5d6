from dataclasses import replace

import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.frames.panel import Panel, Schedule
from gluteal.frames.score_error import NOTHING, ScoreError
from gluteal.frames.within import Rows, fit_split, weights_of
from gluteal.frames.within_variants import (
    add_means,
    as_ratio,
    difference_rows,
    fit_pooled,
    latent_means,
    list_variants,
    mend,
    own_variance,
)

SCHEDULE = Schedule(("a", "b", "c", "d"), (0.0, 4.0, 8.0, 12.0))


def rows_of(n=1500, error=0.0, seed=1, few=False, whole=False):
    """Slope -1 within people, +1 between them; visits are lost at random."""
    rng = np.random.default_rng(seed)
    trait, moves = rng.normal(0, 0.3, (n, 1)), rng.normal(0, 0.2, (n, 4))
    outcome = trait - moves + rng.normal(0, 0.3, (n, 4)) + rng.normal(0, 0.3, (n, 1))
    outcome = np.round(3 * outcome) if whole else outcome
    exposure = trait + moves + rng.normal(0, error, (n, 4)) * (error > 0)
    seen = rng.random((n, 4)) < (0.6 if few else 1.0)
    person, wave = np.nonzero(seen)
    panel = Panel(SCHEDULE, np.arange(n), exposure, outcome, np.zeros((n, 0)), (), 0)
    rest = (wave[:, None] == [1, 2, 3]).astype(float)
    names = ("visit=b", "visit=c", "visit=d")
    values = exposure[seen], outcome[seen]
    made = Rows(panel, person, wave, values[1], values[0], values[0], rest, names, 0.0, 0)
    return made.keep(np.ones(len(person), dtype=bool))


def slope(fit, term):
    return fit.contrast(weights_of(term, len(fit.model.coef))).estimate


def test_each_model_is_there_and_finds_the_slope():
    rows = rows_of(n=500, few=True, whole=True)
    main = fit_split(rows)
    found = {v.name: v for v in list_variants(rows, main, "within", NOTHING, 0.95)}
    assert set(found) == {
        "cluster-robust errors", "a slope of each person's own", "a trend of each person's own",
        "estimating equations, AR(1)", "every person as a fixed effect", "first differences",
        "ordinal mixed model", "people with three visits or more",
        "exposure as it is (pooled slope)",
    }  # fmt: skip
    for name, one in found.items():
        assert one.value is not None, name
        if one.term == "within" and one.scale == "difference":
            assert one.value.estimate == pytest.approx(-3, abs=6 * one.value.se), name
    assert found["exposure as it is (pooled slope)"].value.estimate > -2.5
    assert as_ratio(found["ordinal mixed model"].value, 0.1).estimate < 1


def test_the_pooled_slope_lies_between_the_two():
    rows = rows_of()
    main, pooled = fit_split(rows), fit_pooled(rows).model.coef[1]
    assert slope(main, "within") < pooled < slope(main, "between")


def test_error_makes_the_slope_flat_and_is_taken_out():
    rows = rows_of(error=0.15)
    main = fit_split(rows)
    known = ScoreError(0.15**2, np.nan, np.nan, 200.0, 201, "assessors")
    found = mend(rows, main, known, 0.95)
    assert slope(main, "within") > -0.75
    assert found.value.estimate == pytest.approx(-1, abs=0.06)
    assert found.value.se > main.contrast(weights_of("within", len(main.model.coef))).se
    total, free = own_variance(rows)
    assert total == pytest.approx(0.04 + 0.0225, rel=0.05)
    assert free == 1500 * 3 - 3
    with pytest.raises(UserError, match="no correction"):
        mend(rows, main, replace(known, variance=0.06), 0.95)


def test_a_mean_of_few_visits_is_corrected():
    rows = rows_of(few=True)
    main = fit_split(rows)
    assert slope(main, "between") < 0.8
    found = latent_means(rows, main, "between", 0.95)
    assert abs(found.value.estimate - 1) < 3 * found.value.se
    gap = latent_means(rows, main, "contextual", 0.95)
    assert abs(gap.value.estimate - 2) < 3 * gap.value.se


def test_differences_are_of_neighbouring_visits():
    rows = rows_of(n=40, few=True)
    design, change, person = difference_rows(rows)
    first = person[0]
    own = np.flatnonzero(rows.person == first)
    waves = rows.wave[own]
    at = np.flatnonzero(np.diff(waves) == 1)[0]
    assert change[0] == pytest.approx(rows.outcome[own[at + 1]] - rows.outcome[own[at]])
    assert design[0, 1] == pytest.approx(rows.exposure[own[at + 1]] - rows.exposure[own[at]])


def test_with_means_the_slope_is_that_of_fixed_effects():
    rows = rows_of(n=60, few=True)
    inner = np.column_stack([rows.within, rows.rest, rows.outcome])
    count = np.bincount(rows.person)
    for j in range(inner.shape[1]):
        total = np.bincount(rows.person, inner[:, j])
        inner[:, j] -= total[rows.person] / np.maximum(count, 1)[rows.person]
    fixed = np.linalg.lstsq(inner[:, :-1], inner[:, -1], rcond=None)[0][0]
    assert slope(fit_split(add_means(rows)), "within") == pytest.approx(fixed, rel=1e-8)
