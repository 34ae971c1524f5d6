"""Measurements whose error is known from elsewhere: the constant with its standard error."""

from __future__ import annotations

from collections.abc import Mapping

KNOWN: dict[str, str] = {
    "hip_abd_nm_kg": "sem_hip_abd_between_day",
    "hip_ext_nm_kg": "sem_hip_ext_between_day",
    "hip_er_nm_kg": "sem_hip_er_between_day",
    "pelvic_tilt_asis_psis_deg": "sem_tilt_palm_intra",
    "lumbar_lordosis_surface_deg": "sem_lordosis_surface",
}
"""By variable: the standard error of measurement between days, or of one rater."""


def faults_of(errors: Mapping[str, str]) -> list[str]:
    """Say which names do not exist, and which constants are in another unit.

    Examples
    --------
    >>> faults_of(KNOWN)
    []
    """
    from gluteal.constants import constants
    from gluteal.errors import suggest
    from gluteal.variables import variables

    faults: list[str] = []
    for name, source in errors.items():
        known, size = variables().get(name), constants().get(source)
        if known is None or size is None:
            near = suggest(source, constants()) if known else suggest(name, variables())
            faults.append(f"errors: {name}: {source}: no such variable or constant. {near}".strip())
        elif known.unit != size.unit:
            faults.append(f"errors: {source} is in {size.unit}, {name} in {known.unit}")
    return faults


def sem_of(name: str, errors: Mapping[str, str]) -> float:
    """Return the standard error of measurement of a variable, 0 where none is known.

    Examples
    --------
    >>> sem_of("hip_abd_nm_kg", KNOWN), sem_of("nprs_avg", KNOWN)
    (0.07, 0.0)
    """
    from gluteal.constants import constant

    return constant(errors[name]).value if name in errors else 0.0
