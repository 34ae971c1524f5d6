"""How far a finding on EMG may be trusted: coupling, raw microvolts, silence, values over 100 %."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.estimators.checks import check, check_model
from gluteal.frames.design import numeric_column
from gluteal.frames.emg import muscles_in
from gluteal.frames.emg_coupling import MUSCLES, find_coupling, read_measure
from gluteal.frames.emg_onsets import Order
from gluteal.notation import HIDDEN, write_count, write_number

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.frames.emg_rows import Compensation

FEW, SHARE = 40, 0.05
LOST = 0.2
Checks = list[dict[str, Any]]


def check_emg(
    made: Compensation, rows: Sequence[Mapping[str, Any]], orders: Sequence[Order]
) -> Checks:
    """Check a question on EMG.

    Parameters
    ----------
    rows : sequence of mapping
        All its estimates.
    """
    found = _coupling(made) + _denominators(made, rows)
    found += check_model(made.main.model, made.main.outcome, 1, len(made.frame))
    people = made.main.people
    if people < len(made.main.person):
        text = "people; few make clustered errors uncertain, which the CR2 df allow for"
        found.append(check("clusters", people, f">= {FEW}", people >= FEW, text))
    found += _values(made.frame)
    for one in orders:
        share = one.lost / (one.lost + one.both)
        text = "share of rows without one of the two onsets; it is missing there, never 0"
        title = f"onsets not detected, {MUSCLES[one.muscle]}"
        found.append(check(title, share, f"<= {LOST}", share <= LOST, text))
    return found


def _coupling(made: Compensation) -> Checks:
    """Say what the headline's outcome shares with its exposure."""
    held = read_measure(made.outcome)
    how = find_coupling(made.exposure, made.outcome)
    text = "0: the exposure is no part of the outcome"
    if how == "denominator":
        text = (
            "the ratio is divided by gluteus maximus in % of its maximal effort: where weak people "
            "reach a lower maximum, the ratio falls with weakness and hides compensation; read the "
            "erector spinae and hamstrings alone"
        )
    found = [check("exposure inside the outcome", float(bool(how)), "0", not how, text)]
    if held and held.scale == "rms_uv":
        text = "raw µV differ between people by skin, fat and electrodes; compare % and MVIC"
        found.append(check("raw amplitude across people", 1.0, "0", False, text))
    return found


def _denominators(made: Compensation, rows: Sequence[Mapping[str, Any]]) -> Checks:
    """Follow each muscle's maximum along the exposure: it divides the % of that muscle."""
    found: Checks = []
    by = {row["outcome"]: row for row in rows if row.get("role") == "secondary"}
    for muscle in muscles_in(made.frame, list(MUSCLES)):
        raw, top, share = (by.get(f"emg_{muscle}_{s}") for s in ("rms_uv", "mvic_uv", "pct_mvic"))
        if top is None or not top.get("converged"):
            continue
        moves = top["low"] > 1 or top["high"] < 1
        text = (
            "ratio of maximal contractions along the exposure; away from 1 it moves the % MVIC "
            "without any change of activity"
        )
        name = f"maximum along the exposure, {MUSCLES[muscle]}"
        found.append(check(name, top["estimate"], "interval holds 1", not moves, text))
        if raw is None or share is None or not (raw["converged"] and share["converged"]):
            continue
        seen = share["low"] > 1 or share["high"] < 1
        most = abs(log(top["estimate"])) > abs(log(raw["estimate"]))
        if seen and moves and most:
            text = (
                "most of what the % MVIC changes along the exposure is the maximal effort in its "
                "denominator, not compensation: the raw amplitude changes less"
            )
            name = f"mostly the denominator, {MUSCLES[muscle]}"
            found.append(check(name, share["estimate"], "", False, text))
    return found


def _values(frame: pd.DataFrame) -> Checks:
    """Count values over 100 % MVIC, which are kept, and silent muscles, which have no logarithm."""
    over, silent, n = 0, 0, 0
    for muscle in muscles_in(frame, list(MUSCLES)):
        share = numeric_column(frame, f"emg_{muscle}_pct_mvic")
        raw = numeric_column(frame, f"emg_{muscle}_rms_uv")
        over += int((share > 100).sum())
        silent += int((raw == 0).sum())
        n += int(np.isfinite(share).sum())
    if not n:
        return []
    text = "share of values over 100 % MVIC: possible, kept; many say that maxima were too low"
    found = [check("values over 100 % MVIC", over / n, f"<= {SHARE}", over <= SHARE * n, text)]
    text = "share of amplitudes of 0, which have no logarithm and are left out"
    found.append(check("silent muscles", silent / n, "0", silent == 0, text))
    return found


def tabulate_activity(frame: pd.DataFrame, least: int = 5) -> list[dict[str, Any]]:
    """Show raw, MVIC and % of each muscle together: geometric means, and values over 100 %."""
    rows: list[dict[str, Any]] = []
    for muscle in muscles_in(frame, list(MUSCLES)):
        logs = {
            scale: numeric_column(frame, f"ln emg_{muscle}_{scale}")
            for scale in ("rms_uv", "mvic_uv", "pct_mvic")
        }
        whole = np.isfinite(np.column_stack(list(logs.values()))).all(1)
        n = int(whole.sum())
        over = int((numeric_column(frame, f"emg_{muscle}_pct_mvic") > 100).sum())
        hide = n < least

        def mean(scale: str, logs: Any = logs, whole: Any = whole, hide: bool = hide) -> str:
            return HIDDEN if hide else write_number(float(np.exp(logs[scale][whole].mean())))

        rows.append(
            {"Muscle": MUSCLES[muscle], "Rows": write_count(n, least),
             "Raw, µV": mean("rms_uv"), "MVIC, µV": mean("mvic_uv"), "% MVIC": mean("pct_mvic"),
             "Over 100 %": write_count(over, least)}
        )  # fmt: skip
    return rows
