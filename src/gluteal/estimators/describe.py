"""Numbers that describe a sample: centre, spread, counts; no tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.checks import moments


@dataclass(frozen=True, slots=True)
class Summary:
    """A sample of numbers in a few; NaN where it is too small for one of them."""

    n: int
    n_missing: int
    mean: float
    sd: float
    median: float
    q1: float
    q3: float
    low: float
    high: float
    skewness: float


def summarise(values: ArrayLike) -> Summary:
    """Describe numbers; NaN counts as missing.

    Quartiles interpolate linearly between order statistics (R's type 7, numpy's default), the
    standard deviation divides by n - 1.

    Examples
    --------
    >>> found = summarise([1, 2, 3, 10, float("nan")])
    >>> found.n, found.n_missing, found.mean, found.median, found.q3
    (4, 1, 4.0, 2.5, 4.75)
    """
    every = np.asarray(values, dtype=float)
    v = every[~np.isnan(every)]
    n, missing = len(v), len(every) - len(v)
    if n == 0:
        return Summary(0, missing, *[nan] * 8)
    sd = float(v.std(ddof=1)) if n > 1 else nan
    q1, median, q3 = (float(q) for q in np.quantile(v, [0.25, 0.5, 0.75]))
    low, high = float(v.min()), float(v.max())
    with np.errstate(invalid="ignore", divide="ignore"):  # a spread lost to rounding has no skew
        skewness = moments(v)[0] if n > 2 and high > low else nan
    return Summary(n, missing, float(v.mean()), sd, median, q1, q3, low, high, skewness)


def count_levels(values: Iterable[object], levels: Sequence[str]) -> list[int]:
    """Count how often each level occurs, in the order of ``levels``; others do not count.

    Examples
    --------
    >>> count_levels(["a", "b", "a", None], ["a", "b", "c"])
    [2, 1, 0]
    """
    counts = Counter(str(value) for value in values)
    return [counts[level] for level in levels]
