from __future__ import annotations

import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.impute import impute_chained, pool
from gluteal.estimators.impute.columns import Column
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.sensitivity.missing_outcome import MissingOutcome


def make(seed=1, n=400, family="linear"):
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 2, n).astype(float)
    z = rng.normal(size=n) + 0.5 * a
    eta = 0.5 * a + 0.4 * z - (0.3 if family != "linear" else 0)
    if family == "linear":
        y = eta + rng.normal(size=n)
    elif family == "logistic":
        y = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)
    else:
        y = (rng.random(n) < np.minimum(np.exp(eta - 1.5), 1)).astype(float)
    gone = rng.random(n) < 0.3
    x = np.column_stack([np.ones(n), a, z])
    model = fit_linear(x[~gone], y[~gone]) if family == "linear" else fit_glm(
        x[~gone], y[~gone], family, "HC3"
    )  # fmt: skip
    most = 1.0 if family != "linear" else np.inf
    made = MissingOutcome(x[~gone], y[~gone], x[gone], x[gone, 1], model, family, most)
    return made, x, np.where(gone, np.nan, y)


@pytest.mark.parametrize("family", ["linear", "logistic", "poisson"])
def test_no_shift_leaves_the_complete_cases(family):
    made, _x, _y = make(family=family)
    own, found = made.model.coefficient(1), made.estimate(0.0)
    assert found.estimate == pytest.approx(own.estimate, abs=1e-7)
    assert found.se == pytest.approx(own.se, rel=1e-6)


def test_a_shift_moves_a_difference_by_the_share_of_the_exposed():
    made, x, y = make()
    full = np.where(np.isnan(y), x @ made.model.coef - 2 * x[:, 1], y)
    want = fit_linear(x, full, "classical").coef[1]
    found = made.estimate(-2.0)
    assert found.estimate == pytest.approx(want, abs=1e-10)
    assert found.se == pytest.approx(made.model.coefficient(1).se)


@pytest.mark.parametrize(("family", "delta"), [("linear", -1.0), ("logistic", 0.8)])
def test_it_is_what_many_imputations_tend_to(family, delta):
    made, x, y = make(family=family)
    kind, method = ("continuous", "norm") if family == "linear" else ("binary", "logistic")
    columns = [Column("y", kind, method, delta=delta * x[:, 1]), Column("a", "binary"), Column("z")]
    filled = impute_chained(np.column_stack([y, x[:, 1:]]), columns, m=60, cycles=1, seed=3)

    def answer(table):
        if family == "linear":
            return fit_linear(x, table[:, 0], "HC3").coefficient(1)
        return fit_glm(x, table[:, 0], family, "HC3").coefficient(1)

    found = [answer(table) for table in filled]
    pooled = pool([e.estimate for e in found], [e.se**2 for e in found], 397.0).estimate(0, 0.95)
    mine = made.estimate(delta)
    assert mine.estimate == pytest.approx(pooled.estimate, abs=0.25 * pooled.se)
    assert mine.se == pytest.approx(pooled.se, rel=0.2)


def test_imputed_risks_end_at_one():
    made, _x, _y = make(family="poisson")
    far = made.estimate(50.0)
    assert np.isfinite(far.estimate)
    assert far.estimate == pytest.approx(made.estimate(60.0).estimate)


def test_nobody_missing_has_nothing_to_shift():
    x = np.column_stack([np.ones(5), np.arange(5.0)])
    model = fit_linear(x, [0.0, 1, 2, 3, 5])
    with pytest.raises(UserError, match="no outcome is missing"):
        MissingOutcome(x, np.arange(5.0), np.empty((0, 2)), np.empty(0), model)
