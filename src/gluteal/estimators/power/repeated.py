"""Studies that see people more than once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats
from gluteal.estimators.power.designs import Design

Ints = NDArray[np.intp]


def within_between(
    within: float,
    between: float = 0.0,
    *,
    visits: int = 4,
    sd_within: float = 1.0,
    sd_between: float = 1.0,
    sd_person: float = 1.0,
    sd_residual: float = 1.0,
    missing: float = 0.0,
) -> Design:
    """Tell the effect within people from that between people by a mixed model.

    The exposure is split into each person's mean over his visits and the deviations from it; the
    within effect is what is true. Degrees of freedom are Satterthwaite's.

    Parameters
    ----------
    within, between : float
        Slopes of deviations and of people's means.
    visits : int
    sd_within, sd_between : float
        Of the exposure's deviations and of people's levels.
    sd_person, sd_residual : float
        Of the random intercept and the residual.
    missing : float
        Chance of missing a visit.

    Examples
    --------
    >>> within_between(-0.3, visits=5).truth
    -0.3
    """
    if visits < 2:
        raise UserError("at least two visits tell within from between")

    def make(rng: Any, n: int) -> tuple[Floats, Floats, Ints]:
        level = rng.normal(0, sd_between, n)
        x = level[:, None] + rng.normal(0, sd_within, (n, visits))
        seen = rng.random((n, visits)) >= missing
        count = np.maximum(seen.sum(1, keepdims=True), 1)
        mean = (x * seen).sum(1, keepdims=True) / count
        y = within * (x - mean) + between * mean + rng.normal(0, sd_person, (n, 1))
        y = y + rng.normal(0, sd_residual, (n, visits))
        person = np.repeat(np.arange(n), visits)[seen.ravel()]
        design = np.column_stack(
            [np.ones(len(person)), (x - mean)[seen], np.broadcast_to(mean, x.shape)[seen]]
        )
        return design, y[seen], person.astype(np.intp)

    def fit(data: tuple[Floats, Floats, Ints], level: float) -> Estimate | None:
        from gluteal.estimators.lmm import fit_lmm

        found = fit_lmm(data[0], data[1], data[2])
        return found.model.coefficient(1, level) if found.converged else None

    return Design("within-between mixed model", within, make, fit, least=6)
