"""Intervals for standard deviations and correlations of random effects."""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, exp, log, nan, sqrt, tanh
from typing import Literal

import numpy as np

from gluteal.estimators.inference import Floats, quantile
from gluteal.estimators.lmm.crossed import Crossed
from gluteal.estimators.lmm.deviance import full_derivatives
from gluteal.estimators.lmm.result import MixedModel


@dataclass(frozen=True, slots=True)
class Spread:
    """A standard deviation or correlation with its interval.

    Attributes
    ----------
    kind : {"sd", "correlation", "residual"}
    effects : tuple of int
        Which random effect or factor, two for a correlation, none for the residual.
    estimate, low, high : float
        The limits of a singular fit are nan: there the likelihood has no curvature to use.
    se : float
        Standard error of the log of a standard deviation, of atanh of a correlation.
    """

    kind: Literal["sd", "correlation", "residual"]
    effects: tuple[int, ...]
    estimate: float
    low: float
    high: float
    se: float


def find_spreads(fit: MixedModel, level: float = 0.95) -> tuple[Spread, ...]:
    """Give every standard deviation and correlation of a fit an interval.

    Wald intervals on the scales on which the likelihood is near symmetric: the log of a standard
    deviation, atanh of a correlation. They hold for tens of people and more; whether a variance is
    there at all, ``compare_nested`` asks.

    References
    ----------
    Pinheiro and Bates 2000, Mixed-Effects Models in S and S-PLUS, section 2.4.

    Examples
    --------
    >>> from gluteal.estimators.lmm import fit_lmm
    >>> person = np.repeat([1, 2, 3, 4], 3); visit = np.tile([0.0, 1, 2], 4)
    >>> x = np.column_stack([np.ones(12), visit])
    >>> fit = fit_lmm(x, [3, 4, 5, 5, 7, 8, 2, 2.5, 4, 4, 4, 5.5], person)
    >>> [(s.kind, round(s.estimate, 3), round(s.low, 3)) for s in find_spreads(fit)]
    [('sd', 1.585, 0.698), ('residual', 0.431, 0.255)]
    """
    point, scale = fit.solution.point, fit.solution.rows.scale
    sigma = sqrt(point.profile.sigma2)
    q = len(fit.covariance)
    gradients = covariance_slopes(fit) * fit.residual_variance
    cov: Floats = np.full((len(point.omega) + 1,) * 2, nan)
    if not fit.singular:
        hessian = full_derivatives(point.parts, fit.n, fit.reml, point.profile.sigma2)[1]
        cov = 2 * np.linalg.inv(hessian).astype(np.float64)
    half = quantile(level)
    # Of each covariance: its derivatives by omega, then by sigma.
    by_sigma = 2 * fit.covariance / sigma
    slopes = np.concatenate([gradients, by_sigma[:, :, None]], axis=2)
    found: list[Spread] = []
    for j in range(q):
        value = float(fit.covariance[j, j])
        if value <= 0:
            found.append(Spread("sd", (j,), 0.0, nan, nan, nan))
            continue
        se = _se(slopes[j, j] / (2 * value), cov)
        middle = log(value) / 2
        limits = exp(middle - half * se), exp(middle + half * se)
        found.append(Spread("sd", (j,), sqrt(value), *limits, se))
    if fit.solution.position == (0,) and _correlated(fit):
        for i in range(q):
            for j in range(i):
                found.append(_correlation(fit, i, j, slopes, cov, half))
    se = sqrt(float(cov[-1, -1])) / sigma if not fit.singular else _alone(fit)
    middle = log(scale * sigma)
    limits = exp(middle - half * se), exp(middle + half * se)
    found.append(Spread("residual", (), exp(middle), *limits, se))
    return tuple(found)


def _alone(fit: MixedModel) -> float:
    """Return the error of log sigma as if the other variances were known."""
    return sqrt(1 / (2 * (fit.n - len(fit.model.coef) if fit.reml else fit.n)))


def _correlated(fit: MixedModel) -> bool:
    q = len(fit.covariance)
    return len(fit.solution.point.omega) == q * (q + 1) // 2 and q > 1


def _se(slope: Floats, cov: Floats) -> float:
    variance = float(slope @ cov @ slope)
    return sqrt(variance) if variance > 0 else nan


def _correlation(
    fit: MixedModel, i: int, j: int, slopes: Floats, cov: Floats, half: float
) -> Spread:
    c = fit.covariance
    size = sqrt(float(c[i, i] * c[j, j]))
    value = float(c[i, j]) / size if size > 0 else nan
    if fit.singular:
        return Spread("correlation", (j, i), value, nan, nan, nan)
    slope = slopes[i, j] / size - value / 2 * (slopes[i, i] / c[i, i] + slopes[j, j] / c[j, j])
    se = _se(slope / (1 - value**2), cov)
    limits = tanh(atanh(value) - half * se), tanh(atanh(value) + half * se)
    return Spread("correlation", (j, i), value, *limits, se)


def covariance_slopes(fit: MixedModel) -> Floats:
    """Differentiate the covariance, over the residual variance, by omega: shape (q, q, m)."""
    data, turn = fit.solution.data, fit.solution.turn
    m = len(fit.solution.point.omega)
    if isinstance(data, Crossed) or fit.solution.place.size:
        found = np.zeros((m, m, m))
        position = list(fit.solution.position)
        found[np.arange(m), np.arange(m), position] = 1.0
        return found
    return np.einsum("ab,ibc,dc->adi", turn, data.directions, turn)
