"""The three aggravating activities: pain 0 to 10 during each, and minutes until it starts.

Rule: as given [D] (domain note 1.7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluteal.instruments.scale import Codes, Interval, Scored, Settings, as_given, steps

if TYPE_CHECKING:
    import pandas as pd

NAME = "aggravation"
ACTIVITIES = ("stand", "walk", "sit_to_stand")
ITEMS: dict[str, Codes] = {
    **{key: steps(0, 10) for key in ACTIVITIES},
    **{f"{key}_min": Interval(0, 600) for key in ACTIVITIES},
}
SCORES = tuple(f"agg_{key}" for key in ITEMS)
SETTINGS: dict[str, Any] = {}
OPTIONS: dict[str, tuple[Any, ...]] = {}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Return each rating and each time as the variable it is."""
    return as_given(items, {key: f"agg_{key}" for key in ITEMS})
