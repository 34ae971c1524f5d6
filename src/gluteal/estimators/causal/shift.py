"""What if everyone had so much more of a measured exposure: weights, and weights with a model.

Nobody is set to one value. Each person keeps what they have, and the shift is added: the question
asks for people a little stronger than these, and such people exist.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.causal.iptw import HALF, summarise_weights
from gluteal.estimators.causal.potential import PotentialMeans, means_from_shares
from gluteal.estimators.causal.scores import Family, as_model, fit_scores, link_mean
from gluteal.estimators.causal.weights import Weights
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_design

Truncate = tuple[float, float]


def weigh_shift(a: ArrayLike, z: ArrayLike, shift: float) -> Weights:
    """Weight people so that they stand for all, shifted: density at a - shift over that at a.

    Parameters
    ----------
    a : array_like, shape (n,)
        Exposure; near normal given ``z``, with one spread.
    z : array_like, shape (n, q)
        Design of the exposure's mean, with intercept.
    shift : float

    Returns
    -------
    Weights
        ``probability`` holds the residuals of the exposure's model.

    Raises
    ------
    UserError
        If the exposure follows exactly from ``z``, or an array has a fault.

    References
    ----------
    Díaz Muñoz and van der Laan 2012, doi:10.1111/j.1541-0420.2011.01685.x; Haneuse and Rotnitzky
    2013, doi:10.1002/sim.5907.

    Examples
    --------
    >>> weigh_shift([-1.0, 1, -1, 1], np.ones((4, 1)), 0.5).values.round(3)
    array([0.626, 1.325, 0.626, 1.325])
    """
    design, exposure = as_design(z, a, least_df=1)
    n, p = design.shape
    fit = fit_scores(design, exposure, "linear")
    rest = exposure - fit.mean
    variance = float(rest @ rest / (n - p))
    if variance <= 1e-18 * max(float(exposure @ exposure) / n, 1e-300):
        raise UserError("the exposure follows exactly from the covariates: no overlap")
    log_weight = (shift * rest - shift**2 / 2) / variance
    with np.errstate(over="ignore"):
        values = np.exp(log_weight)
    # Derivatives by the coefficients of the mean and by the log of the SD.
    gradient = np.column_stack([-shift / variance * design, -2 * log_weight])
    spread = (rest**2 / variance - (n - p) / n) / (2 * (n - p))
    return Weights(values, gradient, np.column_stack([fit.shares, spread]), rest)


def estimate_shift(
    y: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    shift: float,
    *,
    models: tuple[ArrayLike, ArrayLike] | None = None,
    family: Family = "linear",
    truncate: Truncate | None = None,
    person: ArrayLike | None = None,
) -> PotentialMeans:
    """Estimate the mean outcome as it is, and with everyone's exposure shifted.

    Parameters
    ----------
    y, a : array_like, shape (n,)
        Outcome and exposure.
    z : array_like, shape (n, q)
        Design of the exposure's mean, with intercept.
    shift : float
    models : (array_like, array_like), optional
        Design of the outcome model at the exposure had and at the exposure shifted, each of shape
        (n, p). With it the estimate is doubly robust: right if the outcome model is, or that of the
        exposure. Without it, weights alone (Hájek).
    family : {"linear", "logistic", "poisson"}
        Of the outcome model.
    truncate : (float, float), optional
        Quantiles beyond which weights are cut.
    person : array_like, shape (n,), optional

    Returns
    -------
    PotentialMeans
        As observed and shifted; errors count in all models. ``extra`` has ``weights``
        (WeightSummary), ``values`` and ``rest`` (the exposure's residuals).

    Raises
    ------
    UserError
        If an array has a fault, or the exposure follows from the covariates.

    References
    ----------
    Díaz Muñoz and van der Laan 2012, doi:10.1111/j.1541-0420.2011.01685.x.

    Examples
    --------
    >>> a = np.tile([0.0, 1, 2, 3], 10)
    >>> x = np.column_stack([np.ones(40), a])
    >>> models = (x, x + [0, 0.5])
    >>> found = estimate_shift(2 * a + 1, a, np.ones((40, 1)), 0.5, models=models)
    >>> round(found.difference().estimate, 6)
    1.0
    """
    outcome = np.asarray(y, dtype=float)
    weights = weigh_shift(a, z, shift)
    if truncate is not None:
        weights = weights.truncate(*truncate)
    n, w = len(weights.values), weights.values
    if outcome.shape != (n,) or not np.isfinite(outcome).all():
        raise UserError(f"{n} exposures need one finite outcome each")
    natural = outcome.mean()
    said: list[str] = []
    converged, se_type = True, "stacked"
    if models is None:
        total = float(w.sum())
        mean = float(w @ outcome) / total
        shares = w * (outcome - mean) / total
        shares = shares + weights.shares @ (weights.gradient.T @ shares)
    else:
        mean, shares, converged, said = _doubly(outcome, weights, models, family)
    spread = summarise_weights(weights)
    if spread.effective < HALF * spread.rows:
        said.append(
            f"weights leave {spread.effective:.0f} effective rows of {spread.rows}: few weigh much"
        )
    both = np.column_stack([(outcome - natural) / n, shares])
    return means_from_shares(
        np.array([natural, mean]),
        both,
        person,
        se_type,
        converged=converged,
        warnings=tuple(said),
        extra={"weights": spread, "values": w, "rest": weights.probability},
    )


def _doubly(
    y: Floats, weights: Weights, models: tuple[ArrayLike, ArrayLike], family: Family
) -> tuple[float, Floats, bool, list[str]]:
    x, _y = as_model(models[0], y, family)
    other = np.asarray(models[1], dtype=float)
    if other.shape != x.shape or not np.isfinite(other).all():
        raise UserError(f"the shifted design has the shape {other.shape}, the model's is {x.shape}")
    n, w = len(y), weights.values
    fit = fit_scores(x, y, family)
    mu, slope = link_mean(family, other @ fit.coef)
    rest = y - fit.mean
    value = mu + w * rest
    mean = float(value.mean())
    by_outcome = (other.T @ slope - x.T @ (w * fit.slope)) / n
    by_exposure = weights.gradient.T @ (w * rest) / n
    shares = (value - mean) / n + fit.shares @ by_outcome + weights.shares @ by_exposure
    return mean, shares, fit.converged, [f"outcome: {text}" for text in fit.warnings]


def shift_imbalance(z: ArrayLike, weights: ArrayLike) -> Floats:
    """Return how far weighted means of covariates lie from those of all, in SDs.

    A shift leaves the covariates alone, so that the weighted people must look like everyone.

    Parameters
    ----------
    z : array_like, shape (n, q)
        Covariates without intercept; 0 where one is constant.
    weights : array_like, shape (n,)

    Examples
    --------
    >>> shift_imbalance([[0.0], [1.0], [0.0], [1.0]], [1, 3, 1, 3]).round(3)
    array([0.433])
    """
    columns, w = np.asarray(z, dtype=float), np.asarray(weights, dtype=float)
    gap = w @ columns / w.sum() - columns.mean(0)
    sd = columns.std(0, ddof=1)
    return np.where(sd > 0, gap / np.where(sd > 0, sd, 1.0), 0.0)


def shift_support(rest: ArrayLike, shift: float, tail: float = 0.01) -> float:
    """Return the share of people whose shifted exposure others like them have.

    Parameters
    ----------
    rest : array_like, shape (n,)
        The exposure given the covariates: residuals of its model.
    shift : float
    tail : float
        Residuals beyond these quantiles count as not had by others.

    Examples
    --------
    >>> shift_support(np.linspace(-1, 1, 101), 0.5, 0.0).__round__(2)
    0.75
    """
    values = np.asarray(rest, dtype=float)
    low, high = np.quantile(values, [tail, 1 - tail])
    moved = values + shift
    return float(((moved >= low) & (moved <= high)).mean())
