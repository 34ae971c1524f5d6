import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.replicates import compare_replicates


@pytest.fixture(scope="module")
def cardiac(parity):
    table = pd.read_csv(parity / "data" / "cardiac.csv")
    return [
        one.pivot_table(index="item", columns="repl", values="y").to_numpy()
        for _, one in sorted(table.groupby("meth"), reverse=True)
    ]


def test_cardiac_output_equals_the_formulae_in_r(cardiac, answers):
    found, r = compare_replicates(*cardiac), answers("raters")["cardiac"]
    np.testing.assert_allclose(found.lower[:3], r["lower"], rtol=1e-10)
    np.testing.assert_allclose(found.upper[:3], r["upper"], rtol=1e-10)
    np.testing.assert_allclose([found.within_first, found.within_second], r["within"], rtol=1e-10)
    got = [found.bias.value, found.sd, found.between]
    np.testing.assert_allclose(got, [r["bias"], r["sd"], r["between"]], rtol=1e-10)


def test_the_limits_hold_the_differences_of_single_measurements():
    """More replicates may not narrow the limits: they are for one measurement by each method."""
    rng = np.random.default_rng(5)
    widths = []
    for k in (2, 8):
        true = rng.normal(100, 20, 3000)[:, None]
        own = rng.normal(0, 3, 3000)[:, None]
        first = true + own + rng.normal(2, 2, (3000, k))
        second = true + rng.normal(0, 4, (3000, k))
        found = compare_replicates(first, second)
        inside = np.abs(first[:, 0] - second[:, 0] - found.bias.value) < 1.96 * found.sd
        assert inside.mean() == pytest.approx(0.95, abs=0.012)
        widths.append(found.sd)
    np.testing.assert_allclose(widths, np.sqrt(9 + 4 + 16), rtol=0.03)


def test_the_interval_holds_the_truth():
    rng = np.random.default_rng(6)
    truth, cover = 1.96 * np.sqrt(1 + 0.25 + 0.49), 0
    for _ in range(300):
        own = rng.normal(0, 1, 25)[:, None]
        found = compare_replicates(own + rng.normal(0, 0.5, (25, 3)), rng.normal(0, 0.7, (25, 2)))
        cover += found.upper.low < truth < found.upper.high
    assert 0.91 < cover / 300 < 0.985


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), shift=st.floats(-50, 50), scale=st.floats(0.1, 50))
def test_exchange_shift_and_unit(seed, shift, scale):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(8, 3)), rng.normal(size=(8, 2))
    a[0, 1] = b[3, 0] = np.nan
    plain, turned = compare_replicates(a, b), compare_replicates(b, a)
    np.testing.assert_allclose(turned.upper[:3], [-v for v in np.array(plain.lower)[[0, 2, 1]]])
    other = compare_replicates(scale * a + shift, scale * b)
    assert other.bias.value == pytest.approx(scale * plain.bias.value + shift, abs=1e-9)
    assert other.sd == pytest.approx(scale * plain.sd)
    order = rng.permutation(8)
    again = compare_replicates(a[order][:, ::-1], b[order])
    np.testing.assert_allclose(again.lower[:3], plain.lower[:3])


def test_a_method_never_repeated_is_named_and_people_without_both_are_left_out():
    a = np.array([[1.0, 1.2], [2.0, 2.1], [3.1, 2.9], [5, 5]])
    found = compare_replicates(a, [1.1, 1.8, 3.0, np.nan])
    assert found.people == 3
    assert found.warnings == ("the second method was never repeated",)
    assert found.within_second == 0


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ([[1.0, 2]], [[1.0, 2]], "two people"),
        ([[1.0], [2]], [[1.0], [2]], "no method was repeated"),
        ([[1.0, 2], [2, 3]], [[1.0, 2]], "not of the same people"),
        ([[np.nan, np.nan], [2, 3]], [[1.0, 2], [1, 2]], "found 1"),
    ],
)
def test_what_cannot_be_compared_is_refused(a, b, words):
    with pytest.raises(UserError, match=words):
        compare_replicates(a, b)
