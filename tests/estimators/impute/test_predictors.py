import numpy as np
import pandas as pd
import pytest

from gluteal.estimators.impute import Column, impute_chained, select_predictors
from gluteal.estimators.impute.predictors import (
    candidates,
    independent,
    pairwise_correlation,
    same_columns,
)

NAMES = [Column(n) for n in "abcd"]


def test_correlations_over_pairs_observed():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(80, 3)) @ rng.normal(size=(3, 3))
    x[rng.random((80, 3)) < 0.3] = np.nan
    seen = ~np.isnan(x)
    found = pairwise_correlation(x, seen)
    for i in range(3):
        for j in range(3):
            both = seen[:, i] & seen[:, j]
            want = np.corrcoef(x[both, i], x[both, j])[0, 1]
            assert found[i, j] == pytest.approx(want, abs=1e-10)


def test_predictors_of_values_or_of_being_missing():
    rng = np.random.default_rng(2)
    a, b, c = rng.normal(size=(3, 500))
    d = a + rng.normal(size=500)
    d[b > 0.5] = np.nan
    found = select_predictors(np.column_stack([a, b, c, d]), 0.2)
    assert found[3].tolist() == [True, True, False, False]
    assert not found.diagonal().any()


def test_chosen_predictors_equal_those_of_quickpred(answers, parity):
    data = pd.read_csv(parity / "data" / "impute_mixed.csv").to_numpy()
    want = np.array(answers("impute")["quickpred"], dtype=bool)
    np.testing.assert_array_equal(select_predictors(data, 0.15), want)


def test_a_function_never_predicts_its_parts():
    allowed, events = candidates(4, np.ones((4, 4)), {3: {0, 1}}, NAMES)
    assert allowed[:, 3].tolist() == [False, False, True, False]
    assert events == [
        "column d is a function of a and does not predict it",
        "column d is a function of b and does not predict it",
    ]
    assert not candidates(4, None, {3: {0, 1}}, NAMES)[1]
    with pytest.raises(ValueError, match="shape"):
        candidates(4, np.ones((3, 4)), {}, NAMES)


def test_copies_are_found_in_another_unit():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(30, 4))
    x[:, 2] = 5 - 2 * x[:, 0]
    x[:6, 2] = np.nan
    twins, events = same_columns(x, ~np.isnan(x), NAMES)
    assert twins == {2: 0}
    assert events == ["column c is a copy of a and does not predict beside it"]


def test_dependent_columns_give_way_to_those_before():
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(30), rng.normal(size=(30, 2)), np.full(30, 2.0), np.zeros(30)])
    x = np.column_stack([x, x[:, 1] - x[:, 2], rng.normal(size=30)])
    kept, dropped = independent(x.T @ x, np.arange(7))
    assert kept.tolist() == [0, 1, 2, 6]
    assert dropped.tolist() == [3, 4, 5]


def test_more_predictors_than_people_are_dropped_to_fit():
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(6), rng.normal(size=(6, 12))])
    kept, dropped = independent(x.T @ x, np.arange(13))
    assert len(kept) <= 6
    assert len(kept) + len(dropped) == 13


def test_only_chosen_columns_predict():
    """b is imputed from nothing: its imputations know nothing of a."""
    rng = np.random.default_rng(6)
    a = rng.normal(size=2000)
    data = np.column_stack([a, a + 0.1 * rng.normal(size=2000)])
    data[:600, 1] = np.nan
    none = np.zeros((2, 2), dtype=bool)
    alone = impute_chained(data, m=2, cycles=1, seed=1, predictors=none).cells[1]
    told = impute_chained(data, m=2, cycles=1, seed=1).cells[1]
    assert abs(np.corrcoef(alone[0], a[:600])[0, 1]) < 0.15
    assert np.corrcoef(told[0], a[:600])[0, 1] > 0.97
