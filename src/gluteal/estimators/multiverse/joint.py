"""Test all specifications jointly: curves of data in which the exposure does nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats, quantile
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.multiverse.bootstrap import bootstrap_curves
from gluteal.estimators.multiverse.run import run_multiverse
from gluteal.estimators.multiverse.shuffle import shuffle_curves
from gluteal.estimators.multiverse.specifications import Ints, Specification, make_plan

MOST_LOST = 0.05


@dataclass(frozen=True, slots=True)
class JointCurveTest:
    """The observed curve beside curves under the null.

    Attributes
    ----------
    median, significant, stouffer : float
        Median estimate; share of specifications that are significant in the dominant direction;
        sum of the test statistics over the root of their number.
    p_median, p_significant, p_stouffer : float
        Share of null curves (the observed one counted among them) at least as extreme, two-sided.
    null : ndarray, shape (resamples, 3)
        The three statistics of each null curve.
    band : ndarray, shape (2, k)
        Pointwise limits of the sorted null curve at ``level``, for the figure.
    method : str
    resamples, specifications : int
        Null curves; specifications with an answer that take part.
    warnings : tuple of str
    """

    median: float
    significant: float
    stouffer: float
    p_median: float
    p_significant: float
    p_stouffer: float
    null: Floats
    band: Floats
    method: str
    resamples: int
    specifications: int
    warnings: tuple[str, ...]


def check_joint_null(
    columns: ArrayLike,
    specifications: Sequence[Specification],
    subsets: ArrayLike | None = None,
    *,
    method: Literal["bootstrap", "shuffle"] = "bootstrap",
    person: ArrayLike | None = None,
    resamples: int = 1000,
    seed: int = 1,
    level: float = 0.95,
) -> JointCurveTest:
    """Test all specifications jointly by curves of data in which the exposure does nothing.

    Parameters
    ----------
    columns, specifications, subsets
        As for `run_multiverse`.
    method : {"bootstrap", "shuffle"}
        "bootstrap" takes each estimated effect out of its outcome and resamples people: for
        exposures that nobody allocated, whatever adjusts them. "shuffle" gives the exposures to
        other people: exact for exposures allocated at random.
    person : array_like, shape (n,), optional
        Who each row belongs to: people, not rows, are resampled or shuffled.
    resamples : int
        Null curves.
    seed : int
    level : float
        Level at which a specification is significant (0.95: p < 0.05), and of the band.

    Returns
    -------
    JointCurveTest

    Raises
    ------
    UserError
        If no specification has an answer, or, for "shuffle", an exposure has gaps or adjusts
        another specification.

    References
    ----------
    Simonsohn, Simmons and Nelson 2020, doi:10.1038/s41562-020-0912-z.

    Examples
    --------
    >>> from gluteal.estimators.multiverse import expand_grid
    >>> rng = np.random.default_rng(1)
    >>> columns = rng.normal(size=(60, 4))
    >>> columns[:, 0] += columns[:, 1]
    >>> grid = expand_grid([0], [1], [(), (2,), (3,), (2, 3)])
    >>> check_joint_null(columns, grid, resamples=200).p_median < 0.01
    True
    """
    if resamples < 1:
        raise ValueError("at least one null curve is needed")
    found = run_multiverse(columns, specifications, subsets, level=level)
    which = np.flatnonzero(found.converged)
    if not which.size:
        raise UserError(f"no specification has an answer ({'; '.join(found.warnings)})")
    plan = make_plan(columns, specifications, subsets)
    n = len(plan.columns)
    people: Ints = np.arange(n) if person is None else as_groups(person, n)[0]
    if int(people.max()) < 1:
        raise UserError("one person cannot be resampled or shuffled")
    estimate, statistic = found.estimate[which], found.statistic[which]
    bound = np.array([quantile(level, df) for df in np.unique(found.df[which])])
    bound = bound[np.searchsorted(np.unique(found.df[which]), found.df[which])]
    if method == "bootstrap":
        curves = bootstrap_curves(plan, which, estimate, people, resamples, seed)
    elif method == "shuffle":
        curves = shuffle_curves(plan, which, people, resamples, seed)
        first, t = next(curves)
        estimate, statistic = first[0], t[0]
    else:
        raise ValueError(f"no method {method!r}: bootstrap or shuffle")
    parts = list(curves)
    b = np.concatenate([part[0] for part in parts])
    t = np.concatenate([part[1] for part in parts])
    lost = np.isnan(t)
    warnings = found.warnings
    if lost.mean() > MOST_LOST:
        warnings += (f"{100 * lost.mean():.0f} % of the null estimates are singular",)
    null = _statistics(b, t, bound)
    seen = _statistics(estimate[None], statistic[None], bound)[0]
    # Curves that differ by rounding only count as equal.
    beyond = np.abs(null) >= np.abs(seen) * (1 - 1e-12)
    p = (1 + beyond.sum(0)) / (1 + len(null))
    full = ~lost.any(1)
    ranked = np.sort(b[full], axis=1) if full.any() else np.full((1, b.shape[1]), np.nan)
    band = np.quantile(ranked, [(1 - level) / 2, (1 + level) / 2], axis=0)
    median, significant, stouffer = seen.tolist()
    p_median, p_significant, p_stouffer = p.tolist()
    return JointCurveTest(
        median,
        significant,
        stouffer,
        p_median,
        p_significant,
        p_stouffer,
        null,
        band,
        method,
        len(null),
        len(which),
        warnings,
    )


def _statistics(b: Floats, t: Floats, bound: Floats) -> Floats:
    """Give median, significant share in the dominant direction and Stouffer's Z of each curve."""
    known = ~np.isnan(t)
    count = np.maximum(known.sum(1), 1)
    with np.errstate(invalid="ignore"):
        up, down = (t > bound).sum(1), (t < -bound).sum(1)
    complete = known.all()
    median = np.median(b, axis=1) if complete else _nan_median(b)
    z = np.nansum(t, axis=1) / np.sqrt(count)
    return np.column_stack([median, np.maximum(up, down) / count, z])


def _nan_median(b: Floats) -> Floats:
    some = ~np.isnan(b).all(1)
    found = np.full(len(b), inf)  # a curve without any estimate counts against us
    found[some] = np.nanmedian(b[some], axis=1)
    return found
