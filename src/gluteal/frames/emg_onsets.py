"""Which muscle fires before gluteus maximus: by side, missing where an onset was not detected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.errors import UserError
from gluteal.frames.design import numeric_column
from gluteal.frames.emg import Rise, fit_rise
from gluteal.frames.emg_coupling import HELPERS, MUSCLES
from gluteal.notation import HIDDEN, write_count, write_number

if TYPE_CHECKING:
    import pandas as pd

AGAINST = "gmax"


@dataclass(frozen=True)
class Order:
    """One muscle's onset against that of gluteus maximus.

    Attributes
    ----------
    both, first, lost : int
        Rows with both onsets; of these, rows in which the muscle fires first; rows of the task in
        which one of the two was not detected.
    delay_ms, delay_sd_ms : float
        Onset of the muscle less that of gluteus maximus: below 0, it fires before.
    earlier, later : Rise or None
        Along the exposure: the chance to fire first, and the delay (ms).
    """

    muscle: str
    both: int
    first: int
    lost: int
    delay_ms: float
    delay_sd_ms: float
    earlier: Rise | None
    later: Rise | None
    fault: str = ""


def add_delays(frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``delay <muscle>`` (ms) and ``first <muscle>`` (0/1) to the columns of ``take_emg``."""
    base = f"emg_{AGAINST}_onset_ms"
    more: dict[str, Any] = {}
    for muscle in HELPERS:
        name = f"emg_{muscle}_onset_ms"
        if name in frame and base in frame:
            delay = numeric_column(frame, name) - numeric_column(frame, base)
            more[f"delay {muscle}"] = delay
            more[f"first {muscle}"] = np.where(np.isnan(delay), np.nan, (delay < 0).astype(float))
    return frame.assign(**more)


def order_onsets(frame: pd.DataFrame, exposure: str, covariates: Sequence[str]) -> list[Order]:
    """Compare each muscle's onset with that of gluteus maximus, overall and along the exposure."""
    found: list[Order] = []
    for muscle in HELPERS:
        if f"delay {muscle}" not in frame:
            continue
        delay = numeric_column(frame, f"delay {muscle}")
        known = delay[np.isfinite(delay)]
        if not len(known):
            continue
        fault, rises = "", []
        for column in (f"first {muscle}", f"delay {muscle}"):
            try:
                rises.append(fit_rise(frame, column, exposure, covariates, log=False))
            except UserError as error:
                fault = str(error)
                rises.append(None)
        active = numeric_column(frame, f"emg_{muscle}_rms_uv") if _has(frame, muscle) else delay
        lost = int((np.isfinite(active) & np.isnan(delay)).sum())
        spread = float(known.std(ddof=1)) if len(known) > 1 else float("nan")
        numbers = (len(known), int((known < 0).sum()), lost, float(known.mean()), spread)
        found.append(Order(muscle, *numbers, *rises, fault=fault))
    return found


def _has(frame: pd.DataFrame, muscle: str) -> bool:
    return f"emg_{muscle}_rms_uv" in frame


def tabulate_orders(orders: Sequence[Order], least: int = 5) -> list[dict[str, Any]]:
    """Write the display table; a share of a small count stays hidden."""
    rows: list[dict[str, Any]] = []
    for one in orders:
        small = min(one.first, one.both - one.first)
        hidden = 0 < small < least
        share = HIDDEN if hidden else f"{100 * one.first / one.both:.0f} %"
        words = (write_number(v, decimals=0) for v in (one.delay_ms, one.delay_sd_ms))
        delay = "{} ({})".format(*words)
        rows.append(
            {
                "Muscle": MUSCLES[one.muscle],
                "Both onsets": write_count(one.both, least),
                "Before gluteus maximus": share,
                "Delay, ms (SD)": delay if one.both >= least else HIDDEN,
                "Not detected": write_count(one.lost, least),
            }
        )
    return rows
