from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.m_estimation import fit_huber

COVARIATES = ("age", "female", "bmi", "prior_lbp")


@pytest.mark.parametrize(
    ("kind", "y", "x"), [("numeric", "pain", "glute"), ("binary", "glute", "lbp")]
)
def test_it_equals_rlm_with_a_sandwich(parity, kind, y, x):
    long = pd.read_csv(parity / "data" / "long.csv")
    first = long[long["wave"] == 0]
    design = np.column_stack([np.ones(len(first)), first[[x, *COVARIATES]]])
    found = fit_huber(design, first[y])
    k = float(first[x].std()) if kind == "numeric" else 1.0
    want = json.loads((parity / "unmeasured_bias.json").read_text())[kind]["huber"]
    got = found.coefficient(1).times(k)
    for key in ("estimate", "se", "low", "high"):
        assert getattr(got, key) == pytest.approx(want[key], rel=1e-8)


def test_one_wild_outcome_hardly_moves_it():
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(200), rng.normal(size=200)])
    y = x @ [1.0, 2.0] + rng.normal(size=200)
    calm = fit_huber(x, y)
    y[np.argmax(x[:, 1])] = 1e6
    wild = fit_huber(x, y)
    assert abs(wild.coef[1] - calm.coef[1]) < 0.05
    assert abs(fit_linear(x, y).coef[1] - 2) > 100
    assert wild.converged


def test_it_keeps_its_level_where_spreads_differ():
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(300):
        x = np.column_stack([np.ones(120), rng.normal(size=120)])
        y = x[:, 1] + (0.5 + np.abs(x[:, 1])) * rng.standard_t(4, size=120)
        found = fit_huber(x, y).coefficient(1)
        hits += found.low <= 1 <= found.high
    assert 0.9 < hits / 300 < 0.98


def test_units_only_scale_it():
    rng = np.random.default_rng(6)
    x = np.column_stack([np.ones(50), rng.normal(size=50)])
    y = x[:, 1] + rng.standard_t(3, size=50)
    one, ten = fit_huber(x, y), fit_huber(x, 10 * y + 3)
    assert ten.coef[1] == pytest.approx(10 * one.coef[1], rel=1e-8)
    assert ten.coefficient(1).se == pytest.approx(10 * one.coefficient(1).se, rel=1e-7)


def test_an_exact_fit_has_no_scale():
    x = np.column_stack([np.ones(9), np.arange(9.0)])
    with pytest.raises(UserError, match="no scale of residuals"):
        fit_huber(x, 2 * np.arange(9.0))
