"""Everything that the likelihood needs of a person, in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_groups

Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class PersonSums:
    """Sufficient statistics of people who have at least one value.

    Outcome and time are standardised and the powers of time made orthogonal over all visits, so
    that sums keep their digits. Columns of ``sums``: 1, visits, y'y, X'y (d), X'X (lower, row by
    row).

    Attributes
    ----------
    sums : ndarray, shape (people, 3 + d + d(d+1)/2)
    x, y : ndarray
        Standardised rows, by person.
    of_person : ndarray of int
        Person of each row, from 0.
    people : int
        People handed over; ``seen`` are the places of those with a value.
    to_time : ndarray, shape (d, d)
        Turns coefficients into those of powers of time in its own unit; ``centre`` and ``scale``
        are the outcome's.
    """

    sums: Floats
    x: Floats
    y: Floats
    of_person: Ints
    people: int
    seen: Ints
    to_time: Floats
    centre: float
    scale: float
    warnings: tuple[str, ...]

    @property
    def terms(self) -> int:
        """Coefficients of one course."""
        return self.x.shape[1]


FLOOR_SHARE = 0.15
"""Share of values at the lowest or highest, beyond which a floor or ceiling is reported."""


def sum_people(y: ArrayLike, time: ArrayLike, person: ArrayLike, degree: int) -> PersonSums:
    """Check the visits and sum them by person; a missing outcome is a missed visit.

    Raises
    ------
    UserError
        Naming every fault: shapes, infinite or missing times, too few distinct times, no spread.
    """
    if degree < 0:
        raise ValueError(f"a polynomial of degree {degree}: 0 or more is needed")
    outcome, when = np.asarray(y, dtype=float), np.asarray(time, dtype=float)
    if outcome.ndim != 1 or outcome.shape != when.shape:
        raise UserError(f"outcomes of shape {outcome.shape} need as many times: {when.shape}")
    codes, people = as_groups(person, len(outcome))
    there = ~np.isnan(outcome)
    y_seen, t_seen, who = outcome[there], when[there], codes[there]
    faults: list[str] = []
    if np.isinf(y_seen).any():
        faults.append(f"the outcome is infinite in {int(np.isinf(y_seen).sum())} rows")
    if not np.isfinite(t_seen).all():
        faults.append(
            f"the time is missing or infinite in {int((~np.isfinite(t_seen)).sum())} rows"
        )
    elif len(np.unique(t_seen)) <= degree:
        faults.append(
            f"{len(np.unique(t_seen))} distinct times cannot carry a polynomial of degree {degree}"
        )
    if not y_seen.size:
        faults.append("the outcome has no value")
    elif not np.ptp(y_seen) > 0:
        faults.append("the outcome does not vary")
    if faults:
        raise UserError("; ".join(faults))
    order = np.argsort(who, kind="stable")
    y_seen, t_seen, who = y_seen[order], t_seen[order], who[order]
    seen, of_person = np.unique(who, return_inverse=True)
    centre, scale = float(y_seen.mean()), float(y_seen.std())
    x, to_time = _orthogonal(t_seen, degree)
    z = (y_seen - centre) / scale
    starts = np.searchsorted(of_person, np.arange(len(seen)))
    warnings = _bounds(y_seen)
    if len(seen) < people:
        warnings.append(f"{people - len(seen)} of {people} people have no value and no class")
    return PersonSums(
        add_up(x, z, starts),
        x,
        z,
        of_person.astype(np.intp),
        people,
        seen.astype(np.intp),
        to_time,
        centre,
        scale,
        tuple(warnings),
    )


def add_up(x: Floats, y: Any, starts: Ints) -> Floats:
    """Sum rows by person; ``y`` of shape (..., rows) gives sums (..., people, columns)."""
    d = x.shape[1]
    first, second = np.tril_indices(d)
    shape = (*y.shape[:-1], len(starts), 3 + d + len(first))
    sums = np.empty(shape)
    sums[..., 0] = 1.0
    sums[..., 1] = np.diff(np.r_[starts, x.shape[0]])
    sums[..., 2] = np.add.reduceat(y * y, starts, axis=-1)
    sums[..., 3 : 3 + d] = np.add.reduceat(y[..., None] * x, starts, axis=-2)
    sums[..., 3 + d :] = np.add.reduceat(x[:, first] * x[:, second], starts, axis=0)
    return sums


def _orthogonal(time: Floats, degree: int) -> tuple[Floats, Floats]:
    """Make powers of time orthogonal with mean square 1; the first is the constant 1."""
    low, high = float(time.min()), float(time.max())
    middle, half = (low + high) / 2, (high - low) / 2 or 1.0
    powers = np.vander((time - middle) / half, degree + 1, increasing=True)
    q, r = np.linalg.qr(powers)
    sign = np.sign(np.diag(r))
    sign[sign == 0] = 1.0
    root = np.sqrt(len(time))
    inverse = np.linalg.inv(r * sign[:, None]) * root
    # From powers of (t - middle) / half to powers of t, by the binomial theorem.
    expand = np.array(
        [
            [
                comb(j, i) * (-middle) ** (j - i) / half**j if j >= i else 0.0
                for j in range(degree + 1)
            ]
            for i in range(degree + 1)
        ]
    )
    return q * sign * root, expand @ inverse


def _bounds(y: Floats) -> list[str]:
    said: list[str] = []
    for word, edge in (("lowest", y.min()), ("highest", y.max())):
        share = float((y == edge).mean())
        if share > FLOOR_SHARE:
            said.append(
                f"{100 * share:.0f} % of values lie at the {word} ({edge:g}): "
                "normal residuals are an approximation there"
            )
    return said
