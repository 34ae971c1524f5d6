"""Lay an audit of the data out as tables, small counts hidden."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gluteal.frames.completeness import ONCE, Edges, Missing, count_missing
from gluteal.notation import NONE, write_count, write_list, write_number
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

CORE: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Physical functioning", ("odi_pct", "rmdq_0_24"), "ODI or Roland-Morris"),
    ("Pain intensity", ("nprs_avg",), "NPRS, one-week recall"),
    ("Health-related quality of life", (), "SF-12 or PROMIS Global Health"),
)
"""Core outcome set for non-specific low back pain: domain, our variables, instruments
(Chiarotto 2018, doi:10.1097/j.pain.0000000000001117)."""


def write_percent(n: int, total: int, least: int) -> str:
    """Write a share; one that stands for fewer than ``least`` only as below that."""
    if 0 < n < least:
        return f"<{write_number(100 * min(least / total, 1), decimals=1)}"
    return write_number(100 * n / total, decimals=1)


def label_of(name: str) -> str:
    """Return the label of a row; what is missing of a visit is the visit."""
    return "Visit missed" if name == "attended" else variables()[name].label


def _columns(found: Sequence[Missing] | Sequence[Edges], visits: Sequence[str]) -> list[str]:
    """Name the visits that occur: what is recorded once first, then the order of the visits."""
    order = {visit: i for i, visit in enumerate([ONCE, *visits])}
    return sorted({one.visit for one in found}, key=lambda visit: order[visit])


def lay_out_missing(
    missing: Sequence[Missing], order: Sequence[str], least: int
) -> list[dict[str, str]]:
    """Lay missing shares out: one row a variable, one column a visit, in percent.

    Variables without a missing value share the last row.
    """
    visits = _columns(missing, order)
    rows: dict[str, dict[str, str]] = {}
    for one in missing:
        empty = dict.fromkeys((f"{visit}, % missing" for visit in visits), NONE)
        row = rows.setdefault(one.variable, {"Variable": label_of(one.variable), **empty})
        row[f"{one.visit}, % missing"] = write_percent(one.n_missing, one.n, least)
    gaps = {one.variable for one in missing if one.n_missing}
    full = [row for name, row in rows.items() if name not in gaps]
    kept = [row for name, row in rows.items() if name in gaps]
    if len(full) > 1:
        others = "other variables" if kept else "variables"
        full = [{**dict.fromkeys(full[0], "0.0"), "Variable": f"{len(full)} {others}"}]
    return [*kept, *full]


def share_panel(
    missing: Sequence[Missing], order: Sequence[str], least: int
) -> list[dict[str, Any]]:
    """Return the shares that a figure draws; a small one only as the bound that hides it."""
    place = {visit: i for i, visit in enumerate(_columns(missing, order))}
    return [
        {
            "variable": one.variable,
            "label": label_of(one.variable),
            "visit": one.visit,
            "place": place[one.visit],
            "share": min(least / one.n, 1) if 0 < one.n_missing < least else one.share,
            "few": 0 < one.n_missing < least,
        }
        for one in missing
    ]


def lay_out_edges(edges: Sequence[Edges], order: Sequence[str], least: int) -> list[dict[str, str]]:
    """Lay floor and ceiling out: one row a score, one column a visit, in percent."""
    visits = _columns(edges, order)
    rows: dict[str, dict[str, str]] = {}
    for one in edges:
        empty = dict.fromkeys((f"{visit}, % lowest / highest" for visit in visits), NONE)
        known = variables()[one.variable]
        row = rows.setdefault(one.variable, {"Score": known.label, **empty})
        low, high = (write_percent(n, one.n, least) for n in (one.n_lowest, one.n_highest))
        row[f"{one.visit}, % lowest / highest"] = f"{low} / {high}"
    return list(rows.values())


def lay_out_core(
    cohort: Cohort, visits: Sequence[str], least: int
) -> tuple[list[dict[str, str]], str]:
    """Say which domains of the core outcome set were collected, and how completely."""
    rows: list[dict[str, str]] = []
    lacking: list[str] = []
    for domain, names, instruments in CORE:
        held = [name for name in names if not cohort.lacks([name])]
        line = {"Domain": domain, "Instrument": instruments, "Collected": "yes" if held else "no"}
        line |= dict.fromkeys((f"{visit}, % complete" for visit in visits), NONE)
        if not held:
            lacking.append(domain.lower())
            rows.append(line)
        for name in held:
            here = {one.visit: one for one in count_missing(cohort, [name])}
            cells = {
                f"{visit}, % complete": write_percent(one.n - one.n_missing, one.n, least)
                for visit, one in here.items()
                if f"{visit}, % complete" in line
            }
            rows.append({**line, "Instrument": variables()[name].label, **cells})
    died = "reason_absent" in cohort.visits and cohort.visits["reason_absent"].notna().any()
    blank = dict.fromkeys((f"{visit}, % complete" for visit in visits), NONE)
    recorded = "yes" if died else "no"
    rows.append(
        {"Domain": "Deaths", "Instrument": "Reason for absence", "Collected": recorded, **blank}
    )
    lacking += [] if died else ["deaths"]
    if not lacking:
        return rows, "All domains of the core outcome set for low back pain were collected."
    return rows, f"Of the core outcome set for low back pain, not collected: {write_list(lacking)}."


def lay_out_derivation(cohort: Cohort, least: int) -> dict[str, list[dict[str, Any]]]:
    """Take over what derive and check wrote down, small counts hidden."""

    def lay_out(rows: Sequence[Any], columns: dict[str, str]) -> list[dict[str, Any]]:
        kept: list[dict[str, Any]] = []
        for row in rows:
            line = {title: row.get(key, "") for key, title in columns.items()}
            if "n" in row:
                line["Count"] = write_count(row["n"], least)
            kept.append(line)
        return kept

    found: dict[str, list[dict[str, Any]]] = {}
    if cohort.flow is not None and len(cohort.flow):
        found["flow"] = [
            {
                "Stage": str(row["stage"]),
                "People": write_count(row["n_people"], least),
                "Left out": write_count(row["n_excluded"], least),
                "Reason": str(row["reason"]) if row["reason"] == row["reason"] else "",
            }
            for row in cohort.flow.to_dict("records")
        ]
    aside = [
        {**row, "variable": _named(str(row.get("variable", "")))}
        for row in cohort.meta.get("set_aside") or ()
    ]
    found["set_aside"] = lay_out(aside, {"variable": "Variable", "reason": "Not used because"})
    scoring = cohort.meta.get("scoring") or ()
    found["scoring"] = lay_out(scoring, {"instrument": "Instrument", "rule": "Rule"})
    queries = cohort.meta.get("queries") or ()
    found["queries"] = lay_out(queries, {"column": "Variable", "rule": "To look up"})
    return {name: rows for name, rows in found.items() if rows}


def _named(name: str) -> str:
    known = variables()
    return known[name].label if name in known else name
