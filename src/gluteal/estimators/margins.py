"""What a model says on the scale of the outcome: standardised means, their contrasts, mean slopes.

All by the delta method, with the covariance and degrees of freedom of the model: robust or
clustered where the model is.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats, Model, interval
from gluteal.estimators.inputs import as_weights
from gluteal.estimators.irls import Mean, mean_of, variance_of

Scale = Literal["difference", "log_ratio", "log_odds_ratio"]


def _averages(
    model: Model, family: Mean, designs: Sequence[Floats], weights: ArrayLike | None
) -> tuple[Floats, Floats, list[Floats]]:
    """Return the mean of each design, its gradient by the coefficients, and each row's mean."""
    share = as_weights(weights, len(designs[0]))
    means, gradients = np.empty(len(designs)), np.empty((len(designs), len(model.coef)))
    rows: list[Floats] = []
    for k, x in enumerate(designs):
        mu = mean_of(family, x @ model.coef)
        slope = variance_of(family, mu)
        means[k] = np.average(mu, weights=share)
        gradients[k] = np.average(x * slope[:, None], axis=0, weights=share)
        rows.append(mu)
    return means, gradients, rows


def standardise(
    model: Model,
    family: Mean,
    designs: Sequence[Floats],
    *,
    weights: ArrayLike | None = None,
    covariates: Literal["fixed", "random"] = "fixed",
) -> tuple[Floats, Floats]:
    """Average the predictions over all rows, once per design.

    Parameters
    ----------
    model : Model
        Fitted with designs of the same columns.
    family : {"linear", "logistic", "poisson"}
    designs : sequence of ndarray, shape (n, p)
        The design with the exposure set to each value in turn.
    weights : array_like, shape (n,), optional
        Of rows: the population to standardise to.
    covariates : {"fixed", "random"}
        Whether these rows are the population, or a sample from it; the second adds the variance
        of their average (rows taken as independent, the model as right).

    Returns
    -------
    means : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
        By the delta method.

    References
    ----------
    Robins 1986, doi:10.1016/0270-0255(86)90088-6; delta method as in R's emmeans.
    """
    means, gradients, rows = _averages(model, family, designs, weights)
    cov = gradients @ model.cov @ gradients.T
    if covariates == "random":
        share = np.ones(len(rows[0])) if weights is None else np.asarray(weights, dtype=float)
        share = share / share.sum()
        apart = (np.array(rows) - means[:, None]) * share
        cov = cov + apart @ apart.T
    return means, cov


def difference(
    means: ArrayLike, covariance: ArrayLike, level: float = 0.95, df: float = inf
) -> Estimate:
    """Estimate the second mean minus the first (a risk difference)."""
    m, v = np.asarray(means, dtype=float), np.asarray(covariance, dtype=float)
    return interval(float(m[1] - m[0]), float(np.sqrt(v[0, 0] + v[1, 1] - 2 * v[0, 1])), df, level)


def log_ratio(
    means: ArrayLike, covariance: ArrayLike, level: float = 0.95, df: float = inf
) -> Estimate:
    """Estimate the log of the second mean over the first (a log risk ratio).

    Examples
    --------
    >>> found = log_ratio([0.2, 0.4], [[0.01, 0], [0, 0.01]])
    >>> round(found.estimate, 4), round(found.se, 4)
    (0.6931, 0.559)
    """
    m, v = np.asarray(means, dtype=float), np.asarray(covariance, dtype=float)
    g = np.array([-1 / m[0], 1 / m[1]])
    return interval(float(np.log(m[1] / m[0])), float(np.sqrt(g @ v @ g)), df, level)


