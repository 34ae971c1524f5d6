"""Tipping points: how far an assumption must be off before the conclusion changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate


@dataclass(frozen=True, slots=True)
class Tipping:
    """Where a conclusion tips over a range of assumptions.

    Attributes
    ----------
    rows : tuple of dict
        The estimate at each delta of the grid, with its interval.
    estimate_at : float or None
        The delta nearest to none at which the estimate is 0; None if it stays on its side.
    interval_at : float or None
        The delta nearest to none at which the interval starts (or ceases) to hold 0.
    significant : bool
        Whether the interval excludes 0 at delta = 0.
    """

    rows: tuple[dict[str, Any], ...]
    estimate_at: float | None
    interval_at: float | None
    significant: bool
    warnings: tuple[str, ...]


def find_tipping(
    estimate_at: Callable[[float], Estimate],
    deltas: Sequence[float],
    *,
    null: float = 0.0,
    tolerance: float = 1e-8,
) -> Tipping:
    """Find the delta at which an estimate or its interval reaches the null.

    Parameters
    ----------
    estimate_at : callable
        Gives the estimate under a delta: missing outcomes worse by delta than imputed, say. The
        same delta must give the same estimate (fixed seeds).
    deltas : sequence of float
        The grid to look over; 0, no departure, is added. Between two of its points one crossing
        of the estimate, and of each limit, can be found.
    null : float
        The value of no effect, on the scale of the estimate.
    tolerance : float
        How exactly the crossing is located, as a share of the grid's width.

    Raises
    ------
    UserError
        If the grid is empty, or an estimate on it is not finite.

    References
    ----------
    Cro et al. 2020 for delta adjustment, doi:10.1002/sim.8569.

    Examples
    --------
    >>> from gluteal.estimators.inference import interval
    >>> found = find_tipping(lambda delta: interval(2 - delta, 0.5), [0, 1, 2, 3])
    >>> round(found.estimate_at, 6), round(found.interval_at, 6)
    (2.0, 1.020018)
    """
    from scipy.optimize import brentq

    grid = sorted({0.0, *(float(d) for d in deltas)})
    if len(grid) < 2 or not all(isfinite(d) for d in grid):
        raise UserError("a tipping point needs a finite delta beside 0")
    found = {d: estimate_at(d) for d in grid}
    sick = [
        d for d, e in found.items() if not all(isfinite(v) for v in (e.estimate, e.low, e.high))
    ]
    if sick:
        raise UserError(f"no finite estimate at delta {', '.join(f'{d:g}' for d in sick)}")

    def middle(e: Estimate) -> float:
        return e.estimate - null

    def lower(e: Estimate) -> float:
        return e.low - null

    def upper(e: Estimate) -> float:
        return e.high - null

    def excludes(e: Estimate) -> bool:
        return lower(e) > 0 or upper(e) < 0

    def crossings_of(of: Callable[[Estimate], float]) -> list[float]:
        crossings: list[float] = []
        for left, right in pairwise(grid):
            a, b = of(found[left]), of(found[right])
            if a == 0 or b == 0:
                crossings.append(left if a == 0 else right)
            elif a * b < 0:
                step = tolerance * (grid[-1] - grid[0])
                at = brentq(lambda d: of(estimate_at(float(d))), left, right, xtol=step)
                crossings.append(float(at))  # pyright: ignore[reportArgumentType]
        return crossings

    at_estimate = min(crossings_of(middle), key=abs, default=None)
    # Each limit by itself: an interval may pass the null within one step of the grid.
    at_interval = min([*crossings_of(lower), *crossings_of(upper)], key=abs, default=None)
    said: list[str] = []
    if at_estimate is None and at_interval is None:
        said.append(f"nothing tips between delta {grid[0]:g} and {grid[-1]:g}")
    if at_estimate in (grid[0], grid[-1]):
        said.append("the estimate tips at the edge of the grid")
    rows = tuple(e.row(delta=d, excludes_null=excludes(e)) for d, e in found.items())
    return Tipping(rows, at_estimate, at_interval, excludes(found[0.0]), tuple(said))
