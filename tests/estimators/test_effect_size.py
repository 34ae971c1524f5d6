from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators import effect_size as es


@pytest.fixture(scope="module")
def said(answers):
    return answers("effect_size")


@pytest.fixture(scope="module")
def groups(base):
    glute = base["glute"].to_numpy()
    return glute[base["lbp"] == 1], glute[base["lbp"] == 0]


def test_welch_equals_t_test(groups, said):
    f = es.welch(*groups)
    got = (f.estimate, f.se, f.df, f.low, f.high, f.p)
    np.testing.assert_allclose(got, said["welch"], rtol=1e-9)


@pytest.mark.parametrize(("name", "correct"), [("d", False), ("g", True)])
def test_standardised_difference(groups, said, name, correct):
    f = es.hedges_g(*groups, correct=correct)
    assert f.estimate == pytest.approx(said[name][0], rel=1e-10)
    # effectsize searches the noncentrality with a tolerance of its own: 5 digits.
    np.testing.assert_allclose((f.low, f.high), said[name][1:], rtol=2e-5)
    np.testing.assert_allclose((f.low, f.high), said[f"{name}_tight"], rtol=1e-8)
    assert f.p == pytest.approx(said["t_p"], rel=1e-9)


def test_published_sleep_example():
    """Student's sleep data: d -0.8321811 [-1.7388168, 0.0954504] (effectsize)."""
    a = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    b = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    f = es.hedges_g(a, b, correct=False)
    np.testing.assert_allclose(
        (f.estimate, f.low, f.high), (-0.8321811, -1.7388168, 0.0954504), 2e-6
    )
    assert es.hedges_g(a, b).estimate == pytest.approx(-0.7969352392, rel=1e-9)


def test_variance_ratio_equals_var_test(groups, said):
    f = es.variance_ratio(*groups)
    np.testing.assert_allclose((f.estimate, f.low, f.high, f.p), said["variance_ratio"], rtol=1e-8)


def test_rank_biserial_with_and_without_ties(groups, said):
    f = es.rank_biserial(*groups)
    np.testing.assert_allclose((f.estimate, f.low, f.high), said["rank_biserial"], rtol=1e-9)
    t = es.rank_biserial(*(np.round(g, 1) for g in groups))
    np.testing.assert_allclose((t.estimate, t.low, t.high), said["rank_biserial_ties"], rtol=1e-9)


def test_equivalence(groups, said):
    w = es.welch(*groups)
    f = es.equivalence(w.estimate, w.se, w.df, 0.1)
    upper, lower, low, high = said["tost"]
    np.testing.assert_allclose((f.low, f.high), (low, high), rtol=1e-9)
    assert f.p == pytest.approx(max(upper, lower), rel=1e-8)


def test_published_tost():
    """0.75 and 0.25, SD 0.7 and 0.8, n 50 and 55, bounds ±1: p 0.0004569751 (TOSTER)."""
    va, vb = 0.49 / 50, 0.64 / 55
    df = (va + vb) ** 2 / (va**2 / 49 + vb**2 / 54)
    assert df == pytest.approx(102.8579216, rel=1e-9)
    f = es.equivalence(0.5, (va + vb) ** 0.5, df, 1.0)
    assert f.p == pytest.approx(0.0004569751, rel=1e-6)


def test_equivalence_is_declared_exactly_when_the_interval_is_inside():
    inside, outside = es.equivalence(0.02, 0.05, 80, 0.15), es.equivalence(0.08, 0.05, 80, 0.15)
    assert inside.p < 0.05
    assert inside.high < 0.15
    assert outside.p > 0.05
    assert outside.high > 0.15


def test_no_overlap_gives_no_interval():
    f = es.rank_biserial([1, 2, 3], [4, 5, 6])
    assert (f.estimate, f.low, f.high) == (-1, -1, -1)


@pytest.mark.parametrize("method", [es.welch, es.hedges_g, es.variance_ratio, es.rank_biserial])
def test_one_value_is_refused(method):
    with pytest.raises(ValueError, match="two values"):
        method([1.0], [1.0, 2.0])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 5000), st.floats(0.01, 100), st.floats(-100, 100))
def test_invariants(seed, scale, shift):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(0.3, 1, 15), rng.normal(0, 1.4, 20)
    g = es.hedges_g(a, b)
    moved = es.hedges_g(scale * a + shift, scale * b + shift)
    np.testing.assert_allclose(
        (moved.estimate, moved.low, moved.high), (g.estimate, g.low, g.high), rtol=1e-6
    )
    turned = es.hedges_g(b, a)
    np.testing.assert_allclose((turned.low, turned.high), (-g.high, -g.low), rtol=1e-7, atol=1e-10)
    w, other = es.welch(a, b), es.welch(scale * a, scale * b)
    assert other.low == pytest.approx(scale * w.low, rel=1e-8)
    r, back = es.rank_biserial(a, b), es.rank_biserial(np.exp(a), np.exp(b))
    assert r.estimate == back.estimate
    v, inverse = es.variance_ratio(a, b), es.variance_ratio(b, a)
    assert inverse.low == pytest.approx(1 / v.high, rel=1e-8)


def test_log_ratio():
    f = es.log_ratio(es.interval(0.0, 0.1, inf))
    assert f.estimate == 1
    assert f.low == pytest.approx(1 / f.high)


@pytest.mark.parametrize("method", [es.welch, es.hedges_g, es.variance_ratio, es.rank_biserial])
def test_a_missing_value_is_refused(method):
    with pytest.raises(UserError, match="1 values of the groups are missing"):
        method([1.0, np.nan, 3.0], [1.0, 2.0, 3.0])


def test_no_spread_and_no_error_are_refused():
    with pytest.raises(ValueError, match="no spread"):
        es.variance_ratio([1.0, 2.0], [4.0, 4.0])
    with pytest.raises(UserError, match="above zero"):
        es.equivalence(0.1, 0.0, 10, 0.2)
