"""Pain sites of the body chart, each 0 (no) or 1 (yes).

Rule: as given [D] (domain note 1.7). A site not marked is 0 only if the file says 0: a missing
answer stays missing. Sacroiliac means within about 2 cm of the posterior superior spine [M]; pain
at either side's joint is one more variable, 0 only where both sides say 0.
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
EITHER_SI = "pain_site_si"
SCORES = (*(f"pain_site_{site}" for site in SITES), EITHER_SI)
SETTINGS: dict[str, Any] = {}
OPTIONS: dict[str, tuple[Any, ...]] = {}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Return each site as the variable it is, and pain at the sacroiliac joint of any side."""
    import numpy as np

    made = as_given(items, {site: f"pain_site_{site}" for site in SITES})
    sides = made.scores[["pain_site_left_si", "pain_site_right_si"]].to_numpy(dtype=float)
    one, both = (sides == 1).any(1), ~np.isnan(sides).any(1)
    made.scores[EITHER_SI] = np.where(one, 1.0, np.where(both, 0.0, np.nan))
    return made
