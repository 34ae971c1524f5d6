"""Chance of the event by each visit for people with given covariates, with delta intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.intervals import z_quantile
from gluteal.estimators.survival.discrete import Hazards


class Curve(NamedTuple):
    """Cumulative incidence, one row a profile, one column a period."""

    incidence: Floats
    low: Floats
    high: Floats


def predict_incidence(fit: Hazards, profiles: ArrayLike, level: float = 0.95) -> Curve:
    """Predict cumulative incidence at the end of each period.

    Parameters
    ----------
    fit : Hazards
    profiles : array_like, shape (m, p) or (m, periods, p)
        Covariates of the people to predict, fixed or period by period.
    level : float
        Of intervals on the log(-log) scale, by the delta method.

    Raises
    ------
    UserError
        If the model has no finite estimate or a profile does not fit it.

    Examples
    --------
    >>> from gluteal.estimators.survival.discrete import fit_discrete
    >>> from gluteal.estimators.survival.visits import expand_visits
    >>> rows = expand_visits([[0, 1], [1, 1], [0, 0], [0, 1], [0, 0], [1, 1]])
    >>> fit = fit_discrete(rows, [[1], [1], [0], [1], [0], [0]])
    >>> predict_incidence(fit, [[0], [1]]).incidence.round(3)
    array([[0.119, 0.374],
           [0.498, 0.922]])
    """
    if not fit.model.converged:
        raise UserError(f"no incidence can be predicted: {'; '.join(fit.model.warnings)}")
    k = len(fit.live)
    p = len(fit.model.coef) - k
    people = np.asarray(profiles, dtype=float)
    if people.ndim == 2:
        people = np.repeat(people[:, None, :], fit.periods, axis=1)
    if people.ndim != 3 or people.shape[1:] != (fit.periods, p) or not np.isfinite(people).all():
        raise UserError(f"each profile needs {p} finite covariates, fixed or for each period")
    use = people[:, fit.live]
    hazard = np.exp(fit.model.coef[:k] + use @ fit.model.coef[k:])
    # Derivatives of the log of the summed hazard: shares of the periods so far.
    total = np.cumsum(hazard, axis=1)
    share = np.tril(np.ones((k, k)))[None] * hazard[:, None, :] / total[:, :, None]
    lever = np.concatenate([share, np.einsum("mkj,mjp->mkp", share, use)], axis=2)
    se = np.sqrt(np.einsum("mkc,cd,mkd->mk", lever, fit.model.cov, lever))
    turn = np.exp(z_quantile(level) * se)
    found = [-np.expm1(-h) for h in (total, total / turn, total * turn)]
    # A period without events keeps the incidence of the one before it.
    place = np.searchsorted(fit.live, np.arange(fit.periods), "right")
    nothing = np.zeros((len(people), 1))
    value, low, high = (np.concatenate([nothing, one], axis=1)[:, place] for one in found)
    return Curve(value, low, high)
