"""Patient-Specific Functional Scale: 3 to 5 activities of the person's own, each 0 to 10.

Rule: mean of the answered activities; the set is fixed at baseline and the same at each visit
(https://pmc.ncbi.nlm.nih.gov/articles/PMC3036014) [V]. An activity that the person did not name
at baseline is left out; a baseline set under ``min_activities`` (3) is not scored [D]. A person
without a baseline is not scored, since the set is unknown. Constants: ``mic_psfs`` [M],
``mdc_psfs_mean`` [M].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluteal.instruments.scale import Codes, Scored, Settings, frame, numbered, steps, take

if TYPE_CHECKING:
    import pandas as pd

NAME = "psfs"
ITEMS: dict[str, Codes] = numbered(5, steps(0, 10), "activity_")
SCORES = ("psfs_0_10",)
SETTINGS: dict[str, Any] = {"min_activities": 3, "baseline": "baseline"}
OPTIONS: dict[str, tuple[Any, ...]] = {"min_activities": steps(1, 5)}


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Average the activities of each person's baseline set; the index is person × visit."""
    import numpy as np

    answers = take(items, tuple(ITEMS))
    here = ~np.isnan(answers)
    people = items.index.get_level_values("participant_id")
    first = np.asarray(items.index.get_level_values("visit") == settings["baseline"])
    codes, names = people.factorize()
    chosen = np.zeros((len(names), len(ITEMS)), dtype=bool)
    chosen[codes[first]] = here[first]
    own = chosen[codes]
    enough = own.sum(axis=1) >= int(settings["min_activities"])
    used = here & own
    count = used.sum(axis=1)
    scored = enough & (count > 0)
    total = np.where(used, answers, 0.0).sum(axis=1)
    mean = np.where(scored, total / np.maximum(count, 1), np.nan)
    answered = here.any(axis=1)
    notes = {
        "complete": int((scored & (count == own.sum(axis=1))).sum()),
        "some of the baseline set missing": int((scored & (count < own.sum(axis=1))).sum()),
        "activities not of the baseline set left out": int((scored & (here & ~own).any(1)).sum()),
        "not scored (baseline set unknown or too small)": int((answered & ~enough).sum()),
        "not scored (none of the baseline set answered)": int((answered & enough & ~scored).sum()),
    }
    return Scored(frame(items, psfs_0_10=mean), notes)
