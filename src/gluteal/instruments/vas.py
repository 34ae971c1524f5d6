"""Visual analogue scale of pain, 0 to 100 mm.

Rule: millimetres as given [D]. A file in centimetres has to say so (``unit: cm``) and is then
multiplied by ten; an undeclared one cannot be told from mild pain, so it is only noted.
Constants: ``mic_vas``, ``mdc_vas_low``, ``mdc_vas_high`` [M].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluteal.instruments.scale import Codes, Interval, Scored, Settings, frame, take

if TYPE_CHECKING:
    import pandas as pd

NAME = "vas"
ITEMS: dict[str, Codes] = {"mm": Interval(0, 100)}
SCORES = ("vas_mm",)
SETTINGS: dict[str, Any] = {"unit": "mm"}
OPTIONS: dict[str, tuple[Any, ...]] = {"unit": ("mm", "cm")}


def items(settings: Settings) -> dict[str, Codes]:
    """Return the allowed answers: 0 to 10 where the file is in centimetres."""
    return {"mm": Interval(0, 10)} if settings["unit"] == "cm" else ITEMS


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Return millimetres; note a whole column that looks like centimetres."""
    import numpy as np

    value = take(items, ("mm",))[:, 0]
    if settings["unit"] == "cm":
        return Scored(frame(items, vas_mm=10 * value), {"converted from cm": _count(value)})
    known = value[~np.isnan(value)]
    low = known.size >= 20 and float(known.max()) <= 10
    notes = {"query: no value over 10 mm; declare unit: cm if so": known.size} if low else {}
    return Scored(frame(items, vas_mm=value), notes)


def _count(value: Any) -> int:
    return int((value == value).sum())
