"""NIH Task Force impact score of chronic low back pain: intensity, interference, function.

Rule: pain of the last week (0 to 10) + four interference items (1 to 5) + four function items,
reversed (6 - answer, so that 5 = without difficulty adds 1): 8 to 50
(https://doi.org/10.1186/s12891-022-05834-4) [V]. All nine items are needed [D]. Constants:
``cut_nih_impact_moderate`` [M], ``cut_nih_impact_severe`` [M].
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

NAME = "nih_impact"
INTERFERENCE = ("pi_day_to_day", "pi_work_home", "pi_social", "pi_chores")
FUNCTION = ("pf_chores", "pf_stairs", "pf_walk_15", "pf_errands")
ITEMS: dict[str, Codes] = {
    "pain_7d": steps(0, 10),
    **{key: steps(1, 5) for key in (*INTERFERENCE, *FUNCTION)},
}
SCORES = ("nih_impact",)
SETTINGS: dict[str, Any] = {}
OPTIONS: dict[str, tuple[Any, ...]] = {}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Add pain, interference and lost function; all nine items or none."""
    answers = take(items, tuple(ITEMS))
    answers[:, 5:] = 6 - answers[:, 5:]
    found = prorate(answers, 0)
    return Scored(frame(items, nih_impact=found.total), count_rules(found, 0))
