"""Resamples of people."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

CHUNK = 400_000  # weights made at once: they stay in the processor's cache


def resample_people(people: int, repeats: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Draw people with replacement; yield how often each was drawn, some resamples at a time."""
    rng = np.random.default_rng(seed)
    step = max(1, min(repeats, CHUNK // people))
    for start in range(0, repeats, step):
        size = min(step, repeats - start)
        drawn = rng.integers(0, people, size=(size, people))
        yield np.array([np.bincount(row, minlength=people) for row in drawn])
