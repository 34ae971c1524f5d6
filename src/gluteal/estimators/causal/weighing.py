"""Models for the exposure had, or for staying in the study, turned into weights."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.causal.scores import Fit, as_binary, fit_scores, gather
from gluteal.estimators.causal.weights import Weights
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_design

Estimand = Literal["ATE", "ATT", "ATO"]
TINY = 1e-12
LIKELY = 0.01
TOP_MEAN = 0.1


def _said(part: str, fit: Fit) -> tuple[str, ...]:
    return tuple(f"{part}: {text}" for text in fit.warnings)


def _numerator(numerator: ArrayLike | None, a: Floats) -> Floats:
    if numerator is None:
        return np.ones((len(a), 1))
    return as_design(numerator, a, least_df=1)[0]


def check_positivity(probability: Floats) -> tuple[str, ...]:
    """Warn of people who are nearly certain of their exposure."""
    rare = int(((probability < LIKELY) | (probability > 1 - LIKELY)).sum())
    if not rare:
        return ()
    return (f"positivity: {rare} rows have a probability below {LIKELY} or above {1 - LIKELY}",)


def weigh_binary(
    a: ArrayLike,
    z: ArrayLike,
    *,
    estimand: Estimand = "ATE",
    stabilised: bool = True,
    numerator: ArrayLike | None = None,
) -> Weights:
    """Weight by the inverse probability of the exposure had, from a logistic model.

    Parameters
    ----------
    a : array_like, shape (n,)
        Exposure, 0 or 1.
    z : array_like, shape (n, q)
        Design of the propensity model, with intercept.
    estimand : {"ATE", "ATT", "ATO"}
        Effect in everyone, in the exposed, or in the overlap (whose weights cannot explode).
    stabilised : bool
        Multiply by the probability of the exposure had given ``numerator`` (ATE only).
    numerator : array_like, shape (n, r), optional
        Design of the numerator model; the intercept alone if not given.

    Raises
    ------
    UserError
        If nobody or everybody is exposed, or an array has a fault.

    References
    ----------
    Robins, Hernán and Brumback 2000, doi:10.1097/00001648-200009000-00011; Li, Morgan and
    Zaslavsky 2018 for the overlap, doi:10.1080/01621459.2016.1260466.

    Examples
    --------
    >>> z = np.column_stack([np.ones(8), [0, 0, 0, 0, 1, 1, 1, 1]])
    >>> weigh_binary([1, 0, 0, 0, 1, 1, 1, 0], z, stabilised=False).values.round(3)
    array([4.   , 1.333, 1.333, 1.333, 1.333, 1.333, 1.333, 4.   ])
    """
    exposed, (design, _a) = gather(
        lambda: as_binary(a, "the exposure"), lambda: as_design(z, a, least_df=1)
    )
    fit = fit_scores(design, exposed, "logistic")
    p = np.clip(fit.mean, TINY, 1 - TINY)
    said = (*_said("propensity", fit), *check_positivity(p))
    one = exposed == 1
    if estimand == "ATE":
        values = np.where(one, 1 / p, 1 / (1 - p))
        slope = -(exposed - p)
    elif estimand == "ATT":
        values, slope = np.where(one, 1.0, p / (1 - p)), np.where(one, 0.0, 1.0)
    else:
        values, slope = np.where(one, 1 - p, p), np.where(one, -p, 1 - p)
    made = Weights(values, slope[:, None] * design, fit.shares, p, fit.converged, said)
    if estimand != "ATE" or not stabilised:
        return made
    return made.times(_likelihood(exposed, _numerator(numerator, exposed)))


def _likelihood(a: Floats, design: Floats) -> Weights:
    """Weight by the probability of the exposure had: the numerator."""
    fit = fit_scores(design, a, "logistic")
    values = np.where(a == 1, fit.mean, 1 - fit.mean)
    gradient = (a - fit.mean)[:, None] * design
    return Weights(values, gradient, fit.shares, fit.mean, fit.converged, _said("numerator", fit))


def weigh_remaining(
    stayed: ArrayLike,
    z: ArrayLike,
    *,
    stabilised: bool = True,
    numerator: ArrayLike | None = None,
) -> Weights:
    """Weight those who stayed for those like them who left (inverse probability of censoring).

    Rows are visits at which a person was still to be seen. The model for staying pools all visits;
    put the visit into the designs. A row of someone who left at it has weight 0.

    Parameters
    ----------
    stayed : array_like, shape (n,)
        1 where the person was seen at the visit, 0 where they left at it.
    z : array_like, shape (n, q)
        Design of what made people leave, known before the visit.
    stabilised, numerator
        As in ``weigh_binary``.

    Raises
    ------
    UserError
        If nobody left or nobody stayed, or an array has a fault.

    References
    ----------
    Hernán, Brumback and Robins 2000, doi:10.1097/00001648-200009000-00012.
    """
    seen, (design, _s) = gather(
        lambda: as_binary(stayed, "staying"), lambda: as_design(z, stayed, least_df=1)
    )
    fit = fit_scores(design, seen, "logistic")
    p = np.clip(fit.mean, TINY, 1.0)
    rare = int((p < LIKELY).sum())
    said = _said("staying", fit)
    if rare:
        said = (*said, f"positivity: {rare} rows have a probability of staying below {LIKELY}")
    top, parts = np.ones(len(seen)), [-(1 - p)[:, None] * design]
    shares, converged = [fit.shares], fit.converged
    if stabilised:
        over = _numerator(numerator, seen)
        upper = fit_scores(over, seen, "logistic")
        top = upper.mean
        parts.append((1 - top)[:, None] * over)
        shares.append(upper.shares)
        converged, said = converged and upper.converged, (*said, *_said("numerator", upper))
    return Weights(seen * top / p, np.hstack(parts), np.hstack(shares), p, converged, said)


def weigh_density(a: ArrayLike, z: ArrayLike, *, numerator: ArrayLike | None = None) -> Weights:
    """Weight a continuous exposure by the ratio of two normal densities (always stabilised).

    Parameters
    ----------
    a : array_like, shape (n,)
        Exposure; it should be near normal given ``z``.
    z : array_like, shape (n, q)
        Design of the exposure's mean, with intercept.
    numerator : array_like, shape (n, r), optional
        Design of the numerator's mean; the intercept alone if not given.

    Raises
    ------
    UserError
        If the exposure does not vary, follows exactly from ``z``, or an array has a fault.

    References
    ----------
    Robins, Hernán and Brumback 2000, doi:10.1097/00001648-200009000-00011. Variances divide by
    the degrees of freedom left, as in Hernán and Robins 2020, What If, program 12.4.
    """
    design, exposure = as_design(z, a, least_df=1)
    if not np.ptp(exposure):
        raise UserError(f"the exposure has the value {exposure[0]:g} only: nothing to compare")
    lower = _normal(exposure, design)
    upper = _normal(exposure, _numerator(numerator, exposure))
    with np.errstate(over="ignore"):
        values = np.exp(upper.values - lower.values)
    said: tuple[str, ...] = ()
    if abs(float(values.mean()) - 1) > TOP_MEAN:
        said = (f"the mean of the stabilised weights is {values.mean():.3g}, not near 1",)
    return Weights(
        values,
        np.hstack([-lower.gradient, upper.gradient]),
        np.hstack([lower.shares, upper.shares]),
        np.exp(lower.values),
        warnings=said,
    )


def _normal(a: Floats, design: Floats) -> Weights:
    """Log density of a linear model with its derivatives by coefficients and log SD."""
    n, p = design.shape
    fit = fit_scores(design, a, "linear")
    residual = a - fit.mean
    sd = float(np.sqrt(residual @ residual / (n - p)))
    if sd <= 1e-9 * float(a.std()):
        raise UserError("the exposure follows exactly from the covariates: no overlap")
    r = residual / sd
    spread = r**2 - 1
    gradient = np.column_stack([(r / sd)[:, None] * design, spread])
    share = (r**2 - (n - p) / n) / (2 * (n - p))
    return Weights(
        -0.5 * r**2 - np.log(sd) - 0.5 * np.log(2 * np.pi),
        gradient,
        np.column_stack([fit.shares, share]),
        fit.mean,
    )
