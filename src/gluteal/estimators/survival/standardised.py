"""Cumulative incidence averaged over people, were their exposure set to one value or another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.intervals import z_quantile
from gluteal.estimators.survival.discrete import Hazards
from gluteal.estimators.survival.incidence import Curve


class Standardised(NamedTuple):
    """Mean risks of m designs by the end of k periods, with what their errors come from.

    ``gradient`` has the shape (m, k, coefficients), ``cov`` is that of the coefficients.
    """

    risk: Floats
    gradient: Floats
    cov: Floats

    def by_the_end(self, of: int = -1) -> tuple[Floats, Floats]:
        """Return the risks at the end of a period, the last one, with their covariance."""
        at = self.gradient[:, of]
        return self.risk[:, of], at @ self.cov @ at.T

    def curve(self, level: float = 0.95) -> Curve:
        """Return the risks with intervals that are symmetric on the log(-log) scale."""
        variance = np.einsum("mkc,cd,mkd->mk", self.gradient, self.cov, self.gradient)
        stay = 1 - self.risk
        with np.errstate(divide="ignore", invalid="ignore"):
            turn = np.exp(z_quantile(level) * np.sqrt(variance) / -(stay * np.log(stay)))
            ends = [np.where(self.risk > 0, 1 - stay**power, 0.0) for power in (1 / turn, turn)]
        return Curve(self.risk, *ends)


def standardise_incidence(fit: Hazards, designs: Sequence[ArrayLike]) -> Standardised:
    """Average predicted risks over people, once a design (g-computation).

    Parameters
    ----------
    fit : Hazards
        From ``fit_discrete``.
    designs : sequence of array_like, each of shape (people, p)
        Everyone's covariates with the exposure set to a value (or shifted).

    Returns
    -------
    Standardised
        Errors are those of the coefficients; the people are taken as they are.

    Raises
    ------
    UserError
        If the model has no finite estimate or a design does not fit it.

    References
    ----------
    Robins 1986, doi:10.1016/0270-0255(86)90088-6.

    Examples
    --------
    >>> from gluteal.estimators.survival.discrete import fit_discrete
    >>> from gluteal.estimators.survival.visits import expand_visits
    >>> rows = expand_visits([[0, 1], [1, 1], [0, 0], [0, 1], [0, 0], [1, 1]])
    >>> fit = fit_discrete(rows, [[1], [1], [0], [1], [0], [0]])
    >>> standardise_incidence(fit, [np.zeros((6, 1)), np.ones((6, 1))]).risk.round(3)
    array([[0.119, 0.374],
           [0.498, 0.922]])
    """
    if not fit.model.converged:
        raise UserError(f"no incidence can be predicted: {'; '.join(fit.model.warnings)}")
    k = len(fit.live)
    p = len(fit.model.coef) - k
    base, slopes = np.exp(fit.model.coef[:k]), fit.model.coef[k:]
    risk, gradient = np.empty((len(designs), k)), np.zeros((len(designs), k, k + p))
    for m, given in enumerate(designs):
        x = np.asarray(given, dtype=float)
        if x.ndim != 2 or x.shape[1] != p or not len(x) or not np.isfinite(x).all():
            raise UserError(f"each design needs {p} finite covariates of every person")
        ratio = np.exp(x @ slopes)
        for j, total in enumerate(np.cumsum(base)):
            stay = np.exp(-total * ratio)
            risk[m, j] = 1 - stay.mean()
            pull = stay * ratio
            gradient[m, j, : j + 1] = base[: j + 1] * pull.mean()
            gradient[m, j, k:] = total * (pull @ x) / len(x)
    # A period without events keeps the risk of the one before it.
    place = np.searchsorted(fit.live, np.arange(fit.periods), "right")
    risk = np.concatenate([np.zeros((len(risk), 1)), risk], axis=1)[:, place]
    gradient = np.concatenate([np.zeros((len(risk), 1, k + p)), gradient], axis=1)[:, place]
    return Standardised(risk, gradient, fit.model.cov)
