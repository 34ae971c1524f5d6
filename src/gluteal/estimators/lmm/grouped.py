"""One grouping factor: statistics of each person, pooled over people with the same visits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats
from gluteal.estimators.lmm.blocks import weigh_blocks
from gluteal.estimators.lmm.parts import Parts, upper
from gluteal.estimators.lmm.rows import sum_products

CHUNK = 4096
MANY = 30  # residual degrees of freedom: more are not counted exactly
SAMPLE = 1000  # people that show where optima are
MOST_STORED = 60_000_000  # numbers; beyond it products of people are formed anew each time


@dataclass(frozen=True, slots=True)
class Grouped:
    """What the likelihood needs of the rows, for V = I + Σ omega_i Z G_i Z'.

    Attributes
    ----------
    n : int
        Rows.
    gram : ndarray, shape (r, r)
        W'W.
    own : ndarray, shape (q, q, people)
        Z'Z of each person.
    lines : ndarray, shape (q, people, r)
        Z'W of each person.
    blocks : ndarray, shape (q, q, k)
        Z'Z of each visit pattern, or of each person where patterns are not shared.
    count : ndarray, shape (k,)
    stored : ndarray, shape (q(q+1)/2, k, r(r+1)/2)
        Products of ``lines`` summed over the people of a pattern; empty where they would not fit.
    directions : ndarray, shape (m, q, q)
    squares, overall : ndarray
        See ``Structure``.
    pattern : ndarray of int, shape (people,)
    thinned : Grouped or None
        See ``Structure``.
    """

    n: int
    gram: Floats
    own: Floats
    lines: Floats
    blocks: Floats
    count: Floats
    stored: Floats
    directions: Floats
    squares: Floats
    overall: Floats
    pattern: NDArray[np.intp]
    thinned: Grouped | None = None

    def parts(self, omega: Floats) -> Parts:
        """Evaluate the sums of the likelihood and their derivatives."""
        m, r = len(omega), len(self.gram)
        q = len(self.blocks)
        whole = (omega @ self.directions.reshape(m, -1)).reshape(q, q)
        many = 1 + m + m * (m + 1) // 2
        sums = np.zeros((many, r * (r + 1) // 2))
        log_det, d_log, d2_log = 0.0, np.zeros(m), np.zeros((m, m))
        for low in range(0, self.blocks.shape[2], CHUNK):
            some = slice(low, low + CHUNK)
            found = weigh_blocks(self.blocks[:, :, some], self.count[some], whole, self.directions)
            products = self.stored[:, some] if self.stored.size else _products(self.lines[:, some])
            for pair in range(len(products)):
                sums += found.products[:, pair] @ products[pair]
            log_det += found.log_det
            d_log += found.d_log_det
            d2_log += found.d2_log_det
        full = _unfold(sums, r)
        i, h = upper(m)
        d2_cross = np.empty((m, m, r, r))
        d2_cross[i, h] = d2_cross[h, i] = -full[1 + m :]
        return Parts(omega, self.gram - full[0], log_det, -full[1 : 1 + m], d_log, d2_cross, d2_log)


def _unfold(rows: Floats, r: int) -> Floats:
    i, j = upper(r)
    full = np.empty((len(rows), r, r))
    full[:, i, j] = rows
    full[:, j, i] = rows
    return full


def _products(lines: Floats) -> Floats:
    """Multiply the sums of each person with each other: shape (q(q+1)/2, people, r(r+1)/2)."""
    q, people, r = lines.shape
    i, j = upper(r)
    c, d = upper(q)
    found = np.empty((len(c), people, len(i)))
    for at, (one, two) in enumerate(zip(c, d, strict=True)):
        np.multiply(lines[one][:, i], lines[two][:, j], out=found[at])
        if one != two:
            found[at] += lines[two][:, i] * lines[one][:, j]
    return found


def count_residual(data: Grouped, covariates: int) -> int:
    """Count the rows beyond what covariates and free effects of each person could fit exactly.

    Where there are none, nothing tells random effects from residuals.
    """
    q = len(data.blocks)
    if (least := data.n - covariates - q * data.own.shape[2]) > MANY:
        return least
    stacked = data.blocks.transpose(2, 0, 1)
    values, vectors = np.linalg.eigh(stacked)
    there = values > 1e-10 * np.maximum(values[:, -1:], 1e-300)
    rank = int((there.sum(1) * data.count).sum())
    roots = vectors * np.where(there, 1 / np.sqrt(np.where(there, values, 1.0)), 0.0)[:, None]
    lines = data.lines.transpose(1, 0, 2)[:, :, :covariates]
    inside = (roots.transpose(0, 2, 1)[data.pattern] @ lines).reshape(-1, covariates)
    left = np.linalg.eigvalsh(data.gram[:covariates, :covariates] - inside.T @ inside)
    return data.n - rank - int((left > 1e-9).sum())


def find_patterns(own: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Give people with the same Z'Z, to the last bit, the same number.

    Parameters
    ----------
    own : ndarray, shape (people, numbers)

    Returns
    -------
    pattern : ndarray of int, shape (people,)
    example : ndarray of int, shape (patterns,)
        One person of each; None where too few people share a pattern to be worth it.

    Examples
    --------
    >>> find_patterns(np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 2.0]]))
    (array([0, 1, 0]), array([2, 1]))
    """
    people = len(own)
    most = max(64, people // 16)
    keys = _hash(own)
    if people > 4096 and len(np.unique(keys[:: people // 2048])) > 1024:
        return None
    levels, pattern = np.unique(keys, return_inverse=True)
    if len(levels) > most:
        return None
    example = np.empty(len(levels), dtype=np.intp)
    example[pattern] = np.arange(people)
    if not (own == own[example[pattern]]).all():
        return None  # two patterns met in one hash
    order = np.argsort(example_first(pattern, len(levels)), kind="stable")
    rank = np.empty(len(levels), dtype=np.intp)
    rank[order] = np.arange(len(levels))
    return rank[pattern], example[order]


def example_first(pattern: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Return where each number stands first."""
    first = np.empty(count, dtype=np.intp)
    first[pattern[::-1]] = np.arange(len(pattern))[::-1]
    return first


def _hash(own: Floats) -> NDArray[np.uint64]:
    """Mix the bits of a row's numbers into one (xor, multiply and shift, as in splitmix64)."""
    bits = (own + 0.0).view(np.uint64)  # + 0 turns -0 into 0
    key = np.zeros(len(own), dtype=np.uint64)
    for j in range(bits.shape[1]):
        key ^= bits[:, j]
        key *= np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
        key *= np.uint64(0xBF58476D1CE4E5B9)
        key ^= key >> np.uint64(32)
    return key


def group_rows(
    table: Floats,
    z: Floats,
    codes: NDArray[np.intp],
    groups: int,
    directions: Floats,
    squares: Floats,
    overall: Floats,
) -> Grouped:
    """Sum rows within people and pool people who share their visits.

    Parameters
    ----------
    table : ndarray, shape (n, r)
    z : ndarray, shape (n, q)
        Both multiplied by the roots of the weights.
    """
    q, r = z.shape[1], table.shape[1]
    ordered = bool((codes[1:] >= codes[:-1]).all())
    lines, squared = sum_products(z, (table, z), codes, groups, ordered)
    own = squared.transpose(0, 2, 1)
    c, d = upper(q)
    shared = find_patterns(np.ascontiguousarray(own[c, d].T))
    gram = table.T @ table
    fixed: dict[str, Any] = {"directions": directions, "squares": squares, "overall": overall}
    if shared is None:
        size = len(c) * groups * r * (r + 1) // 2
        stored = _products(lines) if size <= MOST_STORED else np.empty(0)
        blocks = np.ascontiguousarray(own)
        fixed |= {"pattern": np.arange(groups)}
        if groups >= 2 * SAMPLE:
            fixed["thinned"] = _thin(table, z, codes, groups, (directions, squares, overall))
        return Grouped(len(z), gram, own, lines, blocks, np.ones(groups), stored, **fixed)
    pattern, example = shared
    blocks = np.ascontiguousarray(own[:, :, example])
    count = np.bincount(pattern, minlength=len(example)).astype(float)
    stored = _pool(lines, pattern, len(example))
    return Grouped(len(z), gram, own, lines, blocks, count, stored, pattern=pattern, **fixed)


def _thin(
    table: Floats, z: Floats, codes: NDArray[np.intp], groups: int, shape: tuple[Floats, ...]
) -> Grouped:
    """Sum the rows of every so many-th person."""
    step = groups // SAMPLE
    some = codes % step == 0
    return group_rows(table[some], z[some], codes[some] // step, -(-groups // step), *shape)


def _pool(lines: Floats, pattern: NDArray[np.intp], patterns: int) -> Floats:
    """Sum the products of the people of each pattern."""
    q, _, r = lines.shape
    c, d = upper(q)
    i, j = upper(r)
    order = np.argsort(pattern, kind="stable")
    ends = np.concatenate([[0], np.cumsum(np.bincount(pattern, minlength=patterns))])
    flat = lines.transpose(1, 0, 2).reshape(-1, q * r)[order]
    found = np.empty((len(c), patterns, len(i)))
    for k in range(patterns):
        some = flat[ends[k] : ends[k + 1]]
        gram = (some.T @ some).reshape(q, r, q, r)
        one = gram[c, :, d, :]
        one = one + np.where((c != d)[:, None, None], one.transpose(0, 2, 1), 0.0)
        found[:, k] = one[:, i, j]
    return found
