"""Inverse-probability weights that carry what their own estimation adds to the error.

The logarithm of a weight is differentiated by the coefficients of the models behind it, and each
row's share in the error of those coefficients is kept, so that a weighted fit can count them in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_groups


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of rows, with the uncertainty of the models that they come from.

    Attributes
    ----------
    values : ndarray, shape (n,)
    gradient : ndarray, shape (n, q)
        Derivative of the log weight by the coefficients of the models; 0 where truncated.
    shares : ndarray, shape (n, q)
        Each row's share in the error of those coefficients.
    probability : ndarray, shape (n,)
        The propensity (of being exposed, of staying), or the density of the exposure.
    """

    values: Floats
    gradient: Floats
    shares: Floats
    probability: Floats
    converged: bool = True
    warnings: tuple[str, ...] = ()

    def times(self, other: Weights) -> Weights:
        """Multiply by other weights of the same rows: exposure and staying."""
        return Weights(
            self.values * other.values,
            np.hstack([self.gradient, other.gradient]),
            np.hstack([self.shares, other.shares]),
            self.probability,
            self.converged and other.converged,
            tuple(dict.fromkeys([*self.warnings, *other.warnings])),
        )

    def truncate(self, low: float = 0.0, high: float = 0.99) -> Weights:
        """Set weights beyond two quantiles to them; the quantiles are taken as known.

        References
        ----------
        Cole and Hernán 2008, doi:10.1093/aje/kwn164.
        """
        if not 0 <= low < high <= 1:
            raise ValueError("quantiles must lie in order between 0 and 1")
        used = self.values[self.values > 0]
        if not used.size:
            return self
        ends = np.quantile(used, [low, high])
        # A weight of 0 is a row that takes no part, and stays one.
        kept = np.where(self.values > 0, np.clip(self.values, *ends), 0.0)
        gradient = np.where((kept == self.values)[:, None], self.gradient, 0.0)
        return Weights(kept, gradient, self.shares, self.probability, self.converged, self.warnings)


def accumulate(weights: Weights, person: ArrayLike, visit: ArrayLike) -> Weights:
    """Multiply each person's weights up to each visit, for exposures or staying over time.

    Parameters
    ----------
    weights : Weights
        Of visits, one row each, in any order.
    person, visit : array_like, shape (n,)
        No person has a visit twice.

    Raises
    ------
    UserError
        If a person has a visit twice, or lengths differ.

    References
    ----------
    Hernán, Brumback and Robins 2000, doi:10.1097/00001648-200009000-00012.
    """
    codes, _count = as_groups(person, len(weights.values))
    at = np.asarray(visit)
    if at.shape != codes.shape:
        raise UserError(f"{len(codes)} rows need a visit each, found the shape {at.shape}")
    if at.dtype.kind == "f" and not np.isfinite(at).all():
        raise UserError("some rows have no visit")
    order = np.lexsort([at, codes])
    who, when = codes[order], at[order]
    same = np.r_[False, who[1:] == who[:-1]]
    if (same[1:] & (when[1:] == when[:-1])).any():
        raise UserError("a person has the same visit twice")
    values, gradient = weights.values[order], weights.gradient[order]
    start = np.maximum.accumulate(np.where(same, 0, np.arange(len(who))))
    place = np.arange(len(who)) - start
    by_place = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place))
    # One step a visit, all people at once.
    for now in np.split(by_place, ends[:-1])[1:]:
        values[now] *= values[now - 1]
        gradient[now] += gradient[now - 1]
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return Weights(
        values[back],
        gradient[back],
        weights.shares,
        weights.probability,
        weights.converged,
        weights.warnings,
    )
