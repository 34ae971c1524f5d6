"""Oswestry Disability Index 2.1a: 10 items of 0 to 5, in percent.

Rule: 100 × sum / (5 × answered items). No single rule for missing items exists: the program of
the AO scores with one missing, by mean imputation, which is the same number
(http://fmwww.bc.edu/RePEc/bocode/o/odi.html) [V]; common guides take five from the denominator
for each and state no limit [V]. Default ``max_missing: 1``; 2 is the usual sensitivity. Item 8 is
left out most often and is tallied apart; it still counts as missing.

Trap: some files code the items 1 to 6. They are refused unless ``recode`` says how to read them.
Constants: ``mic_odi``, ``mdc_odi90``.
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

NAME = "odi"
ITEMS: dict[str, Codes] = numbered(10, steps(0, 5))
SCORES = ("odi_pct", "odi_item_8")
SETTINGS: dict[str, Any] = {"max_missing": 1}
OPTIONS: dict[str, tuple[Any, ...]] = {"max_missing": steps(0, 9)}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Score by the answered items' own denominator, up to ``max_missing`` missing."""
    import numpy as np

    answers = take(items, tuple(ITEMS))
    allowed = int(settings["max_missing"])
    found = prorate(answers, allowed)
    item_8 = answers[:, 7]
    notes = count_rules(found, allowed)
    answered = ~np.isnan(answers).all(axis=1)
    notes["item 8 missing"] = int((np.isnan(item_8) & answered).sum())
    return Scored(frame(items, odi_pct=2 * found.total, odi_item_8=item_8), notes)
