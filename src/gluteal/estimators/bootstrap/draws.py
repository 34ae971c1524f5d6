"""How often each unit is drawn in each resample: multinomial counts, whole rows at a time.

Counts of n draws among n units are multinomial. Independent Poisson counts are multinomial too,
given their sum; so most of a resample comes from cheap Poisson counts of a mean a little below 1
(one byte of randomness per unit, in the processor's vector instructions), and the few draws still
missing are drawn one by one. A row whose Poisson counts already exceed its number of draws is
drawn one by one altogether. Either way the counts are exactly multinomial.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, exp, sqrt

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats

Seed = int | Sequence[int]
BLOCK = 4096  # units whose counts are made together
CACHED = 1 << 17  # counts made at once: they stay in the processor's cache
ROWS = 1024  # resamples made at once at most
MARGIN = 2.5  # standard deviations by which the Poisson counts stay below the draws
MOST = 24  # a unit is drawn more often with probability 1e-25


class Block:
    """Counts of some neighbouring units, resample after resample.

    Each kind of randomness has its own stream, used up in the order of the resamples, so that
    the counts do not depend on how many resamples are asked for at a time.
    """

    def __init__(
        self, seed: list[int], start: int, size: int, among: int, totals: NDArray[np.int64]
    ) -> None:
        self.start, self.size, self.totals, self.done = start, size, totals, 0
        self._bytes, self._rest, self._top = (
            np.random.default_rng([*seed, kind]) for kind in range(3)
        )
        # The draws that fall into one block of many vary too.
        spread = sqrt(size + size * (1 - size / among))
        self._mean = max(0.0, 1 - MARGIN * spread / size)
        chance = np.empty(MOST)
        chance[0] = exp(-self._mean)
        for k in range(1, MOST):
            chance[k] = chance[k - 1] * self._mean / k
        # 256 equal parts of probability: whole parts by the byte alone, the remainder by a second
        # draw with what is left of each probability.
        whole = np.floor(chance * 256)
        self._steps = np.cumsum(whole[whole > 0]).astype(int).tolist()
        left = np.cumsum(chance * 256 - whole)
        self._left: Floats = left / max(float(left[-1]), 1e-300)

    def take(self, rows: int) -> Floats:
        """Return the counts of the next ``rows`` resamples, shape (rows, size)."""
        wide = 8 * ceil(self.size / 8)
        totals = self.totals[self.done : self.done + rows]
        self.done += rows
        if self._mean > 0:
            counts = self._poisson(rows * wide).reshape(rows, wide)[:, : self.size]
            out = counts.astype(np.float64)
        else:
            out = np.zeros((rows, self.size))
        short = totals - out.sum(1).astype(np.int64)
        if (short < 0).any():
            over = short < 0
            out[over], short[over] = 0.0, totals[over]
        drawn = self._top.integers(0, self.size, int(short.sum()), dtype=np.int32)
        place = np.repeat(np.arange(rows) * self.size, short)
        place += drawn
        np.add.at(out.reshape(-1), place, 1.0)
        return out

    def _poisson(self, cells: int) -> NDArray[np.uint8]:
        raw = self._bytes.bit_generator.random_raw(cells // 8).view(np.uint8)
        counts = np.zeros(cells, dtype=np.uint8)
        beyond = np.empty(cells, dtype=bool)
        for step in self._steps:
            if step > 255:
                break
            np.greater_equal(raw, step, out=beyond)
            counts += beyond.view(np.uint8)
        if self._steps[-1] < 256:
            at = np.flatnonzero(beyond)
            counts[at] = np.searchsorted(self._left, self._rest.random(at.size), side="right")
        return counts


def part_units(sizes: Sequence[int], resamples: int, seed: Seed) -> list[Block]:
    """Part the units of strata into blocks, for work that needs all resamples of some units.

    Taking rows from all blocks gives the counts of ``draw_counts``; what units carry can so be
    summed block by block, and each block is worked on once for many resamples.

    Parameters
    ----------
    sizes, resamples, seed
        As for ``draw_counts``.

    Examples
    --------
    >>> blocks = part_units([5000], 10, seed=1)
    >>> [block.size for block in blocks], sum(int(block.take(1).sum()) for block in blocks)
    ([2500, 2500], 5000)
    """
    # How many draws of each resample fall into each block is drawn beforehand.
    base = [seed] if isinstance(seed, int) else list(seed)
    found: list[Block] = []
    start = 0
    for stratum, size in enumerate(sizes):
        parts = ceil(size / BLOCK)
        cuts = np.linspace(0, size, parts + 1).astype(int)
        lengths = np.diff(cuts)
        if parts == 1:
            totals = np.full((resamples, 1), size)
        else:
            # Numpy takes a key for the same with zeros after it: a fourth kind beside a block's.
            rng = np.random.default_rng([*base, stratum, 0, 3])
            totals = rng.multinomial(size, lengths / size, size=resamples)
        for j in range(parts):
            key = [*base, stratum, j]
            found.append(Block(key, start + int(cuts[j]), int(lengths[j]), size, totals[:, j]))
        start += size
    return found


def draw_counts(
    sizes: Sequence[int], resamples: int, seed: Seed, at_once: int = ROWS
) -> Iterator[Floats]:
    """Draw units with replacement; yield how often each was drawn, some resamples at a time.

    Parameters
    ----------
    sizes : sequence of int
        Units of each stratum; units are ordered by stratum. One number without strata.
    resamples : int
    seed : int, or several that together name the stream
    at_once : int
        Resamples yielded at a time at most; the counts do not depend on it.

    Yields
    ------
    ndarray, shape (some resamples, units)
        Whole numbers as floats; they sum to ``sizes`` within each stratum.

    Examples
    --------
    >>> counts = np.concatenate(list(draw_counts([4, 3], 5, seed=1)))
    >>> counts[:, :4].sum(1), counts[:, 4:].sum(1)
    (array([4., 4., 4., 4., 4.]), array([3., 3., 3., 3., 3.]))
    """
    blocks = part_units(sizes, resamples, seed)
    units = sum(sizes)
    step = max(1, min(at_once, ROWS, 4 * CACHED // max(units, 1)))
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        if len(blocks) == 1:
            yield blocks[0].take(rows)
            continue
        out = np.empty((rows, units))
        for block in blocks:
            out[:, block.start : block.start + block.size] = block.take(rows)
        yield out


def resample_totals(packed: Floats, sizes: Sequence[int], resamples: int, seed: Seed) -> Floats:
    """Sum what units carry over each resample, with the same counts as ``draw_counts``.

    Parameters
    ----------
    packed : ndarray, shape (q, units)
        What each unit carries, for example its cross-products.

    Returns
    -------
    ndarray, shape (q, resamples)
    """
    out = np.zeros((packed.shape[0], resamples))
    for block in part_units(sizes, resamples, seed):
        part = packed[:, block.start : block.start + block.size]
        step = max(1, min(ROWS, CACHED // block.size))
        for start in range(0, resamples, step):
            rows = min(step, resamples - start)
            out[:, start : start + rows] += part @ block.take(rows).T
    return out
