"""Global perceived effect, seven ordered answers; an anchor of change.

Rule: as given, 1 to 7 [D]; the study's config says which end means better. Transition ratings can
disagree with the change of scores (https://pmc.ncbi.nlm.nih.gov/articles/PMC4419506) [V].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluteal.instruments.scale import Codes, Scored, Settings, as_given, steps

if TYPE_CHECKING:
    import pandas as pd

NAME = "gpe7"
ITEMS: dict[str, Codes] = {"change": steps(1, 7)}
SCORES = ("gpe7",)
SETTINGS: dict[str, Any] = {}
OPTIONS: dict[str, tuple[Any, ...]] = {}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Return the rating as the variable it is."""
    return as_given(items, {"change": NAME})