def contrast_means(
    model: Model,
    family: Mean,
    designs: Sequence[Floats],
    scale: Scale = "difference",
    *,
    weights: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Compare the standardised means of two designs, with the degrees of freedom of the model.

    Parameters
    ----------
    model : Model
    family : {"linear", "logistic", "poisson"}
    designs : sequence of ndarray, shape (n, p)
        Two of them; the second is compared with the first.
    scale : {"difference", "log_ratio", "log_odds_ratio"}
        The odds ratio is the marginal one, which differs from that of a logistic model's
        coefficient.
    weights : array_like, shape (n,), optional
    level : float

    Raises
    ------
    UserError
        If a ratio is asked of means that are not positive, or odds of means that are not risks.

    Examples
    --------
    >>> from gluteal.estimators.glm import fit_glm
    >>> x = np.column_stack([np.ones(8), [0, 0, 0, 0, 1, 1, 1, 1]])
    >>> fit = fit_glm(x, [0, 0, 0, 1, 0, 1, 1, 1], "logistic")
    >>> sets = [x * [1, 0], x * [1, 0] + [0, 1]]
    >>> round(contrast_means(fit, "logistic", sets).estimate, 6)
    0.5
    """
    if len(designs) != 2:
        raise ValueError("a contrast takes two designs")
    means, gradients, _rows = _averages(model, family, designs, weights)
    if scale == "difference":
        outer, value = np.array([-1.0, 1.0]), float(means[1] - means[0])
    elif scale == "log_ratio":
        if means.min() <= 0:
            raise UserError(f"no ratio of the means {means[0]:g} and {means[1]:g}")
        outer, value = np.array([-1 / means[0], 1 / means[1]]), float(np.log(means[1] / means[0]))
    else:
        if means.min() <= 0 or means.max() >= 1:
            raise UserError(f"no odds of the means {means[0]:g} and {means[1]:g}")
        odds = np.log(means / (1 - means))
        outer = np.array([-1.0, 1.0]) / (means * (1 - means))
        value = float(odds[1] - odds[0])
    return _delta(model, value, outer @ gradients, level)


def average_slope(
    model: Model,
    family: Mean,
    x: ArrayLike,
    derivative: int | ArrayLike,
    *,
    weights: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate the mean over rows of the change of the outcome per unit of a covariate.

    Parameters
    ----------
    model : Model
    family : {"linear", "logistic", "poisson"}
    x : array_like, shape (n, p)
        Rows to average over; one row gives the slope there (such as at the means).
    derivative : int or array_like, shape (n, p)
        The covariate's column, where it enters as itself only; else the derivative of the design
        by the covariate (of interactions, splines).
    weights : array_like, shape (n,), optional
    level : float

    References
    ----------
    Bartus 2005, doi:10.1177/1536867X0500500303.

    Examples
    --------
    >>> from gluteal.estimators.linear import fit_linear
    >>> x = np.column_stack([np.ones(5), np.arange(5), np.arange(5) ** 2])
    >>> fit = fit_linear(x, [0, 1, 4, 9, 16.5])
    >>> slopes = np.column_stack([np.zeros(5), np.ones(5), 2 * np.arange(5)])
    >>> round(average_slope(fit, "linear", x, slopes).estimate, 6)
    4.1
    """
    rows = np.asarray(x, dtype=float)
    if isinstance(derivative, int):
        by = np.zeros_like(rows)
        by[:, derivative] = 1.0
    else:
        by = np.asarray(derivative, dtype=float)
    if by.shape != rows.shape:
        raise ValueError("the derivative has the shape of the design")
    share = as_weights(weights, len(rows))
    mu = mean_of(family, rows @ model.coef)
    first = variance_of(family, mu)
    second = {
        "linear": np.zeros_like(mu),
        "logistic": first * (1 - 2 * mu),
        "poisson": mu,
    }[family]
    inner = by @ model.coef
    value = float(np.average(first * inner, weights=share))
    gradient = rows * (second * inner)[:, None] + by * first[:, None]
    return _delta(model, value, np.average(gradient, axis=0, weights=share), level)


def _delta(model: Model, value: float, gradient: Floats, level: float) -> Estimate:
    se = float(np.sqrt(max(gradient @ model.cov @ gradient, 0.0)))
    return interval(value, se, model.df_of(gradient), level)
