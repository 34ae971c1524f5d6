import numpy as np
import pytest

from gluteal.estimators.crossed import Crossed, components, fit_crossed
from gluteal.estimators.icc import mean_squares
from gluteal.estimators.reliability import reliability


def holes(parity):
    return np.genfromtxt(parity / "data" / "raters_missing.csv", delimiter=",", skip_header=1)


def test_components_equal_lme4(answers, parity):
    theirs = answers("reliability")["missing"]
    got = reliability(holes(parity))
    assert got.method == "reml"
    # lme4's tightest optimiser stops at about seven digits of the smallest variance.
    for own, name in (("person", "id"), ("rater", "rater"), ("error", "error")):
        assert got.variances[own] == pytest.approx(theirs[name], rel=1e-6)
    for form, name in (
        ("ICC(A,1)", "icc_agreement"), ("ICC(C,1)", "icc_consistency"), ("ICC(1,1)", "icc_one_way")
    ):  # fmt: skip
        assert got.icc[form].value == pytest.approx(theirs[name], rel=1e-6)
    assert got.sem_agreement.value == pytest.approx(theirs["sem_agreement"], rel=1e-6)


def test_a_full_table_gives_the_mean_squares_of_the_analysis_of_variance(parity):
    scores = np.loadtxt(parity / "data" / "raters.csv", delimiter=",", skiprows=1)
    found, converged = components(scores)
    assert converged
    for name, value in mean_squares(scores)._asdict().items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-6), name


def test_the_fit_is_at_the_least_deviance(parity):
    model = Crossed(holes(parity))
    person, rater, least = fit_crossed(model)
    assert model.deviance(person, rater) == pytest.approx(least, abs=1e-9)
    for up in (0.98, 1.02):
        assert model.deviance(person * up, rater) > least
        assert model.deviance(person, rater * up) > least


def test_no_rater_variance_is_zero_not_below():
    rng = np.random.default_rng(4)
    scores = rng.normal(size=(30, 1)) + rng.normal(size=(30, 3))
    scores -= scores.mean(0)
    scores[3, 1] = np.nan
    assert fit_crossed(Crossed(scores))[1] < 1e-3


def test_order_and_unit_do_not_matter(parity):
    scores = holes(parity)
    rng = np.random.default_rng(1)
    other = scores[rng.permutation(len(scores))][:, [2, 0, 1]] * 9.81 + 40
    for form, value in reliability(scores).icc.items():
        assert reliability(other).icc[form][:3] == pytest.approx(value[:3], rel=1e-5)


def test_scores_without_error_are_flagged():
    table = np.array([[1.0, 1.0, 1.0], [2.0, 2.0, np.nan], [4.0, 4.0, 4.0], [7.0, np.nan, 7.0]])
    assert not reliability(table).converged


@pytest.mark.nightly
def test_intervals_hold_the_truth_where_scores_are_missing():
    rng = np.random.default_rng(8)
    hits = np.zeros(4)
    repeats = 400
    for _ in range(repeats):
        scores = 1.5 * rng.normal(size=(40, 1)) + 0.3 * rng.normal(size=(1, 3))
        scores = scores + rng.normal(size=(40, 3))
        scores[rng.random(scores.shape) < 0.2] = np.nan
        got = reliability(scores)
        truth = (2.25 / 3.34, 2.25 / 3.25, np.sqrt(1.09), 1.0)
        found = (got.icc["ICC(A,1)"], got.icc["ICC(C,1)"], got.sem_agreement, got.sem_consistency)
        hits += [f.low <= t <= f.high for f, t in zip(found, truth, strict=True)]
    assert (hits / repeats > 0.92).all()
