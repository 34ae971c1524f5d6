"""Evidence for or against a difference of means: Bayes factors of t tests."""

from __future__ import annotations

from math import exp, inf, isfinite, sqrt

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats

MEDIUM = sqrt(2) / 2
NODES, MOST_LOG = 3200, 709.0


def compute_bayes_factor(
    t: float, n_first: int, n_second: int | None = None, *, scale: float = MEDIUM
) -> float:
    """Compute the JZS Bayes factor of a t test: how much likelier the data are with a difference.

    Parameters
    ----------
    t : float
        Of a paired (one-sample) test, or of two groups with equal variances.
    n_first, n_second : int
        People, or pairs where ``n_second`` is missing.
    scale : float
        Of the Cauchy prior of the standardised difference: half of them are smaller.

    Returns
    -------
    float
        Above 1 for a difference, below 1 for none; 1/3 to 3 says little. Infinite above 1e308.

    Raises
    ------
    UserError
        If ``t`` is not finite or there are too few people.

    References
    ----------
    Rouder et al. 2009, doi:10.3758/PBR.16.2.225. Equal to ``BayesFactor::ttestBF``.

    Examples
    --------
    >>> round(compute_bayes_factor(-1.8608134674868526, 10, 10), 4)
    1.2659
    """
    if n_second is None:
        size, df = float(n_first), n_first - 1
    else:
        size, df = n_first * n_second / max(n_first + n_second, 1), n_first + n_second - 2
    if not isfinite(t) or df < 1 or size <= 0:
        raise UserError("a Bayes factor needs a finite t and two people at least")
    if not scale > 0:
        raise ValueError("the scale of the prior must be above zero")
    # Over u = log g the integrand is smooth and falls off on both sides: the trapezoid rule is
    # then exact to rounding.
    u = np.linspace(-25.0, 60.0, NODES)
    logs = _log_integrand(u, t, df, size * scale**2)
    top = float(logs.max())
    total = float(np.exp(logs - top).sum()) * float(u[1] - u[0])
    null = -(df + 1) / 2 * np.log1p(t**2 / df)
    log_ratio = top + float(np.log(total)) - float(null)
    return exp(log_ratio) if log_ratio < MOST_LOG else inf


def _log_integrand(u: Floats, t: float, df: float, size: float) -> Floats:
    """Log of likelihood times inverse chi-square prior of g = exp(u), with du."""
    g = np.exp(u)
    spread = 1 + size * g
    likelihood = -np.log(spread) / 2 - (df + 1) / 2 * np.log1p(t**2 / (spread * df))
    return likelihood - u / 2 - 0.5 / g - 0.5 * np.log(2 * np.pi)
