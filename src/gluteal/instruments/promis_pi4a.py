"""PROMIS Pain Interference 4a: four items of 1 to 5, as a T score (mean 50, SD 10).

Rule: raw sum 4 to 20, then the table ``promis_pi4a_t_<raw>`` of the constants, from memory [M]:
to be verified at HealthMeasures. The table needs all four items; ``missing: prorate`` scores from
half of them, rounded up [M]. Response-pattern scoring would be the most accurate [V] and is not
offered. Constants: ``mic_promis_pi_*`` (two sources, print the
range), ``sem_promis_pi4a_*``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluteal.constants import constant
from gluteal.instruments.scale import (
    Codes,
    Scored,
    Settings,
    count_rules,
    frame,
    numbered,
    prorate,
    steps,
    take,
)

if TYPE_CHECKING:
    import pandas as pd

NAME = "promis_pi4a"
ITEMS: dict[str, Codes] = numbered(4, steps(1, 5))
SCORES = ("promis_pi4a_t",)
SETTINGS: dict[str, Any] = {"missing": "missing"}
OPTIONS: dict[str, tuple[Any, ...]] = {"missing": ("missing", "prorate")}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Look the raw sum up in the T table."""
    import numpy as np

    allowed = 2 if settings["missing"] == "prorate" else 0
    found = prorate(take(items, tuple(ITEMS)), allowed)
    table = np.array([constant(f"promis_pi4a_t_{raw}").value for raw in range(4, 21)])
    known = ~np.isnan(found.total)
    raw = np.ceil(np.where(known, found.total, 4) - 1e-9).astype(int)
    t = np.where(known, table[raw - 4], np.nan)
    return Scored(frame(items, promis_pi4a_t=t), count_rules(found, allowed))
