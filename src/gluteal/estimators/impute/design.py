"""The completed data of some imputations as a standardised design with its cross-products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.impute.columns import Column
from gluteal.estimators.inference import Floats

Ints = NDArray[np.intp]
ROWS_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Coding:
    """How one column of data becomes columns of the design.

    Attributes
    ----------
    at : ndarray of int
        Its columns in the design; none where nothing was observed or nothing varies.
    means_at : ndarray of int
        Columns of its person means; none without people or where it does not change within them.
    levels : ndarray
        Categories in order; empty for continuous columns.
    centre, spread : ndarray
        Mean and standard deviation of each of its design columns among the values observed.
    """

    at: Ints
    means_at: Ints
    levels: Floats
    centre: Floats
    spread: Floats

    def encode(self, values: Floats) -> Floats:
        """Turn values, of any shape, into standardised design columns (a last axis more)."""
        if self.levels.size:
            raw = (values[..., None] == self.levels[1:]).astype(float)
        else:
            raw = values[..., None]
        return (raw - self.centre) / self.spread


@dataclass(frozen=True, slots=True)
class Layout:
    """Where every column stands in the design; the intercept is column 0.

    Attributes
    ----------
    codings : tuple of Coding
    width : int
    starts, counts : ndarray of int
        First row and number of rows of each person; empty without people.
    """

    codings: tuple[Coding, ...]
    width: int
    starts: Ints
    counts: Ints


def lay_out(
    values: Floats,
    columns: Sequence[Column],
    last: Sequence[int],
    within: Sequence[bool],
    starts: Ints,
    counts: Ints,
) -> Layout:
    """Give every column its place in the design.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        NaN where missing.
    columns : sequence of Column
    last : sequence of int
        Columns that come after the others (the passive ones), so that they give way where they
        are collinear with their parts.
    within : sequence of bool
        Whether a column changes within people, so that its person means predict too.
    starts, counts : ndarray of int
        Of the people; empty without them.
    """
    p = len(columns)
    order = [j for j in range(p) if j not in last] + list(last)
    codings: list[Coding | None] = [None] * p
    width = 1
    for j in order:
        seen = values[:, j][~np.isnan(values[:, j])]
        levels = np.unique(seen) if columns[j].kind != "continuous" else np.empty(0)
        if seen.size and seen.min() < seen.max():
            if levels.size:
                centre = np.array([(seen == level).mean() for level in levels[1:]])
                spread = np.sqrt(centre * (1 - centre))
            else:
                centre, spread = np.array([seen.mean()]), np.array([seen.std()])
        else:
            levels = centre = spread = np.empty(0)
        at = np.arange(width, width + len(centre))
        width += len(centre)
        codings[j] = Coding(at, np.empty(0, dtype=np.intp), levels, centre, spread)
    if len(starts):
        for j in order:
            one = codings[j]
            if one is not None and within[j]:
                means = np.arange(width, width + len(one.at))
                width += len(means)
                codings[j] = Coding(one.at, means, one.levels, one.centre, one.spread)
    return Layout(tuple(c for c in codings if c is not None), width, starts, counts)


def person_means(x: NDArray[Any], starts: Ints, counts: Ints) -> Floats:
    """Average rows, axis -2, over people whose rows are neighbours."""
    return np.add.reduceat(x, starts, axis=-2, dtype=np.float64) / counts[:, None]


def cross_products(x: NDArray[Any]) -> Floats:
    """Return x'x, shape (b, width, width); sums of single precision are short ones only."""
    total = np.zeros((len(x), x.shape[2], x.shape[2]))
    for start in range(0, x.shape[1], ROWS_AT_ONCE):
        part = x[:, start : start + ROWS_AT_ONCE]
        total += np.matmul(part.swapaxes(-1, -2), part)
    return total


class State:
    """Completed designs of b imputations.

    Attributes
    ----------
    x : ndarray, shape (b, n, width)
        Standardised; the intercept in column 0. In single precision where predictions are only
        compared (matching) or turned into chances: rounding is then far below what is drawn.
    turned : ndarray of float32, shape (b, width, n), or None
        The same column by column, for the predictions of all rows; only for matching.
    gram : ndarray, shape (b, width, width)
        Cross-products x'x in double precision, kept up to date.
    raw : dict of int to ndarray, shape (b, n)
        Values of passive columns and of their parts, on their own scale.
    """

    def __init__(
        self, layout: Layout, x: NDArray[Any], raw: dict[int, Floats], matched: bool
    ) -> None:
        self.layout, self.x, self.raw = layout, x, raw
        self.gram: Floats = cross_products(x)
        self.turned = (
            np.ascontiguousarray(x.swapaxes(-1, -2), dtype=np.float32) if matched else None
        )

    def replace(self, rows: Ints, at: Ints, block: Floats, old: NDArray[Any]) -> None:
        """Write new values of design columns and bring the cross-products up to date.

        Parameters
        ----------
        rows : ndarray of int, shape (r,)
        at : ndarray of int, shape (c,)
            Columns of the design.
        block : ndarray, shape (b, r, c)
        old : ndarray, shape (b, r, width)
            The rows as they were; overwritten.
        """
        turned = old.swapaxes(-1, -2)
        if len(at) == 1:
            # Most updates are of one column: without the copies of the general case.
            # The column's own product changes by Σ(new² - old²) = Σ(new + old)(new - old).
            j = int(at[0])
            new = block[:, :, 0].astype(old.dtype)
            gap = new - old[:, :, j]
            change = np.matmul(turned, gap[:, :, None])[:, :, 0]
            change[:, j] += np.einsum("br,br->b", new, gap)
            self.gram[:, :, j] += change
            self.gram[:, j, :] = self.gram[:, :, j]
            self.x[:, rows, j] = new
            if self.turned is not None:
                self.turned[:, j, rows] = new
            return
        change = np.matmul(turned, old[:, :, at])
        old[:, :, at] = block
        change = np.matmul(turned, old[:, :, at]) - change
        self.gram[:, :, at] += change
        self.gram[:, at, :] = self.gram[:, :, at].swapaxes(-1, -2)
        self.x[:, rows[:, None], at] = block
        if self.turned is not None:
            self.turned[:, at[:, None], rows] = block.swapaxes(-1, -2)
