"""How accuracy, reliability and survival grow with people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import harness
import numpy as np

from gluteal.estimators.accuracy import accuracy
from gluteal.estimators.agreement import compare
from gluteal.estimators.calibration import calibrate
from gluteal.estimators.concordance import concordance_correlation
from gluteal.estimators.many_raters import agree_many
from gluteal.estimators.net_benefit import decision_curve
from gluteal.estimators.reliability import reliability
from gluteal.estimators.replicates import compare_replicates
from gluteal.estimators.survival import (
    check_proportionality,
    compare_incidence,
    concordance,
    cumulative_incidence,
    expand_visits,
    fit_cox,
    fit_discrete,
    kaplan_meier,
    log_rank,
    predict_survival,
)
from gluteal.estimators.validation import validate_logistic

assert harness.ONE_THREAD  # imported for its one thread
Work = Callable[[], Any]


def _risks(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two legs a person: outcome, predicted risk, whose."""
    rng = np.random.default_rng([51, n])
    eta = rng.normal(size=n)
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(-eta))).astype(float)
    return y, 1 / (1 + np.exp(-1.2 * eta + 0.3)), np.arange(n) // 2


def _make_accuracy(n: int) -> Work:
    y, p, who = _risks(n)
    return lambda: accuracy((p > 0.5).astype(float), y, who)


def _make_decision(n: int) -> Work:
    y, p, who = _risks(n)
    return lambda: decision_curve(y, p, person=who, resamples=500)


def _make_calibration(n: int) -> Work:
    y, p, who = _risks(n)
    return lambda: calibrate(y, p, who)


def _make_validation(n: int) -> Work:
    rng = np.random.default_rng([52, n])
    x = np.column_stack([np.ones(n), rng.normal(size=(n, 4))])
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(-x[:, 1]))).astype(float)
    return lambda: validate_logistic(x, y, resamples=20)


def _scores(n: int) -> np.ndarray:
    rng = np.random.default_rng([53, n])
    return rng.normal(size=(n, 1)) + 0.4 * rng.normal(size=(n, 3)) + [0, 0.1, 0.2]


def _make_reliability(n: int) -> Work:
    table = _scores(n)
    return lambda: reliability(table)


def _make_missing(n: int) -> Work:
    table = _scores(n)
    table[np.random.default_rng([54, n]).uniform(size=table.shape) < 0.2] = np.nan
    return lambda: reliability(table)


def _make_limits(n: int) -> Work:
    table = _scores(n)

    def work() -> None:
        compare(table[:, 0], table[:, 1])
        compare_replicates(table[:, :2], table[:, 2:])
        concordance_correlation(table[:, 0], table[:, 1], np.arange(n) // 2)

    return work


def _make_raters(n: int) -> Work:
    codes = np.clip(np.round(_scores(n) + 1), 0, 3)
    return lambda: agree_many(codes, 4, "quadratic", np.arange(n) // 2)


def _times(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Four covariates, times to the week, what ended follow-up."""
    rng = np.random.default_rng([55, n])
    x = rng.normal(size=(n, 4))
    time = rng.exponential(np.exp(-x @ [0.4, 0.2, 0.0, 0.0])) * 100
    cause = np.where(time < 104, 1 + (rng.uniform(size=n) < 0.3), 0)
    return x, np.ceil(np.minimum(time, 104)), cause


def _make_curves(n: int) -> Work:
    x, time, cause = _times(n)
    group = (x[:, 0] > 0).astype(int)

    def work() -> None:
        kaplan_meier(time, cause > 0)
        log_rank(time, cause > 0, group)
        cumulative_incidence(time, cause)
        compare_incidence(time, cause, group)

    return work


def _make_cox(n: int) -> Work:
    x, time, cause = _times(n)
    rng = np.random.default_rng([56, n])
    time = time + rng.uniform(size=n)  # no ties: as many risk sets as events

    def work() -> None:
        fit = fit_cox(x, time, cause == 1, cluster=np.arange(n) // 2)
        check_proportionality(fit)
        concordance(x @ fit.model.coef, time, cause == 1)
        predict_survival(fit, x[:2], [26, 52])

    return work


def _make_visits(n: int) -> Work:
    x, time, _ = _times(n)
    rng = np.random.default_rng([57, n])
    status = (time[:, None] <= np.array([13, 26, 39, 52, 78])).astype(float)
    status[rng.uniform(size=status.shape) < 0.2] = np.nan
    return lambda: fit_discrete(expand_visits(status), x)


GROWTH = {
    "accuracy, two legs a person": _make_accuracy,
    "decision curve, two legs, 500 resamples": _make_decision,
    "calibration, two legs": _make_calibration,
    "validation, 4 covariates, 20 resamples": _make_validation,
    "reliability, 3 raters": _make_reliability,
    "reliability, a fifth missing": _make_missing,
    "limits of agreement, concordance": _make_limits,
    "agreement of 3 raters on 4 categories": _make_raters,
    "survival curves, tests, incidence": _make_curves,
    "Cox, clustered, with its checks": _make_cox,
    "discrete-time hazards, 5 visits, a fifth missed": _make_visits,
}
