"""People with an exposure and what came of it: who is compared, in which order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.causal import set_exposure
from gluteal.estimators.causal.scores import Family
from gluteal.estimators.inference import Floats
from gluteal.frames.amounts import find_amount, write_amount
from gluteal.frames.completeness import order_visits
from gluteal.frames.design import WHERE, Design, build_design, numeric_column
from gluteal.frames.followed import (
    EVENT,
    PERSON,
    count_free,
    gather_followed,
    values_by_visit,
)
from gluteal.frames.hazards import spread_visits
from gluteal.notation import write_count, write_number
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort

FEWEST_SIDE, FEWEST_EVENTS = 10, 5
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Question:
    """What is to be compared: settings of the analysis that decide the data.

    ``cut`` makes two groups, at or above it and below; else everyone is shifted by ``shift``.
    """

    outcome: str
    exposure: str
    covariates: tuple[str, ...]
    visit: str
    follow_up: str | None
    cut: float | None
    shift: Literal["sd", "mdc"] | float
    mdc: str | None = None


@dataclass(frozen=True)
class Exposed:
    """One row a person with complete data.

    Attributes
    ----------
    y, a : ndarray, shape (n,)
        Outcome (of new pain: pseudo-observations of the risk). Exposure: 1 for "normal" (or yes),
        0 for "weak" (or no), or the number measured.
    design : Design
        Intercept, exposure, covariates.
    events : int or None
        People with the outcome, where it is a risk.
    groups : (str, str) or None
        What 0 and 1 are called; None where the exposure is shifted.
    shift : float
        1 for two groups.
    contrast : str
        What is compared with what.
    later : bool
        Whether the outcome was seen after the exposure.
    at : str
        When the outcome was seen, in words.
    n_missing : int
        People left out because a value is missing.
    """

    y: Floats
    a: Floats
    design: Design
    family: Family
    events: int | None
    groups: tuple[str, str] | None
    shift: float
    contrast: str
    later: bool
    at: str
    n_missing: int
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]

    @property
    def risk(self) -> bool:
        """Whether the outcome is a risk."""
        return self.events is not None

    @property
    def z(self) -> Floats:
        """Design of the exposure's model: intercept and covariates."""
        return np.delete(self.design.matrix, 1, axis=1)

    @property
    def x(self) -> Floats:
        """Design of the outcome model as it is."""
        return self.design.matrix

    def set_to(self) -> tuple[Floats, Floats]:
        """Designs of the outcome model that are compared: of both groups, or as is and shifted."""
        if self.groups is None:
            return self.x, set_exposure(self.x, 1, self.a + self.shift)
        return set_exposure(self.x, 1, 0.0), set_exposure(self.x, 1, 1.0)

    def with_covariates(self, names: Sequence[str]) -> Exposed:
        """Keep some of the covariates."""
        kept = [name for name in self.covariates if name in names]
        exposure = next(iter(self.design.terms))
        at = [0, *(j for name in (exposure, *kept) for j in self.design.terms[name])]
        starts = np.cumsum([1, *(len(self.design.terms[name]) for name in (exposure, *kept))])
        terms = {
            name: tuple(range(int(a), int(b)))
            for name, a, b in zip((exposure, *kept), starts[:-1], starts[1:], strict=True)
        }
        labels = tuple(self.design.names[j] for j in at)
        design = replace(self.design, matrix=self.design.matrix[:, at], names=labels, terms=terms)
        return replace(self, design=design, covariates=tuple(kept))


def gather_exposed(cohort: Cohort, ask: Question) -> Exposed:
    """Take exposure and covariates at one visit and the outcome at the same or a later one.

    Raises
    ------
    UserError
        If a visit does not exist or comes too early, a variable does not suit, a group is small, or
        the design has a fault; the column is named.
    """
    outcome, happened, at, later = _take_outcome(cohort, ask)
    frame = cohort.frame([ask.exposure, *ask.covariates], "person", ask.visit)
    y = outcome.reindex(frame[PERSON]).to_numpy(dtype=float, na_value=np.nan)
    hit = happened.reindex(frame[PERSON]).to_numpy(dtype=float, na_value=np.nan)
    people = len(frame) if ask.outcome != EVENT else count_free(cohort, ask.visit)
    known = variables()[ask.outcome]
    seen = np.isfinite(y)
    if not seen.any():
        rule = f"no value {at}"
        raise CannotTest(Fault(WHERE, rule, "Name another visit.", column=ask.outcome))
    frame, y, hit = frame[seen].reset_index(drop=True), y[seen], hit[seen]
    frame, groups = _cut(frame, ask)
    full = frame[[ask.exposure, *ask.covariates]].dropna()
    kept = tuple(name for name in ask.covariates if len(full[name].unique()) > 1)
    design = build_design(frame, [ask.exposure, *kept])
    y, a, hit = y[design.rows], design.matrix[:, 1], hit[design.rows]
    risk = known.kind == "boolean"
    family: Family = "logistic" if risk and ask.outcome != EVENT else "linear"
    _refuse(y, a, ask, groups, hit if risk else None)
    if groups is None:
        shift, contrast = _shift(ask, a)
    else:
        shift, contrast = 1.0, f"everyone {groups[1]} {MINUS} everyone {groups[0]}"
    return Exposed(
        y=y,
        a=a,
        design=design,
        family=family,
        events=int(hit.sum()) if risk else None,
        groups=groups,
        shift=shift,
        contrast=contrast,
        later=later,
        at=at,
        n_missing=people - len(y),
        covariates=kept,
        dropped=tuple(name for name in ask.covariates if name not in kept),
    )


