import numpy as np
import pytest
from scipy import special

from gluteal.errors import UserError
from gluteal.estimators.auc import areas
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.validation import (
    fit_weighted,
    optimism_of,
    validate_logistic,
    weighted_area,
)


@pytest.fixture(scope="module")
def said(answers):
    return answers("validation")


@pytest.fixture(scope="module")
def model(base, matrix):
    some = base[:150]
    x = matrix(some, "glute", "age", "female", "bmi", "prior_lbp")
    return x, some["lbp"].to_numpy(float)


def test_each_resample_equals_a_loop_in_r(model, said, parity):
    counts = np.loadtxt(parity / "data" / "resamples.csv", delimiter=",")
    found = optimism_of(*model, counts, np.zeros(6))
    np.testing.assert_allclose(found, said["optimism"], rtol=1e-8, atol=1e-11)


def test_the_corrected_measures_are_near_those_of_validate(model, said):
    """R draws other resamples: 2000 on each side."""
    found, r = validate_logistic(*model, resamples=2000), said["validate"]
    apparent = [found.auc.apparent, found.slope.apparent, found.brier.apparent]
    np.testing.assert_allclose(apparent, np.array(said["apparent"])[[0, 2, 3]], rtol=1e-9)
    assert 2 * found.auc.corrected - 1 == pytest.approx(r["dxy"], abs=0.008)
    assert found.slope.corrected == pytest.approx(r["slope"], abs=0.025)
    assert found.intercept.corrected == pytest.approx(r["intercept"], abs=0.03)
    assert found.brier.corrected == pytest.approx(r["brier"], abs=0.001)
    assert found.converged
    assert found.resamples == 2000


def test_the_correction_is_near_the_truth_in_new_people():
    """Apparent areas are too good by far, corrected ones not on average."""
    rng = np.random.default_rng(12)
    beta = np.r_[-0.3, 0.8, np.zeros(7)]
    far = np.column_stack([np.ones(20_000), rng.normal(size=(20_000, 8))])
    far_y = (rng.uniform(size=20_000) < special.expit(far @ beta)).astype(float)
    gaps = []
    for k in range(40):
        x = np.column_stack([np.ones(150), rng.normal(size=(150, 8))])
        y = (rng.uniform(size=150) < special.expit(x @ beta)).astype(float)
        found = validate_logistic(x, y, resamples=40, seed=k)
        true = weighted_area(far @ found.coef, far_y, np.ones(20_000))
        gaps.append([found.auc.apparent - true, found.auc.corrected - true])
    apparent, corrected = np.mean(gaps, axis=0)
    assert apparent > 0.04
    assert abs(corrected) < 0.02


def test_many_weightings_equal_one_fit_each(model):
    x, y = model
    rng = np.random.default_rng(2)
    weights = rng.integers(0, 3, (5, 150)).astype(float)
    found, good = fit_weighted(x, y, weights, np.zeros((5, 6)))
    assert good.all()
    for coef, weight in zip(found, weights.astype(int), strict=True):
        rows = np.repeat(np.arange(150), weight)
        np.testing.assert_allclose(coef, fit_glm(x[rows], y[rows], "logistic").coef, rtol=1e-7)
        area = weighted_area(x @ coef, y, weight.astype(float))
        assert area == pytest.approx(areas(y[rows], x[rows] @ coef).values[0], rel=1e-12)


def test_a_separated_resample_is_left_out_and_does_not_stop_the_others(model):
    x, y = model
    apart = np.where((x[:, 1] > np.median(x[:, 1])) == (y == 1), 1.0, 0.0)
    weights = np.vstack([np.ones(150), apart])
    found, good = fit_weighted(x, y, weights, np.zeros((2, 6)))
    assert good.tolist() == [True, False]
    np.testing.assert_allclose(found[0], fit_glm(x, y, "logistic").coef, rtol=1e-7)


def test_small_data_are_flagged():
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(14), rng.normal(size=(14, 2))])
    y = np.r_[np.ones(4), np.zeros(10)]
    x[:, 1] += 1.5 * y
    found = validate_logistic(x, y, resamples=100)
    assert not found.converged
    assert "could not be fitted in" in found.warnings[-1]


def test_rows_of_one_person_are_drawn_together(model):
    x, y = model
    once = validate_logistic(x, y, resamples=400)
    who = np.tile(np.arange(150), 2)
    twice = validate_logistic(np.tile(x, (2, 1)), np.tile(y, 2), who, resamples=400)
    naive = validate_logistic(np.tile(x, (2, 1)), np.tile(y, 2), resamples=400)
    assert twice.slope.optimism == pytest.approx(once.slope.optimism, abs=0.06)
    assert naive.slope.optimism < 0.7 * once.slope.optimism


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.ones((4, 1)), [0, 1, 2, 1], "must be 0 or 1, found 2"),
        (np.ones((4, 1)), [1, 1, 1, 1], "1 in all 4 rows"),
        (np.ones((4, 2)), [0, 1, 0, 1], "combination of the columns"),
        (np.ones((1, 1)), [1], "cannot carry"),
    ],
)
def test_faults_are_named(x, y, words):
    with pytest.raises(UserError, match=words):
        validate_logistic(x, y)
    with pytest.raises(UserError, match="one person"):
        validate_logistic(np.c_[np.ones(4), [1, 2, 0, 4]], [0, 1, 0, 1], [1, 1, 1, 1])
