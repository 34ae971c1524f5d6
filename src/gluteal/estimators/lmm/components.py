"""Random intercepts of several factors: nested, as sides within people, or crossed, as raters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.lmm.crossed import cross_rows
from gluteal.estimators.lmm.fit import finish
from gluteal.estimators.lmm.grouped import group_rows
from gluteal.estimators.lmm.optimise import minimise
from gluteal.estimators.lmm.parts import own_squares
from gluteal.estimators.lmm.result import DF, MixedModel, Solution
from gluteal.estimators.lmm.rows import as_rows

MOST_INNER = 12
MOST_DENSE = 3000


def fit_components(
    x: ArrayLike,
    y: ArrayLike,
    factors: Sequence[ArrayLike],
    *,
    nested: bool = False,
    reml: bool = True,
    df: DF = "satterthwaite",
    weights: ArrayLike | None = None,
) -> MixedModel:
    """Fit y = Xb + a random intercept of each level of each factor + e.

    Parameters
    ----------
    x : array_like, shape (n, p)
    y : array_like, shape (n,)
    factors : sequence of array_like, shape (n,)
        Such as person and side, or person and rater.
    nested : bool
        Levels of a factor belong to one level of the factors before it: "left" is another side in
        each person. Factors whose levels have their own names need no mark.
    reml, df, weights
        As for ``fit_lmm``.

    Returns
    -------
    MixedModel
        ``covariance`` holds the variances of the factors on its diagonal, in their order.

    Raises
    ------
    UserError
        If arrays are faulty, a factor has one level or one for each row, two factors are the same,
        or the smaller factors have more than 3,000 levels in all (unless two factors are nested).

    Notes
    -----
    Two nested factors cost time linear in people; of crossed factors the largest is eliminated
    level by level and the others are solved densely.

    Examples
    --------
    >>> person = np.repeat([1, 2, 3, 4], 4); side = np.tile([0, 0, 1, 1], 4)
    >>> y = [5, 5.4, 6, 6.2, 3, 3.1, 3.6, 3, 7, 7.5, 6.6, 6.2, 4, 4.6, 5, 5.1]
    >>> fit = fit_components(np.ones((16, 1)), y, [person, side], nested=True)
    >>> fit.levels
    (4, 8)
    >>> np.diag(fit.covariance).round(3), round(fit.residual_variance, 3)
    (array([2.253, 0.228]), 0.084)
    """
    rows = as_rows(x, y, weights)
    n = len(rows.y)
    codes, levels = _as_factors(factors, n, nested)
    m = len(codes)
    square = own_squares(m)
    nest = _nesting(codes, levels)
    place = np.empty(0, dtype=np.intp)
    if nest is not None:
        position = tuple(range(m))
        outer, within = nest
        place, z = _places(codes[outer], codes[within], levels[within], rows.root)
        ways: dict[int, Floats] = {within: np.eye(z.shape[1])}
        ways[outer] = np.ones((z.shape[1],) * 2)
        directions = np.stack([ways[f] for f in range(m)])
        data = group_rows(rows.table, z, codes[outer], levels[outer], directions, square, square)
    else:
        _check_dense(levels)
        order = sorted(range(m), key=lambda f: -levels[f])
        position = tuple(order.index(f) for f in range(m))
        data = cross_rows(
            rows.table, rows.root, [codes[f] for f in order], [levels[f] for f in order]
        )
    starts = [np.ones(m), np.full(m, 0.3), *np.where(np.eye(m) == 1, 1.0, 0.1)]
    best = minimise(data, starts, reml)
    solution = Solution(
        rows, data, best.point, tuple(codes), np.ones((n, 1)), np.eye(1), place, position
    )
    omega = best.point.omega[list(position)]
    covariance = rows.scale**2 * best.point.profile.sigma2 * np.diag(omega)
    return finish(solution, best, covariance, float(omega.min()), tuple(levels), reml, df)


def _check_dense(levels: list[int]) -> None:
    if (dense := sum(levels) - max(levels)) > MOST_DENSE:
        raise UserError(
            f"the smaller factors have {dense} levels in all; at most {MOST_DENSE} can be fitted "
            "unless two factors are nested"
        )


def _as_factors(
    factors: Sequence[ArrayLike], n: int, nested: bool
) -> tuple[list[NDArray[np.intp]], list[int]]:
    """Give every factor's levels numbers, and refuse factors that cannot be told apart."""
    codes: list[NDArray[np.intp]] = []
    levels: list[int] = []
    faults: list[str] = []
    if not len(factors):
        raise ValueError("fit_components needs at least one factor")
    for at, factor in enumerate(factors):
        code, count = as_groups(factor, n, f"level of factor {at}")
        if nested and codes:
            both = codes[-1] * count + code
            code, count = as_groups(both, n)
        codes.append(code)
        levels.append(count)
        if count < 2:
            faults.append(f"factor {at} has one level")
        if count == n:
            faults.append(f"factor {at} has a level for each row: it is the residual")
        for before in range(at):
            there = _homes(code, codes[before], count) is not None
            if there and _homes(codes[before], code, levels[before]) is not None:
                faults.append(f"factors {before} and {at} are the same")
    if faults:
        raise UserError("; ".join(faults))
    return codes, levels


def _nesting(codes: list[NDArray[np.intp]], levels: list[int]) -> tuple[int, int] | None:
    """Say which of two factors is nested in the other: (outer, inner), if each holds few levels."""
    if len(codes) == 1:
        return 0, 0
    if len(codes) > 2:
        return None
    for outer, inner in ((0, 1), (1, 0)):
        homes = _homes(codes[inner], codes[outer], levels[inner])
        if homes is not None:
            return (outer, inner) if int(np.bincount(homes).max()) <= MOST_INNER else None
    return None


def _homes(inner: NDArray[np.intp], outer: NDArray[np.intp], count: int) -> NDArray[np.intp] | None:
    """Return the outer level of each inner level; None where one inner level has several."""
    home = np.empty(count, dtype=np.intp)
    home[inner] = outer
    return home if bool((home[inner] == outer).all()) else None


def _places(
    outer: NDArray[np.intp], inner: NDArray[np.intp], count: int, root: Floats
) -> tuple[NDArray[np.intp], Floats]:
    """Give each inner level a column within its outer level, the largest first, and the design.

    Largest first, so that people with the same numbers of rows share a pattern.
    """
    one = root if root.size else np.ones(len(outer))
    size = np.bincount(inner, weights=one**2, minlength=count)
    home = np.empty(count, dtype=np.intp)
    home[inner] = outer
    order = np.lexsort((-size, home))
    sorted_home = home[order]
    first = np.flatnonzero(np.r_[True, sorted_home[1:] != sorted_home[:-1]])
    run = np.arange(count) - np.repeat(first, np.diff(np.r_[first, count]))
    place = np.empty(count, dtype=np.intp)
    place[order] = run
    z = np.zeros((len(outer), int(place.max()) + 1))
    z[np.arange(len(outer)), place[inner]] = one
    return place, z
