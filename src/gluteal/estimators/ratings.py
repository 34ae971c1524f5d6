"""All that is said of raters who put people into categories, for two raters or more."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import nan

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.intervals import Interval
from gluteal.estimators.kappa import Kappa, Weights, cohen_kappa, cross, mean_kappa

CITED = (
    "Agreement on categories is Cohen's kappa, with quadratic weights where categories are "
    "ordered, and its large-sample interval (Fleiss, Cohen and Everitt 1969, "
    "doi:10.1037/h0028106); Gwet's AC1 (2008, doi:10.1348/000711006X126600) and PABAK stand "
    "beside it, since kappa depends on prevalence"
)
CITED_LIGHT = (
    "With more than two raters kappa is the mean over pairs of raters (Light 1971, "
    "doi:10.1037/h0031643)"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One estimate with its name, the kind of its standard error, and whether it only checks."""

    name: str
    value: Interval
    se_type: str
    check: bool = False


@dataclass(frozen=True, slots=True)
class Ratings:
    """Quantities, the headline first, and the plain shares behind them.

    ``agreement`` is the share of pairs in the same category; ``prevalence_index`` and
    ``bias_index`` are those of two raters and two categories, else NaN.
    """

    quantities: tuple[Quantity, ...]
    agreement: float
    prevalence_index: float
    bias_index: float
    people: int
    raters: int


def encode(values: ArrayLike, levels: ArrayLike) -> np.ndarray:
    """Turn values into codes 0, 1, ... of sorted levels; one between two levels takes the higher.

    Examples
    --------
    >>> encode([0.0, 0.5, 1.0, float("nan")], [0, 1]).tolist()
    [0.0, 1.0, 1.0, nan]
    """
    table, known = np.asarray(values, dtype=float), np.asarray(levels, dtype=float)
    codes = np.clip(np.searchsorted(known, table - 1e-9), 0, known.size - 1).astype(float)
    return np.where(np.isnan(table), np.nan, codes)


def compare_ratings(
    codes: ArrayLike,
    categories: int,
    ordered: bool = False,
    resamples: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> Ratings:
    """Estimate agreement on categories.

    Parameters
    ----------
    codes : array of shape (n, k)
        Codes 0 ... categories-1; one row a person, one column a rater; NaN where missing.
    categories : int
        Number of categories.
    ordered : bool
        Ordered categories get kappa with quadratic weights first, then linear, then none.
    resamples, seed, level
        Of the bootstrap and the intervals.

    Returns
    -------
    Ratings
        Two raters: Cohen's kappa with its large-sample interval, checked by a bootstrap of
        people, AC1 and PABAK. More: kappa averaged over pairs of raters, with the bootstrap.

    Raises
    ------
    UserError
        With fewer than two raters, without a pair, or where kappa is undefined.

    References
    ----------
    See ``gluteal.estimators.kappa``.
    """
    table = np.asarray(codes, dtype=float)
    if table.ndim != 2 or table.shape[1] < 2:
        raise UserError("agreement on categories needs at least two raters")
    kinds: dict[Weights, str] = {"none": "kappa"}
    if ordered and categories > 2:
        kinds = {"quadratic": "kappa, quadratic weights", "linear": "kappa, linear weights"}
        kinds["none"] = "kappa, no weights"
    pairs = list(combinations(range(table.shape[1]), 2))
    counts = [cross(table[:, i], table[:, j], categories) for i, j in pairs]
    found: list[Quantity] = []
    two: Kappa | None = None
    for kind, name in kinds.items():
        people = mean_kappa(table, categories, kind, None, resamples, seed, level)
        if len(pairs) > 1:
            found.append(Quantity(f"{name}, mean of pairs", people, "percentile bootstrap"))
            continue
        two = cohen_kappa(counts[0], kind, level)
        found.append(Quantity(name, two.kappa, "large sample"))
        found.append(Quantity(f"{name}, bootstrap", people, "percentile bootstrap", check=True))
    if not np.isfinite(found[0].value.value):
        raise UserError("kappa is undefined: a pair of raters used one and the same category only")
    if two is not None:
        found.append(Quantity("AC1", two.ac1, "large sample"))
        found.append(Quantity("PABAK", Interval(two.pabak, nan, nan), "none"))
    whole = np.sum(counts, axis=0)
    return Ratings(
        quantities=tuple(found),
        agreement=float(np.trace(whole) / whole.sum()),
        prevalence_index=two.prevalence_index if two else nan,
        bias_index=two.bias_index if two else nan,
        people=int((np.isfinite(table).sum(1) > 1).sum()),
        raters=table.shape[1],
    )