def _take_outcome(cohort: Cohort, ask: Question) -> tuple[Any, Any, str, bool]:
    """Return the outcome by person, whether it happened, when it was seen, and whether later."""
    import pandas as pd

    known = variables()[ask.outcome]
    if not known.numeric and known.kind != "boolean":
        rule, remedy = "is neither a number nor yes/no", "Name another outcome."
        raise UserError(Fault(WHERE, rule, remedy, column=ask.outcome))
    order = order_visits(cohort.visits)
    follow_up = ask.follow_up
    if ask.outcome == EVENT and follow_up is None:
        follow_up = order[-1]
    wanted = follow_up or ask.visit
    for visit in (ask.visit, wanted):
        if visit not in order:
            rule = f"there is no visit {visit}"
            raise CannotTest(Fault(WHERE, rule, "Name a visit.", column="visit"))
    later = order.index(wanted) > order.index(ask.visit)
    if follow_up is not None and not later:
        rule = f"{wanted} does not come after {ask.visit}, where the exposure was measured"
        raise UserError(Fault("the config", rule, "Name a later visit.", column="outcome_visit"))
    ids = cohort.people[PERSON]
    if ask.outcome == EVENT:
        return (*_new_pain(cohort, ask, wanted), f"by {wanted}", True)
    if ask.outcome not in cohort.visits:
        fact = pd.Series(numeric_column(cohort.people, ask.outcome), index=ids)
        return fact, fact, "as a fact of people", False
    values = pd.Series(values_by_visit(cohort, ask.outcome, ids, [wanted])[:, 0], index=ids)
    return values, values, f"at {wanted}", later


def _new_pain(cohort: Cohort, ask: Question, until: str) -> tuple[Any, Any]:
    """Return pseudo-observations of the risk of new pain, and whether it was seen."""
    import pandas as pd

    from gluteal.estimators.survival import pseudo_risks

    everyone = gather_followed(cohort, ask.exposure, (), ask.visit)
    people = everyone.take(everyone.seen)
    rows, _dummies, who = spread_visits(people)
    end = np.append(np.flatnonzero(np.diff(who)), len(who) - 1)
    last, event = rows.last[end] + 1, rows.event[end]
    horizon = people.visits.index(until) + 1
    index = people.frame[PERSON]
    risks = pseudo_risks(last, event, horizon)
    seen = (event & (last <= horizon)).astype(float)
    return pd.Series(risks, index=index), pd.Series(seen, index=index)


def _cut(frame: pd.DataFrame, ask: Question) -> tuple[pd.DataFrame, tuple[str, str] | None]:
    """Turn the exposure into two groups where it is yes/no or a cut is given."""
    known = variables()[ask.exposure]
    if known.kind == "boolean":
        return frame, (known.levels.get("0", "no"), known.levels.get("1", "yes"))
    if not known.numeric:
        rule, remedy = "is neither a number nor yes/no", "Name another exposure."
        raise UserError(Fault(WHERE, rule, remedy, column=ask.exposure))
    if ask.cut is None:
        return frame, None
    values = numeric_column(frame, ask.exposure)
    at = f"{write_number(ask.cut)} {known.unit}".strip()
    high = np.where(np.isnan(values), np.nan, (values >= ask.cut).astype(float))
    return frame.assign(**{ask.exposure: high}), (f"below {at}", f"at or above {at}")


def _shift(ask: Question, a: Floats) -> tuple[float, str]:
    shift, _ = find_amount(a, ask.exposure, ask.shift, ask.mdc)
    spread = {"sd": "1 SD", "mdc": "1 minimal detectable change"}.get(str(ask.shift), "")
    size = write_amount(abs(shift), ask.exposure, spread)
    word = "more" if shift > 0 else "less"
    return shift, f"everyone {size} {word} {MINUS} everyone as measured"


def _refuse(
    y: Floats, a: Floats, ask: Question, groups: tuple[str, str] | None, hit: Floats | None
) -> None:
    """Refuse small groups and few events."""
    faults: list[Fault] = []

    def sizes(values: Floats) -> tuple[int, int]:
        ones = int((values == 1).sum())
        return ones, len(values) - ones

    if groups is not None and min(sizes(a)) < FEWEST_SIDE:
        few = write_count(min(sizes(a)), FEWEST_SIDE)
        rule = f"one group has {few} people with complete data"
        remedy = f"Each needs {FEWEST_SIDE}; compare a shift, or move the cut."
        faults.append(Fault(WHERE, rule, remedy, column=ask.exposure))
    if hit is not None and min(sizes(hit)) < FEWEST_EVENTS:
        have = "have it" if sizes(hit)[0] < FEWEST_EVENTS else "do not have it"
        few = write_count(min(sizes(hit)), FEWEST_EVENTS)
        rule = f"{few} of {len(hit)} people with complete data {have}"
        remedy = f"At least {FEWEST_EVENTS} must, and as many must not."
        faults.append(Fault(WHERE, rule, remedy, column=ask.outcome))
    if np.ptp(y) == 0 and not faults:
        rule = "has one value only in the rows analysed"
        faults.append(Fault(WHERE, rule, "Choose an outcome that varies.", column=ask.outcome))
    if faults:
        raise CannotTest(faults)
