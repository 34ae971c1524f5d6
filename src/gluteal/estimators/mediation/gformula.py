"""Means of potential outcomes Y(a, M(a*)) from a mediator's and an outcome's regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.mediation.resampled_glm import Link, inverse

STEP = 1 / 32  # between points at which an integral is tabulated


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Coefficients of both regressions in some resamples.

    Attributes
    ----------
    mediator : ndarray, shape (resamples, 2 + c)
        Of constant, covariates, exposure.
    sigma : ndarray, shape (resamples,)
        Residual standard deviation of a linear mediator.
    outcome : ndarray, shape (resamples, 3 + c) or (resamples, 4 + c)
        Of constant, covariates, exposure, mediator, and their product where there is interaction.
    """

    mediator: Floats
    sigma: Floats
    outcome: Floats


def quadrature(spread: float) -> tuple[Floats, Floats]:
    """Return nodes and weights of Gauss and Hermite's rule for a standard normal mediator.

    Parameters
    ----------
    spread : float
        Standard deviation that the mediator's error brings to the linear predictor: a wider one
        needs more nodes.
    """
    count = 16 if spread < 0.7 else 32 if spread < 2 else 64 if spread < 4 else 128
    x, w = np.polynomial.hermite.hermgauss(count)
    return x * np.sqrt(2), w / np.sqrt(np.pi)


def mean_outcome(
    found: Coefficients,
    links: tuple[Link, Link],
    covariates: Floats,
    weights: Floats,
    exposure: float,
    mediator_exposure: float,
    rule: tuple[Floats, Floats],
) -> Floats:
    """Average Y(a, M(a*)) over the people of each resample.

    Exact for linear outcomes, binary mediators and probit outcomes of a linear mediator; by
    quadrature for logit outcomes of a linear mediator.

    Parameters
    ----------
    links : tuple of two
        Of mediator and outcome.
    covariates : ndarray, shape (n, c)
    weights : ndarray, shape (resamples, n) or (1, n)
    exposure, mediator_exposure : float
        a and a*.
    rule : tuple
        Of ``quadrature``.

    Returns
    -------
    ndarray, shape (resamples,)
    """
    c = covariates.shape[1]
    alone = found.mediator[:, 1 : 1 + c] @ covariates.T
    middle = alone + (found.mediator[:, [0]] + mediator_exposure * found.mediator[:, [1 + c]])
    base, slope = outcome_line(found, covariates, exposure)
    if links[0] != "linear":
        chance = inverse(links[0], middle)
        low, high = inverse(links[1], base), inverse(links[1], base + slope)
        return average((1 - chance) * low + chance * high, weights)
    eta = base + slope * middle
    if links[1] == "linear":
        return average(eta, weights)
    spread = slope * found.sigma[:, None]
    if links[1] == "probit":
        return average(inverse("probit", eta / np.sqrt(1 + spread**2)), weights)
    return average(logistic_normal(eta, spread, rule), weights)


def logistic_normal(eta: Floats, spread: Floats, rule: tuple[Floats, Floats]) -> Floats:
    """Mean of the logistic function over a normal error of its argument.

    Where people are many, the mean is integrated on a grid once per resample and interpolated by
    cubics, which are right to 1e-9.

    Parameters
    ----------
    eta : ndarray, shape (resamples, n)
    spread : ndarray, shape (resamples, 1)
        Standard deviation of the error.
    rule : tuple
        Of ``quadrature``.
    """
    sound = np.isfinite(eta).all(1)
    if not sound.all():
        out = np.full_like(eta, np.nan)
        if sound.any():
            out[sound] = logistic_normal(eta[sound], spread[sound], rule)
        return out
    first = np.floor(eta.min() / STEP)
    cells = int(eta.max() / STEP - first) + 2
    if cells > eta.shape[1] / 2:
        return _integrate(eta, spread, rule)[0]
    place = eta / STEP
    place -= first
    at = place.astype(np.intp)
    place -= at
    at += (np.arange(len(eta)) * cells)[:, None]
    value, slope = _integrate(STEP * (first + np.arange(cells)), spread, rule)
    slope *= STEP
    # Hermite's cubic between neighbouring points, by its coefficients.
    rise = np.zeros_like(value)
    rise[:, :-1] = np.diff(value)
    end = np.zeros_like(slope)
    end[:, :-1] = slope[:, 1:]
    cubic = slope + end - 2 * rise
    square = 3 * rise - 2 * slope - end
    out = cubic.take(at)
    for part in (square, slope, value):
        out *= place
        out += part.take(at)
    return out


def _integrate(eta: Floats, spread: Floats, rule: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Mean of the logistic function, and its derivative by ``eta``."""
    shape = np.broadcast_shapes(eta.shape, spread.shape)
    value, slope = np.zeros(shape), np.zeros(shape)
    for node, weight in zip(*rule, strict=True):
        chance = inverse("logit", eta + spread * node)
        value += weight * chance
        slope += weight * chance * (1 - chance)
    return value, slope


def mean_at(
    found: Coefficients,
    link: Link,
    covariates: Floats,
    weights: Floats,
    exposure: float,
    mediator: float,
) -> Floats:
    """Average Y(a, m), the mediator set to one value for everybody."""
    base, slope = outcome_line(found, covariates, exposure)
    return average(inverse(link, base + slope * mediator), weights)


def outcome_line(found: Coefficients, covariates: Floats, exposure: float) -> tuple[Floats, Floats]:
    """Return the outcome's linear predictor without the mediator, and the mediator's slope."""
    c, b = covariates.shape[1], found.outcome
    base = b[:, 1 : 1 + c] @ covariates.T + (b[:, [0]] + exposure * b[:, [1 + c]])
    slope = b[:, [2 + c]]
    return base, slope + exposure * b[:, [3 + c]] if b.shape[1] > 3 + c else slope


def average(values: Floats, weights: Floats) -> Floats:
    """Weighted mean over people, shape (resamples,)."""
    if weights.shape[0] == 1:
        return values @ weights[0] / weights[0].sum()
    return np.einsum("ij,ij->i", values, weights) / weights.sum(1)
