"""Lagged paths as tables, figure data and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from gluteal.estimators.inference import Estimate
from gluteal.frames.lagged import Arrow, Lagged
from gluteal.frames.panel import Panel
from gluteal.frames.score_error import ScoreError
from gluteal.notation import write_interval, write_label, write_list, write_number
from gluteal.variables import Variable, variables

Known = tuple[Variable, Variable]
Rows = list[dict[str, Any]]
UNITS = {"0-10": "points"}
ENDS: dict[Arrow, tuple[int, int]] = {"a": (0, 0), "b": (1, 0), "c": (0, 1), "d": (1, 1)}


def name_path(known: Known, arrow: Arrow) -> str:
    """Name a path by its ends."""
    begin, end = ENDS[arrow]
    if begin == end:
        return f"{known[begin].label}: carry-over"
    return f"{known[begin].label} → later {write_label(known[end].label)}"


def name_fact(fact: str) -> str:
    """Name a fact of people that moves the visits: a group against the first, a dose, a covariate.

    Examples
    --------
    >>> name_fact("arm=programme"), name_fact("age_years")
    ('arm: programme', 'age')
    """
    name, _, level = fact.partition("=")
    known = variables().get(name)
    label = write_label(known.label) if known else name
    return f"{label}: {known.levels.get(level, level) if known else level}" if level else label


def list_intervals(panel: Panel) -> list[str]:
    """Name the intervals between visits by their weeks."""
    return [f"{a:g} to {b:g}" for a, b in pairwise(panel.schedule.weeks)]


def list_paths(main: Lagged, free: Lagged | None, panel: Panel, known: Known, level: float) -> Rows:
    """List the paths per unit: in all intervals, and in each."""
    rows: Rows = []
    for arrow in ("c", "b", "a", "d"):
        name = name_path(known, arrow)
        standard = main.standardised(arrow, level)
        first = {"Path": name, "Weeks": "all" if main.lags == "equal" else "mean"}
        rows.append(first | _cells(main.path(arrow, level), main.admissible)
                    | {"Standardised": write_number(standard.estimate)})  # fmt: skip
        if free is None or not free.admissible:
            continue
        pairs = zip(list_intervals(panel), free.each(arrow, level), strict=True)
        rows += [{"Path": name, "Weeks": weeks} | _cells(value, True) | {"Standardised": ""}
                 for weeks, value in pairs]  # fmt: skip
    return rows


def _cells(value: Estimate, good: bool) -> dict[str, str]:
    if not good:
        return {"Estimate, per unit": "did not converge"}
    return {"Estimate, per unit": write_interval(value.estimate, value.low, value.high)}


def list_errors(known: Known, errors: tuple[ScoreError, ScoreError]) -> Rows:
    """List what is known of the errors of scores."""
    rows: Rows = []
    for one, error in zip(known, errors, strict=True):
        interval = [error.variance, error.low, error.high]
        roots = [v**0.5 if v == v else None for v in interval]
        row = {"Score": one.axis, "Standard error of measurement": write_interval(*roots)}
        row |= {"From": error.source, "People": error.people or ""}
        rows.append(row | {"Trials alone": write_number(error.trials**0.5)
                           if error.trials == error.trials else ""})  # fmt: skip
    return rows


def draw_paths(
    main: Lagged,
    free: Lagged | None,
    panel: Panel,
    known: Known,
    sizes: Mapping[Arrow, tuple[float, str]],
    level: float,
) -> dict[str, Rows]:
    """Return what the figure shows.

    Returns
    -------
    dict
        ``paths``: for each direction the headline's path and those of single intervals, per
        amount; ``diagram``: standardised paths; ``ends``: the two variables.
    """
    rows: Rows = []
    for arrow in ("c", "b"):
        size, words = sizes[arrow]
        head = {"arrow": arrow, "name": name_path(known, arrow), "per": words,
                "unit": known[ENDS[arrow][1]].unit}  # fmt: skip
        if main.admissible:
            label = "all intervals" if main.lags == "equal" else "mean of intervals"
            rows.append(head | {"label": label, "main": True}
                        | _numbers(main.path(arrow, level).times(size)))  # fmt: skip
        if free is not None and free.admissible:
            pairs = zip(list_intervals(panel), free.each(arrow, level), strict=True)
            rows += [head | {"label": f"weeks {weeks}", "main": False}
                     | _numbers(value.times(size)) for weeks, value in pairs]  # fmt: skip
    diagram: Rows = []
    for arrow in ("a", "b", "c", "d"):
        value = main.standardised(arrow, level)
        if main.admissible and value.low == value.low:
            diagram.append({"arrow": arrow} | _numbers(value))
    if len(diagram) < 4:
        return {}
    gap = panel.schedule.shortest
    ends = [{"label": one.label, "gap": gap, "people": main.fit.n} for one in known]
    return {"paths": rows, "diagram": diagram, "ends": ends}


def _numbers(value: Estimate) -> dict[str, float]:
    return {"estimate": value.estimate, "low": value.low, "high": value.high}


def tell(
    main: Lagged, panel: Panel, known: Known, errors: tuple[ScoreError, ScoreError]
) -> list[str]:
    """Say what was done."""
    x, y = (write_label(one.label) for one in known)
    lags = {
        "equal": "held equal over the intervals",
        "free": "free in every interval and averaged over those of the shortest length",
        "by length": "held equal over intervals of one length",
    }[main.lags]
    facts = panel.fixed_names
    moved = (
        f"Each score was regressed on {write_list([name_fact(f) for f in facts])} at each visit "
        "with coefficients of its own, so that what an arm, its dose or a fact of a person does "
        "to a visit is no lag. "
        if facts
        else "The mean of each visit was free. "
    )
    sources = "; ".join(
        f"{write_label(one.label)}: {error.describe(UNITS.get(one.unit, one.unit))}"
        for one, error in zip(known, errors, strict=True)
    )
    return [
        f"Lagged paths within people between {x} and {y} were estimated by a random-intercept "
        "cross-lagged panel model (doi:10.1037/a0038889; doi:10.1080/10705511.2020.1784738) of "
        f"{panel.schedule.describe()}, chosen because visits must be equally far apart for one "
        f"coefficient to hold; lags were {lags}. {moved}Maximum likelihood used all values of "
        f"{main.fit.n:,} people under missing at random, with robust standard errors "
        "(doi:10.1111/0081-1750.00078), from "
        f"{main.starts} starts, of which {main.reached} reached the highest likelihood.",
        f"Error variances of the scores were fixed at what is known of them ({sources}), since "
        "lags of scores with error are too small (doi:10.1037/met0000188).",
        "A traditional cross-lagged panel model is shown as a contrast only: it takes stable "
        "differences between people for lags.",
    ]
