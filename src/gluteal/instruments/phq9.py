"""Patient Health Questionnaire, nine items of 0 to 3, sum 0 to 27.

Rule: up to two missing, sum × 9 / answered, rounded to the nearest whole number (a half goes up);
with three or more missing there is no score (CMS OASIS specification) [V]. Constants:
``cut_phq9_mild`` ... ``cut_phq9_severe`` [M], ``mic_phq9`` [M].

Item 9 asks about self-harm: ``flag_safety`` names the questionnaires that a clinician has to see.
The flag is no score: it is derived as ``phq9_safety``, which no analysis can take from the tables
and no report shows; only the list for a clinician names it.
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

    from gluteal.instruments.scale import Flags

NAME = "phq9"
ITEMS: dict[str, Codes] = numbered(9, steps(0, 3))
SCORES = ("phq9", "phq9_safety")
SETTINGS: dict[str, Any] = {"max_missing": 2}
OPTIONS: dict[str, tuple[Any, ...]] = {"max_missing": steps(0, 8)}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Sum the items; a prorated sum is rounded to a whole number."""
    import numpy as np

    allowed = int(settings["max_missing"])
    found = prorate(take(items, tuple(ITEMS)), allowed)
    # The tiny addition lets 4.5 stay a half where 4 * (9 / 8) falls one bit short of it.
    total = np.floor(found.total + 0.5 + 1e-9)
    asked = ~np.isnan(take(items, ("item_9",))[:, 0])
    flag = np.where(asked, flag_safety(items), np.nan)
    return Scored(frame(items, phq9=total, phq9_safety=flag), count_rules(found, allowed))


def flag_safety(items: pd.DataFrame) -> Flags:
    """Say which questionnaires answer item 9 with anything but 0; for a clinician, at once."""
    return take(items, ("item_9",))[:, 0] > 0
