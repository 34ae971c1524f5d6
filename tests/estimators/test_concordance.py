import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.concordance import concordance_correlation


@pytest.mark.parametrize(("name", "file"), [("pefr", "pefr"), ("raters", "raters")])
def test_it_equals_epir(parity, answers, name, file):
    table = np.loadtxt(parity / "data" / f"{file}.csv", delimiter=",", skiprows=1)
    found = concordance_correlation(table[:, 0], table[:, 1])
    got = [*found.ccc[:3], found.accuracy, 1 / found.scale_shift, found.location_shift]
    want = np.array(answers("raters")[name])
    want[4] = 1 / want[4] if name == "pefr" else want[4]
    np.testing.assert_allclose(got[:4], want[:4], rtol=1e-10)
    assert abs(got[5]) == pytest.approx(abs(want[5]), rel=1e-10)


def test_the_published_number_of_peak_flow(parity):
    table = pd.read_csv(parity / "data" / "pefr.csv")
    found = concordance_correlation(table["wright"], table["mini"])
    np.testing.assert_allclose(found.ccc[:3], [0.9427424, 0.8504919, 0.9787263], atol=5e-8)
    assert found.ccc.value == pytest.approx(found.precision * found.accuracy)
    shift = table["mini"].std() / table["wright"].std()
    assert found.scale_shift == pytest.approx(shift)


def test_the_interval_holds_the_truth():
    """Both errors: Lin's, and linearised over people."""
    rng = np.random.default_rng(3)
    truth = 2 * 0.8 / (1 + 1 + 0.3**2)
    cover = np.zeros(2)
    for _ in range(300):
        a, b = rng.multivariate_normal([0, 0.3], [[1, 0.8], [0.8, 1]], 60).T
        for k, person in enumerate((None, np.arange(60))):
            low, high = concordance_correlation(a, b, person).ccc[1:3]
            cover[k] += low < truth < high
    assert (cover / 300 > 0.9).all()
    assert (cover / 300 < 0.99).all()


def test_copies_of_pairs_do_not_narrow():
    rng = np.random.default_rng(4)
    a = rng.normal(size=40)
    b = a + 0.4 * rng.normal(size=40)
    who = np.tile(np.arange(40), 2)
    once = concordance_correlation(a, b, np.arange(40))
    twice = concordance_correlation(np.tile(a, 2), np.tile(b, 2), who)
    assert twice.ccc.se == pytest.approx(once.ccc.se, rel=1e-9)
    assert twice.people == 40


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.01, 100), shift=st.floats(-100, 100))
def test_exchange_unit_and_zero_do_not_matter(seed, scale, shift):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=15)
    b = a + rng.normal(0.2, 0.5, 15)
    plain = concordance_correlation(a, b)
    for other in (
        concordance_correlation(b, a),
        concordance_correlation(shift + scale * a, shift + scale * b),
    ):
        np.testing.assert_allclose(other.ccc[:3], plain.ccc[:3], rtol=1e-6)
    assert abs(plain.ccc.value) <= abs(plain.precision) + 1e-12


def test_equal_pairs_are_flagged_and_missing_ones_left_out():
    found = concordance_correlation([1, 2, 3, 4, np.nan], [1, 2, 3, 4, 5])
    assert found.ccc.value == 1
    assert np.isnan(found.ccc.low)
    assert found.warnings
    assert found.n == 4
    flat = concordance_correlation([1, 2, 3, 2], [2, 1, 2, 3])
    assert np.isfinite(flat.ccc[:3]).all()


def test_no_correlation_has_an_interval():
    found = concordance_correlation([1, 1, 2, 2.0], [1, 2, 1, 2.0])
    assert found.ccc.value == 0
    assert found.ccc.low < 0 < found.ccc.high


@pytest.mark.parametrize(
    ("a", "b", "person", "words"),
    [
        ([1, 2], [1, 2], None, "three pairs"),
        ([1, 1, 1], [1, 2, 3], None, "do not vary"),
        ([1, 2, 3], [1, 2, 4], [1, 1, 1], "one person"),
    ],
)
def test_what_has_no_coefficient_is_refused(a, b, person, words):
    with pytest.raises(UserError, match=words):
        concordance_correlation(a, b, person)
