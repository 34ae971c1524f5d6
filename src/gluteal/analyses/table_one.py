"""Table 1: who is in the groups. Summaries and standardised differences, no p values.

Tests of baseline characteristics answer no question (STROBE item 14: significance tests should
be avoided in descriptive tables). A missing value is counted in its row and is never a level.
"""

from __future__ import annotations

from dataclasses import asdict
from math import floor, isfinite, log10
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator, model_validator

from gluteal import spec
from gluteal.errors import CannotTest, Fault
from gluteal.estimates import Fit, diagnostic
from gluteal.notation import HIDDEN, NONE, write_count, write_list, write_number
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.estimators.describe import Summary
    from gluteal.frames.grouping import Cell, Groups, Row

FIGURE = "balance"
LARGE = 0.1
"""A standardised difference above this is called an imbalance (Austin 2009, 10.1002/sim.3697)."""
SKEWED = 1.0
INDENT = "\N{EM SPACE}"


class Spec(spec.Spec):
    """Settings of a Table 1."""

    method: Literal["table_one"] = "table_one"
    role: spec.Role = "exploratory"
    by: str = Field(description="The grouping variable: yes/no or a category")
    variables: tuple[str, ...] = Field(min_length=1, description="The rows, in their order")
    medians: tuple[str, ...] = Field((), description="Rows that also show median [IQR]")
    min_cell: int = Field(5, ge=1, description="Smaller counts are shown as <5")

    @field_validator("variables")
    @classmethod
    def _once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} stands twice among the rows")
        return names

    @model_validator(mode="after")
    def _others(self) -> Spec:
        if self.by in self.variables:
            raise ValueError(f"{self.by} is the grouping variable and cannot be a row as well")
        if strange := sorted(set(self.medians) - set(self.variables)):
            raise ValueError(f"{', '.join(strange)}: medians are asked for, but it is no row")
        return self


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that it reads."""
    return (spec.by, *spec.variables)


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Describe the groups and how they differ.

    Returns
    -------
    Fit
        ``estimates``: one standardised difference a row and group, against the first group (Yang
        and Dalton 2012; signed for numbers and two levels, a distance for more levels), with its
        large-sample interval. ``tables["table_one"]``: mean (SD), median [IQR] where skewed, n (%).
        Not testable without the grouping variable or without any row; a single row that the
        cohort lacks is left out and named.

    Raises
    ------
    UserError
        If the grouping variable is no category or has one level only, or a row is free text.
    """
    from gluteal.frames.grouping import Row, part_people

    lacking = cohort.lacks(needs(spec))
    if spec.by in lacking or len(lacking) == len(spec.variables):
        return Fit(needs=lacking)
    names = [name for name in spec.variables if name not in lacking]
    frame = cohort.frame([spec.by, *names], "person", spec.visit)
    groups = part_people(frame, spec.by)
    filled = [name for name in names if frame[name].notna().any()]
    rows = [Row(frame, name, groups, spec.min_cell) for name in filled]
    if not rows:
        remedy = f"Look at visit {spec.visit}."
        raise CannotTest(Fault("the derived tables", "no row of Table 1 has a value", remedy))
    estimates = [estimate for row in rows for estimate in _estimate(row, spec.level)]
    for estimate in estimates[1:]:
        estimate["role"] = "exploratory"
    keys = ("contrast", "low", "high", "n_missing")
    panels = {
        "smd": [
            {"variable": e["outcome"], "smd": e["estimate"]} | {key: e[key] for key in keys}
            for e in estimates
        ],
        "summary": [line for row in rows for line in _summarise(row)],
    }
    skewed = {row.name for row in rows if row.numeric and _is_skewed(row)}
    skewed |= {row.name for row in rows if row.numeric and row.name in spec.medians}
    heads = _title(groups, spec.min_cell)
    return Fit(
        estimates=estimates,
        diagnostics=_diagnose(estimates, groups, [n for n in spec.variables if n not in filled]),
        panels=panels,
        tables={
            "table_one": [line for row in rows for line in _display(row, heads, row.name in skewed)]
        },
        sentences=_sentences(spec, rows, skewed),
    )


def _is_skewed(row: Row) -> bool:
    skewness = row.about()[-1].skewness
    return isfinite(skewness) and abs(skewness) > SKEWED


def _estimate(row: Row, level: float) -> list[dict[str, Any]]:
    from gluteal.estimators.balance import difference_interval

    labels = row.groups.labels
    found: list[dict[str, Any]] = []
    for group in range(1, len(labels)):
        d, n = row.difference(group), (row.sizes[0], row.sizes[group])
        se, low, high = difference_interval(d, *n, level)
        found.append(
            {
                "model": "none",
                "outcome": row.name,
                "exposure": row.groups.by.name,
                "term": row.name,
                "contrast": f"{labels[group]} - {labels[0]}",
                "estimand": "standardised difference of the groups, unadjusted",
                "scale": "smd",
                "unit": "SD",
                "estimate": d,
                "se": se,
                "se_type": "large sample",
                "low": low,
                "high": high,
                "n_obs": sum(n),
                "n_people": sum(n),
                "n_missing": row.missing[0] + row.missing[group],
                "adjusted_for": "",
                "missing_method": "available cases",
                "estimator": "Yang and Dalton 2012",
            }
        )
    return found


def _summarise(row: Row) -> list[dict[str, Any]]:
    """Return the numbers behind the display; what must not be shown is left out."""
    names = [*row.groups.labels, "all"]
    base = [{"variable": row.name, "group": name} for name in names]
    if row.numeric:
        lines = zip(base, row.about(), row.enough(), strict=True)
        kept = ("n", "mean", "sd", "median", "q1", "q3", "skewness")
        return [
            line | {key: value for key, value in asdict(about).items() if key in kept}
            for line, about, enough in lines
            if enough
        ]
    return [
        base[cell.group] | {"level": row.levels[cell.level], "n": cell.n, "n_known": cell.total}
        for cell in row.cells()
        if cell.mark == "shown"
    ]


