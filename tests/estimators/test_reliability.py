import numpy as np
import pytest

from gluteal.estimators.icc import mean_squares
from gluteal.estimators.intervals import Interval
from gluteal.estimators.reliability import (
    detectable_change,
    list_cautions,
    reliability,
    standard_error_of_measurement,
)

SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)


@pytest.mark.parametrize("name", ["shrout_fleiss_sem", "raters_sem"])
def test_sem_and_mdc_equal_r(answers, parity, name):
    scores = SHROUT_FLEISS
    if name == "raters_sem":
        scores = np.loadtxt(parity / "data" / "raters.csv", delimiter=",", skiprows=1)
    theirs, got = answers("reliability")[name], reliability(scores)
    assert got.sem_agreement[:3] == pytest.approx(theirs["agreement"], rel=1e-9)
    assert got.sem_consistency[:3] == pytest.approx(theirs["consistency"], rel=1e-9)
    assert detectable_change(got.sem_agreement).value == pytest.approx(theirs["mdc95"], rel=1e-9)
    smaller = detectable_change(got.sem_agreement, 0.90)
    assert smaller.value == pytest.approx(theirs["mdc90"], rel=1e-9)


def test_agreement_is_never_below_consistency():
    rng = np.random.default_rng(2)
    for _ in range(50):
        scores = rng.normal(size=(12, 1)) + rng.normal(size=(12, 3))
        agreement, consistency = standard_error_of_measurement(mean_squares(scores))
        assert agreement.value >= consistency.value
        assert agreement.low <= agreement.value <= agreement.high


def test_a_kgf_is_not_a_newton():
    newton, kgf = reliability(SHROUT_FLEISS * 9.80665), reliability(SHROUT_FLEISS)
    assert newton.sem_agreement.value == pytest.approx(9.80665 * kgf.sem_agreement.value)


def test_mdc_is_1_96_root_two_sem():
    assert detectable_change(Interval(1, 0.5, 2))[:3] == pytest.approx(
        (2.771808, 1.385904, 5.543615), rel=1e-6
    )


def test_the_method_follows_the_holes():
    scores = SHROUT_FLEISS.copy()
    assert reliability(scores).method == "anova"
    scores[2, 1] = np.nan
    got = reliability(scores)
    assert (got.method, got.n_missing, got.n_scores, got.n_people) == ("reml", 1, 23, 6)
    assert "REML" in got.how


def test_cautions_name_few_people_and_a_cap():
    rng = np.random.default_rng(1)
    scores = np.minimum(rng.normal(40, 8, (60, 1)) + rng.normal(0, 3, (60, 3)), 45)
    assert [name for name, *_ in list_cautions(scores, reliability(scores))] == ["Ceiling"]
    few = [name for name, *_ in list_cautions(SHROUT_FLEISS, reliability(SHROUT_FLEISS))]
    assert few == ["People"]


@pytest.mark.nightly
@pytest.mark.parametrize("spread", [0.0, 0.3, 1.0])
def test_the_interval_of_the_sem_holds_the_truth(spread):
    rng = np.random.default_rng(6)
    hits = 0
    for _ in range(2000):
        scores = rng.normal(size=(40, 1)) + spread * rng.normal(size=(1, 2))
        got, _ = standard_error_of_measurement(mean_squares(scores + rng.normal(size=(40, 2))))
        hits += got.low <= np.sqrt(1 + spread**2) <= got.high
    assert 0.935 < hits / 2000 < 0.985
