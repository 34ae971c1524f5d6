"""Versions of one value: the latest counts, a row that stands twice is taken once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gluteal.cohort.tally import Tally
from gluteal.errors import Fault, UserError

Codes = NDArray[np.signedinteger[Any]]
Flags = NDArray[np.bool_]
FILE = "measurements"


def order_rows(keys: list[Codes]) -> Codes:
    """Sort by the first key, then the second ...: in one pass where the keys fit one number."""
    sizes = [int(k.max(initial=0)) + 1 for k in keys]
    if np.prod([float(s) for s in sizes]) > 2.0**62:
        return np.lexsort(keys[::-1])
    packed = np.zeros(len(keys[0]), dtype=np.int64)
    for key, size in zip(keys, sizes, strict=True):
        packed = packed * size + key
    return np.argsort(packed, kind="stable")


def changes(keys: list[Codes]) -> Flags:
    """Mark the first row of each group of equal keys, in sorted rows."""
    starts = np.zeros(len(keys[0]), dtype=bool)
    starts[:1] = True
    for key in keys:
        starts[1:] |= key[1:] != key[:-1]
    return starts


def keep_latest(
    keys: list[Codes], value: Any, order: Codes, tally: Tally, names: list[str]
) -> Flags:
    """Keep the last version of each trial; a row that stands twice is kept once."""
    new_trial, new_version = changes(keys[:-1]), changes(keys)
    again = np.flatnonzero(~new_version)
    if again.size:
        now, before = value[again], value[again - 1]
        differs = (now != before) & ~(np.isnan(now) & np.isnan(before))
        if differs.any():
            row = int(order[again[differs]].min()) + 2
            rule = f"{int(differs.sum())} trials have two different values"
            remedy = "A correction is a row with a higher version and its reason."
            raise UserError(Fault(FILE, rule, remedy, row, "value"))
        count_rows(keys[0][again], "the same row twice", tally, names)
    last = np.append(new_trial[1:], True)[: len(new_trial)]
    replaced = new_version & ~new_trial
    count_rows(keys[0][replaced], "replaced by a correction", tally, names)
    return last


def count_rows(codes: Codes, reason: str, tally: Tally, names: list[str]) -> None:
    """Count rows as set aside, by their variable."""
    for code, n in enumerate(np.bincount(codes, minlength=len(names))):
        tally.add(names[code], reason, int(n))
