"""Where the climbs begin: people drawn as the centres of classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.trajectories.em import Mixture

SHRINK = 1.0
"""Visits' worth of pull of a person's own course towards the mean."""


def person_courses(sums: Floats, terms: int) -> Floats:
    """Fit each person's own course, pulled towards the mean so that one visit is enough.

    Parameters
    ----------
    sums : ndarray, shape (D, people, columns)

    Returns
    -------
    ndarray, shape (D, people, terms)
    """
    first, second = np.tril_indices(terms)
    xx = np.empty((*sums.shape[:-1], terms, terms))
    xx[..., first, second] = xx[..., second, first] = sums[..., 3 + terms :]
    xx[..., np.arange(terms), np.arange(terms)] += SHRINK
    return np.linalg.solve(xx, sums[..., 3 : 3 + terms, None])[..., 0].astype(np.float64)


def draw_starts(sums: Floats, terms: int, classes: int, starts: int, rng: Any) -> Mixture:
    """Draw starts; the first cuts people into equal parts by the level of their course."""
    d, n, _ = sums.shape
    own = person_courses(sums, terms)
    drawn = rng.random((d, starts, n)).argpartition(classes - 1, axis=-1)[..., :classes]
    level = own[..., 0].argsort(axis=-1)
    middle = ((np.arange(classes) + 0.5) / classes * n).astype(int)
    drawn[:, 0] = level[:, middle]
    coef = own[np.arange(d)[:, None, None], drawn]
    # Half the spread about the common mean: classes overlap at first.
    spread = sums[..., 2].sum(1) / sums[..., 1].sum(1)
    variance = np.broadcast_to(0.5 * spread[:, None, None], (d, starts, classes))
    return Mixture(
        np.full((d, starts, classes), -np.log(classes)), coef, np.log(np.maximum(variance, 1e-6))
    )
