"""Pseudo-observations: what each person adds to a risk, also where follow-up was cut off.

A risk by a horizon is not known of people who left before it without the event; leaving them out
counts those whose event came early and not the others. A pseudo-observation stands for the missing
0 or 1 of everyone, and any method for complete outcomes can use it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats


def pseudo_risks(period: ArrayLike, event: ArrayLike, horizon: int) -> Floats:
    """Return each person's pseudo-observation of the risk by the end of a period.

    n times the life-table risk of all, less n - 1 times that of all others.

    Parameters
    ----------
    period : array_like of int, shape (n,)
        Periods followed, from 1.
    event : array_like, shape (n,)
        1 where the event happened in the last of them, 0 where follow-up stopped after it.
    horizon : int
        Number of the period, from 1.

    Returns
    -------
    ndarray, shape (n,)
        0 or 1 where nobody left early; else also values below 0 and above 1. Leaving must not
        depend on the event.

    Raises
    ------
    UserError
        If arrays do not fit, or nobody is followed to the horizon.

    References
    ----------
    Andersen, Klein and Rosthøj 2003, doi:10.1093/biomet/90.1.15; Andersen and Perme 2010,
    doi:10.1177/0962280209105020.

    Examples
    --------
    >>> pseudo_risks([2, 1, 2, 2], [0, 1, 1, 0], 2)
    array([0., 1., 1., 0.])
    >>> pseudo_risks([2, 1, 1, 2], [0, 0, 1, 1], 2).round(3)
    array([-0.5,  0.5,  1. ,  1.5])
    """
    last, hit = np.asarray(period, dtype=float), np.asarray(event, dtype=float)
    if last.ndim != 1 or last.shape != hit.shape or len(last) < 2:
        raise UserError(f"periods of shape {last.shape} do not fit events of shape {hit.shape}")
    if (last < 1).any() or not np.isin(hit, (0, 1)).all():
        raise UserError("everyone needs one period or more, and an event of 0 or 1")
    n, j = len(last), np.arange(1, horizon + 1)
    at_risk = last[:, None] >= j
    happened = (last[:, None] == j) & (hit[:, None] == 1)
    risk_n, risk_d = at_risk.sum(0), happened.sum(0)
    if not risk_n[-1]:
        raise UserError("nobody is followed to the horizon")
    whole = 1 - np.prod(1 - risk_d / risk_n)
    others = np.maximum(risk_n - at_risk, 1)
    rest = 1 - np.prod(1 - (risk_d - happened) / others, axis=1)
    found = n * whole - (n - 1) * rest
    return np.where(np.abs(found - np.round(found)) < 1e-9, np.round(found) + 0.0, found)
