"""What a cohort holds and what is missing, by variable and visit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.variables import CONFIDENTIAL, Variable, variables

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort

ONCE = "once"
"""In place of a visit: a fact of the person, recorded once."""
BOOKKEEPING = (
    *("week_nominal", "week_actual", "study_day", "reason_absent", "red_flag"),
    *("mass_carried", "lever_carried", "hip_abd_nm", "hip_ext_nm", "hip_er_nm", "log_met"),
    *("ipaq_class", "startback_psych", "startback_class", "odi_item_8", "sls_censored"),
    *("agg_stand_min", "agg_walk_min", "agg_sit_to_stand_min"),
    *("pain_site_si", "incident_lbp_day", "follow_up_day"),
    *("adherence_interval", "adherence_to_date", "stage_at_visit"),
    *("session_pain_mean", "neutral_spine_share"),
)
"""Not measured, or the same measurement once more in another form, or asked only of those whom
an activity hurts, or a date of what happened to some, or of sessions that not every interval has.
"""
PAIN_SITES = tuple(one for one in variables() if one.startswith("pain_site_"))
APPLIES: dict[str, tuple[str, str]] = {
    "lbp_duration_wk": ("lbp", "1"),
    "lbp_duration_class": ("lbp", "1"),
    "arm": ("lbp", "1"),
    "incident_lbp": ("lbp", "0"),
    "adherence": ("arm", "programme"),
    "sessions_done": ("arm", "programme"),
    "stage_reached": ("arm", "programme"),
    **dict.fromkeys(("gpe7", "pgic7", "sij_tests_pos", *PAIN_SITES), ("lbp", "1")),
}
"""Variables that only some people can have: for the others nothing is missing."""


@dataclass(frozen=True, slots=True)
class Missing:
    """How many values of a variable are missing at a visit.

    ``n`` are the rows planned: people, or people × sides for what is measured on each side.
    """

    variable: str
    visit: str
    n: int
    n_missing: int

    @property
    def share(self) -> float:
        """Share missing of those planned."""
        return self.n_missing / self.n if self.n else float("nan")


def order_visits(visits: pd.DataFrame) -> list[str]:
    """Name the visits in order of their planned weeks."""
    if "week_nominal" not in visits:
        return list(dict.fromkeys(visits["visit"].astype("str")))
    weeks = visits.groupby("visit", observed=True)["week_nominal"].min().sort_values(kind="stable")
    return [str(visit) for visit in weeks.index]


def choose_variables(cohort: Cohort, asked: Sequence[str] = ()) -> list[str]:
    """Name what to audit: those asked for, else everything that was measured or answered.

    Variables without a single value are left out; forms derived from another one are, too.
    """
    names = list(asked)
    if not names:
        names = [one.name for one in variables().values() if _is_measured(one)]
    lacking = set(cohort.lacks(names))
    return [name for name in names if name not in lacking]


def _is_measured(one: Variable) -> bool:
    if one.kind == "text" or one.name in BOOKKEEPING or one.name in CONFIDENTIAL:
        return False
    return bool(one.tables or one.test or one.instrument or one.name in APPLIES)


def count_missing(cohort: Cohort, names: Iterable[str]) -> list[Missing]:
    """Count missing values by variable and visit, in the order of names and visits.

    A visit at which nobody has a value was not planned for that variable and gives no row; one
    that a person did not attend was planned. A person to whom a variable cannot apply (the
    duration of pain without pain) is not counted.
    """
    found: list[Missing] = []
    order = order_visits(cohort.visits)
    for name in names:
        if name in cohort.people and cohort.people[name].notna().any():
            present = _applicable(cohort, cohort.people, name)[name].notna()
            found.append(Missing(name, ONCE, len(present), int((~present).sum())))
            continue
        for table in (cohort.visits, cohort.sides):
            if name in table and table[name].notna().any():
                rows = _applicable(cohort, table, name)
                planned = _applicable(cohort, cohort.visits, name)["visit"].astype("str")
                there = rows[name] if name == "attended" else rows[name].notna()
                visit = rows["visit"].astype("str")[there.fillna(False).astype("bool")]
                sides = rows["side"].nunique() if "side" in rows else 1
                for one in order:
                    n, present = int((planned == one).sum()) * sides, int((visit == one).sum())
                    if present:
                        found.append(Missing(name, one, n, n - present))
                break
    return found


def _applicable(cohort: Cohort, table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Keep the rows of people to whom a variable can apply."""
    condition, level = APPLIES.get(name, ("", ""))
    if condition not in cohort.people:
        return table
    from gluteal.frames.grouping import as_levels

    levels = as_levels(cohort.people, variables()[condition])
    fitting = cohort.people["participant_id"][(levels == level).fillna(False).astype("bool")]
    return table[table["participant_id"].isin(fitting)]


@dataclass(frozen=True, slots=True)
class Edges:
    """How many values of a score sit at the ends of its scale, at one visit."""

    variable: str
    visit: str
    n: int
    n_lowest: int
    n_highest: int

    @property
    def worst(self) -> float:
        """The larger of both shares."""
        return max(self.n_lowest, self.n_highest) / self.n if self.n else float("nan")


def is_bounded(one: Variable) -> bool:
    """Say whether a variable is a score whose scale has two ends that people can reach."""
    scored = bool(one.instrument) and one.numeric and one.low is not None and one.high is not None
    return scored and one.unit not in ("min", "T", "MET-min/wk") and one.name != "log_met"


def count_edges(cohort: Cohort, names: Iterable[str]) -> list[Edges]:
    """Count floor and ceiling of each bounded score by visit.

    Among people with low back pain where the cohort has others too: a score of 0 says nothing
    about a questionnaire where there is nothing to score.
    """
    visits = cohort.visits
    if "lbp" in cohort.people and cohort.people["lbp"].any():
        pain = cohort.people["participant_id"][cohort.people["lbp"].fillna(False).astype("bool")]
        visits = visits[visits["participant_id"].isin(pain)]
    order = order_visits(cohort.visits)
    found: list[Edges] = []
    for name in names:
        one = variables()[name]
        if name not in visits or not is_bounded(one):
            continue
        for visit in order:
            column: Any = visits.loc[visits["visit"] == visit, name]
            values = column.to_numpy(dtype=float, na_value=np.nan)
            values = values[~np.isnan(values)]
            if len(values):
                ends = (int((values == end).sum()) for end in (one.low, one.high))
                found.append(Edges(name, visit, len(values), *ends))
    return found
