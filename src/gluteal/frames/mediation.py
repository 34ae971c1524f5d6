"""Exposure, mediators and outcome of a person, each from its own visit, as columns for engines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.inference import Floats
from gluteal.frames.completeness import order_visits
from gluteal.frames.design import WHERE, build_design, numeric_column
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort

PERSON, SIDE = "participant_id", "side"


@dataclass(frozen=True)
class Question:
    """Which variables, from which visits.

    ``before`` names mediators or the outcome whose value at the exposure's visit is a covariate.
    """

    exposure: str
    mediators: tuple[str, ...]
    outcome: str
    covariates: tuple[str, ...]
    visit: str
    mediator_visit: str
    outcome_visit: str
    before: tuple[str, ...] = ()
    unit: Literal["person", "side"] = "person"

    def name_of(self, variable: str, visit: str) -> str:
        """Name a column: the variable, and its visit where that is not the exposure's."""
        return variable if visit == self.visit else f"{variable}@{visit}"

    @property
    def names(self) -> tuple[str, ...]:
        """Exposure, mediators and outcome as columns."""
        between = (self.name_of(one, self.mediator_visit) for one in self.mediators)
        return self.exposure, *between, self.name_of(self.outcome, self.outcome_visit)


@dataclass(frozen=True)
class Chain:
    """Complete rows of one question, as arrays.

    Attributes
    ----------
    names : tuple of str
        Exposure, mediators, outcome.
    exposure, outcome : ndarray, shape (n,)
        The exposure in the units that effects are for; see ``per``.
    mediators : ndarray, shape (n, m)
    covariates : ndarray, shape (n, c)
    labels : tuple of str, length c
        The covariates' columns.
    adjusted : tuple of str
        The covariates' variables.
    person : ndarray, shape (n,)
        Whom each row belongs to.
    levels : tuple of str
        Both levels of an exposure that has two, else empty.
    n_missing : int
    visits : tuple of three str
        Of exposure, mediators, outcome.
    ordered : bool
        Whether the exposure's visit lies before the outcome's.
    yes_no : bool
        Whether the outcome is.
    """

    names: tuple[str, ...]
    exposure: Floats
    mediators: Floats
    outcome: Floats
    covariates: Floats
    labels: tuple[str, ...]
    adjusted: tuple[str, ...]
    person: NDArray[Any]
    levels: tuple[str, ...]
    n_missing: int
    visits: tuple[str, str, str]
    ordered: bool
    yes_no: bool

    @property
    def people(self) -> int:
        """Number of people."""
        return len(np.unique(self.person))

    @property
    def several(self) -> bool:
        """Whether people have several rows."""
        return self.people < len(self.person)

    @property
    def one_visit(self) -> bool:
        """Whether exposure, mediators and outcome come from the same visit."""
        return len(set(self.visits)) == 1

    def per(self, units: float) -> Chain:
        """Return the chain with its exposure counted in so many units."""
        return replace(self, exposure=self.exposure / units)

    def crude(self) -> Chain:
        """Return the same rows without covariates."""
        nothing = np.empty((len(self.outcome), 0))
        return replace(self, covariates=nothing, labels=(), adjusted=())

    def alone(self, k: int) -> Chain:
        """Return the chain with one of its mediators only."""
        names = (self.names[0], self.names[1 + k], self.names[-1])
        return replace(self, names=names, mediators=self.mediators[:, [k]])

    def reversed(self) -> Chain:
        """Return the chain with the mediators last to first, and the exposure after them.

        The last mediator, per standard deviation, becomes the exposure.
        """
        both = np.column_stack([self.exposure, self.mediators])[:, ::-1]
        names = (*self.names[-2::-1], self.names[-1])
        first = both[:, 0] / both[:, 0].std(ddof=1)
        return replace(self, names=names, exposure=first, mediators=both[:, 1:], levels=())

    def turned(self) -> Chain:
        """Return the chain with its mediators in the opposite order, the exposure first."""
        names = (self.names[0], *self.names[-2:0:-1], self.names[-1])
        return replace(self, names=names, mediators=self.mediators[:, ::-1])


