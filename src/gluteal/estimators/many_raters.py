"""Agreement of several raters on categories at once: Fleiss' kappa and its kin, gaps allowed."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.intervals import Interval, t_quantile
from gluteal.estimators.kappa import Weights, weight_matrix


@dataclass(frozen=True, slots=True)
class ManyRaters:
    """Chance-corrected agreement.

    ``fleiss`` takes chance from how often categories were used, ``ac`` (Gwet's AC1, AC2 with
    weights) from how evenly, ``pabak`` (Brennan and Prediger) from their number alone.
    ``agreement`` is the share of agreeing pairs of raters; ``per_category`` Fleiss' kappa of each
    category against all others; ``z`` and ``p`` test Fleiss' kappa against chance in a table
    without gaps or weights (else NaN).
    """

    fleiss: Interval
    ac: Interval
    pabak: Interval
    agreement: float
    per_category: tuple[float, ...]
    z: float
    p: float
    units: int
    people: int


def agree_many(
    ratings: ArrayLike,
    categories: int,
    weights: Weights = "none",
    person: ArrayLike | None = None,
    level: float = 0.95,
) -> ManyRaters:
    """Estimate agreement of two raters or more.

    Parameters
    ----------
    ratings : array_like, shape (n, k)
        Codes 0 ... categories-1; one row a unit, one column a rater or, where raters differ
        between units, one of its ratings; NaN where missing. Units rated once inform about the use
        of categories only.
    categories : int
    weights : {"none", "linear", "quadratic"}
        Of agreement between ordered categories.
    person : array_like, shape (n,), optional
        Who the unit belongs to (two legs of one person are alike).
    level : float

    Returns
    -------
    ManyRaters
        Intervals from linearised variances and t with people - 1 degrees of freedom.

    Raises
    ------
    UserError
        For other codes, fewer than two units rated twice, or one and the same category throughout.

    References
    ----------
    Fleiss 1971, doi:10.1037/h0031619; Fleiss, Nee and Landis 1979, doi:10.1037/0033-2909.86.5.974;
    Gwet 2008, doi:10.1348/000711006X126600; Brennan and Prediger 1981,
    doi:10.1177/001316448104100307. Equal to R's ``irr::kappam.fleiss`` and ``irrCAC``.

    Examples
    --------
    >>> found = agree_many([[0, 0, 0], [1, 1, 0], [1, 1, 1], [0, 1, 0], [1, 1, 1]], 2)
    >>> round(found.fleiss.value, 4), round(found.ac.value, 4)
    (0.4444, 0.4872)
    """
    table = np.asarray(ratings, dtype=float)
    seen = np.isfinite(table)
    if table.ndim != 2 or table.shape[1] < 2:
        raise UserError("agreement of raters needs a table of at least two columns")
    codes = table[seen]
    if (
        categories < 2
        or (codes != np.floor(codes)).any()
        or ((codes < 0) | (codes >= categories)).any()
    ):
        raise UserError(f"ratings must be codes 0 to {categories - 1} of at least two categories")
    rated = seen.any(1)
    table, seen = table[rated], seen[rated]
    n = len(table)
    rows = np.broadcast_to(np.arange(n)[:, None], table.shape)[seen]
    cells = rows * categories + table[seen].astype(int)
    counts = np.bincount(cells, minlength=n * categories).reshape(n, categories).astype(float)
    size = counts.sum(1)
    twice = size >= 2
    units = int(twice.sum())
    if units < 2:
        raise UserError(f"agreement of raters needs two units rated twice, found {units}")
    w = weight_matrix(categories, weights)
    use = (counts / size[:, None]).mean(0)
    if use.max() > 1 - 1e-12:
        raise UserError("agreement is undefined: one and the same category throughout")
    same = (counts * (counts @ w - 1)).sum(1) / np.where(twice, size * (size - 1), 1.0)
    own = np.where(twice, same, 0.0) * n / units
    seen_share = float(own.mean())
    who = np.arange(n) if person is None else as_groups(np.asarray(person)[rated], n)[0]
    people = int(who.max()) + 1
    if people < 2:
        raise UserError("all units belong to one person: the error cannot be estimated")
    spread = float(w.sum()) / (categories * (categories - 1))
    used = counts / size[:, None]
    mean_weight = w @ use
    by_chance = {
        "fleiss": (float(use @ w @ use), used @ mean_weight),
        "ac": (spread * float((use * (1 - use)).sum()), spread * (used @ (1 - use))),
        "pabak": (float(w.sum()) / categories**2, None),
    }

    def coefficient(chance: float, each: Floats | None) -> Interval:
        value = (seen_share - chance) / (1 - chance)
        pull = (own - chance * twice * n / units) / (1 - chance)
        if each is not None:
            pull = pull - 2 * (1 - value) * (each - chance) / (1 - chance)
        sums = np.bincount(who, pull - value)
        se = sqrt(float(sums @ sums) * people / (people - 1)) / n
        half = t_quantile(level, people - 1) * se
        return Interval(value, max(value - half, -1.0), min(value + half, 1.0), se, people - 1)

    found = {name: coefficient(*pair) for name, pair in by_chance.items()}
    z = _null_z(use, found["fleiss"].value, n, size) if weights == "none" else nan
    return ManyRaters(
        found["fleiss"],
        found["ac"],
        found["pabak"],
        seen_share,
        _per_category(counts[twice], use),
        z,
        _two_sided(z),
        n,
        people,
    )


def _per_category(counts: Floats, use: Floats) -> tuple[float, ...]:
    """Fleiss' kappa of each category against the others; NaN where it was never used."""
    size = counts.sum(1, keepdims=True)
    again = (counts * (counts - 1) / (size - 1)).sum(0)
    total = counts.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (again / total - use) / (1 - use)
    return tuple(float(one) for one in found)


def _null_z(use: Floats, value: float, n: int, size: Floats) -> float:
    """Divide Fleiss' kappa by its standard error where raters agree by chance only."""
    if size.min() != size.max():
        return nan
    k, spread = float(size[0]), float((use * (1 - use)).sum())
    rest = spread**2 - float((use * (1 - use) * (1 - 2 * use)).sum())
    return value / (sqrt(2 * rest) / (spread * sqrt(n * k * (k - 1)))) if rest > 0 else nan


def _two_sided(z: float) -> float:
    from scipy.special import ndtr

    return 2 * float(ndtr(-abs(z)))
