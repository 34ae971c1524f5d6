import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.accuracy import accuracy
from gluteal.estimators.paired_accuracy import compare_tests


@pytest.fixture(scope="module")
def legs(parity):
    table = pd.read_csv(parity / "data" / "legs.csv")
    return table["pos"], (table["score"] > 0.9).astype(int), table["weak"], table["person"]


@pytest.fixture(scope="module")
def said(answers):
    return answers("paired")


def test_differences_and_exact_tests_equal_r(legs, said):
    found = compare_tests(*legs[:3])
    for k, name in enumerate(("sensitivity", "specificity")):
        one, r = getattr(found, name), said[name]
        assert one.value == pytest.approx(r["value"], rel=1e-12)
        np.testing.assert_allclose(one[1:3], r["interval"], rtol=1e-10)
        assert getattr(found, f"p_{name}") == pytest.approx(r["p"], rel=1e-9)
        assert list(found.discordant[k]) == r["only"]


def test_clustered_errors_equal_sandwich(legs, said):
    found = compare_tests(*legs)
    for name in ("sensitivity", "specificity"):
        assert getattr(found, name).se == pytest.approx(said[name]["clustered_se"], rel=1e-10)
    np.testing.assert_allclose([found.youden.value, found.youden.se], said["j"], rtol=1e-10)
    assert found.people == legs[3].nunique()


def test_it_is_the_difference_of_both_accuracies(legs):
    found = compare_tests(*legs)
    one, two = (accuracy(test, legs[2], legs[3]) for test in legs[:2])
    for name in ("sensitivity", "specificity", "youden"):
        gap = getattr(one, name).value - getattr(two, name).value
        assert getattr(found, name).value == pytest.approx(gap, abs=1e-12)


def test_the_interval_holds_the_truth():
    rng = np.random.default_rng(9)
    cover = np.zeros(2)
    for _ in range(400):
        own = rng.uniform(size=60)
        a, b = (own < 0.8).astype(int), (own < 0.7).astype(int)
        noise = rng.uniform(size=60) < 0.1
        b = np.where(noise, 1 - b, b)
        r = np.repeat([1, 0], 30)
        truth = 0.8 - (0.9 * 0.7 + 0.1 * 0.3)
        for k, person in enumerate((None, np.arange(60))):
            one = compare_tests(a, b, r, person).sensitivity
            cover[k] += one.low < truth < one.high
    assert (cover / 400 > 0.91).all()


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_exchange_and_labels_turn_the_differences_around(seed):
    rng = np.random.default_rng(seed)
    a, b, r = rng.integers(0, 2, (3, 30))
    r[:2] = [0, 1]
    who = np.arange(30) // 2
    for person in (None, who):
        plain, turned = compare_tests(a, b, r, person), compare_tests(b, a, r, person)
        assert turned.sensitivity.low == pytest.approx(-plain.sensitivity.high, nan_ok=True)
        assert turned.p_specificity == pytest.approx(plain.p_specificity, nan_ok=True)
        other = compare_tests(1 - a, 1 - b, 1 - r, person)
        assert other.sensitivity.value == pytest.approx(plain.specificity.value)
        assert other.specificity.low == pytest.approx(plain.sensitivity.low, nan_ok=True)


def test_equal_tests_are_flagged_and_missing_units_left_out():
    r = [1, 1, 0, 0, 1, 1]
    found = compare_tests([1, 0, 1, 0, np.nan, 1], [1, 0, 1, 0, 1, np.nan], r)
    assert found.units == 4
    assert len(found.warnings) == 2
    assert found.p_sensitivity == 1
    assert found.sensitivity.low < 0 < found.sensitivity.high
    clustered = compare_tests([1, 0, 1, 0], [1, 0, 1, 0], r[:4], [1, 1, 2, 2])
    assert np.isnan([clustered.sensitivity.low, clustered.p_youden]).all()
    assert clustered.warnings


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (([0, 1], [0, 1], [1, 1]), "1 in all 2 units"),
        (([0, 2], [0, 1], [1, 0]), "must be 0 or 1"),
        (([0, 1], [0], [1, 0]), "one value for each"),
        (([np.nan], [0], [1]), "missing with one"),
        (([0, 1], [0, 1], [0, 1], [1, 1]), "one person"),
    ],
)
def test_faults_are_named(arrays, words):
    with pytest.raises(UserError, match=words):
        compare_tests(*arrays)
