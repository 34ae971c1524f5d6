"""Adjustment sets as a tree: each set costs one sweep of the cross-products of the set before it.

Sweeping a covariate out of a cross-product matrix leaves the cross-products of the residuals of
all other columns on it. Sets in ascending order share their beginnings, so a full grid of 2^q
sets takes 2^q sweeps and not q times as many; outcomes and exposures then only read from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.multiverse.specifications import Ints

LEAST_PIVOT = 1e-8
"""Share of a column's spread left by the columns before it, below which QR must decide."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Levels of sweeps; a node of level j is a set of rows and j covariates.

    Attributes
    ----------
    parents, variables : list of ndarray
        By level from 1 on: the node of the level above, and the covariate swept out of it.
    done, at : list of ndarray
        By level from 0 on: specifications complete there, and their nodes.
    """

    parents: list[Ints]
    variables: list[Ints]
    done: list[Ints]
    at: list[Ints]


class Swept(NamedTuple):
    """Cross-products of the residuals of exposure and outcome on the covariates, shape (..., k).

    ``least`` is the smallest pivot: near 0 where columns depend on each other.
    """

    xx: Floats
    xy: Floats
    yy: Floats
    least: Floats


def grow_tree(root: Ints, covariates: Ints, size: Ints, width: int) -> Tree:
    """Arrange adjustment sets (k, most) over their sets of rows ``root`` (k,)."""
    node = root.copy()
    tree = Tree([], [], [], [])
    for level in range(covariates.shape[1] + 1):
        ended = np.flatnonzero(size == level)
        tree.done.append(ended)
        tree.at.append(node[ended])
        on = np.flatnonzero(size > level)
        if not on.size:
            break
        keys, inverse = np.unique(node[on] * width + covariates[on, level], return_inverse=True)
        tree.parents.append(keys // width)
        tree.variables.append(keys % width)
        node[on] = inverse.ravel()
    return tree


def sweep(tree: Tree, matrix: Floats, exposure: Ints, outcome: Ints) -> Swept:
    """Sweep all sets out of scaled cross-products.

    Parameters
    ----------
    matrix : ndarray, shape (..., sets of rows, m, m)
        Centred cross-products scaled to a unit diagonal.
    exposure, outcome : ndarray of int, shape (k,)
    """
    shape = (*matrix.shape[:-3], len(exposure))
    xx, xy, yy, least = (np.empty(shape) for _ in range(4))
    now, smallest = matrix, np.ones(matrix.shape[:-2])
    for level, (specs, node) in enumerate(zip(tree.done, tree.at, strict=True)):
        if level:
            parent, variable = tree.parents[level - 1], tree.variables[level - 1]
            now = now[..., parent, :, :]
            row = now[..., np.arange(len(parent)), variable, :].copy()
            pivot = row[..., np.arange(len(parent)), variable]
            smallest = np.minimum(smallest[..., parent], pivot)
            scaled = row / np.where(pivot > LEAST_PIVOT, pivot, 1.0)[..., None]
            now -= row[..., :, None] * scaled[..., None, :]
        x, y = exposure[specs], outcome[specs]
        xx[..., specs], xy[..., specs] = now[..., node, x, x], now[..., node, x, y]
        yy[..., specs] = now[..., node, y, y]
        least[..., specs] = np.fmin(smallest[..., node], xx[..., specs])
    return Swept(xx, xy, yy, least)
