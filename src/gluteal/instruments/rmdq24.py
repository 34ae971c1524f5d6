"""Roland-Morris Disability Questionnaire, 24 items of yes (1) or no (0).

Rule: number of yes. There is "no standard method" for missing items (Kent and Lauridsen) [V]:
``proportional``, 24 × yes / answered with up to ``max_missing`` missing (default, 2) [D]; ``no``,
an unanswered item counts as no, whatever their number [M]; ``missing``, no score. A form of 23
items exists and is another instrument: an item that nobody answered is refused.
Constants: ``mic_rmdq``, ``mdc_rmdq95`` [M], ``cut_rmdq_recovered``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluteal.errors import Fault, UserError
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

    from gluteal.instruments.scale import Floats

NAME = "rmdq24"
ITEMS: dict[str, Codes] = numbered(24, (0, 1))
SCORES = ("rmdq_0_24",)
SETTINGS: dict[str, Any] = {"rule": "proportional", "max_missing": 2}
OPTIONS: dict[str, tuple[Any, ...]] = {
    "rule": ("proportional", "no", "missing"),
    "max_missing": steps(0, 23),
}
ENOUGH = 10


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Count the yes answers, missing items by the chosen rule."""
    import numpy as np

    answers = take(items, tuple(ITEMS))
    _refuse_other_forms(answers)
    rule = settings["rule"]
    if rule == "no":
        answered = ~np.isnan(answers).all(axis=1)
        total = np.where(answered, np.nansum(answers, axis=1), np.nan)
        gaps = answered & np.isnan(answers).any(axis=1)
        notes = {"complete": int((answered & ~gaps).sum()), "missing read as no": int(gaps.sum())}
        return Scored(frame(items, rmdq_0_24=total), notes)
    allowed = 0 if rule == "missing" else int(settings["max_missing"])
    found = prorate(answers, allowed)
    return Scored(frame(items, rmdq_0_24=found.total), count_rules(found, allowed))


def _refuse_other_forms(answers: Floats) -> None:
    import numpy as np

    here = ~np.isnan(answers)
    respondents = int(here.any(axis=1).sum())
    unasked = [key for place, key in enumerate(ITEMS) if not here[:, place].any()]
    if respondents >= ENOUGH and unasked:
        raise UserError(
            [
                Fault(
                    "responses",
                    f"none of {respondents} questionnaires answers this item of {NAME}",
                    "The form of 23 items is another instrument: it cannot be scored as this one.",
                    column=key,
                )
                for key in unasked
            ]
        )
