import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.kappa import cohen_kappa, cross
from gluteal.estimators.ratings import compare_ratings, encode


@pytest.fixture(scope="module")
def codes(parity):
    return np.loadtxt(parity / "data" / "ratings.csv", delimiter=",", skiprows=1)


def test_ordered_categories_lead_with_quadratic_weights(codes):
    found = compare_ratings(codes[:, :2], 5, ordered=True, resamples=200)
    names = [q.name for q in found.quantities if not q.check]
    assert names[0] == "kappa, quadratic weights"
    assert names[-2:] == ["AC1", "PABAK"]
    table = cross(codes[:, 0], codes[:, 1], 5)
    assert found.quantities[0].value == cohen_kappa(table, "quadratic").kappa
    assert found.agreement == pytest.approx(np.trace(table) / table.sum())
    assert (found.people, found.raters) == (80, 2)


def test_three_raters_give_the_mean_of_pairs(codes):
    found = compare_ratings(codes, 5, ordered=True, resamples=200)
    assert found.quantities[0].name == "kappa, quadratic weights, mean of pairs"
    assert found.quantities[0].se_type == "percentile bootstrap"
    assert np.isnan(found.prevalence_index)


def test_unordered_categories_have_no_weights(codes):
    names = [q.name for q in compare_ratings((codes[:, :2] > 2) * 1.0, 2, resamples=200).quantities]
    assert names == ["kappa", "kappa, bootstrap", "AC1", "PABAK"]


@pytest.mark.parametrize("k", [2, 3])
def test_one_category_only_is_refused(k):
    with pytest.raises(UserError, match="one and the same category"):
        compare_ratings(np.ones((12, k)), 2, resamples=100)


def test_one_rater_is_refused():
    with pytest.raises(UserError, match="two raters"):
        compare_ratings(np.ones((12, 1)), 2)


def test_a_mean_between_two_levels_takes_the_higher():
    assert encode([0, 1 / 3, 2, 2.5, 9], [0, 1, 2, 3]).tolist() == [0, 1, 2, 3, 3]
