"""Who meets a referral rule, judged by clauses that are all in the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.cohort.clauses import Clause
from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.inference import Floats
from gluteal.frames.completeness import order_visits
from gluteal.frames.design import WHERE, numeric_column

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort

RED, SAFETY = "red flag", "safety question"


@dataclass(frozen=True)
class Judged:
    """The rule applied to people, in the order of the cohort.

    ``clauses`` has one column a clause that the cohort can judge; ``met`` is 1, 0 or NaN where no
    clause holds and one is not known. ``among`` says whom the rule is for; ``red`` and ``safety``
    count for everybody and are no part of ``met``.

    Shares and predictions are of people in whom every clause is known. With a score missing a
    person can be seen to meet the rule, but never not to: counting those would raise the share.
    """

    people: NDArray[Any]
    used: tuple[Clause, ...]
    lacking: tuple[str, ...]
    before: dict[str, Floats]
    now: dict[str, Floats]
    clauses: Floats
    met: Floats
    among: NDArray[np.bool_]
    red: NDArray[np.bool_]
    safety: NDArray[np.bool_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Who is meant by the rule and could be judged by every clause."""
        return self.among & ~np.isnan(self.clauses).any(1)

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Who is in the share: a red flag needs no clause."""
        return self.known | (self.among & self.red)

    @property
    def referred(self) -> NDArray[np.bool_]:
        """Who of those meant by the rule meets it or has a red flag."""
        return self.among & ((self.met == 1) | self.red)


def check_visit(cohort: Cohort, visit: str, setting: str) -> None:
    """Refuse a visit that the cohort does not have."""
    seen = order_visits(cohort.visits) if len(cohort.visits) else []
    if visit not in seen:
        remedy = f"Set {setting} to one of: {', '.join(seen)}."
        raise CannotTest(Fault(WHERE, "no such visit", remedy, column="visit", value=visit))


def refuse_hindsight(cohort: Cohort, before: str, after: str, setting: str) -> None:
    """Refuse a visit in ``setting`` that does not come before the one at which is decided.

    Raises
    ------
    UserError
    """
    order = order_visits(cohort.visits)
    if order.index(before) >= order.index(after):
        rule = f"{before} does not come before {after}, at which is decided: hindsight is no rule"
        raise UserError(Fault("the config", rule, "Name an earlier visit.", column=setting))


def apply_rule(
    cohort: Cohort, clauses: Sequence[Clause], first: str, decision: str, among: str | None
) -> Judged:
    """Apply the clauses to everybody; any clause that holds meets the rule.

    Parameters
    ----------
    cohort : Cohort
    clauses : sequence of Clause
        Those whose score the cohort lacks are left out, and named in ``lacking``.
    first, decision : str
        The visit that improvement is counted from, and the one at which is decided.
    among : str or None
        A yes/no fact: the rule is for people who have it. None, or a cohort without it: for all.

    Raises
    ------
    UserError
        If a visit does not exist or is out of order, or the rule is for nobody.
    """
    check_visit(cohort, first, "visit")
    check_visit(cohort, decision, "decision_visit")
    refuse_hindsight(cohort, first, decision, "visit")
    lacking = set(cohort.lacks([clause.variable for clause in clauses]))
    used = tuple(clause for clause in clauses if clause.variable not in lacking)
    names = list(dict.fromkeys(clause.variable for clause in used))
    tables = [cohort.frame(names, "person", visit) for visit in (first, decision)]
    before, now = ({n: numeric_column(t, n) for n in names} for t in tables)
    people = tables[0]["participant_id"].astype("str").to_numpy()
    held = np.column_stack([c.judge(before[c.variable], now[c.variable]) for c in used])
    unknown = np.isnan(held).any(1)
    met = np.where((held == 1).any(1), 1.0, np.where(unknown, np.nan, 0.0))
    meant = _fact(cohort.people, among) if among in cohort.people else np.ones(len(people), bool)
    if not meant.any():
        rule, remedy = "is yes for nobody", "The rule needs people it is for: change among."
        raise CannotTest(Fault(WHERE, rule, remedy, column=str(among)))
    return Judged(
        people=people,
        used=used,
        lacking=tuple(sorted(lacking)),
        before=before,
        now=now,
        clauses=held,
        met=met,
        among=meant,
        red=_fact(cohort.people, "red_flag"),
        safety=_safety(cohort, people),
    )


def _fact(people: pd.DataFrame, name: str | None) -> NDArray[np.bool_]:
    if name not in people:
        return np.zeros(len(people), dtype=bool)
    return people[name].fillna(False).to_numpy(dtype=bool)


def _safety(cohort: Cohort, people: NDArray[Any]) -> NDArray[np.bool_]:
    """Say who answered the safety question with anything but 0 at any visit."""
    if "phq9_safety" not in cohort.visits:
        return np.zeros(len(people), dtype=bool)
    flagged = cohort.visits["phq9_safety"].fillna(False).to_numpy(dtype=bool)
    return np.isin(people, cohort.visits["participant_id"][flagged].astype("str").to_numpy())


def list_referrals(judged: Judged, first: str, decision: str) -> list[dict[str, Any]]:
    """List whom a clinician should see, with every reason and the scores behind it.

    Red flags and the safety question count for everybody, also for whom the rule is not meant.
    """
    found: list[dict[str, Any]] = []
    for at in np.flatnonzero(judged.referred | judged.red | judged.safety).tolist():
        reasons = [RED] if judged.red[at] else []
        reasons += [SAFETY] if judged.safety[at] else []
        if judged.among[at]:
            holds = judged.clauses[at] == 1
            reasons += [c.reason for c, held in zip(judged.used, holds, strict=True) if held]
        row: dict[str, Any] = {"participant_id": str(judged.people[at])}
        row["reasons"] = "; ".join(reasons)
        for name in judged.now:
            row[f"{name} at {first}"] = _cell(judged.before[name][at])
            row[f"{name} at {decision}"] = _cell(judged.now[name][at])
        found.append(row)
    return found


def _cell(value: float) -> float | str:
    return "" if np.isnan(value) else float(value)
