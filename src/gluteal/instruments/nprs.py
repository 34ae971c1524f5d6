"""Numeric pain rating scale, 0 to 10: average of the last week, now, worst, least.

Rule: as given, whole numbers; the one-week average is the core-set outcome
(https://pmc.ncbi.nlm.nih.gov/articles/PMC5828378) [V]. Constants:
``mic_nprs``, ``mdc_nprs`` [M].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluteal.instruments.scale import Codes, Scored, Settings, as_given, steps

if TYPE_CHECKING:
    import pandas as pd

NAME = "nprs"
ITEMS: dict[str, Codes] = {key: steps(0, 10) for key in ("avg", "now", "worst", "best")}
SCORES = ("nprs_avg", "nprs_now", "nprs_worst", "nprs_best")
SETTINGS: dict[str, Any] = {}
OPTIONS: dict[str, tuple[Any, ...]] = {}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Return each rating as the variable it is."""
    return as_given(items, {key: f"nprs_{key}" for key in ITEMS})
