"""Identities that hold in every person; a column that breaks one is mislabelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluteal.estimates import diagnostic

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

PELVIS = ("pelvic_incidence_deg", "pelvic_tilt_radiographic_pt_deg", "sacral_slope_deg")
WITHIN_DEG = 0.01


def check_pelvis(cohort: Cohort) -> list[dict[str, Any]]:
    """Check pelvic incidence = pelvic tilt + sacral slope, which geometry demands of everyone.

    Returns
    -------
    list of dict
        One diagnostic with the largest difference in degrees; empty where the cohort does not
        have all three angles.

    References
    ----------
    Legaye J et al. Eur Spine J 1998;7:99-103. doi:10.1007/s005860050038
    """
    if cohort.lacks(PELVIS):
        return []
    angles = cohort.visits[list(PELVIS)].dropna()
    gap = (angles[PELVIS[0]] - angles[PELVIS[1]] - angles[PELVIS[2]]).abs()
    broken = int((gap > WITHIN_DEG).sum())
    meaning = (
        f"pelvic incidence = radiographic tilt + sacral slope in {len(gap) - broken} of "
        f"{len(gap)} rows; geometry demands it of every person"
    )
    name = "pelvic incidence less tilt and slope, largest gap"
    return [diagnostic(name, float(gap.max()), not broken, meaning, f"<= {WITHIN_DEG:g} deg")]
