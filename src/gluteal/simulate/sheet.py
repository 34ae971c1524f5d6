"""Rows of a long table from arrays: people × slots of a protocol, flattened person by person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from gluteal.cohort.tables import REASONS
from gluteal.simulate.population import Flags, Floats

CODES = tuple(REASONS)
DONE = -1
"""Reason of a value that is there; others are places in `CODES`."""


def code_of(reason: str) -> int:
    """Return the place of a reason, given without its ``NA:``.

    Examples
    --------
    >>> CODES[code_of("pain")]
    'NA:pain'
    """
    return CODES.index(f"NA:{reason}")


def coded(codes: Any, words: Sequence[str]) -> pa.DictionaryArray:
    """Return a column of words, given as places in a list."""
    indices = pa.array(np.ascontiguousarray(codes, dtype=np.int32))
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(words), pa.string()))


def numbers(values: Floats, reasons: Any = None) -> pa.DictionaryArray:
    """Return a column of numbers as the shortest text, or the reason where there is none.

    Numbers must be rounded already: each is written out once, however often it occurs.
    """
    found: Any = pa.array(values + 0.0).dictionary_encode()  # + 0.0: no "-0"
    words = found.dictionary.cast(pa.string()).to_pylist()
    codes = found.indices.to_numpy()
    if reasons is not None:
        codes = np.where(reasons == DONE, codes, len(words) + reasons)
        words += CODES
    return coded(codes, words)


def ids(start: int, size: int, n: int, letter: str = "P") -> list[str]:
    """Return participant ids, zero-padded so that they sort.

    Examples
    --------
    >>> ids(0, 2, 400)
    ['P000001', 'P000002']
    """
    width = max(6, len(str(n)))
    return [f"{letter}{number:0{width}d}" for number in range(start + 1, start + size + 1)]


def rounded(values: Floats, decimals: int) -> Floats:
    """Round half to even in decimal steps, as an instrument's display does."""
    return np.round(values * 10**decimals) / 10**decimals


@dataclass
class Sheet:
    """Slots of a protocol, each with its words, and the people's values in it.

    A slot is what one person does once: this test, this side, this trial, at this visit. Slots
    are added in the order in which they are to be written.
    """

    people: int
    words: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    values: list[Floats] = field(default_factory=list[Floats])
    there: list[Flags] = field(default_factory=list[Flags])
    reasons: list[Any] = field(default_factory=list[Any])
    flags: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])

    def add(
        self,
        words: dict[str, str],
        values: Floats,
        there: Flags,
        reason: Any = None,
        **flags: Any,
    ) -> None:
        """Add one slot.

        Parameters
        ----------
        words : dict
            The words of its structural columns.
        values : array, shape (people,)
            Rounded values.
        there : array of bool, shape (people,)
            Who has a row.
        reason : array of int, shape (people,), optional
            Place in `CODES` of why there is no value, or `DONE`.
        **flags : array of int, shape (people,)
            Further columns that differ by person: 1, 0, or -1 where it was not asked.
        """
        self.words.append(words)
        self.values.append(values)
        self.there.append(there)
        self.reasons.append(reason)
        for name in {*self.flags, *flags}:
            column = self.flags.setdefault(name, [None] * (len(self.words) - 1))
            column.append(flags.get(name))

    def flatten(self, names: list[str]) -> pa.Table:
        """Return the rows: ``person`` (place), the columns of words, ``value``, reason, flags.

        The columns are typed for the caller: words are dictionaries, ``person``, ``reason`` and
        flags are integers (reason `DONE` and flag -1 where there is none), ``value`` is float.
        """
        here = np.stack(self.there, axis=1)
        columns: dict[str, Any] = {
            "person": np.broadcast_to(np.arange(self.people)[:, None], here.shape)[here]
        }
        for column in self.words[0]:
            known = {w[column]: 0 for w in self.words}
            known = {word: place for place, word in enumerate(known)}
            codes = np.array([known[w[column]] for w in self.words], dtype=np.int32)
            columns[column] = coded(np.broadcast_to(codes, here.shape)[here], list(known))
        columns["value"] = np.stack(self.values, axis=1)[here]
        columns["reason"] = _stack(self.reasons, self.people)[here]
        for name in names:
            absent = [None] * len(self.words)
            columns[name] = _stack(self.flags.get(name, absent), self.people)[here]
        return pa.table(columns)


def _stack(columns: list[Any], people: int) -> Any:
    none = np.full(people, -1, dtype=np.int8)
    parts = [none if column is None else column.astype(np.int8) for column in columns]
    return np.stack(parts, axis=1)
