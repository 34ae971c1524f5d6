import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gluteal.estimators.intervals import (
    chi2_quantile,
    clopper_pearson,
    clustered_proportion,
    t_quantile,
    wilson,
    z_quantile,
)


def test_quantiles_are_those_of_scipy_stats():
    assert z_quantile(0.95) == pytest.approx(stats.norm.ppf(0.975), rel=1e-12)
    assert t_quantile(0.9, 7) == pytest.approx(stats.t.ppf(0.95, 7), rel=1e-12)
    assert t_quantile(0.9, np.inf) == pytest.approx(stats.norm.ppf(0.95), rel=1e-12)
    assert chi2_quantile(0.025, 3) == pytest.approx(stats.chi2.ppf(0.025, 3), rel=1e-10)


@pytest.mark.parametrize(("x", "n"), [(0, 12), (1, 12), (7, 30), (12, 12)])
def test_intervals_are_those_of_scipy_stats(x, n):
    for own, method in ((wilson, "wilson"), (clopper_pearson, "exact")):
        theirs = stats.binomtest(x, n).proportion_ci(0.95, method)
        assert own(x, n)[1:3] == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@given(st.integers(1, 400), st.data())
def test_exact_holds_the_estimate_and_stays_inside(n, data):
    x = data.draw(st.integers(0, n))
    for found in (wilson(x, n), clopper_pearson(x, n)):
        assert 0 <= found.low <= found.value <= found.high <= 1


def test_the_clustered_interval_is_wilsons_where_there_are_no_clusters():
    plain = wilson(30, 100)
    assert clustered_proportion(0.3, plain.se, 100)[:3] == pytest.approx(plain[:3])
    assert clustered_proportion(0.3, 2 * plain.se, 100).low < plain.low


def test_nobody_still_has_an_upper_limit():
    found = clustered_proportion(0.0, 0.0, 20)
    assert found.low == 0
    assert 0.1 < found.high < 0.2


def test_nothing_gives_nothing():
    assert np.isnan(wilson(0, 0).value)
    assert np.isnan(clopper_pearson(0, 0).value)
