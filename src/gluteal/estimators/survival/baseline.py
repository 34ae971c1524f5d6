"""Survival of people with given covariates under a fitted Cox model, with delta intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.intervals import z_quantile
from gluteal.estimators.survival.cox import Cox


class Predicted(NamedTuple):
    """Curves, one row a profile, one column a time; ``hazard`` is cumulative."""

    times: Floats
    survival: Floats
    low: Floats
    high: Floats
    hazard: Floats
    hazard_se: Floats


def predict_survival(
    fit: Cox, profiles: ArrayLike, times: ArrayLike, stratum: int = 0, level: float = 0.95
) -> Predicted:
    """Predict survival at given times.

    Parameters
    ----------
    fit : Cox
    profiles : array_like, shape (m, p)
        Covariates of the people to predict.
    times : array_like, shape (k,)
    stratum : int
        Number of the stratum whose baseline hazard to use (0 without strata).
    level : float
        Of intervals on the log(-log) scale, which hold the error of hazard and coefficients.

    Returns
    -------
    Predicted
        NaN past the end of follow-up. The cumulative hazard uses Efron's ties where the model
        does; survival is exp(-hazard). One less survival is the risk, where no other event
        competes.

    Raises
    ------
    UserError
        If the model has no finite estimate, the stratum has no event or a profile is not finite.

    References
    ----------
    Tsiatis 1981, doi:10.1214/aos/1176345335; Therneau and Grambsch 2000,
    doi:10.1007/978-1-4757-3294-8. Equal to R's ``survfit.coxph``.
    """
    if not fit.model.converged:
        raise UserError(f"no survival can be predicted: {'; '.join(fit.model.warnings)}")
    people = np.atleast_2d(np.asarray(profiles, dtype=float))
    wanted = np.atleast_1d(np.asarray(times, dtype=float))
    if people.ndim != 2 or people.shape[1] != fit.x.shape[1] or not np.isfinite(people).all():
        raise UserError(f"each profile needs {fit.x.shape[1]} finite covariates")
    sets, at = fit.sets, fit.pieces
    use = sets.group_stratum[sets.slot] == stratum
    if not use.any():
        raise UserError(f"no event in stratum {stratum}")
    when = sets.event_time[sets.slot][use][::-1]  # sorted rows run from last to first
    unit = at.hazard[use][::-1] * np.exp(-at.shift[stratum])
    mean = at.mean[use][::-1]

    def running(values: Floats) -> Floats:
        sums = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
        return sums[np.searchsorted(when, wanted, "right")]

    base, square = running(unit), running(unit**2)
    pull = running(mean * unit[:, None])
    away = people - fit.centre
    ratio = np.exp(away @ fit.model.coef)[:, None]
    hazard = ratio * base
    lever = ratio[:, :, None] * (pull[None] - away[:, None, :] * base[None, :, None])
    variance = ratio**2 * square + np.einsum("mkp,pq,mkq->mk", lever, fit.model.cov, lever)
    se = np.sqrt(variance)
    survival = np.exp(-hazard)
    with np.errstate(invalid="ignore", divide="ignore"):
        turn = np.exp(z_quantile(level) * np.where(hazard > 0, se / hazard, 0.0))
    low, high = np.exp(-hazard * turn), np.exp(-hazard / turn)
    past = wanted > sets.time[sets.stratum == stratum].max()
    gone = np.where(past, np.nan, 0.0)
    return Predicted(wanted, survival + gone, low + gone, high + gone, hazard + gone, se + gone)