def take_chain(cohort: Cohort, question: Question) -> Chain:
    """Take the complete rows of a question from a cohort.

    Raises
    ------
    UserError
        If a visit does not exist, the mediators are measured after the outcome or before the
        exposure, the exposure is no number and has not two levels, a mediator or the outcome is no
        number, or the design has a fault; the column is named.
    """
    ordered = _check_visits(cohort, question)
    _check_kinds(question)
    frame = _gather(cohort, question)
    exposure, *between, outcome = question.names
    names = [exposure, *question.covariates, *question.before, *between]
    made = build_design(frame, names, complete=[outcome])
    at = made.terms[exposure]
    if len(at) != 1:
        rule, remedy = "has more than two levels here", "Compare two of them: use only."
        raise UserError(Fault(WHERE, rule, remedy, column=exposure))
    used = frame.iloc[made.rows]
    y = numeric_column(used, outcome)
    if np.ptp(y) == 0:
        rule = "has one value only in the rows analysed"
        raise CannotTest(Fault(WHERE, rule, "Choose an outcome that varies.", column=outcome))
    more = [
        j for name in (*question.covariates, *question.before) for j in made.terms.get(name, ())
    ]
    return Chain(
        names=question.names,
        exposure=made.matrix[:, at[0]],
        mediators=made.matrix[:, [made.terms[name][0] for name in between]],
        outcome=y,
        covariates=made.matrix[:, more],
        labels=tuple(made.names[j] for j in more),
        adjusted=tuple(dict.fromkeys((*question.covariates, *question.before))),
        person=used[PERSON].to_numpy(),
        levels=_levels(used, exposure),
        n_missing=made.n_missing,
        visits=(question.visit, question.mediator_visit, question.outcome_visit),
        ordered=ordered,
        yes_no=variables()[question.outcome].kind == "boolean",
    )


def _check_visits(cohort: Cohort, question: Question) -> bool:
    known = order_visits(cohort.visits)
    asked = {
        "visit": question.visit,
        "mediator_visit": question.mediator_visit,
        "outcome_visit": question.outcome_visit,
    }
    for setting, visit in asked.items():
        if visit not in known:
            rule = f"there is no visit {visit}"
            remedy = f"There are {', '.join(known)}."
            raise CannotTest(Fault(WHERE, rule, remedy, column=setting))
    at = [known.index(visit) for visit in asked.values()]
    if at != sorted(at):
        rule = "exposure, mediators and outcome are not in this order of time"
        remedy = "A cause is measured no later than what it works on."
        raise UserError(Fault("the config", rule, remedy, column="mediator_visit"))
    return at[0] < at[2]


def _check_kinds(question: Question) -> None:
    faults = [
        Fault(WHERE, "is not a number", "Name a numeric or yes/no variable.", column=name)
        for name in (*question.mediators, question.outcome)
        if not (variables()[name].numeric or variables()[name].kind == "boolean")
    ]
    if faults:
        raise UserError(faults)


def _gather(cohort: Cohort, question: Question) -> pd.DataFrame:
    """Put the variables of the visits side by side, one row a person or a side."""
    keys = [PERSON, SIDE] if question.unit == "side" else [PERSON]
    wanted: dict[str, list[str]] = {
        question.visit: [question.exposure, *question.covariates, *question.before]
    }
    for name in question.mediators:
        wanted.setdefault(question.mediator_visit, []).append(name)
    wanted.setdefault(question.outcome_visit, []).append(question.outcome)
    frame: Any = None
    for visit, names in wanted.items():
        taken: Any = cohort.frame(list(dict.fromkeys(names)), question.unit, visit)
        new = {name: question.name_of(name, visit) for name in names}
        taken = taken[[*keys, *new]].rename(columns=new)
        first = frame is None
        frame = taken if first else frame.merge(taken, on=keys, how="left", validate="1:1")
    return frame


def _levels(frame: pd.DataFrame, name: str) -> tuple[str, ...]:
    """Return the labels of both levels of an exposure that has two, lower first."""
    known = variables()[name]
    if known.kind == "boolean":
        return known.levels.get("0", "0"), known.levels.get("1", "1")
    if known.kind != "category":
        return ()
    column: Any = frame[name]
    seen = set(column.astype("str"))
    return tuple(known.levels[code] for code in known.levels if code in seen)


def known_errors(chain: Chain, sem_of: Callable[[str], float], units: float = 1.0) -> Floats:
    """Return the standard error of measurement of covariates, exposure and mediators.

    Parameters
    ----------
    sem_of : callable
        Standard error of a variable's measurement; 0 where none is known.
    units : float
        Those that the chain's exposure was divided by.
    """
    columns = (*chain.labels, *chain.names[:-1])
    found = np.array([sem_of(name.partition("@")[0]) for name in columns])
    found[len(chain.labels)] /= abs(units)
    return found


def reliabilities(chain: Chain, sem: Sequence[float]) -> dict[str, float]:
    """Return the share of variance that is not error, of the exposure and each mediator.

    Of what is left of a column given the covariates, and of a mediator given the exposure, too: a
    strength beside the strength before is a change, which an instrument tells less well.
    """
    one, c = np.ones((len(chain.outcome), 1)), len(chain.labels)
    given = np.column_stack([one, chain.covariates])
    values = np.column_stack([chain.exposure, chain.mediators])
    found: dict[str, float] = {}
    for j, (name, error) in enumerate(zip(chain.names[:-1], sem[c:], strict=True)):
        x = given if j == 0 else np.column_stack([given, chain.exposure])
        left = values[:, j] - x @ np.linalg.lstsq(x, values[:, j], rcond=None)[0]
        if error:
            found[name] = 1 - float(error**2 / (left @ left) * (len(left) - x.shape[1]))
    return found
