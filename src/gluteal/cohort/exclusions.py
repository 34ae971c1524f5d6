"""Who is not analysed and why, and the flow from screening to the analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.roster import Roster

STAGES = ("screened", "eligible", "enrolled", "allocated")
NEEDED = STAGES[:3]
"""Stages that a person must have reached to be analysed; pain-free people are not allocated."""
RED_FLAG = "red flag at screening"
UNSAID = "no reason given"
COLUMNS = ("stage", "n_people", "n_excluded", "reason")


def exclude(participants: pd.DataFrame, dispositions: pd.DataFrame | None) -> dict[str, str]:
    """Return who is not analysed, with the first reason that applies.

    Somebody who did not reach enrolment, or in whom a red flag was found. Where dispositions list
    enrolment, somebody who has dispositions and none of enrolment did not reach it.
    """
    found: dict[str, str] = {}
    if dispositions is not None and len(dispositions):
        for stage in NEEDED:
            here = dispositions[dispositions["stage"] == stage]
            out = here[here["reached"] == 0]
            for person, reason in zip(out["participant_id"], _reasons(out), strict=True):
                found.setdefault(person, f"not {stage}: {reason}")
        enrolled = dispositions[dispositions["stage"] == "enrolled"]["participant_id"]
        if len(enrolled):
            for person in sorted(set(dispositions["participant_id"]) - set(enrolled)):
                found.setdefault(person, f"not enrolled: {UNSAID}")
    if "red_flag" in participants:
        for person in participants.loc[participants["red_flag"] == 1, "participant_id"]:
            found.setdefault(person, RED_FLAG)
    return found


def _reasons(rows: pd.DataFrame) -> list[str]:
    if "reason" not in rows:
        return [UNSAID] * len(rows)
    return [r if isinstance(r, str) and r not in ("", "na") else UNSAID for r in rows["reason"]]


def trace_flow(
    participants: pd.DataFrame,
    dispositions: pd.DataFrame | None,
    excluded: dict[str, str],
    roster: Roster,
    with_data: Any,
) -> pd.DataFrame:
    """Count people stage by stage: one row a stage and reason; no person is named.

    Parameters
    ----------
    participants, dispositions : DataFrame
        Of the package.
    excluded : dict
        What `exclude` found.
    roster : Roster
        Who is analysed.
    with_data : array of bool, shape (visits,)
        Visits with at least one value.

    Returns
    -------
    DataFrame
        ``stage``, ``n_people`` who reached it, and, a row each, ``n_excluded`` with ``reason``;
        a stage that lost nobody has one row with 0 and an empty reason.
    """
    import pandas as pd

    rows: list[tuple[str, int, int, str]] = []
    listed = list(participants["participant_id"])
    gone: set[str] = set()
    allocated: list[tuple[str, int, int, str]] = []
    if dispositions is None or not len(dispositions):
        rows += _stage("in the data", len(listed), [])
    else:
        for stage in STAGES:
            here = dispositions[dispositions["stage"] == stage]
            if not len(here):
                continue
            out = here[here["reached"] == 0]
            made = _stage(stage, int((here["reached"] == 1).sum()), _reasons(out))
            if stage in NEEDED:
                rows += made
                gone |= set(out["participant_id"])
            else:
                allocated = made
    why = [excluded[person] for person in listed if person in excluded and person not in gone]
    rows += _stage("included", len(roster.people), why) + allocated
    visits = roster.visits
    labels = variables()["reason_absent"].levels
    order = visits.groupby("visit")["week_nominal"].min().reset_index()
    for visit in order.sort_values(["week_nominal", "visit"])["visit"]:
        here = visits[visits["visit"] == visit]
        absent = here[here["attended"] != 1]
        reasons = [
            labels.get(r, r) if isinstance(r, str) and r != "not_applicable" else UNSAID
            for r in absent.get("reason_absent", pd.Series([None] * len(absent)))
        ]
        unlisted = len(roster.people) - len(here)
        reasons += ["no such visit listed"] * unlisted
        rows += _stage(f"visit {visit}", int((here["attended"] == 1).sum()), reasons)
    measured = len(set(roster.who[with_data]))
    lost = ["no measurement and no answer"] * (len(roster.people) - measured)
    rows += _stage("with data", measured, lost)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _stage(stage: str, people: int, reasons: list[str]) -> list[tuple[str, int, int, str]]:
    if not reasons:
        return [(stage, people, 0, "")]
    return [(stage, people, reasons.count(r), r) for r in sorted(set(reasons))]