def _title(groups: Groups, least: int) -> list[str]:
    """Write column titles: the groups, then all, each with its size."""
    small = any(size < least for size in groups.sizes)
    sizes = [write_count(size, least) for size in groups.sizes]
    sizes.append(HIDDEN if small else write_count(sum(groups.sizes)))
    names = [*(label[:1].upper() + label[1:] for label in groups.labels), "All"]
    titles = [f"{name} (n = {size})" for name, size in zip(names, sizes, strict=True)]
    words = {"n = <": "n < ", f"n = {HIDDEN}": f"n {HIDDEN}"}
    for symbol, word in words.items():
        titles = [title.replace(symbol, word) for title in titles]
    return titles


def _display(row: Row, heads: list[str], median: bool) -> list[dict[str, str]]:
    smd = [write_number(row.difference(g), decimals=2) for g in range(1, len(row.samples))]
    titles = ["SMD"] if len(smd) == 1 else [f"SMD, {one}" for one in row.groups.labels[1:]]
    tail = dict(zip(titles, smd, strict=True))
    tail["Missing"] = write_count(sum(row.missing), row.least)
    empty = dict.fromkeys(tail, "")
    if row.numeric:
        about = row.about()
        shown, places = zip(about, row.enough(), strict=True), _places(about[-1].sd)
        texts = [(_mean(a, places), _median(a, places)) if e else (NONE, NONE) for a, e in shown]
        means, medians = (dict(zip(heads, one, strict=True)) for one in zip(*texts, strict=True))
        lines = [{"Variable": f"{row.known.axis}, mean (SD)", **means, **tail}]
        return [*lines, {"Variable": f"{INDENT}median [IQR]", **medians, **empty}][: 1 + median]
    cells = {(cell.level, cell.group): _share(cell, row.least) for cell in row.cells()}
    last = len(row.levels) - 1
    label = f"{row.known.label}, n (%)"
    if row.known.kind == "boolean":
        return [{"Variable": label, **{h: cells[last, j] for j, h in enumerate(heads)}, **tail}]
    seen = sorted({cell.level for cell in row.cells() if cell.n})
    return [
        {"Variable": label, **dict.fromkeys(heads, ""), **tail},
        *(
            {
                "Variable": f"{INDENT}{row.known.levels[row.levels[i]]}",
                **{head: cells[i, j] for j, head in enumerate(heads)},
                **empty,
            }
            for i in seen
        ),
    ]


def _places(spread: float) -> int:
    """Decimals that show a standard deviation with three digits."""
    if not isfinite(spread) or spread <= 0:
        return 1
    return min(max(0, 2 - floor(log10(spread))), 4)


def _mean(about: Summary, places: int) -> str:
    mean, sd = (write_number(value, decimals=places) for value in (about.mean, about.sd))
    return f"{mean} ({sd})"


def _median(about: Summary, places: int) -> str:
    numbers = (about.median, about.q1, about.q3)
    middle, low, high = (write_number(value, decimals=places) for value in numbers)
    return f"{middle} [{low} to {high}]"


def _share(cell: Cell, least: int) -> str:
    if cell.mark != "shown":
        return f"<{least}" if cell.mark == "small" else HIDDEN
    if not cell.total:
        return NONE
    return f"{cell.n:,} ({write_number(100 * cell.n / cell.total, decimals=1)})"


def _diagnose(
    estimates: list[dict[str, Any]], groups: Groups, absent: list[str]
) -> list[dict[str, Any]]:
    known = variables()
    sizes = [abs(e["estimate"]) for e in estimates if isfinite(e["estimate"])]
    large = sum(size > LARGE for size in sizes)
    said = f"{large} of {len(sizes)} differences are larger than {LARGE} SD: the groups differ "
    said += "there, and an unadjusted comparison carries that along"
    found = [diagnostic("differences above 0.1 SD", large, None, said, str(LARGE))]
    without, name = groups.n_without, groups.by.label
    meaning = f"{name} is not recorded for all: people without it are not in the table"
    if not without:
        meaning = f"{name} is recorded for all"
    found.append(diagnostic("people without a group", without, without == 0, meaning, "0"))
    undefined = {known[e["outcome"]].label for e in estimates if not isfinite(e["estimate"])}
    if undefined:
        meaning = f"no standardised difference exists for {write_list(sorted(undefined))}: too few "
        meaning += "values in a group, or no variation within the groups"
        found.append(diagnostic("undefined differences", len(undefined), False, meaning))
    if absent:
        meaning = f"this cohort has no value of {write_list([known[n].label for n in absent])}"
        found.append(diagnostic("rows left out", len(absent), False, meaning))
    return found


def _sentences(spec: Spec, rows: list[Row], skewed: set[str]) -> list[str]:
    text = (
        "Groups are described by mean and standard deviation or by number and percentage of those "
        "with a value, and compared by standardised differences (Yang and Dalton 2012), without "
        "tests; missing values are counted in each row and are no level."
    )
    labels = [row.known.label for row in rows if row.name in skewed]
    more = [f"Median and quartiles are added for {write_list(labels)}."] if labels else []
    if any(len(row.levels) > 2 for row in rows):
        more.append("The difference of a variable with several levels is a distance without sign.")
    more.append(
        f"Counts below {spec.min_cell} are shown as <{spec.min_cell}; a count that would "
        "give one of them away is hidden."
    )
    return [text, *more]
