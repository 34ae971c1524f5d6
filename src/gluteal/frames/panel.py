"""Repeated visits laid out: which visits are equally far apart, and one row a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault, UserError, suggest
from gluteal.estimators.inference import Floats
from gluteal.frames.design import WHERE, build_design, numeric_column
from gluteal.frames.grouping import as_levels
from gluteal.notation import write_label, write_list, write_number
from gluteal.variables import variable

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort

PERSON = "participant_id"
WEEK = "week_nominal"
ARM, PROGRAMME = "arm", "programme"
FEWEST_WAVES = 3


@dataclass(frozen=True)
class Schedule:
    """Visits in time order with their planned weeks."""

    visits: tuple[str, ...]
    weeks: tuple[float, ...]

    @property
    def gaps(self) -> tuple[float, ...]:
        """Weeks between consecutive visits."""
        return tuple(round(after - before, 6) for before, after in pairwise(self.weeks))

    @property
    def shortest(self) -> float:
        """The smallest gap."""
        return min(self.gaps)

    @property
    def equal(self) -> bool:
        """Whether all gaps are the same."""
        return len(set(self.gaps)) == 1

    def describe(self) -> str:
        """Write the weeks as a sentence does: ``weeks 0, 4, 8 and 12``."""
        return f"weeks {write_list([f'{week:g}' for week in self.weeks])}"


def list_visits(cohort: Cohort, names: Sequence[str]) -> Schedule:
    """List the visits at which each of the variables has values, in time order.

    Raises
    ------
    UserError
        If visits have no planned week.
    """
    table = cohort.visits
    if WEEK not in table or not table[WEEK].notna().any():
        remedy = "Give every visit its planned week."
        raise CannotTest(Fault(WHERE, "is absent, so lags have no length", remedy, column=WEEK))
    weeks = table.groupby("visit")[WEEK].median().dropna().sort_values()
    seen: Any = table.groupby("visit")[list(names)].count().min(axis=1)
    kept = [str(v) for v in weeks.index if seen[v] > 1]
    return Schedule(tuple(kept), tuple(float(weeks[v]) for v in kept))


def count_visits(n: int) -> str:
    """Say how many visits have something.

    Examples
    --------
    >>> count_visits(1), count_visits(2)
    ('1 visit has', '2 visits have')
    """
    return "1 visit has" if n == 1 else f"{n} visits have"


def choose_visits(
    cohort: Cohort,
    names: Sequence[str],
    asked: Sequence[str] | None = None,
    least: int = FEWEST_WAVES,
) -> Schedule:
    """Choose the longest run of consecutive, equally spaced visits, or those asked for.

    Raises
    ------
    UserError
        If a visit does not exist or has no values, or there are fewer than ``least`` of them.

    Notes
    -----
    A visit is never skipped to make gaps equal: that would lengthen the lag.
    """
    every = list_visits(cohort, names)
    what = write_list(list(names))
    if asked:
        if stray := [v for v in asked if v not in every.visits]:
            rule = f"{what}: no values at visit {', '.join(stray)}"
            near = suggest(stray[0], every.visits)
            remedy = f"{near}Visits with values: {', '.join(every.visits) or 'none'}."
            raise CannotTest(Fault("the config", rule, remedy, column="visits"))
        kept = [k for k, v in enumerate(every.visits) if v in asked]
    else:
        kept = _longest_run(every.gaps) if every.visits else []
    found = Schedule(tuple(every.visits[k] for k in kept), tuple(every.weeks[k] for k in kept))
    if len(found.visits) < least:
        others = write_list([write_label(variable(name).label) for name in names[1:]])
        seen = count_visits(len(found.visits))
        rule = f"{seen} values of it and of {others}, and {least} are needed"
        if not asked and len(every.visits) >= least:
            rule = f"no {least} consecutive visits are equally far apart ({every.describe()})"
        raise CannotTest(Fault(WHERE, rule, "Use a method for fewer visits.", column=names[0]))
    return found


def _longest_run(gaps: Sequence[float]) -> list[int]:
    """Return the places of the longest run of equal gaps, the earliest of several."""
    best: list[int] = [0]
    start = 0
    for k in range(len(gaps)):
        if gaps[k] != gaps[start]:
            start = k
        if k - start + 2 > len(best):
            best = list(range(start, k + 2))
    return best


def code_courses(frame: pd.DataFrame, names: Sequence[str]) -> tuple[Floats, tuple[str, ...]]:
    """Turn what has a course of its own into columns: groups of people, and doses of an arm.

    Parameters
    ----------
    frame : DataFrame
        One row a person, with ``arm`` if a dose is named.
    names : sequence of str
        Categories or yes/no variables, whose missing values are a level of their own (people who
        were not allocated), and numbers: doses within the programme, 0 for who is not in it.

    Returns
    -------
    columns : ndarray, shape (n, k)
        NaN where somebody in the programme has no dose.
    names : tuple of str

    Raises
    ------
    UserError
        If one of them is text, or a dose stands without an arm.
    """
    columns: list[Floats] = []
    labels: list[str] = []
    for name in names:
        known = variable(name)
        if known.kind == "text" or (known.numeric and ARM not in frame):
            rule = "has no course of its own: it is neither a group nor a dose within an arm"
            raise UserError(Fault(WHERE, rule, "Name it in adjust instead.", column=name))
        if known.numeric:
            treated = (frame[ARM].astype(object) == PROGRAMME).to_numpy(dtype=bool, na_value=False)
            columns.append(np.where(treated, numeric_column(frame, name), 0.0))
            labels.append(name)
            continue
        text: Any = as_levels(frame, known)
        text = text.astype(object).where(text.notna(), "none")
        levels = [level for level in (*known.levels, "none") if (text == level).any()]
        columns += [(text == level).to_numpy(dtype=float) for level in levels[1:]]
        labels += [f"{name}={level}" for level in levels[1:]]
    matrix = np.column_stack(columns) if columns else np.zeros((len(frame), 0))
    return matrix, tuple(labels)


def present(cohort: Cohort, names: Sequence[str]) -> tuple[str, ...]:
    """Keep the groups and doses that the cohort has and that tell its people apart."""
    people = cohort.people
    some = ARM in people and (people[ARM].astype(object) == PROGRAMME).any()
    kept: list[str] = []
    for name in (n for n in names if n in people and people[n].notna().any()):
        several = len(people[name].unique()) > 1
        if several and (some or not variable(name).numeric):
            kept.append(name)
    return tuple(kept)


@dataclass(frozen=True)
class Panel:
    """Two variables of each person at each visit, NaN where missing.

    Attributes
    ----------
    first, second : ndarray, shape (n, visits)
        Earlier exposure and later outcome.
    fixed : ndarray, shape (n, columns)
        Facts of people: covariates and groups.
    fixed_names : tuple of str
    n_missing : int
        People left out: no covariates, or no value at any visit.
    """

    schedule: Schedule
    people: NDArray[Any]
    first: Floats
    second: Floats
    fixed: Floats
    fixed_names: tuple[str, ...]
    n_missing: int

    @property
    def n_obs(self) -> int:
        """Values of both variables that are seen."""
        return int(np.isfinite(self.first).sum() + np.isfinite(self.second).sum())


def lay_out(
    cohort: Cohort,
    pair: tuple[str, str],
    schedule: Schedule,
    covariates: Sequence[str] = (),
    courses: Sequence[str] = (),
    visit: str = "baseline",
) -> Panel:
    """Lay two variables out, one row a person.

    Parameters
    ----------
    pair : (str, str)
        Exposure and outcome.
    schedule : Schedule
    covariates : sequence of str
        Facts of people; those of visits are taken at ``visit``.
    courses : sequence of str
        Groups and doses that move both variables at each visit; see ``code_courses``.

    Raises
    ------
    UserError
        If a variable is no number or does not vary at a visit; the column is named.
    """
    people = cohort.people[[PERSON]].reset_index(drop=True)
    index = people[PERSON].to_numpy()
    wide: list[Floats] = []
    for name in pair:
        values = numeric_column(cohort.visits, name)
        table: Any = cohort.visits[[PERSON, "visit"]].assign(value=values)
        laid: Any = table.pivot_table("value", PERSON, "visit", "mean", observed=True)
        columns = laid.reindex(index=index, columns=list(schedule.visits))
        wide.append(columns.to_numpy(dtype=float))
    for name, block in zip(pair, wide, strict=True):
        _refuse_flat(name, block, schedule)
    fixed, names = lay_out_people(cohort, covariates, courses, visit)
    keep = np.isfinite(wide[0]).any(1) | np.isfinite(wide[1]).any(1)
    keep &= np.isfinite(fixed).all(1)
    if not keep.any():
        rule = "nobody has all covariates and a value at one of the visits"
        raise CannotTest(Fault(WHERE, rule, "Use fewer covariates.", column=pair[0]))
    spread = np.ptp(fixed[keep], axis=0) > 0
    names = tuple(n for n, s in zip(names, spread, strict=True) if s)
    return Panel(schedule, index[keep], wide[0][keep], wide[1][keep], fixed[keep][:, spread],
                 names, int((~keep).sum()))  # fmt: skip


def lay_out_people(
    cohort: Cohort, covariates: Sequence[str], courses: Sequence[str], visit: str
) -> tuple[Floats, tuple[str, ...]]:
    """Lay out facts of people, one row a person, NaN where one lacks: covariates, then courses."""
    extra = [ARM] if courses and ARM in cohort.people else []
    frame = cohort.frame(list(dict.fromkeys([*covariates, *courses, *extra])), "person", visit)
    coded, names = code_courses(frame, courses)
    if not covariates:
        return coded, names
    design = build_design(frame, covariates)
    whole = np.full((len(frame), design.matrix.shape[1] - 1), np.nan)
    whole[design.rows] = design.matrix[:, 1:]
    return np.column_stack([whole, coded]), (*design.names[1:], *names)


def _refuse_flat(name: str, block: Floats, schedule: Schedule) -> None:
    faults: list[Fault] = []
    for k, visit in enumerate(schedule.visits):
        seen = block[np.isfinite(block[:, k]), k]
        if len(seen) < 2 or np.ptp(seen) == 0:
            value = write_number(float(seen[0])) if len(seen) else "no value"
            rule = f"does not vary at visit {visit} ({value})"
            faults.append(Fault(WHERE, rule, "Leave the visit out.", column=name))
    if faults:
        raise CannotTest(faults)
