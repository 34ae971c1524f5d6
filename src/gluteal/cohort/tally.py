"""What was set aside on the way, and how often: counts only, never a person."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from gluteal.variables import variables

Floats = NDArray[np.float64]


class Tally:
    """Count values that are not used, by variable and reason."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._notes: Counter[tuple[str, str]] = Counter()

    def add(self, variable: str, reason: str, n: int) -> None:
        """Add ``n`` values; nothing where ``n`` is 0."""
        if n:
            self._counts[variable, reason] += int(n)

    def note(self, variable: str, what: str, n: int) -> None:
        """Count values that are used, but in a way that a reader must know."""
        if n:
            self._notes[variable, what] += int(n)

    def rows(self) -> list[dict[str, str | int]]:
        """Return what was set aside, sorted: variable, reason, n."""
        return _list(self._counts)

    def notes(self) -> list[dict[str, str | int]]:
        """Return what was noted, sorted: variable, reason, n."""
        return _list(self._notes)

    def keep_in_range(self, name: str, values: Floats) -> Floats:
        """Set values outside the dictionary's hard range to NaN, and count them.

        They are not mended: a mass of 170 in kg may be lb or a heavy person, and only the people
        who measured know.
        """
        known = variables()[name]
        with np.errstate(invalid="ignore"):
            low = values < (-np.inf if known.low is None else known.low)
            out = low | (values > (np.inf if known.high is None else known.high))
        self.add(name, "outside the hard range", int(out.sum()))
        return np.where(out, np.nan, values) if out.any() else values


def _list(counts: Counter[tuple[str, str]]) -> list[dict[str, str | int]]:
    return [
        {"variable": variable, "reason": reason, "n": n}
        for (variable, reason), n in sorted(counts.items())
    ]
