"""What a model predicts for everyone, were the exposure set to a value: g-computation."""

from __future__ import annotations

from math import inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.glm import Family, mean_of
from gluteal.estimators.inference import Estimate, Floats, Model, interval


def standardise(
    model: Model, family: Family | Literal["linear"], designs: list[Floats]
) -> tuple[Floats, Floats]:
    """Average the predictions over all rows, once per design.

    Parameters
    ----------
    model : Model
        Fitted with designs of the same columns.
    family : {"linear", "logistic", "poisson"}
    designs : list of ndarray, shape (n, p)
        The design with the exposure set to each value in turn.

    Returns
    -------
    means : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
        By the delta method; covariates are taken as fixed.

    References
    ----------
    Robins 1986, doi:10.1016/0270-0255(86)90088-6; delta method as in R's emmeans.
    """
    means, gradients = np.empty(len(designs)), np.empty((len(designs), len(model.coef)))
    for k, x in enumerate(designs):
        eta = x @ model.coef
        if family == "linear":
            mu, slope = eta, np.ones(len(eta))
        else:
            mu = mean_of(family, eta)
            slope = mu * (1 - mu) if family == "logistic" else mu
        means[k], gradients[k] = mu.mean(), (x * slope[:, None]).mean(0)
    return means, gradients @ model.cov @ gradients.T


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
