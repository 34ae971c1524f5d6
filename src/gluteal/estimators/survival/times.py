"""What every estimator of times to an event asks of its arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats

MOST_NAMED = 5


class Times(NamedTuple):
    """Follow-up of people: entry (minus infinity where nobody enters late), exit, what happened."""

    entry: Floats
    time: Floats
    event: NDArray[np.int64]

    @property
    def late(self) -> bool:
        """Whether anyone enters after the start."""
        return bool(np.isfinite(self.entry).any())


def as_times(
    time: ArrayLike, event: ArrayLike, entry: ArrayLike | None = None, causes: bool = False
) -> Times:
    """Take times and what happened at them.

    Parameters
    ----------
    time : array_like, shape (n,)
        End of follow-up, in any unit.
    event : array_like, shape (n,)
        1 where follow-up ended by the event, 0 where it was cut off (censored); with ``causes``
        whole numbers, 0 for censored.
    entry : array_like, shape (n,), optional
        When people came under observation, before ``time``.
    causes : bool
        Whether events may be of several kinds.

    Raises
    ------
    UserError
        Naming every fault: missing or infinite values, other codes, entry not before the end,
        nobody with an event.

    Examples
    --------
    >>> as_times([2.0, 3.0], [1, 2])
    Traceback (most recent call last):
    gluteal.errors.UserError: the event must be 0 or 1, found 2
    """
    end = np.ascontiguousarray(time, dtype=float)
    what = np.ascontiguousarray(event, dtype=float)
    start = np.full(end.shape, -np.inf) if entry is None else np.asarray(entry, dtype=float)
    if end.ndim != 1 or what.shape != end.shape or start.shape != end.shape:
        raise UserError(
            f"times of shape {end.shape} do not fit events of shape {what.shape}"
            + ("" if entry is None else f" and entries of shape {start.shape}")
        )
    faults: list[str] = []
    sound = np.isfinite(end) & np.isfinite(what)
    for name, values in (("time", end), ("event", what)):
        if (sick := np.flatnonzero(~np.isfinite(values))).size:
            faults.append(f"the {name} is missing or infinite in row {_some(sick)}")
    if entry is not None:
        if (sick := np.flatnonzero(~np.isfinite(start))).size:
            faults.append(f"the entry is missing or infinite in row {_some(sick)}")
        if (late := np.flatnonzero(sound & np.isfinite(start) & (start >= end))).size:
            faults.append(f"the entry is not before the end in row {_some(late)}")
    known = np.unique(what[np.isfinite(what)])
    odd = known[(known < 0) | (known != np.floor(known)) | ((known > 1) & (not causes))]
    if odd.size:
        wanted = "0, 1, 2 ..." if causes else "0 or 1"
        faults.append(f"the event must be {wanted}, found {', '.join(f'{v:g}' for v in odd[:5])}")
    if not end.size:
        faults.append("there is nobody to follow")
    elif not faults and not (what > 0).any():
        faults.append("nobody has an event")
    if faults:
        raise UserError("; ".join(faults))
    return Times(start, end, what.astype(np.int64))


def _some(rows: NDArray[np.intp]) -> str:
    more = f" and {rows.size - MOST_NAMED} more" if rows.size > MOST_NAMED else ""
    return ", ".join(str(i) for i in rows[:MOST_NAMED]) + more


class Counts(NamedTuple):
    """Distinct times in order, with how many were at risk, had the event, or were cut off."""

    times: Floats
    at_risk: Floats
    events: Floats
    censored: Floats


def count_at_times(found: Times, event: NDArray[np.bool_]) -> Counts:
    """Count people at each distinct end of follow-up.

    Parameters
    ----------
    found : Times
    event : ndarray of bool, shape (n,)
        Whose end counts as the event; other ends without any event count as censored.
    """
    times, place = np.unique(found.time, return_inverse=True)
    leaving = np.bincount(place, minlength=times.size)
    at_risk = leaving[::-1].cumsum()[::-1].astype(float)
    if found.late:
        at_risk -= found.entry.size - np.searchsorted(np.sort(found.entry), times, "left")
    happened = np.bincount(place, event, times.size).astype(float)
    cut = np.bincount(place, found.event == 0, times.size).astype(float)
    return Counts(times, at_risk, happened, cut)
