"""Tampa Scale of Kinesiophobia, 11 items of 1 to 4, keyed by their TSK-17 numbers.

Rule: sum (11 to 44) of items 1, 2, 3, 6, 7, 9, 11, 13, 14, 15, 17 of the TSK-17, none reversed
(https://pmc.ncbi.nlm.nih.gov/articles/PMC7302674) [V]; prorated with at least 80 % answered,
that is 9 of 11 [D]. Constant: ``mic_tsk11`` [M].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluteal.instruments.scale import (
    Codes,
    Scored,
    Settings,
    count_rules,
    frame,
    prorate,
    steps,
    take,
)

if TYPE_CHECKING:
    import pandas as pd

NAME = "tsk11"
NUMBERS = (1, 2, 3, 6, 7, 9, 11, 13, 14, 15, 17)
ITEMS: dict[str, Codes] = {f"item_{number}": steps(1, 4) for number in NUMBERS}
SCORES = ("tsk11",)
SETTINGS: dict[str, Any] = {"max_missing": 2}
OPTIONS: dict[str, tuple[Any, ...]] = {"max_missing": steps(0, 10)}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Sum the items, missing ones replaced by the person's mean."""
    allowed = int(settings["max_missing"])
    found = prorate(take(items, tuple(ITEMS)), allowed)
    return Scored(frame(items, tsk11=found.total), count_rules(found, allowed))
