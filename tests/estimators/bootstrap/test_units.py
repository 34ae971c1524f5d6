import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.bootstrap import as_units


def test_rows_are_their_own_units():
    units = as_units(5)
    assert (units.of_row, units.sizes, units.count) == (None, (5,), 5)
    values = np.arange(5.0)
    assert units.sum_rows(values) is values


def test_units_are_numbered_by_stratum():
    units = as_units(5, strata=["b", "a", "b", "a", "a"])
    assert units.sizes == (3, 2)
    np.testing.assert_array_equal(units.of_row, [3, 0, 4, 1, 2])


def test_rows_are_summed_by_cluster():
    units = as_units(4, cluster=[2, 1, 2, 1])
    np.testing.assert_array_equal(units.sum_rows(np.array([1.0, 2, 3, 4])), [6, 4])
    np.testing.assert_array_equal(
        units.sum_rows(np.array([[1.0, 0], [2, 0], [3, 1], [4, 0]])), [[6, 0], [4, 1]]
    )


def test_few_clusters_and_lone_units_are_said():
    assert "only 2 clusters" in as_units(4, cluster=[2, 1, 2, 1]).warnings[0]
    assert "1 strata hold a single row" in as_units(3, strata=[1, 1, 2]).warnings[0]
    assert as_units(3).warnings == ()


@pytest.mark.parametrize(
    ("n", "more", "text"),
    [
        (1, {}, "at least 2 rows"),
        (0, {}, "at least 2 rows"),
        (3, {"cluster": [1, 1, 1]}, "at least 2 clusters"),
        (3, {"cluster": [1, 1, np.nan]}, "no cluster"),
        (3, {"cluster": [1, 1]}, "need a cluster each"),
        (3, {"strata": ["a", None, "b"]}, "no stratum"),
        (3, {"strata": [1, 2, 3]}, "single row"),
        (4, {"cluster": [1, 1, 2, 2], "strata": [1, 2, 1, 1]}, "1 clusters lie in more than one"),
    ],
)
def test_faults_are_named(n, more, text):
    with pytest.raises(UserError, match=text):
        as_units(n, **more)
