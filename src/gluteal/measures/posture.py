"""Pelvis and lumbar spine: two pelvic tilts of opposite sign that are never pooled.

``pelvic_tilt_asis_psis_deg`` grows with ANTERIOR tilt; ``pelvic_tilt_radiographic_pt_deg`` grows
with POSTERIOR tilt. No function here turns one into the other: the angle between bony landmarks
and the one between sacrum and femoral heads differ by each person's bone shape (Preece,
https://pmc.ncbi.nlm.nih.gov/articles/PMC2565125).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gluteal.measures.trials import Floats, as_floats, refuse

ANGLE_LIMIT_DEG = 180.0


def as_degrees(angle: ArrayLike, name: str) -> Floats:
    """Return angles in degrees, none beyond ±180.

    Raises
    ------
    UserError
        For an angle beyond ±180.
    """
    found = as_floats(angle)
    wrong = np.abs(found) > ANGLE_LIMIT_DEG
    if wrong.any():
        refuse(found, wrong, name, "an angle in degrees lies between -180 and 180")
    return found


def mean_of_sides(left: ArrayLike, right: ArrayLike) -> Floats:
    """Mean of both sides of an angle; missing if either side is missing.

    One side alone is not the pelvis: bony shape differs between sides by up to 11 degrees.

    Examples
    --------
    >>> mean_of_sides([8.0, 8.0], [10.0, float("nan")])
    array([ 9., nan])
    """
    return (as_degrees(left, "left side") + as_degrees(right, "right side")) / 2


def side_difference_deg(right: ArrayLike, left: ArrayLike) -> Floats:
    """Right minus left of an angle."""
    return as_degrees(right, "right side") - as_degrees(left, "left side")


def incidence_gap_deg(incidence: ArrayLike, tilt_pt: ArrayLike, slope: ArrayLike) -> Floats:
    """Pelvic incidence minus (radiographic tilt + sacral slope): zero in every real person.

    A gap beyond rounding shows that a column is not what it is called.

    Examples
    --------
    >>> incidence_gap_deg([63.0], [22.5], [40.5])
    array([0.])
    """
    total = as_degrees(tilt_pt, "pelvic_tilt_radiographic_pt_deg")
    total = total + as_degrees(slope, "sacral_slope_deg")
    return as_degrees(incidence, "pelvic_incidence_deg") - total
