"""Tampa Scale of Kinesiophobia, 17 items of 1 to 4.

Rule: items 4, 8, 12 and 16 are reversed (5 - answer), then the sum, 17 to 68 [M]; prorated with
at least 80 % answered, that is 14 of 17 [D]. Answers come as ticked; a file that
already reversed the four says ``reversed: true``. Constants: ``cut_tsk17_high`` [M],
``mean_tsk17_men``, ``mean_tsk17_women``.
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

NAME = "tsk17"
ITEMS: dict[str, Codes] = numbered(17, steps(1, 4))
REVERSED = (4, 8, 12, 16)
SCORES = ("tsk17",)
SETTINGS: dict[str, Any] = {"max_missing": 3, "reversed": False}
OPTIONS: dict[str, tuple[Any, ...]] = {"max_missing": steps(0, 16), "reversed": (False, True)}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Reverse the four items (unless the file did: ``reversed``), then sum."""
    answers = take(items, tuple(ITEMS))
    if not settings["reversed"]:
        columns = [number - 1 for number in REVERSED]
        answers[:, columns] = 5 - answers[:, columns]
    allowed = int(settings["max_missing"])
    found = prorate(answers, allowed)
    return Scored(frame(items, tsk17=found.total), count_rules(found, allowed))
