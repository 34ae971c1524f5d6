"""STarT Back screening tool: nine items, total 0 to 9, psychosocial 0 to 5, and the risk class.

Rule (Keele): low, total up to 3; medium, total from 4 and psychosocial up to 3; high,
psychosocial from 4 [V]. The psychosocial items are fear, worry, catastrophise, enjoy and
bothersome. Items are keyed by NAME: printed orders differ, and numbers would mix them up [V].
Agree is 1, disagree 0; bothersomeness counts from "very much" (3 of 0 to 4). A class is given
with items missing only if no answer to them could change it [D]; totals need all their items.
Constants: ``cut_startback_total``, ``cut_startback_psych``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluteal.constants import constant
from gluteal.instruments.scale import Codes, Scored, Settings, frame, label, steps, take

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.instruments.scale import Floats

NAME = "startback9"
PSYCH = ("fear", "worry", "catastrophise", "enjoy", "bothersome")
PHYSICAL = ("leg_pain", "neck_shoulder", "walk", "dress")
SCALES: dict[str, tuple[int, ...]] = {"0-4": steps(0, 4), "1-5": steps(1, 5), "0-1": (0, 1)}
VERY = {"0-4": 3, "1-5": 4, "0-1": 1}
ITEMS: dict[str, Codes] = {
    **{key: (0, 1) for key in (*PHYSICAL, *PSYCH[:-1])},
    "bothersome": SCALES["0-4"],
}
SCORES = ("startback_total", "startback_psych", "startback_class")
SETTINGS: dict[str, Any] = {"bothersome": "0-4"}
OPTIONS: dict[str, tuple[Any, ...]] = {"bothersome": tuple(SCALES)}
CLASSES = ("low", "medium", "high")


def items(settings: Settings) -> dict[str, Codes]:
    """Return the allowed answers: bothersomeness on the scale that the study used."""
    return {**ITEMS, "bothersome": SCALES[settings["bothersome"]]}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Score totals from complete items, and the class where missing ones cannot change it."""
    import numpy as np

    answers = take(items, (*PHYSICAL, *PSYCH))
    scale = settings["bothersome"]
    last = answers[:, -1]
    known = last[~np.isnan(last)]
    answers[:, -1] = np.where(np.isnan(last), np.nan, last >= VERY[scale])
    psych = answers[:, len(PHYSICAL) :]
    lowest, highest = (_classes(np.where(np.isnan(answers), x, answers)) for x in (0.0, 1.0))
    some = ~np.isnan(answers).all(axis=1)
    sure = (lowest == highest) & some
    gaps = np.isnan(answers).any(axis=1)
    notes = {
        "complete": int((~gaps).sum()),
        "class certain despite missing items": int((sure & gaps).sum()),
        "no class (missing items could change it)": int((some & ~sure).sum()),
    }
    if scale == "0-4" and known.size >= 20 and float(known.max()) <= 1:
        notes["query: bothersome never over 1; declare bothersome: 0-1 if so"] = known.size
    return Scored(
        frame(
            items,
            startback_total=answers.sum(axis=1),
            startback_psych=psych.sum(axis=1),
            startback_class=label(lowest, CLASSES, sure),
        ),
        notes,
    )


def _classes(answers: Floats) -> Any:
    """Return 0 low, 1 medium, 2 high of complete answers; it rises with each item."""
    import numpy as np

    psych = answers[:, len(PHYSICAL) :].sum(axis=1)
    high = psych >= constant("cut_startback_psych").value
    medium = answers.sum(axis=1) >= constant("cut_startback_total").value
    return np.where(high, 2, np.where(medium, 1, 0))
