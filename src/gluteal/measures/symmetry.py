"""Right against left: the formulae in use, named apart since the choice changes the answer.

Nine formulae are in use (Bishop 2018, Strength and Conditioning Journal, August issue). The log
ratio is the one for models: antisymmetric, additive, and free of the side that is the
denominator. Absolute asymmetry is always positive and inflated by noise: it is never to be read
without its MDC.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gluteal.measures.trials import Floats, require_positive


def _sides(right: ArrayLike, left: ArrayLike) -> tuple[Floats, Floats]:
    return require_positive(right, "right side"), require_positive(left, "left side")


def asym_log(right: ArrayLike, left: ArrayLike) -> Floats:
    """ln(right / left); above zero = stronger right.

    Examples
    --------
    >>> asym_log([1.0], [1.0])
    array([0.])
    """
    right, left = _sides(right, left)
    return np.log(right) - np.log(left)


def asym_abs_log(right: ArrayLike, left: ArrayLike) -> Floats:
    """|ln(right / left)|: how far from symmetric, whichever side is stronger."""
    return np.abs(asym_log(right, left))


def asym_pct_signed(right: ArrayLike, left: ArrayLike) -> Floats:
    """Symmetry index, 100 (R - L) / mean(R, L); above zero = stronger right.

    Examples
    --------
    >>> asym_pct_signed([110.0], [90.0])
    array([20.])
    """
    right, left = _sides(right, left)
    return 100 * (right - left) / ((right + left) / 2)


def asym_pct_max(right: ArrayLike, left: ArrayLike) -> Floats:
    """100 (max - min) / max, with the sign of the side: above zero = stronger right.

    The unilateral-test form; from memory of Bishop 2018, unverified.

    Examples
    --------
    >>> asym_pct_max([80.0, 100.0], [100.0, 80.0])
    array([-20.,  20.])
    """
    right, left = _sides(right, left)
    return 100 * (right - left) / np.maximum(right, left)


def sym_angle_pct(right: ArrayLike, left: ArrayLike) -> Floats:
    """Symmetry angle, 100 (45° - atan(L / R)) / 90°; above zero = stronger right.

    From memory of Zifchock 2008, unverified.

    Examples
    --------
    >>> sym_angle_pct([1.0], [1.0])
    array([0.])
    """
    right, left = _sides(right, left)
    return 100 * (45 - np.degrees(np.arctan2(left, right))) / 90


def _involved(right: ArrayLike, left: ArrayLike, pain_side: ArrayLike) -> tuple[Floats, Floats]:
    """Return involved and uninvolved side; NaN unless exactly one side is painful."""
    right, left = _sides(right, left)
    side = np.asarray(pain_side, dtype=object)
    one = (side == "right") | (side == "left")
    first = np.where(side == "right", right, left)
    other = np.where(side == "right", left, right)
    return np.where(one, first, np.nan), np.where(one, other, np.nan)


def lsi_pct(
    right: ArrayLike, left: ArrayLike, pain_side: ArrayLike, *, left_over_right: bool = False
) -> Floats:
    """Limb symmetry index, 100 × involved / uninvolved.

    Parameters
    ----------
    right, left : array_like, shape (n,)
        Strength of each side, above zero.
    pain_side : array_like of str, shape (n,)
        ``right`` or ``left``; anything else (none, bilateral, central) has no involved side.
    left_over_right : bool
        Give 100 L / R to those without an involved side. Off: the two are different quantities,
        so they are missing.

    Examples
    --------
    >>> lsi_pct([80.0, 80.0], [100.0, 100.0], ["right", "none"])
    array([80., nan])
    """
    involved, uninvolved = _involved(right, left, pain_side)
    index = 100 * involved / uninvolved
    if left_over_right:
        right, left = _sides(right, left)
        index = np.where(np.isnan(involved), 100 * left / right, index)
    return index


def asym_involved_pct(right: ArrayLike, left: ArrayLike, pain_side: ArrayLike) -> Floats:
    """Deficit of the painful side, 100 (uninvolved - involved) / uninvolved.

    Missing unless exactly one side is painful.

    Examples
    --------
    >>> asym_involved_pct([80.0], [100.0], ["right"])
    array([20.])
    """
    involved, uninvolved = _involved(right, left, pain_side)
    return 100 * (uninvolved - involved) / uninvolved
