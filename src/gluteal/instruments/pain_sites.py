"""Pain sites of the body chart, each 0 (no) or 1 (yes).

Rule: as given [D] (domain note 1.7). A site not marked is 0 only if the file says 0: a missing
answer stays missing. Sacroiliac means within about 2 cm of the posterior superior spine [M].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluteal.instruments.scale import Codes, Scored, Settings, as_given

if TYPE_CHECKING:
    import pandas as pd

NAME = "pain_sites"
SITES = (
    "central",
    "left_lumbar",
    "right_lumbar",
    "left_si",
    "right_si",
    "buttock",
    "leg_above",
    "leg_below",
)
ITEMS: dict[str, Codes] = {site: (0, 1) for site in SITES}
SCORES = tuple(f"pain_site_{site}" for site in SITES)
SETTINGS: dict[str, Any] = {}
OPTIONS: dict[str, tuple[Any, ...]] = {}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Return each site as the variable it is."""
    return as_given(items, {site: f"pain_site_{site}" for site in SITES})
