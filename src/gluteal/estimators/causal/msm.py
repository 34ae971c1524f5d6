"""Weighted regressions whose standard errors count in that the weights were estimated."""

from __future__ import annotations

from math import inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators import inputs
from gluteal.estimators.causal.scores import (
    Family,
    covariance_of,
    few_units,
    fit_scores,
    gather,
    sum_within,
)
from gluteal.estimators.causal.weights import Weights
from gluteal.estimators.glm import check_outcome
from gluteal.estimators.inference import Floats, Model, constant_df
from gluteal.estimators.inputs import as_design
from gluteal.estimators.robust import leverages

WeightSE = Literal["known", "stacked"]


def as_weights(weights: Weights | ArrayLike, n: int) -> Weights:
    """Check weights: one a row, none negative or infinite, some above zero.

    Raises
    ------
    UserError

    Examples
    --------
    >>> as_weights([1.0, -1.0], 2)
    Traceback (most recent call last):
    gluteal.errors.UserError: the weight of row 1 is negative
    """
    values = np.asarray(weights.values if isinstance(weights, Weights) else weights, dtype=float)
    inputs.as_weights(values, n)
    if isinstance(weights, Weights):
        return weights
    none = np.empty((n, 0))
    return Weights(values, none, none, values)


def nuisance_shares(score_by_row: Floats, weights: Weights) -> Floats:
    """Return what each row adds through the estimated weights, shape (n, k).

    ``score_by_row`` are the weighted scores, shape (n, k), of the equations that use the weights.
    """
    return weights.shares @ (weights.gradient.T @ score_by_row)


def fit_msm(
    x: ArrayLike,
    y: ArrayLike,
    weights: Weights | ArrayLike,
    family: Family = "linear",
    *,
    person: ArrayLike | None = None,
    se: WeightSE = "stacked",
) -> Model:
    """Fit a marginal structural model: a regression weighted by the inverse of probabilities.

    Rows of one person go together (GEE with independence); exposures that change over visits
    need ``accumulate``, people who left need ``weigh_remaining``.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design: intercept, exposure (history), time, and the covariates of the weights' numerator.
        Rows of weight 0 take no part and may hold anything finite.
    y : array_like, shape (n,)
        NaN is allowed where the weight is 0.
    weights : Weights or array_like, shape (n,)
    family : {"linear", "logistic", "poisson"}
    person : array_like, shape (n,), optional
        The person of each row; needed where people have several.
    se : {"stacked", "known"}
        "known" takes the weights as given (robust, on the safe side for the usual weights);
        "stacked" counts in that they were estimated, where ``weights`` is a ``Weights``.

    Returns
    -------
    Model
        Normal distribution; ``se_type`` says "stacked" or "HC0"/"CR0". ``extra`` has the number of
        independent ``units`` and the ``shares`` of rows in the error of the coefficients.

    Raises
    ------
    UserError
        If an array has a fault, or nobody is left.

    References
    ----------
    Robins, Hernán and Brumback 2000, doi:10.1097/00001648-200009000-00011; Lunceford and
    Davidian 2004 for the stacked equations, doi:10.1002/sim.1903.

    Examples
    --------
    >>> x = np.column_stack([np.ones(4), [0, 0, 1, 1]])
    >>> fit_msm(x, [1, 3, 2, 6], [1, 1, 1, 3]).coef.round(6)
    array([2., 3.])
    """
    n = len(np.asarray(y))
    w = as_weights(weights, n)
    used = w.values > 0
    matrix, outcome = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if matrix.ndim != 2 or outcome.ndim != 1 or len(matrix) != n:
        raise UserError(
            f"a design of shape {matrix.shape} does not fit an outcome of shape {outcome.shape}"
        )
    [(design, seen)] = gather(lambda: as_design(matrix[used], outcome[used], least_df=1))
    check_outcome(seen, family)
    fit = fit_scores(design, seen, family, w.values[used])
    shares = np.zeros((n, design.shape[1]))
    shares[used] = fit.shares
    stacked = se == "stacked" and w.gradient.shape[1] > 0
    if stacked:
        shares = shares + nuisance_shares(shares, w)
    cov, units = covariance_of(shares, person)
    kind = "stacked" if stacked else ("HC0" if person is None else "CR0")
    if person is not None:
        units = len(sum_within(np.ones((int(used.sum()), 1)), np.asarray(person)[used]))
    leverage = leverages(design, w.values[used] * fit.slope, fit.bread)
    return Model(
        fit.coef,
        cov,
        constant_df(inf),
        kind,
        fit.mean,
        leverage,
        fit.bread,
        fit.converged and w.converged,
        (*w.warnings, *fit.warnings, *few_units(units)),
        extra={"separated": fit.separated, "units": units, "shares": shares},
    )
