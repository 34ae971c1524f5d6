"""An outcome over the visits of a programme: one row a person, one column a visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.inference import Floats
from gluteal.frames.completeness import order_visits
from gluteal.frames.design import WHERE, build_design, numeric_column

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort

PERSON = "participant_id"
ARM = "arm"
CONTROL, PROGRAMME = "control", "programme"
FEWEST = 5


@dataclass(frozen=True)
class Course:
    """The outcome of people over visits; the first visit is the baseline.

    Attributes
    ----------
    people : ndarray, shape (n,)
        Their ids.
    visits : tuple of str
    weeks : ndarray, shape (visits,)
        Planned weeks since the baseline.
    y : ndarray, shape (n, visits)
        NaN where the outcome is missing.
    arm : ndarray, shape (n,)
        1 in the programme, 0 in the control arm.
    z : ndarray, shape (n, q)
        Covariates at baseline, without an intercept.
    names : tuple of str
        Of the columns of ``z``.
    n_missing : int
        People left out, for a missing covariate or no value of the outcome.
    outcome : str
        Its name, for messages.
    """

    people: NDArray[np.object_]
    visits: tuple[str, ...]
    weeks: Floats
    y: Floats
    arm: Floats
    z: Floats
    names: tuple[str, ...]
    n_missing: int
    outcome: str = "outcome"

    @property
    def two_arms(self) -> bool:
        """Whether both arms have people."""
        return bool(0 < self.arm.sum() < len(self.arm))

    def sizes(self) -> tuple[int, int]:
        """People in the programme and in the control arm."""
        ones = int(self.arm.sum())
        return ones, len(self.arm) - ones

    def at(self, visit: str) -> int:
        """Return the column of a follow-up visit.

        Raises
        ------
        UserError
            If there is none of this name, or it is the first.
        """
        if visit not in self.visits[1:]:
            rule = f"no follow-up visit {visit!r} with {FEWEST} values in each arm"
            remedy = f"There are {', '.join(self.visits[1:])}."
            raise CannotTest(Fault(WHERE, rule, remedy, column=self.outcome))
        return self.visits.index(visit)

    def pairs(self, end: int) -> tuple[Floats, Floats, Floats]:
        """Return baseline, end and arm of the people seen at both."""
        both = np.isfinite(self.y[:, 0]) & np.isfinite(self.y[:, end])
        return self.y[both, 0], self.y[both, end], self.arm[both]

    def only(self, people: NDArray[np.bool_]) -> Course:
        """Keep some people."""
        kept = {name: getattr(self, name)[people] for name in ("people", "y", "arm", "z")}
        return replace(self, **kept)


def require_visits(cohort: Cohort, outcome: str) -> None:
    """Refuse an outcome that is no measure of visits.

    Raises
    ------
    UserError
    """
    if outcome not in cohort.visits:
        rule = "is not recorded visit by visit, so it has no course"
        raise UserError(Fault(WHERE, rule, "Name a measure of the visits.", column=outcome))


def lay_wide(cohort: Cohort, name: str, people: Sequence[str], visits: Sequence[str]) -> Any:
    """Lay one variable of the visits out, people × visits, None or NaN where missing."""
    table = cohort.visits[[PERSON, "visit", name]]
    table = table[table["visit"].isin(list(visits))]
    wide: Any = table.pivot_table(
        index=PERSON, columns="visit", values=name, aggfunc="first", observed=True
    )
    return wide.reindex(index=list(people), columns=list(visits))


def read_course(
    cohort: Cohort,
    outcome: str,
    covariates: Sequence[str],
    baseline: str,
    only: str | None = None,
) -> Course:
    """Take the outcome of the people who have an arm, at the baseline and after it.

    With ``only`` one arm is taken; a cohort without arms is one arm then.

    Visits at which an arm has fewer than five values are left out.

    Raises
    ------
    UserError
        If the baseline is no visit, nobody has an arm, there is a control arm only, the outcome
        is no measure of visits, or the covariates have a fault.
    """
    require_visits(cohort, outcome)
    order = order_visits(cohort.visits)
    if baseline not in order:
        rule = f"there is no visit {baseline!r}"
        raise CannotTest(Fault(WHERE, rule, f"There are {', '.join(order)}.", column="visit"))
    order = order[order.index(baseline) :]
    frame = _frame_of_arms(cohort, covariates, baseline, only)
    z, names, rows = np.zeros((len(frame), 0)), (), np.arange(len(frame))
    if covariates:
        made = build_design(frame, covariates)
        z, names, rows = made.matrix[:, 1:], made.names[1:], made.rows
    ids = frame[PERSON].to_numpy(dtype=object)[rows]
    wide: Any = lay_wide(cohort, outcome, list(ids), order)
    y = np.column_stack([numeric_column(wide.rename(columns={v: outcome}), outcome) for v in order])
    code = frame["in_programme"].to_numpy(dtype=float)[rows]
    kept = _visits_with_values(y, code, outcome)
    some = np.isfinite(y[:, kept]).any(1)
    y, code = y[some], code[some]
    if kept[0] != 0:
        rule = f"hardly anybody has a value at {baseline}"
        raise CannotTest(Fault(WHERE, rule, "Choose another visit.", column=outcome))
    visits = tuple(order[k] for k in kept)
    return Course(
        ids[some],
        visits,
        _weeks(cohort, visits),
        y[:, kept],
        code,
        z[some],
        names,
        len(frame) - int(some.sum()),
        outcome,
    )


def _frame_of_arms(
    cohort: Cohort, covariates: Sequence[str], baseline: str, only: str | None
) -> pd.DataFrame:
    """One row a person with an arm: covariates, and whether in the programme."""
    if only and cohort.lacks([ARM]):
        frame = cohort.frame(list(covariates), "person", baseline)
        return frame.assign(in_programme=1.0)
    frame = cohort.frame([ARM, *covariates], "person", baseline)
    arm = frame[ARM].astype("str")
    wanted = [only] if only else [CONTROL, PROGRAMME]
    frame = frame.assign(in_programme=(arm == PROGRAMME).astype(float))[arm.isin(wanted)]
    if frame.empty:
        rule = f"nobody has the arm {' or '.join(wanted)}"
        raise CannotTest(Fault(WHERE, rule, "Record who was in which arm.", column=ARM))
    if not frame["in_programme"].any():
        rule = "there is a control arm only"
        raise CannotTest(Fault(WHERE, rule, "There is no programme to ask about.", column=ARM))
    return frame.reset_index(drop=True)


def _visits_with_values(y: Floats, arm: Floats, outcome: str) -> list[int]:
    groups = [arm == code for code in (0.0, 1.0) if (arm == code).any()]
    enough = [np.isfinite(y[group]).sum(0) >= FEWEST for group in groups]
    found = np.flatnonzero(np.all(enough, axis=0)).tolist()
    if len(found) < 2:
        rule = f"fewer than two visits have {FEWEST} values in each arm"
        remedy = "A course needs two visits and more people."
        raise CannotTest(Fault(WHERE, rule, remedy, column=outcome))
    return found


def _weeks(cohort: Cohort, visits: Sequence[str]) -> Floats:
    """Planned weeks since the first visit; the place of the visit where no week is recorded."""
    if "week_nominal" not in cohort.visits:
        return np.arange(len(visits), dtype=float)
    week = cohort.visits.groupby("visit", observed=True)["week_nominal"].min()
    found = week.reindex(list(visits)).to_numpy(dtype=float)
    return found - found[0]
