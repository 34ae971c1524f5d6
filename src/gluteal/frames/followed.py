"""People free of pain at a visit, and what was seen of them afterwards: who is at risk, when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.cohort.tables import BASELINE
from gluteal.errors import CannotTest, Fault
from gluteal.estimators.inference import Floats
from gluteal.frames.completeness import order_visits
from gluteal.frames.design import WHERE, Design, build_design
from gluteal.notation import write_count

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort

FEWEST_EVENTS = 5
EVENT, PAIN, RATING, PERSON = "incident_lbp", "lbp", "nprs_avg", "participant_id"
DATES = ("incident_lbp_day", "follow_up_day")


@dataclass(frozen=True)
class Followed:
    """People at risk with their covariates at the start and their status at later visits.

    Attributes
    ----------
    frame : DataFrame
        Free people with every covariate, one row a person.
    design : Design
        Intercept, exposure, covariates.
    covariates, dropped : tuple of str
        Adjusted for; left out, because they have one value only in these people.
    visits : tuple of str
        The later visits in order; ``weeks`` says when they were planned.
    status : ndarray, shape (people, visits)
        1 where pain had come by then, 0 where not, NaN where that is unknown.
    days, hit : ndarray, shape (people,)
        Days from the start to the onset or the last look, NaN where dates are unknown; and
        whether it was an onset.
    flow : dict
        How many were at the start, in pain, of unknown state, without a covariate.
    """

    frame: pd.DataFrame
    design: Design
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]
    visits: tuple[str, ...]
    weeks: Floats
    status: Floats
    days: Floats
    hit: NDArray[np.bool_]
    flow: dict[str, int]

    @property
    def x(self) -> Floats:
        """Exposure first, then covariates; no intercept."""
        return self.design.matrix[:, 1:]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of ``x``."""
        return self.design.names[1:]

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Who was seen again, or is known to have had the event."""
        known = np.asarray(np.isfinite(self.status).any(axis=1))
        return known

    @property
    def events(self) -> int:
        """People with the event."""
        return int((self.status == 1).any(axis=1).sum())

    def take(self, rows: NDArray[np.bool_]) -> Followed:
        """Keep some people; the design keeps its columns."""
        design = replace(self.design, matrix=self.design.matrix[rows])
        parts = {name: getattr(self, name)[rows] for name in ("status", "days", "hit")}
        return replace(self, frame=self.frame[rows].reset_index(drop=True), design=design, **parts)

    def after(self, week: float) -> Followed:
        """Start later: only people still free then, and only what came after."""
        early = self.weeks <= week
        gone = (self.status[:, early] == 1).any(axis=1)
        kept = replace(
            self,
            status=self.status[:, ~early],
            weeks=self.weeks[~early],
            visits=tuple(np.array(self.visits)[~early].tolist()),
        )
        return kept.take(~gone)


def gather_followed(
    cohort: Cohort,
    exposure: str,
    covariates: Sequence[str],
    visit: str = BASELINE,
    *,
    also: Sequence[str] = (),
) -> Followed:
    """Find who was free of pain at a visit and what was seen of them later.

    Parameters
    ----------
    cohort : Cohort
    exposure : str
    covariates : sequence of str
        Taken at ``visit``, as is the exposure.
    visit : str
        Time zero. Pain at entry, or new pain by then, excludes a person.
    also : sequence of str
        Other variables that the frame shall have, missing or not.

    Raises
    ------
    UserError
        If no visit follows, nobody is free of pain, fewer than five have the event, or the design
        has a fault; the column is named.
    """
    order = order_visits(cohort.visits)
    if visit not in order:
        raise CannotTest(
            Fault(WHERE, f"there is no visit {visit}", "Name a visit.", column="visit")
        )
    later = order[order.index(visit) + 1 :]
    if not later:
        rule = f"no visit follows {visit}: what comes later cannot be seen"
        raise CannotTest(Fault(WHERE, rule, "Follow people up.", column="visit"))
    if "week_nominal" not in cohort.visits:
        rule, remedy = "the weeks of the visits are not known", "Add week_nominal to the visits."
        raise CannotTest(Fault(WHERE, rule, remedy, column="week_nominal"))
    known = [name for name in (RATING, *DATES, *also) if not cohort.lacks([name])]
    names = list(dict.fromkeys((exposure, *covariates, PAIN, *known)))
    frame = cohort.frame(names, "person", visit)
    table, weeks, start = _lay_out_status(cohort, frame, visit, later)
    pain, before = frame[PAIN].astype("Float64"), table[:, 0]
    ill = (pain == 1).fillna(value=False).to_numpy() | (before == 1)
    free = (pain == 0).fillna(value=False).to_numpy() & (before == 0)
    if not free.any():
        rule = f"nobody is known to be free of low back pain at {visit}"
        raise CannotTest(Fault(WHERE, rule, "New pain needs people without it.", column=PAIN))
    flow = {"at the visit": len(frame), "in pain": int(ill.sum())}
    flow["unknown"] = len(frame) - int((ill | free).sum())
    frame, status = frame[free].reset_index(drop=True), table[free, 1:]
    if DATES[0] in frame:  # a dated onset says that the visits missed before it were still free
        dated = frame[DATES[0]].notna().to_numpy()[:, None] & (status == 1).any(1)[:, None]
        status = np.where(dated & np.isnan(status), 0.0, status)
    full = frame[[exposure, *covariates]].dropna()
    kept = tuple(name for name in covariates if len(full[name].unique()) > 1)
    design = build_design(frame, [exposure, *kept])
    frame, status = frame.iloc[design.rows].reset_index(drop=True), status[design.rows]
    flow["without a covariate"] = design.n_missing
    days = _days(frame) - start[free][design.rows]
    found = Followed(
        frame=frame,
        design=design,
        covariates=kept,
        dropped=tuple(name for name in covariates if name not in kept),
        visits=tuple(later),
        weeks=weeks,
        status=status,
        days=np.where(days > 0, days, np.nan),
        hit=(status == 1).any(axis=1),
        flow=flow,
    )
    refuse_few(found.events)
    return found


def values_by_visit(cohort: Cohort, name: str, who: Any, visits: Sequence[str]) -> Floats:
    """Return a variable of visits as people × visits, NaN where missing."""
    keys = [PERSON, "visit"]
    column: Any = cohort.visits[[*keys, name]].set_index(keys)[name]
    wide: Any = column.unstack().reindex(index=who, columns=list(visits))  # noqa: PD010
    return np.array(wide.to_numpy(dtype=float, na_value=np.nan))


def count_free(cohort: Cohort, visit: str) -> int:
    """Count the people known to be free of pain at a visit."""
    pain: Any = cohort.people[[PERSON, PAIN]].set_index(PERSON)[PAIN].astype("Float64")
    free = (pain == 0).fillna(value=False).to_numpy(dtype=bool)
    if visit != BASELINE:
        free &= values_by_visit(cohort, EVENT, pain.index, [visit])[:, 0] == 0
    return int(free.sum())


def refuse_few(events: int) -> None:
    """Refuse a model of fewer than five events.

    Raises
    ------
    UserError
    """
    if events < FEWEST_EVENTS:
        few = write_count(events, FEWEST_EVENTS)  # a message is no place for a small count
        rule = f"{few} people with complete data have new pain: no hazard ratio can be estimated"
        raise CannotTest(Fault(WHERE, rule, "Follow more people, or for longer.", column=EVENT))


def _lay_out_status(
    cohort: Cohort, frame: pd.DataFrame, visit: str, later: list[str]
) -> tuple[Floats, Floats, Floats]:
    """Status at the visit (0 at baseline) and later ones; their weeks; the day of the start."""
    visits = cohort.visits
    table = values_by_visit(cohort, EVENT, frame[PERSON], [visit, *later])
    if visit == BASELINE:  # those free at entry are free at their first visit
        table[:, 0] = 0.0
    planned: Any = visits.groupby("visit", observed=True)["week_nominal"].min()
    weeks = planned.reindex(later).to_numpy(dtype=float) - float(planned[visit])
    start = np.zeros(len(frame))
    if visit != BASELINE:
        start += 7 * float(planned[visit])
        if "study_day" in visits:
            own: Any = visits[visits["visit"] == visit].set_index(PERSON)["study_day"]
            start = own.reindex(frame[PERSON]).to_numpy(dtype=float, na_value=np.nan)
    return table, weeks, start


def _days(frame: pd.DataFrame) -> Floats:
    if "follow_up_day" not in frame:
        return np.full(len(frame), np.nan)
    column: Any = frame["follow_up_day"]
    return column.to_numpy(dtype=float, na_value=np.nan)
