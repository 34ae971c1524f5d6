"""Limits of agreement that change with the size of what is measured: lines instead of constants."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.agreement import as_pairs
from gluteal.estimators.inference import Floats, Model
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.intervals import z_quantile
from gluteal.estimators.linear import fit_linear


@dataclass(frozen=True, slots=True)
class Lines:
    """Bias and limits at given sizes (means of both methods), each with pointwise limits.

    ``bias``, ``lower`` and ``upper`` have the shape (sizes, 3): value, low, high. ``bias_line`` and
    ``spread_line`` are the models behind them: difference on mean, absolute residual on mean.
    """

    sizes: Floats
    bias: Floats
    lower: Floats
    upper: Floats
    bias_line: Model
    spread_line: Model
    n: int
    warnings: tuple[str, ...] = ()


def fit_limits(
    first: ArrayLike,
    second: ArrayLike,
    sizes: ArrayLike | None = None,
    person: ArrayLike | None = None,
    level: float = 0.95,
    share: float = 0.95,
) -> Lines:
    """Estimate bias and limits of agreement as straight lines over the mean of both methods.

    For error that grows with what is measured, where constant limits are too wide for the weak
    and too narrow for the strong.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        One pair a unit, in the same unit; pairs with a missing member are left out.
    sizes : array_like, shape (k,), optional
        Where to give the limits; by default the 5th, 50th and 95th percentile of the means.
    person : array_like, shape (n,), optional
        Who the pair belongs to (two legs); errors are then CR2, else HC3.
    level, share : float
        Of the pointwise intervals; of the differences that the limits hold.

    Returns
    -------
    Lines
        The standard deviation at a size is the mean absolute residual there times √(π/2), which
        is exact for normal differences. Intervals take the errors of both lines as independent.

    Raises
    ------
    UserError
        With fewer than four pairs, or means that do not vary.

    References
    ----------
    Bland and Altman 1999, doi:10.1177/096228029900800204, section 3.2.

    Examples
    --------
    >>> a = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]
    >>> b = [10.5, 19.0, 31.5, 38.0, 52.5, 57.0]
    >>> fit_limits(a, b, [20.0, 50.0]).upper[:, 0].round(2)
    array([2.18, 6.46])
    """
    a, b = as_pairs(first, second)
    n = a.size
    middle, difference = (a + b) / 2, a - b
    if n < 4:
        raise UserError(f"lines of agreement need at least four pairs, found {n}")
    if np.ptp(middle) <= 1e-12 * max(float(np.abs(middle).max()), 1e-300):
        raise UserError("all pairs have the same mean: limits cannot change with size")
    who: NDArray[np.intp] | None = None
    if person is not None:
        raw = np.isfinite(np.asarray(first, dtype=float)) & np.isfinite(
            np.asarray(second, dtype=float)
        )
        who, people = as_groups(np.asarray(person)[raw], n)
        if people < 3:
            raise UserError(f"clustered lines need at least three people, found {people}")
    at = np.quantile(middle, [0.05, 0.5, 0.95]) if sizes is None else np.asarray(sizes, dtype=float)
    if at.ndim != 1 or not np.isfinite(at).all():
        raise UserError("sizes must be finite numbers in one list")
    x = np.column_stack([np.ones(n), middle])
    kind = "HC3" if who is None else "CR2"
    bias = fit_linear(x, difference, kind, who)
    spread = fit_linear(x, np.abs(difference - bias.fitted), kind, who)
    rows = np.column_stack([np.ones(at.size), at])
    times = z_quantile(share) * sqrt(pi / 2)
    mean, mean_abs = rows @ bias.coef, rows @ spread.coef
    warnings: tuple[str, ...] = ()
    if (mean_abs < 0).any():
        warnings = ("the line of spread is below 0 at some size: limits are taken as equal there",)
        mean_abs = np.maximum(mean_abs, 0.0)
    bias_var = np.einsum("ij,jk,ik->i", rows, bias.cov, rows)
    spread_var = np.einsum("ij,jk,ik->i", rows, spread.cov, rows)
    z = z_quantile(level)

    def around(value: Floats, variance: Floats) -> Floats:
        half = z * np.sqrt(np.maximum(variance, 0.0))
        return np.column_stack([value, value - half, value + half])

    both = bias_var + times**2 * spread_var
    return Lines(
        sizes=at,
        bias=around(mean, bias_var),
        lower=around(mean - times * mean_abs, both),
        upper=around(mean + times * mean_abs, both),
        bias_line=bias,
        spread_line=spread,
        n=n,
        warnings=warnings,
    )
