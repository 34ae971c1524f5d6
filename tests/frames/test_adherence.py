from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
from gluteal.frames.adherence import (
    Intervals,
    fit_dose,
    lay_numbers,
    read_intervals,
    weigh_intervals,
)
from gluteal.frames.course import Course

VISITS = ("baseline", "week04", "week08", "week12")


def draw(n=3000, seed=1, effect=-1.0, left=True):
    """Pain lowers adherence in the next interval, and is lowered by it: feedback over time."""
    rng = np.random.default_rng(seed)
    distress = rng.normal(0, 1, n)
    y = np.zeros((n, 4))
    y[:, 0] = 5 + distress + rng.normal(0, 1, n)
    dose, so_far = np.zeros((n, 3)), np.zeros((n, 4))
    for k in range(3):
        dose[:, k] = 0.6 - 0.03 * (y[:, k] - 5) + rng.normal(0, 0.15, n)
        so_far[:, k + 1] = dose[:, : k + 1].mean(1)
        # The state of pain feeds the next doses; the last visit holds the effect of all of them.
        y[:, k + 1] = 5 + distress + 0.8 * rng.normal(0, 1, n)
    y[:, 3] += effect * so_far[:, 3] + 0.8 * (y[:, 2] - 5 - distress)
    if left:
        gone = rng.random((n, 3)) < 0.1 / (1 + np.exp(-(y[:, :3] - 6)))
        for k in range(3):
            y[gone[:, : k + 1].any(1), k + 1] = np.nan
    course = Course(
        np.arange(n).astype(object), VISITS, np.array([0.0, 4, 8, 12]), y, np.ones(n),
        np.zeros((n, 0)), (), 0,
    )  # fmt: skip
    last = y.copy()
    for k in range(1, 4):
        last[:, k] = np.where(np.isnan(last[:, k]), last[:, k - 1], last[:, k])
    return Intervals(course, 3, dose, so_far, (last[:, :3],), ("outcome",))


def test_weights_find_the_dose_where_regression_does_not():
    made = [fit_dose(draw(seed=seed)) for seed in range(6)]
    whole, cut, plain = (
        np.array([getattr(one, name).coefficient(1).estimate for one in made])
        for name in ("untruncated", "weighted", "adjusted")
    )
    assert abs(whole.mean() + 1.0) < 4 * whole.std(ddof=1) / np.sqrt(len(made))
    assert plain.mean() < -2.5  # who hurts less adheres more: three times the truth
    assert plain.mean() + 1 < cut.mean() < whole.mean()  # truncation gives a little back


def test_weights_are_stabilised_and_leave_out_who_left():
    made = draw(1000)
    weights, who, at = weigh_intervals(made)
    assert len(weights.values) == 3000
    gone = np.isnan(made.course.y[who, 3]) & (at == 2)
    assert (weights.values[gone] == 0).all()
    stayed = weights.values[(at == 2) & ~gone]
    assert (stayed > 0).all()
    assert stayed.mean() == pytest.approx(1, abs=0.05)
    full, _, last = weigh_intervals(draw(1000, left=False))
    assert (full.values > 0).all()
    assert full.values[last == 2].mean() == pytest.approx(1, abs=0.05)


def test_too_few_who_left_are_said_and_stop_nothing():
    made = draw(60, left=False)
    made.course.y[:2, 3] = np.nan
    made.before[0][:2, 2] = 30.0  # nobody else hurt so much: who leaves is certain
    found = fit_dose(made)
    assert any("no weights for staying" in text for text in found.weighted.warnings)
    assert found.weighted.converged
    assert found.n == 58


def test_truncation_only_moves_the_ends():
    found = fit_dose(draw(1000), (0.0, 1.0))
    assert found.weighted.coefficient(1) == found.untruncated.coefficient(1)
    cut = fit_dose(draw(1000), (0.05, 0.95))
    assert cut.weights.max() < found.weights.max()
    assert cut.summary.effective > found.summary.effective
    assert cut.n == found.n


def test_the_interval_is_honest_without_an_effect():
    held = 0
    for seed in range(60):
        one = fit_dose(draw(300, seed, effect=0.0)).weighted.coefficient(1)
        held += one.low < 0 < one.high
    assert held >= 51  # 95 % less about four standard errors


def test_what_does_not_vary_is_named():
    made = draw(200)
    made.so_far[:] = 0.5
    with pytest.raises(UserError, match="adherence_to_date"):
        fit_dose(made)
    made = draw(200)
    made.course.y[20:, 3] = np.nan
    made.course.y[:, 3][:5] = np.nan
    with pytest.raises(UserError, match="20 people"):
        fit_dose(made)


def build(n=30):
    ids = np.array([f"P{k:02d}" for k in range(n)], dtype=object)
    rows = [
        {
            "participant_id": name, "visit": visit, "phq9": float(i % 5),
            "adherence_interval": np.nan if k == 0 else 0.5,
            "adherence_to_date": np.nan if k == 0 else 0.1 * k,
            "stage_at_visit": [None, "1", "1", "2"][k], "examiner": "AB",
        }
        for i, name in enumerate(ids)
        for k, visit in enumerate(VISITS)
    ]  # fmt: skip
    y = np.arange(4 * n, dtype=float).reshape(n, 4) % 9
    course = Course(ids, VISITS, np.array([0.0, 4, 8, 12]), y, np.ones(n), np.zeros((n, 0)), (), 0)
    return SimpleNamespace(visits=pd.DataFrame(rows)), course


def test_what_is_known_before_each_interval():
    cohort, course = build()
    course.y[0, 1] = np.nan
    made = read_intervals(cohort, course, 3, ("phq9", "absent"))
    assert made.names == ("outcome", "stage_at_visit", "phq9")
    assert made.before[0][0].tolist() == [0, 0, 2]  # the last value known, not a guess at one
    assert made.before[1][0].tolist() == [0, 0, 0]
    assert made.so_far[0].tolist() == pytest.approx([0, 0.1, 0.2, 0.3])
    assert made.dose.shape == (30, 3)
    assert made.total.tolist() == pytest.approx([0.3] * 30)


def test_too_few_people_and_words_are_named():
    cohort, course = build(10)
    with pytest.raises(UserError, match="sessions"):
        read_intervals(cohort, course, 3, ())
    cohort, course = build()
    with pytest.raises(UserError, match="examiner"):
        lay_numbers(cohort, "examiner", course)
