"""From rows of visits to one row a person and back: each wave helps to impute the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.impute.columns import (
    Column,
    is_constant_within,
    name_of,
    seems_constant_within,
)
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_groups

Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Wide:
    """One row a person.

    Attributes
    ----------
    data : ndarray, shape (people, width)
        Columns that do not change within people once, the others once a wave; NaN for visits
        that did not take place.
    columns : tuple of Column
    source : ndarray of int, shape (width,)
        Column of the long data that each one comes from.
    wave : ndarray of int, shape (width,)
        Its wave, numbered from 0; -1 for what does not change.
    person, visit : ndarray of int, shape (n,)
        Person and wave of each long row.
    waves : ndarray
        What the waves are called.
    """

    data: Floats
    columns: tuple[Column, ...]
    source: Ints
    wave: Ints
    person: Ints
    visit: Ints
    waves: NDArray[np.generic]

    def to_long(self, completed: Floats) -> Floats:
        """Turn a completed wide data set back into the rows of visits, shape (n, p)."""
        p = int(self.source.max()) + 1
        out = np.empty((len(self.person), p))
        for at, (j, w) in enumerate(zip(self.source, self.wave, strict=True)):
            if w < 0:
                out[:, j] = completed[self.person, at]
            else:
                here = self.visit == w
                out[here, j] = completed[self.person[here], at]
        return out


def widen(
    data: ArrayLike,
    person: ArrayLike,
    wave: ArrayLike,
    columns: Sequence[Column] | None = None,
) -> Wide:
    """Put all visits of a person into one row, so that waves predict each other.

    Right for a few fixed waves: no model of how visits are correlated is needed. Values of visits
    that did not take place are imputed too and left out again by ``to_long``.

    Parameters
    ----------
    data : array_like, shape (n, p)
        One row a visit; NaN where missing.
    person, wave : array_like, shape (n,)
    columns : sequence of Column, optional
        ``delta`` may be one value; a column whose ``level`` is "person", or which three people
        or more repeat and nobody changes, stays one column.

    Returns
    -------
    Wide

    Raises
    ------
    UserError
        If a person has two rows of one wave, or two values of what cannot change.

    Examples
    --------
    >>> wide = widen([[1, 5.0], [1, 6.0], [0, 7.0]], ["a", "a", "b"], [0, 1, 0])
    >>> wide.data
    array([[ 1.,  5.,  6.],
           [ 0.,  7., nan]])
    >>> wide.to_long(np.nan_to_num(wide.data))
    array([[1., 5.],
           [1., 6.],
           [0., 7.]])
    """
    values = np.asarray(data, dtype=float)
    if values.ndim != 2:
        raise ValueError(f"data must have rows and columns, found the shape {values.shape}")
    n, p = values.shape
    who, people = as_groups(person, n)
    when, many = as_groups(wave, n, "wave")
    known = list(columns) if columns is not None else [Column() for _ in range(p)]
    if len(known) != p:
        raise ValueError(f"{p} columns of data, but {len(known)} described")
    named = np.unique(np.asarray(wave))
    when = np.searchsorted(named, np.asarray(wave))
    seats = np.bincount(who * many + when, minlength=people * many)
    if (twice := int((seats > 1).sum())) > 0:
        raise UserError(f"{twice} times a person has more than one row of a wave")
    blocks: list[Floats] = []
    wide: list[Column] = []
    source: list[int] = []
    waves: list[int] = []
    for j, column in enumerate(known):
        steady = is_constant_within(values[:, j], who, people)
        if column.level == "person" and not steady:
            raise UserError(f"column {name_of(known, j)} changes within people")
        if isinstance(column.delta, np.ndarray) and column.delta.ndim:
            raise ValueError("wide data take one delta for a column")
        fixed = column.level == "person" or (
            column.level is None and seems_constant_within(values[:, j], who, people)
        )
        table = np.full((people, many), np.nan)
        table[who, when] = values[:, j]
        if fixed:
            seen = ~np.isnan(table)
            first = table[np.arange(people), seen.argmax(1)]
            blocks.append(first[:, None])
            wide.append(replace(column, level=None))
            source.append(j)
            waves.append(-1)
            continue
        taken = [w for w in range(many) if (when == w).any()]
        blocks.append(table[:, taken])
        wide += [
            replace(column, name=f"{name_of(known, j)} (wave {named[w]})", level=None)
            for w in taken
        ]
        source += [j] * len(taken)
        waves += taken
    return Wide(
        np.hstack(blocks),
        tuple(wide),
        np.array(source, dtype=np.intp),
        np.array(waves, dtype=np.intp),
        who,
        when,
        named,
    )
