from dataclasses import replace
from math import inf, isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.inference import Model, constant_df, interval, p_value, quantile


def test_quantiles_are_those_of_the_tables():
    assert quantile(0.95) == pytest.approx(1.959963984540054, rel=1e-12)
    assert quantile(0.95, 10) == pytest.approx(2.228138851964939, rel=1e-10)
    assert quantile(0.9, 35.1087887) == pytest.approx(1.68943016584524, rel=1e-12)


def test_p_of_t_and_z():
    assert p_value(1.96) == pytest.approx(0.04999579, rel=1e-6)
    assert p_value(-1.860813467, 17.77647352) == pytest.approx(0.07939414, rel=1e-6)


def test_no_spread_gives_no_p():
    assert isnan(interval(1.0, 0.0).p)


@given(st.floats(-50, 50), st.floats(0.01, 10), st.one_of(st.just(inf), st.floats(2, 1e4)))
def test_the_interval_leaves_out_zero_exactly_when_p_is_small(estimate, se, df):
    found = interval(estimate, se, df)
    if abs(found.p - 0.05) > 1e-6:
        assert (found.low > 0 or found.high < 0) == (found.p < 0.05)
    assert found.low <= estimate <= found.high


def _model(df):
    none = np.empty(0)
    cov = np.array([[0.04, 0.01], [0.01, 0.09]])
    return Model(np.array([1.0, -2.0]), cov, constant_df(df), "HC3", none, none, cov)


def test_contrast_adds_covariances():
    found = _model(inf).contrast([1, 1])
    assert found.estimate == -1
    assert found.se == pytest.approx(0.15**0.5)


@pytest.mark.parametrize("df", [inf, 20.0])
def test_joint_test_of_one_coefficient_is_its_own_test(df):
    model = _model(df)
    assert model.wald([1]).p == pytest.approx(model.coefficient(1).p, rel=1e-9)


def test_a_joint_test_needs_a_covariance_of_full_rank():
    model = replace(_model(inf), cov=np.array([[0.04, 0.02], [0.02, 0.01]]))
    with pytest.raises(UserError, match="fewer clusters than coefficients"):
        model.wald([0, 1])
    assert np.isfinite(model.wald([1]).p)
    assert isnan(replace(model, cov=np.full((2, 2), np.nan)).wald([0, 1]).p)


@given(st.floats(-5, 5).filter(lambda f: abs(f) > 1e-3))
def test_another_unit_keeps_the_p_and_orders_the_ends(factor):
    found = interval(0.4, 0.3, 12)
    other = found.times(factor)
    assert other.p == found.p
    assert other.low < other.estimate < other.high
    assert other.times(1 / factor).low == pytest.approx(found.low)


def test_a_row_has_the_columns_of_an_estimate():
    from gluteal.estimates import COLUMNS

    row = interval(0.4, 0.3).row(model="crude")
    assert set(row) <= set(COLUMNS)
    assert row["df"] is None
    assert row["model"] == "crude"
