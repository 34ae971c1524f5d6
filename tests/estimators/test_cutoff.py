import csv

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.auc import areas
from gluteal.estimators.bootstrap.draws import draw_counts
from gluteal.estimators.cutoff import (
    MOST_POINTS,
    band,
    choose_cutoff,
    curve,
    lay_curve,
)


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(3)
    return rng.integers(0, 2, 60).astype(float), rng.normal(size=60)


def test_the_cutoff_of_our_self_test_is_that_of_proc(answers, parity):
    data = pd.read_csv(parity / "data" / "selftest.csv")
    found = choose_cutoff(data["weak"], -data["hold"], resamples=100)
    theirs = answers("accuracy")["areas"]["youden"]
    assert (found.value, found.sensitivity, found.specificity) == pytest.approx(theirs, rel=1e-9)


def test_the_published_cutoff(real_data):
    path = real_data / "roc-asah" / "aSAH.csv"
    if not path.is_file():
        pytest.skip("roc-asah absent")
    with path.open() as stream:
        rows = list(csv.DictReader(stream))
    poor = [row["outcome"] == "Poor" for row in rows]
    found = choose_cutoff(poor, [float(row["s100b"]) for row in rows], resamples=100)
    anchors = (0.205, 0.6341463, 0.8055556)
    assert (found.value, found.sensitivity, found.specificity) == pytest.approx(anchors, abs=1e-7)


def test_cutoffs_searched_in_noise_are_corrected_towards_nothing():
    rng = np.random.default_rng(3)
    found = [
        choose_cutoff(rng.integers(0, 2, 60), rng.normal(size=60), resamples=200) for _ in range(40)
    ]
    apparent = np.mean([one.youden for one in found])
    assert apparent > 0.1
    assert abs(np.mean([one.corrected.value for one in found])) < 0.04
    assert np.mean([one.corrected.low <= 0 <= one.corrected.high for one in found]) > 0.85
    assert found[0].corrected.value == pytest.approx(found[0].youden - found[0].optimism)


def test_the_correction_is_what_a_loop_over_resamples_gives(noise):
    y, x = noise
    found = choose_cutoff(y, x, resamples=40, seed=7)

    def youden(cut, w):
        above = w * (x >= cut)
        return (above @ y) / (w @ y) - (above @ (1 - y)) / (w @ (1 - y))

    cuts, judged, drops = [np.inf, *np.unique(x)[::-1]], [], []
    for weights in np.concatenate(list(draw_counts([60], 40, 7))):
        best = max(cuts, key=lambda cut: round(youden(cut, weights), 12))
        judged.append(youden(best, weights == 0))
        drops.append(youden(best, weights) - youden(best, np.ones(60)))
    assert found.corrected.value == pytest.approx(np.mean(judged), abs=1e-9)
    assert found.harrell[2] == pytest.approx(found.youden - np.mean(drops), abs=1e-9)
    assert found.harrell[2] == pytest.approx(sum(found.harrell[:2]) - 1)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 6), min_size=10, max_size=10))
def test_the_curve_rises_from_nothing_to_all(values):
    y = np.array([0, 1] * 5)
    points = curve(y, np.array(values, float))
    assert (points.sensitivity[0], points.false_positive[0]) == (0, 0)
    assert (points.sensitivity[-1], points.false_positive[-1]) == (1, 1)
    assert (np.diff(points.sensitivity) >= 0).all()
    area = np.trapezoid(points.sensitivity, points.false_positive)
    assert area == pytest.approx(areas(y, values).values[0])


def test_the_band_holds_the_curve():
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 200)
    found = band(y, rng.normal(size=200) + y, resamples=300)
    inside = (found.low <= found.sensitivity) & (found.sensitivity <= found.high)
    assert inside.mean() > 0.95


def test_a_long_curve_is_thinned_and_has_no_thresholds():
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 500)
    rows = lay_curve(y, rng.normal(size=500) + y, resamples=50)
    assert len(rows["curve"]) == MOST_POINTS
    assert set(rows["curve"][0]) == {"false_positive", "sensitivity"}
    assert rows["curve"][-1] == {"false_positive": 1.0, "sensitivity": 1.0}


def test_no_positive_is_refused():
    with pytest.raises(UserError, match="negative in all"):
        choose_cutoff([0, 0, 0], [1.0, 2, 3])


@pytest.mark.nightly
@pytest.mark.parametrize(("n", "shift"), [(60, 0.0), (60, 1.5), (200, 1.0)])
def test_the_corrected_interval_holds_the_truth(n, shift):
    from scipy.stats import norm

    rng = np.random.default_rng(1)
    hits, misses = 0, []
    for seed in range(400):
        y = rng.integers(0, 2, n)
        found = choose_cutoff(y, rng.normal(size=n) + shift * y, resamples=200, seed=seed)
        truth = norm.sf(found.value - shift) - norm.sf(found.value)
        hits += found.corrected.low <= truth <= found.corrected.high
        misses.append(found.corrected.value - truth)
    assert 0.90 < hits / 400 < 0.99
    assert abs(np.mean(misses)) < 0.02
