import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.accuracy import (
    accuracy,
    clustered_covariance,
    lay_cross_table,
    lay_predictive_values,
    log_ratio_p,
    predictive_values,
)
from gluteal.estimators.intervals import Interval


def expand(tp, fp, fn, tn):
    return np.repeat([1, 1, 0, 0], (tp, fp, fn, tn)), np.repeat([1, 0, 1, 0], (tp, fp, fn, tn))


@pytest.fixture(scope="module")
def r(answers):
    return answers("accuracy")


@pytest.fixture(scope="module")
def legs(parity):
    return pd.read_csv(parity / "data" / "legs.csv")


def compare_simple(got, theirs):
    # epiR and this code share the formulae; only arithmetic differs.
    assert got.sensitivity[:3] == pytest.approx(theirs["se"], rel=1e-9)
    assert got.specificity[:3] == pytest.approx(theirs["sp"], rel=1e-9)
    assert got.lr_positive[:3] == pytest.approx(theirs["lr_positive"], rel=1e-9)
    assert got.lr_negative[:3] == pytest.approx(theirs["lr_negative"], rel=1e-9)
    assert got.odds_ratio[:3] == pytest.approx(theirs["odds"], rel=1e-9)


def test_the_example_of_epir(r):
    compare_simple(accuracy(*expand(815, 115, 208, 327)), r["epir_example"])


def test_our_self_test_equals_epir(r, parity):
    data = pd.read_csv(parity / "data" / "selftest.csv")
    got = accuracy(data["pos"], data["weak"])
    assert list(got.table) == r["selftest_table"]
    compare_simple(got, r["selftest"])


def test_clustered_legs_equal_sandwich(r, legs):
    theirs = r["clustered"]
    got = accuracy(legs["pos"], legs["weak"], legs["person"], 0.2)
    v = clustered_covariance(legs["pos"], legs["weak"], legs["person"])
    assert (v[0, 0], v[1, 1], v[0, 1]) == pytest.approx(theirs["covariance"], rel=1e-9)
    assert got.youden[:3] == pytest.approx(theirs["j"], rel=1e-9)
    assert got.sensitivity[:3] == pytest.approx(theirs["se"], rel=1e-9)
    assert got.specificity[:3] == pytest.approx(theirs["sp"], rel=1e-9)
    assert (*got.lr_positive[:3], got.lr_positive.se) == pytest.approx(
        theirs["lr_positive"], rel=1e-9
    )
    assert (*got.lr_negative[:3], got.lr_negative.se) == pytest.approx(
        theirs["lr_negative"], rel=1e-9
    )
    assert got.ppv[:3] == pytest.approx(theirs["ppv_20"], rel=1e-9)
    assert got.npv[:3] == pytest.approx(theirs["npv_20"], rel=1e-9)
    assert (got.people, got.zero_cell) == (90, False)


def test_legs_counted_twice_do_not_narrow_clustered_intervals(legs):
    twice = pd.concat([legs, legs])
    once = accuracy(legs["pos"], legs["weak"], legs["person"])
    again = accuracy(twice["pos"], twice["weak"], twice["person"])
    for name in ("sensitivity", "specificity", "youden", "lr_positive", "odds_ratio"):
        assert getattr(again, name)[:3] == pytest.approx(getattr(once, name)[:3], rel=1e-9)
    naive = accuracy(twice["pos"], twice["weak"]).youden
    assert naive.high - naive.low < 0.8 * (again.youden.high - again.youden.low)


cells = st.tuples(*[st.integers(1, 60)] * 4)


@settings(max_examples=50)
@given(cells)
def test_exchanging_labels_exchanges_sensitivity_and_specificity(table):
    t, r = expand(*table)
    got, other = accuracy(t, r), accuracy(1 - t, 1 - r)
    assert other.sensitivity == got.specificity
    assert other.youden.value == pytest.approx(got.youden.value)
    assert other.lr_positive.value == pytest.approx(1 / got.lr_negative.value)
    assert other.odds_ratio.value == pytest.approx(got.odds_ratio.value)


@settings(max_examples=50)
@given(cells, st.floats(0.01, 0.99))
def test_bayes_by_natural_frequencies(table, prevalence):
    got = accuracy(*expand(*table), prevalence=prevalence)
    se, sp = got.sensitivity.value, got.specificity.value
    positive = prevalence * se + (1 - prevalence) * (1 - sp)
    assert got.ppv.value == pytest.approx(prevalence * se / positive)
    assert got.npv.value == pytest.approx((1 - prevalence) * sp / (1 - positive))
    assert got.ppv.low <= got.ppv.value <= got.ppv.high


