"""What the derivations make: columns of visits and of sides, single trials, facts for the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gluteal.cohort.readings import LEFT, NO_SIDE, RIGHT, Trials

Floats = NDArray[np.float64]


@dataclass
class Harvest:
    """Derived columns, all in the order of the roster's visits.

    ``sides`` holds arrays of shape (visits, 2), left first.
    """

    visits: dict[str, Any] = field(default_factory=dict[str, Any])
    sides: dict[str, Any] = field(default_factory=dict[str, Any])
    trials: list[tuple[str, Trials]] = field(default_factory=list[tuple[str, Trials]])
    facts: dict[str, Any] = field(default_factory=dict[str, Any])

    def add(self, other: Harvest) -> None:
        """Take over what another derivation made."""
        self.visits |= other.visits
        self.sides |= other.sides
        self.trials += other.trials
        self.facts |= other.facts


def group_by_side(trials: Trials) -> NDArray[np.int64]:
    """Return the number of visit and side of sided trials: 2 × visit, plus 1 on the right."""
    return trials.row.astype(np.int64) * 2 + (trials.side == RIGHT)


def split(trials: Trials) -> tuple[Trials, Trials]:
    """Split trials into those of a side and those without one."""
    return trials.take(trials.side != NO_SIDE), trials.take(trials.side == NO_SIDE)


def mean_of_available(pairs: Floats) -> Floats:
    """Mean of both sides, or the one there is; NaN without any.

    Examples
    --------
    >>> mean_of_available(np.array([[1.0, 3.0], [np.nan, 2.0], [np.nan, np.nan]]))
    array([ 2.,  2., nan])
    """
    left, right = pairs[:, LEFT], pairs[:, RIGHT]
    both = (left + right) / 2
    return np.where(np.isnan(left), right, np.where(np.isnan(right), left, both))


def count_single(pairs: Floats) -> int:
    """Count the visits with a value of one side only."""
    return int((np.isnan(pairs).sum(axis=1) == 1).sum())
