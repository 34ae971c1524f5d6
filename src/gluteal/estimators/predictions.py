"""Predictions of fitted models with their uncertainty: at chosen values, at means, by category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats, Model, quantile
from gluteal.estimators.inputs import as_weights
from gluteal.estimators.irls import Mean, mean_of, variance_of


@dataclass(frozen=True, slots=True)
class Predictions:
    """Expected outcomes with intervals.

    Attributes
    ----------
    mean, se, low, high : ndarray, shape (k,)
        ``se`` by the delta method; limits are those of the linear predictor, turned to the scale
        of the outcome, so that a risk stays between 0 and 1.
    df : ndarray, shape (k,)
    cov : ndarray, shape (k, k)
        Of the means, for contrasts among them.
    level : float
    """

    mean: Floats
    se: Floats
    low: Floats
    high: Floats
    df: Floats
    cov: Floats
    level: float


def predict(model: Model, family: Mean, x: ArrayLike, level: float = 0.95) -> Predictions:
    """Predict the expected outcome of rows.

    Parameters
    ----------
    model : Model
    family : {"linear", "logistic", "poisson"}
    x : array_like, shape (k, p)
        Rows to predict: values of interest, or the means of the covariates.
    level : float

    Examples
    --------
    >>> from gluteal.estimators.glm import fit_glm
    >>> fit = fit_glm(np.ones((10, 1)), [1, 1, 1, 1, 0, 0, 0, 0, 0, 0], "logistic", "classical")
    >>> found = predict(fit, "logistic", [[1.0]])
    >>> found.mean.round(4), found.low.round(4), found.high.round(4)
    (array([0.4]), array([0.1583]), array([0.7026]))
    """
    rows = np.atleast_2d(np.asarray(x, dtype=float))
    if rows.shape[1] != len(model.coef):
        raise ValueError(f"rows of {rows.shape[1]} columns for {len(model.coef)} coefficients")
    if not np.isfinite(rows).all():
        raise UserError("values to predict at are missing or infinite")
    eta = rows @ model.coef
    mean = mean_of(family, eta)
    slope = variance_of(family, mean)
    on_link = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", rows, model.cov, rows), 0.0))
    df = np.array([model.df_of(row) for row in rows])
    half = np.array([quantile(level, one) for one in df]) * on_link
    gradient = rows * slope[:, None]
    return Predictions(
        mean,
        slope * on_link,
        mean_of(family, eta - half),
        mean_of(family, eta + half),
        df,
        gradient @ model.cov @ gradient.T,
        level,
    )


def predict_categories(
    model: Model, x: ArrayLike, *, weights: ArrayLike | None = None, level: float = 0.95
) -> Predictions:
    """Predict the share of each category of an ordered outcome, averaged over rows.

    Parameters
    ----------
    model : Model
        Of ``fit_ordinal``.
    x : array_like, shape (n, p)
        Rows without intercept: one row, or everyone with the exposure set to a value.
    weights : array_like, shape (n,), optional
    level : float

    Returns
    -------
    Predictions
        One a category; limits by the delta method on the logit of each share.

    Examples
    --------
    >>> from gluteal.estimators.ordinal import fit_ordinal
    >>> fit = fit_ordinal([[0], [0], [0], [1], [1], [1]], [0, 0, 1, 0, 1, 2])
    >>> round(float(predict_categories(fit, [[0], [1]]).mean.sum()), 6)
    1.0
    """
    from scipy import special

    rows = np.atleast_2d(np.asarray(x, dtype=float))
    cuts: Floats = model.extra["thresholds"]
    cov: Floats = model.extra["joint_cov"]
    if rows.shape[1] != len(model.coef):
        raise ValueError(f"rows of {rows.shape[1]} columns for {len(model.coef)} coefficients")
    if not np.isfinite(rows).all():
        raise UserError("values to predict at are missing or infinite")
    share = as_weights(weights, len(rows))
    below = special.expit(cuts - (rows @ model.coef)[:, None])
    slope = below * (1 - below)
    mean_below = np.average(below, axis=0, weights=share)
    by_cut = np.diag(np.average(slope, axis=0, weights=share))
    by_slope = -np.average(slope[:, :, None] * rows[:, None, :], axis=0, weights=share)
    gradient = np.column_stack([by_cut, by_slope])
    edge = np.zeros((1, gradient.shape[1]))
    mean = np.diff(np.r_[0.0, mean_below, 1.0])
    gradient = np.diff(np.vstack([edge, gradient, edge]), axis=0)
    joint = gradient @ cov @ gradient.T
    se = np.sqrt(np.maximum(np.diag(joint), 0.0))
    logit = np.log(mean / (1 - mean))
    half = quantile(level) * se / (mean * (1 - mean))
    return Predictions(
        mean,
        se,
        special.expit(logit - half),
        special.expit(logit + half),
        np.full(len(mean), np.inf),
        joint,
        level,
    )
