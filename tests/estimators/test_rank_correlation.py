import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.rank_correlation import somers_d, spearman


@pytest.fixture(scope="module")
def differences(parity):
    rows = pd.read_csv(parity / "data" / "two_legs.csv", keep_default_na=False)
    wide = rows.pivot_table(["grade", "strength"], "id", "side")
    strength = wide["strength"]
    grade = wide["grade"]["right"] - wide["grade"]["left"]
    return grade.to_numpy(), np.log(strength["right"] / strength["left"]).to_numpy()


@pytest.mark.parametrize(("name", "estimate"), [("spearman", spearman), ("somers", somers_d)])
def test_it_equals_r(parity, differences, name, estimate):
    want = json.loads((parity / "two_legs.json").read_text())[name]
    found = estimate(*differences)
    for key, value in want.items():
        assert getattr(found, key) == pytest.approx(value, rel=1e-9), key


whole = st.lists(st.tuples(st.integers(-3, 3), st.integers(-9, 9)), min_size=8, max_size=30)


@given(whole)
def test_ranks_know_neither_units_nor_order(pairs):
    x, y = np.array(pairs, dtype=float).T
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return
    for estimate in (spearman, somers_d):
        plain = estimate(x, y)
        other = estimate((7 * x + 3)[::-1], np.exp(y / 9)[::-1])
        assert other.estimate == pytest.approx(plain.estimate, abs=1e-9)
        assert estimate(x, -y).estimate == pytest.approx(-plain.estimate, abs=1e-9)
        # One person who alone differs leaves no jackknife: then there is no interval.
        assert np.isnan(plain.se) or plain.low <= plain.estimate <= plain.high


def test_somers_counts_pairs():
    rng = np.random.default_rng(2)
    x, y = rng.integers(0, 4, 50), rng.integers(0, 9, 50)
    a, b = np.sign(np.subtract.outer(x, x)), np.sign(np.subtract.outer(y, y))
    want = (a * b).sum() / (a != 0).sum()
    assert somers_d(x, y).estimate == pytest.approx(want)


def test_the_intervals_cover():
    rng = np.random.default_rng(3)
    inside = np.zeros(2)
    for _ in range(400):
        grade = np.clip(np.round(rng.normal(size=100)), -2, 2)
        other = rng.normal(size=100)
        inside += [f.low <= 0 <= f.high for f in (spearman(grade, other), somers_d(grade, other))]
    assert (inside / 400 > 0.92).all()
    assert (inside / 400 < 0.98).all()


@pytest.mark.parametrize(
    ("x", "y", "text"),
    [
        ([1, 2, 3], [1, 2, 3], "5 pairs"),
        ([1, 1, 1, 1, 1, 1], [1, 2, 3, 4, 5, 6], "vary"),
        ([1, 2], [1, 2, 3], "length"),
        ([1, 2, 3, 4, 5, np.nan], [1, 2, 3, 4, np.nan, 6], "found 4"),
    ],
)
def test_what_cannot_be_ranked_is_refused(x, y, text):
    with pytest.raises(UserError, match=text):
        spearman(x, y)


@pytest.mark.parametrize("estimate", [spearman, somers_d])
def test_a_perfect_order_has_no_interval(estimate):
    found = estimate(np.arange(6.0), np.arange(6.0))
    assert found.estimate == 1.0
    assert np.isnan([found.se, found.low, found.high, found.p]).all()
