"""Hospital Anxiety and Depression Scale: seven items of 0 to 3 for each, sums 0 to 21.

Rule: items come keyed (3 is the most distress), so none is reversed here. Half rule: the mean of
the answered items, times seven, if at least four of the seven are answered
(https://pmc.ncbi.nlm.nih.gov/articles/PMC5075158) [V]. Constants: ``cut_hads_possible`` [M],
``cut_hads_probable`` [M], ``mic_hads`` [M].
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

NAME = "hads"
ANXIETY = numbered(7, steps(0, 3), "a_")
DEPRESSION = numbered(7, steps(0, 3), "d_")
ITEMS: dict[str, Codes] = {**ANXIETY, **DEPRESSION}
SCORES = ("hads_a", "hads_d")
SETTINGS: dict[str, Any] = {"max_missing": 3}
OPTIONS: dict[str, tuple[Any, ...]] = {"max_missing": steps(0, 6)}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Sum each half, missing items replaced by the person's mean of that half."""
    allowed = int(settings["max_missing"])
    anxiety = prorate(take(items, tuple(ANXIETY)), allowed)
    depression = prorate(take(items, tuple(DEPRESSION)), allowed)
    notes = {
        **count_rules(anxiety, allowed, "anxiety"),
        **count_rules(depression, allowed, "depression"),
    }
    return Scored(frame(items, hads_a=anxiety.total, hads_d=depression.total), notes)
