"""Outcomes missing not at random: what the estimate would be, were the missing ones off by delta.

Imputing missing outcomes from the model itself and shifting them by delta needs no random draws:
with many imputations the estimate tends to the root of equations that hold expected outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.causal.scores import Family
from gluteal.estimators.inference import Estimate, Floats, Model, interval
from gluteal.estimators.irls import climb, mean_of, variance_of


@dataclass(slots=True)
class MissingOutcome:
    """A regression of complete cases beside the people whose outcome is missing.

    Parameters
    ----------
    seen : ndarray, shape (n, p)
        Design of the rows with an outcome.
    outcome : ndarray, shape (n,)
    unseen : ndarray, shape (m, p)
        Design of the rows without.
    direction : ndarray, shape (m,)
        What delta multiplies in each of them: 1 in the exposed and 0 in the others, or the
        exposure less its mean; a shift of all alike would leave the effect as it is.
    model : Model
        Of the complete cases, with the covariance that its headline has.
    family : {"linear", "logistic", "poisson"}
    most : float
        Largest mean that an imputed outcome may have: 1 where it is a yes or no.
    """

    seen: Floats
    outcome: Floats
    unseen: Floats
    direction: Floats
    model: Model
    family: Family = "linear"
    most: float = float("inf")
    column: int = 1
    _x: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit."""
        self.unseen = np.atleast_2d(np.asarray(self.unseen, dtype=float))
        self.direction = np.asarray(self.direction, dtype=float)
        if not self.unseen.size:
            raise UserError("no outcome is missing: there is nothing that delta could move")
        shapes = self.seen.shape[1] == self.unseen.shape[1], len(self.unseen) == len(self.direction)
        if not all(shapes):
            raise ValueError("designs of people with and without outcome do not fit")
        self._x = np.vstack([self.seen, self.unseen])

    @property
    def people(self) -> int:
        """People with and without outcome."""
        return len(self._x)

    @property
    def share(self) -> float:
        """Share of people whose outcome is missing."""
        return len(self.unseen) / len(self._x)

    def estimate(self, delta: float, level: float = 0.95) -> Estimate:
        """Estimate the coefficient, were missing outcomes off by ``delta`` times the direction.

        On the scale of the link: a difference of means, a log ratio of risks, log odds. The error
        is that of the complete cases, carried through the equations; delta is taken as known.

        References
        ----------
        Little 1993, doi:10.1080/01621459.1993.10594302, for pattern mixtures; Cro et al. 2020,
        doi:10.1002/sim.8569, for delta adjustment.

        Examples
        --------
        >>> from gluteal.estimators.linear import fit_linear
        >>> x = np.column_stack([np.ones(4), [0.0, 0, 1, 1]])
        >>> y = np.array([1.0, 2, 3, 5])
        >>> kept = fit_linear(x, y)
        >>> made = MissingOutcome(x, y, np.array([[1.0, 1], [1, 1]]), np.ones(2), kept)
        >>> round(made.estimate(0).estimate, 6), round(made.estimate(-2).estimate, 6)
        (2.5, 1.5)
        """
        eta = self.unseen @ self.model.coef + delta * self.direction
        guess = np.minimum(mean_of(self.family, eta), self.most)
        every = np.r_[self.outcome, guess]
        found = climb(self._x, every, self.family)
        slope = variance_of(self.family, found.mean)
        whole = (self._x * slope[:, None]).T @ self._x
        own = variance_of(self.family, mean_of(self.family, self.seen @ self.model.coef))
        moved = np.where(guess < self.most, variance_of(self.family, guess), 0.0)
        inner = (self.seen * own[:, None]).T @ self.seen
        inner += (self.unseen * moved[:, None]).T @ self.unseen
        carried = np.linalg.solve(whole, inner)
        cov = carried @ self.model.cov @ carried.T
        at = self.column
        value = float(found.coef[at]) if found.converged else float("nan")
        df = self.model.df_of(np.eye(len(self.model.coef))[at])
        return interval(value, float(np.sqrt(cov[at, at])), df, level)


def directions(exposure: ArrayLike, mean: float, units: float, binary: bool) -> Floats:
    """Say how delta acts along an exposure: on the exposed, or in proportion to the exposure.

    Examples
    --------
    >>> directions([0, 1], 0.5, 1.0, True), directions([2.0, 6.0], 4.0, 2.0, False)
    (array([0., 1.]), array([-1.,  1.]))
    """
    values = np.asarray(exposure, dtype=float)
    return (values == 1).astype(float) if binary else (values - mean) / units
