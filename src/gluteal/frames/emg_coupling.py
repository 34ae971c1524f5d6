"""What an EMG variable holds, and whether an exposure sits inside it; names only, no data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gluteal.variables import variables

MUSCLES = {
    "gmax": "Gluteus maximus",
    "gmed": "Gluteus medius",
    "bf": "Biceps femoris",
    "st": "Semitendinosus",
    "es_ipsi": "Erector spinae, same side",
    "es_contra": "Erector spinae, other side",
}
HELPERS = ("es_ipsi", "es_contra", "bf", "st")
"""The muscles that are said to work in place of the gluteals."""
GLUTEALS = ("gmax", "gmed")
Scale = Literal["rms_uv", "mvic_uv", "pct_mvic"]
SCALES: dict[Scale, str] = {"rms_uv": "raw", "mvic_uv": "MVIC", "pct_mvic": "% MVIC"}
RATIOS = {
    "emg_es_gmax_log_ratio": ("es_ipsi", "es_contra", "gmax"),
    "emg_ham_gmax_log_ratio": ("bf", "st", "gmax"),
}
"""Ratios of % MVIC, and the muscles in them; the last one divides."""


@dataclass(frozen=True)
class Measure:
    """What an EMG variable holds: its muscles, and whether as raw, MVIC, % MVIC, ratio or onset."""

    muscles: tuple[str, ...]
    scale: Literal["rms_uv", "mvic_uv", "pct_mvic", "ratio", "onset_ms"]


def read_measure(name: str) -> Measure | None:
    """Say what an EMG variable holds; None for any other variable.

    Examples
    --------
    >>> read_measure("emg_es_ipsi_pct_mvic")
    Measure(muscles=('es_ipsi',), scale='pct_mvic')
    >>> read_measure("nprs_avg") is None
    True
    """
    if name in RATIOS:
        return Measure(RATIOS[name], "ratio")
    for muscle in MUSCLES:
        for scale in (*SCALES, "onset_ms"):
            if name == f"emg_{muscle}_{scale}":
                return Measure((muscle,), scale)  # pyright: ignore[reportArgumentType]
    return None


def is_strength(name: str) -> bool:
    """Say whether a variable is the maximal effort of the hip muscles."""
    known = variables().get(name)
    return known is not None and (known.node == "Str" or known.test == "one_rm")


def find_coupling(exposure: str, outcome: str) -> Literal["", "same", "denominator"]:
    """Say how an exposure sits inside the outcome that it should explain.

    "same": the outcome is divided by the very maximal effort that is the exposure, or holds it
    otherwise; "denominator": a ratio whose divisor is a % MVIC of that muscle; "": not at all.

    Examples
    --------
    >>> find_coupling("hip_abd_nm_kg", "emg_gmax_pct_mvic")
    'same'
    >>> find_coupling("hip_abd_nm_kg", "emg_es_gmax_log_ratio")
    'denominator'
    >>> find_coupling("hip_abd_nm_kg", "emg_es_ipsi_pct_mvic")
    ''
    """
    held, made = read_measure(outcome), read_measure(exposure)
    if held is None or held.scale in ("rms_uv", "mvic_uv", "onset_ms"):
        if held is None or made is None or "onset_ms" in (held.scale, made.scale):
            return ""
        return "same" if held.muscles == made.muscles else ""
    effort = GLUTEALS if is_strength(exposure) else made.muscles if made else ()
    shared = set(effort) & set(held.muscles)
    if not shared:
        return ""
    if held.scale == "ratio" and made is None:
        return "denominator"
    return "same"
