"""From visits to rows at risk: an event seen at a visit happened since the visit before it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError

Whole = NDArray[np.intp]


class Periods(NamedTuple):
    """Rows at risk: whose, over which periods (first to last, from 0), and with the event or not.

    Only a row with the event may span several periods: those since the last visit without it.
    """

    person: Whole
    first: Whole
    last: Whole
    event: NDArray[np.bool_]
    periods: int
    people: int


def expand_visits(status: ArrayLike) -> Periods:
    """Lay out who was at risk between which visits, with missed visits as they were.

    Parameters
    ----------
    status : array_like, shape (n, k)
        One row a person free of the event at the start, one column a follow-up visit in order:
        1 where the event has happened by this visit, 0 where not, NaN where the visit was missed.
        What follows the first 1 is not looked at.

    Returns
    -------
    Periods
        Period j ends with visit j. People without any visit have no row.

    Raises
    ------
    UserError
        For other codes, no visits at all, nobody with an event.

    Examples
    --------
    >>> rows = expand_visits([[0, 0, 1], [0, float("nan"), 1], [0, 0, float("nan")]])
    >>> rows.person.tolist(), rows.first.tolist(), rows.last.tolist()
    ([0, 0, 0, 1, 1, 2, 2], [0, 1, 2, 0, 1, 0, 1], [0, 1, 2, 0, 2, 0, 1])
    """
    table = np.asarray(status, dtype=float)
    if table.ndim != 2 or not table.size:
        raise UserError(f"visits must form a table of people and visits, found {table.shape}")
    seen = np.isfinite(table)
    odd = np.unique(table[seen & (table != 0) & (table != 1)])
    if np.isinf(table).any() or odd.size:
        text = "infinite values" if np.isinf(table).any() else f"{odd[0]:g}"
        raise UserError(f"the status at a visit must be 0, 1 or missing, found {text}")
    if not (table == 1).any():
        raise UserError("nobody has an event")
    n, k = table.shape
    hit = np.where((table == 1).any(1), (table == 1).argmax(1), k)
    visit = np.arange(k)
    negative = (table == 0) & (visit < hit[:, None])
    # The last visit without the event: all periods up to it were passed.
    passed = np.where(negative.any(1), k - negative[:, ::-1].argmax(1), 0)
    free = visit < passed[:, None]
    at = free | (visit == hit[:, None])
    person, last = np.nonzero(at)
    event = last == hit[person]
    first = np.where(event, passed[person], last)
    return Periods(person, first, last, event, k, n)


def expand_times(period: ArrayLike, event: ArrayLike, start: ArrayLike | None = None) -> Periods:
    """Lay out one row a person and period at risk.

    Parameters
    ----------
    period : array_like of int, shape (n,)
        Number of periods followed, from 1, counted from the start of all.
    event : array_like, shape (n,)
        1 where the event happened in the last of them, 0 where follow-up stopped after it.
    start : array_like of int, shape (n,), optional
        Periods passed before a person came under observation; 0 where not given.

    Raises
    ------
    UserError
        For missing or fractional values, starts not before the end, nobody with an event.

    Examples
    --------
    >>> expand_times([2, 1], [1, 0]).last.tolist()
    [0, 1, 0]
    """
    end, hit = np.asarray(period, dtype=float), np.asarray(event, dtype=float)
    begin = np.zeros(end.shape) if start is None else np.asarray(start, dtype=float)
    if end.ndim != 1 or hit.shape != end.shape or begin.shape != end.shape or not end.size:
        raise UserError(f"periods of shape {end.shape} do not fit events of shape {hit.shape}")
    faults: list[str] = []
    for name, values in (("number of periods", end), ("start", begin)):
        if not np.isfinite(values).all() or (values != np.floor(values)).any():
            faults.append(f"the {name} must be a whole number for everyone")
    if not np.isin(hit, (0, 1)).all():
        faults.append("the event must be 0 or 1 for everyone")
    elif not hit.any():
        faults.append("nobody has an event")
    if not faults and ((begin < 0) | (begin >= end)).any():
        faults.append("a start must be 0 or more, and before the end")
    if faults:
        raise UserError("; ".join(faults))
    size = (end - begin).astype(np.intp)
    person = np.repeat(np.arange(end.size), size)
    within = np.arange(person.size) - np.repeat(np.cumsum(size) - size, size)
    at = within + begin.astype(np.intp)[person]
    last = (within == size[person] - 1) & (hit[person] == 1)
    return Periods(person, at, at, last, int(end.max()), end.size)
