"""Numbers that say how far a fitted model may be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.inference import Floats, Model

NOTABLE_END, LARGE_END = 0.02, 0.15


def moments(values: ArrayLike) -> tuple[float, float]:
    """Return skewness and excess kurtosis (both 0 for a normal distribution).

    Examples
    --------
    >>> tuple(round(float(v), 3) for v in moments([1, 2, 3, 10]))
    (1.018, -0.77)
    """
    v = np.asarray(values, dtype=float)
    v = v - v.mean()
    spread = float((v**2).mean())
    if spread == 0:
        return float("nan"), float("nan")
    return float((v**3).mean() / spread**1.5), float((v**4).mean() / spread**2 - 3)


def smd(x: ArrayLike, y: ArrayLike) -> float:
    """Return the standardised mean difference by the average of both variances.

    References
    ----------
    Austin 2009, doi:10.1002/sim.3697.
    """
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    sd = float(np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2))
    gap = float(a.mean() - b.mean())
    if sd == 0:
        return 0.0 if gap == 0 else float("inf")
    return gap / sd


def inflation(x: Floats, columns: Sequence[int]) -> float:
    """Return the (generalised) variance inflation factor of columns of a design.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Design with its intercept in column 0.
    columns : sequence of int
        One column, or all dummies of one variable.

    Returns
    -------
    float
        1 where the columns are unrelated to the others; per degree of freedom,
        GVIF^(1/df).

    References
    ----------
    Fox and Monette 1992, doi:10.1080/01621459.1992.10475190.
    """
    rest = [j for j in range(1, x.shape[1]) if j not in columns]
    if not rest:
        return 1.0
    r = np.atleast_2d(np.corrcoef(x[:, 1:], rowvar=False))
    own, other = [j - 1 for j in columns], [j - 1 for j in rest]
    a = np.linalg.det(r[np.ix_(own, own)]) * np.linalg.det(r[np.ix_(other, other)])
    return float((a / np.linalg.det(r)) ** (1 / len(own)))


def share_at(values: ArrayLike, bound: float | None) -> float:
    """Return the share of values that sit at a bound of their scale."""
    v = np.asarray(values, dtype=float)
    return float((v == bound).mean()) if bound is not None and len(v) else 0.0


def check_ends(
    y: Floats, low: float | None, high: float | None, *, flag: bool = True
) -> list[dict[str, Any]]:
    """Count the values at both ends: of the scale, or (a capped time) of what was observed.

    More than 15 % there bend a straight line and make a mean depend on the cap (domain rule).
    ``flag`` is False where the model expects them, as one for counts does.
    """
    found: list[dict[str, Any]] = []
    for name, bound, seen in (("floor", low, y.min()), ("ceiling", high, y.max())):
        share = share_at(y, bound) or share_at(y, float(seen))
        if share >= NOTABLE_END:
            text = f"share of values at the {name}; many bend a straight line and pull means"
            fine = share <= LARGE_END if flag else None
            found.append(check(f"share at the {name}", share, f"<= {LARGE_END}", fine, text))
    return found


def check(name: str, value: float, threshold: str, ok: bool | None, meaning: str) -> dict[str, Any]:
    """Write one diagnostic; ``ok`` is False where the reader must know, None for a plain fact."""
    return {"name": name, "value": value, "threshold": threshold, "ok": ok, "meaning": meaning}


def check_model(
    model: Model,
    y: Floats,
    index: int,
    people: int,
    *,
    residuals: bool = True,
    compare: bool = True,
) -> list[dict[str, Any]]:
    """Check completeness, leverage, robust against classical error, and residuals.

    Parameters
    ----------
    model : Model
        Fitted to ``y``.
    y : ndarray, shape (n,)
    index : int
        The coefficient of the exposure.
    people : int
        Rows before incomplete ones were left out.
    residuals : bool
        Whether residuals should look normal (a linear model).
    compare : bool
        Whether the classical error is worth a comparison (not that of modified Poisson).
    """
    share = len(y) / people
    text = "share of rows with every value of the model; the others are left out"
    found = [check("complete cases", share, ">= 0.9", share >= 0.9, text)]
    if len(model.leverage):
        top = float(model.leverage.max())
        text = "near 1: one row decides a coefficient"
        found.append(check("largest leverage", top, "< 0.5", top < 0.5, text))
    if compare and model.se_type[:2] in ("HC", "CR"):
        classical = float(np.sqrt(model.classical_cov[index, index]))
        ratio = float(np.sqrt(model.cov[index, index])) / classical
        text = "far from 1: rows differ in spread, a person's rows go together, or few weigh much"
        name = f"{model.se_type} over classical standard error"
        found.append(check(name, ratio, "0.67 to 1.5", bool(0.67 < ratio < 1.5), text))
    if residuals:
        skew, kurtosis = moments(y - model.fitted)
        text = "far from 0: means are pulled by a tail"
        found.append(check("residual skewness", skew, "|x| < 2", abs(skew) < 2, text))
        text = "large: a few rows weigh much"
        found.append(check("residual excess kurtosis", kurtosis, "< 7", kurtosis < 7, text))
    return found
