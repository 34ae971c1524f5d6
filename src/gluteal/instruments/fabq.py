"""Fear-Avoidance Beliefs Questionnaire: 16 items of 0 to 6, two sub-scales.

Rule: physical activity = items 2 to 5 (0 to 24); work = items 6, 7, 9, 10, 11, 12, 15 (0 to 42)
[M]. Missing items take the sub-scale's mean, one at most in the first and two in the second [D].
Constants: ``cut_fabq_pa``, ``cut_fabq_w``, ``mic_fabq_pa_*`` [M], ``mic_fabq_w`` [M].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

NAME = "fabq"
ITEMS: dict[str, Codes] = numbered(16, steps(0, 6))
ACTIVITY = tuple(f"item_{number}" for number in (2, 3, 4, 5))
WORK = tuple(f"item_{number}" for number in (6, 7, 9, 10, 11, 12, 15))
SCORES = ("fabq_pa", "fabq_w")
SETTINGS: dict[str, Any] = {"max_missing_pa": 1, "max_missing_w": 2}
OPTIONS: dict[str, tuple[Any, ...]] = {
    "max_missing_pa": steps(0, 3),
    "max_missing_w": steps(0, 6),
}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Sum each sub-scale, few missing items replaced by its mean."""
    allowed_pa, allowed_w = int(settings["max_missing_pa"]), int(settings["max_missing_w"])
    activity = prorate(take(items, ACTIVITY), allowed_pa)
    work = prorate(take(items, WORK), allowed_w)
    notes = {
        **count_rules(activity, allowed_pa, "physical activity"),
        **count_rules(work, allowed_w, "work"),
    }
    return Scored(frame(items, fabq_pa=activity.total, fabq_w=work.total), notes)
