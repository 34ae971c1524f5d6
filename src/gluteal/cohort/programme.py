"""The programme as it went between visits: dose, stage, pain and form of the sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.measures.adherence import adherence, adherence_to_date, volume

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.roster import Roster

DAYS = 7
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def sessions_by_visit(sessions: pd.DataFrame, who: Codes, roster: Roster) -> dict[str, Any]:
    """Sum up the sessions that each visit can look back on.

    A session belongs to the first visit after its day: one on the day of a visit comes after the
    measurements of that visit. Sessions after the last visit belong to none.

    Parameters
    ----------
    sessions : DataFrame
        The sessions.
    who : array of int
        Place of each row's person; -1 for those not analysed.
    roster : Roster
        People and visits.

    Returns
    -------
    dict
        Columns of the visits. ``adherence_interval``, ``session_pain_mean`` and
        ``neutral_spine_share`` are of the sessions since the visit before, missing where there
        was none; ``adherence_to_date`` and ``stage_at_visit`` are of all sessions until then.
    """
    here = sessions[who >= 0]
    visits = len(roster.visits)
    order = np.lexsort((roster.week, roster.who))
    row = _next_visit(_numbers(here, "study_day"), who[who >= 0], roster, order)
    here, row = here[row >= 0], row[row >= 0]
    done = volume(_numbers(here, "done_sets"), _numbers(here, "done_reps"))
    asked = volume(_numbers(here, "rx_sets"), _numbers(here, "rx_reps"))
    so_far = np.full(visits, np.nan)
    so_far[order] = adherence_to_date(done, asked, row, order, roster.who[order])
    return {
        "adherence_interval": adherence(done, asked, row, visits),
        "adherence_to_date": so_far,
        "stage_at_visit": _stages(here, done, row, roster, order),
        "session_pain_mean": _mean(_numbers(here, "pain_during_0_10"), row, visits),
        "neutral_spine_share": _mean(_numbers(here, "neutral_spine_ok"), row, visits),
    }


def _numbers(table: pd.DataFrame, name: str) -> Floats:
    """Return a column as numbers; missing throughout where the table lacks it."""
    return table[name].to_numpy("float64") if name in table else np.full(len(table), np.nan)


def _next_visit(day: Floats, who: Codes, roster: Roster, order: Codes) -> Codes:
    """Return the row of the first visit after each session's day; -1 where there is none."""
    when = (roster.week * DAYS)[order]
    days = np.concatenate([when, day])
    days = days[np.isfinite(days)]
    first, last = (float(days.min()), float(days.max())) if len(days) else (0.0, 0.0)
    span = last - first + 2  # wider than any two days: people never overlap on one line
    owner = roster.who[order]
    known = np.isfinite(day)
    key = who * span + np.where(known, day, first) - first
    at = np.searchsorted(owner * span + when - first, key, side="right")
    inside = np.minimum(at, len(order) - 1)
    found = known & (at < len(order)) & (owner[inside] == who)
    return np.where(found, order[inside], -1)


def _mean(values: Floats, row: Codes, visits: int) -> Floats:
    there = ~np.isnan(values)
    n = np.bincount(row[there], minlength=visits)
    total = np.bincount(row[there], weights=values[there], minlength=visits)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)


def _stages(
    sessions: pd.DataFrame, done: Floats, row: Codes, roster: Roster, order: Codes
) -> Floats:
    """Return the number of the highest stage in which anything was done before each visit."""
    from gluteal.variables import variables

    levels = [float(level) for level in variables()["stage_at_visit"].levels]
    top = np.full(len(order), -1, dtype=np.int64)
    if "stage" in sessions:
        places = {f"{level:g}": n for n, level in enumerate(levels)}
        stage = sessions["stage"].map(places).to_numpy("float64")
        counted = ~np.isnan(stage) & ((done > 0) | ~np.isfinite(done).any())
        np.maximum.at(top, row[counted], stage[counted].astype(np.int64))
    # A running maximum on the line of all visits, each person lifted above the ones before.
    lift = roster.who[order] * (len(levels) + 1)
    found = np.empty_like(top)
    found[order] = np.maximum.accumulate(top[order] + lift) - lift
    return np.array([*levels, np.nan])[found]