def test_at_the_prevalence_of_the_data_predictive_values_are_shares():
    got = accuracy(*expand(30, 10, 20, 40))
    assert got.ppv.value == pytest.approx(30 / 40)
    assert got.npv.value == pytest.approx(40 / 60)


def test_an_empty_cell_is_flagged_and_leaves_an_interval():
    got = accuracy(*expand(10, 3, 0, 20))
    assert got.zero_cell
    assert got.sensitivity.value == 1
    assert got.youden.low < got.youden.value <= got.youden.high
    assert np.isfinite(got.lr_negative[:3]).all()
    perfect = accuracy(*expand(10, 0, 0, 20)).youden
    assert perfect.low < 0.9 < perfect.value


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ([1, 1, 1], "positive in all 3"),
        ([0, 0, 0], "negative in all 3"),
        ([np.nan] * 3, "no unit has both"),
    ],
)
def test_a_reference_without_both_sides_is_refused(reference, words):
    with pytest.raises(UserError, match=words):
        accuracy([1, 0, 1], reference)


def test_missing_values_are_left_out():
    got = accuracy([1, 0, np.nan, 1, 0], [1, 0, 1, np.nan, 1])
    assert got.table == (1, 0, 1, 1)


def test_small_counts_are_not_shown():
    shown = lay_cross_table(accuracy(*expand(2, 10, 28, 30)), 5)
    assert shown[0][0] == "<5"
    assert "2" not in shown[0]
    assert lay_cross_table(accuracy(*expand(20, 10, 28, 1030)), 5)[1] == ["28", "1,030", "1,058"]


def test_predictive_values_over_a_grid_are_those_of_each_prevalence():
    got = accuracy(*expand(30, 10, 20, 40))
    rows = lay_predictive_values(got, [0.1, 0.5])
    one = predictive_values(0.1, got.lr_positive, got.lr_negative)[0]
    assert (rows[0]["ppv"], rows[0]["ppv_high"]) == (one.value, one.high)
    assert rows[0]["ppv"] < rows[1]["ppv"]


def test_a_ratio_of_one_is_no_evidence():
    assert log_ratio_p(Interval(1.0, 0.5, 2.0, 0.35)) == 1
    assert log_ratio_p(Interval(2.0, 1.0, 4.0, np.log(2) / 1.959963985)) == pytest.approx(0.05)


@pytest.mark.nightly
def test_clustered_intervals_hold_the_truth_and_plain_ones_do_not():
    rng = np.random.default_rng(4)
    many = 1_000_000
    weak = rng.normal(size=many)
    sign = 0.8 * weak + rng.normal(size=many) * 0.9
    truth = (sign[weak > 0.5] > 0).mean() + (sign[weak <= 0.5] <= 0).mean() - 1
    clustered = plain = 0
    person = np.repeat(np.arange(100), 2)
    for _ in range(2000):
        # The legs of a person are nearly copies: correlation 0.9 in both traits.
        z = np.repeat(rng.normal(size=(100, 2)), 2, axis=0) * np.sqrt(0.9)
        z = z + rng.normal(size=(200, 2)) * np.sqrt(0.1)
        weak, sign = z[:, 0], 0.8 * z[:, 0] + 0.9 * z[:, 1]
        pair = (sign > 0).astype(float), (weak > 0.5).astype(float)
        one, other = accuracy(*pair, person).youden, accuracy(*pair).youden
        clustered += one.low <= truth <= one.high
        plain += other.low <= truth <= other.high
    assert 0.93 < clustered / 2000 < 0.97
    assert plain / 2000 < 0.90


@pytest.mark.parametrize(
    ("test", "reference", "person", "text"),
    [
        ([1, 0, 2, 1], [1, 0, 1, 0], None, "the test must be 0 or 1, found 2"),
        ([1, 0, 1, 1], [1, 0, 2, 0], None, "the reference must be 0 or 1, found 2"),
        ([1, 0, 1, 1], [1, 0, 1, 0], [1, np.nan, np.nan, 2], "2 rows have no person"),
        ([1, 0, 1, 1], [1, 0, 1, 0], [1, 2], "4 units need a person each"),
    ],
)
def test_other_codes_and_missing_people_are_refused(test, reference, person, text):
    with pytest.raises(UserError, match=text):
        accuracy(test, reference, person)
