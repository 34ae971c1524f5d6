"""International Physical Activity Questionnaire, short form: days and minutes of a week.

Rules of the IPAQ protocol (2005): MET-min/week = 3.3 walking + 4.0 moderate + 8.0 vigorous, each
minutes × days [V]. A missing day or minute excludes the person [V], but an activity of 0 days
needs no minutes: the form skips them [D]. Over 960 minutes a day in all excludes [V]; each
activity is cut at 180 minutes a day [V]; bouts under 10 minutes count as none, days too [M].
High: vigorous on 3 days and 1500 in all, or 7 days of anything and 3000. Moderate: 3 days of
20 vigorous minutes, or 5 of 30 moderate or walking, or 5 days of anything and 600. Else low [V].
Sitting time is no part of it. Valid for ages 15 to 69 [V]. Constants: ``met_*``, ``cut_ipaq_*``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluteal.constants import constant
from gluteal.instruments.scale import Codes, Interval, Scored, Settings, frame, label, steps, take

if TYPE_CHECKING:
    import pandas as pd

NAME = "ipaq_sf"
KINDS = ("vig", "mod", "walk")
ITEMS: dict[str, Codes] = {
    **{f"{kind}_days": steps(0, 7) for kind in KINDS},
    **{f"{kind}_min": Interval(0, 1440) for kind in KINDS},
    "sit_min": Interval(0, 1440),
}
SCORES = ("ipaq_met_min_wk", "log_met", "ipaq_class")
SETTINGS: dict[str, Any] = {}
CLASSES = ("low", "moderate", "high")
OPTIONS: dict[str, tuple[Any, ...]] = {}


def _cut(name: str) -> float:
    return constant(f"cut_ipaq_{name}").value


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Exclude, clean and truncate as the protocol says, then total and class."""
    import numpy as np

    days = take(items, tuple(f"{kind}_days" for kind in KINDS))
    minutes = take(items, tuple(f"{kind}_min" for kind in KINDS))
    answered = ~(np.isnan(days).all(axis=1) & np.isnan(minutes).all(axis=1))
    minutes = np.where(days == 0, 0.0, minutes)
    missing = np.isnan(days).any(axis=1) | np.isnan(minutes).any(axis=1)
    # NaN is never over the limit: a missing answer excludes for its own reason.
    implausible = minutes.sum(axis=1) > _cut("day_min")
    kept = ~missing & ~implausible
    short = (minutes > 0) & (minutes < _cut("bout_min"))
    minutes, days = np.where(short, 0.0, minutes), np.where(short, 0.0, days)
    days = np.where(minutes == 0, 0.0, days)
    long = minutes > _cut("truncate_min")
    minutes = np.minimum(minutes, _cut("truncate_min"))
    met = np.array([constant(f"met_{kind}").value for kind in KINDS])
    total = np.where(kept, (met * minutes * days).sum(axis=1), np.nan)
    vig, mod, walk = days.T
    vig_min, mod_min, walk_min = minutes.T
    every = days.sum(axis=1)
    high = (vig >= 3) & (total >= _cut("high_vig"))
    high |= (every >= 7) & (total >= _cut("high_any"))
    steady = np.where(mod_min >= _cut("steady_min"), mod, 0.0)
    steady += np.where(walk_min >= _cut("steady_min"), walk, 0.0)
    moderate = ((vig >= 3) & (vig_min >= _cut("vig_min"))) | (steady >= 5)
    moderate |= (every >= 5) & (total >= _cut("moderate_any"))
    place = np.where(high, 2, np.where(moderate, 1, 0))
    notes = {
        "scored": int(kept.sum()),
        "excluded (a day or minute missing)": int((answered & missing).sum()),
        "excluded (over 960 minutes a day)": int((~missing & implausible).sum()),
        "bouts under 10 minutes counted as none": int((kept & short.any(axis=1)).sum()),
        "truncated to 180 minutes a day": int((kept & long.any(axis=1)).sum()),
    }
    return Scored(
        frame(
            items,
            ipaq_met_min_wk=total,
            log_met=np.log1p(total),
            ipaq_class=label(place, CLASSES, kept),
        ),
        notes,
    )
