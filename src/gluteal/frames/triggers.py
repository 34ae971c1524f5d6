"""Several outcomes of one kind, stacked under each other: one slope for all, one for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.gee.fit import fit_gee
from gluteal.estimators.inference import Floats, JointTest, Model
from gluteal.frames.design import WHERE, build_design, numeric_column
from gluteal.frames.dose import code_outcome
from gluteal.frames.sides import other_leg
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

PERSON = "participant_id"
Family = Literal["linear", "logistic", "poisson"]
Working = Literal["exchangeable", "independence"]
Unit = Literal["person", "side"]
MOST_LEVELS = 12


def list_triggers(outcomes: Sequence[str], unit: Unit) -> list[tuple[str, ...]]:
    """Group outcomes into triggers: marks of both sides are one where a row is a leg.

    Examples
    --------
    >>> list_triggers(["pain_site_left_si", "pain_site_right_si"], "side")
    [('pain_site_left_si', 'pain_site_right_si')]
    >>> list_triggers(["agg_stand", "agg_walk"], "person")
    [('agg_stand',), ('agg_walk',)]
    """
    found: list[tuple[str, ...]] = []
    for name in outcomes:
        other = other_leg(name) if unit == "side" else None
        one = (name,) if other is None else (min(name, other), max(name, other))
        if one not in found:
            found.append(one)
    return found


def label_trigger(trigger: Sequence[str]) -> str:
    """Label a trigger; marks of two sides lose the word of the side.

    Examples
    --------
    >>> label_trigger(("pain_site_left_si", "pain_site_right_si"))
    'Pain site: sacroiliac'
    """
    known = variables().get(trigger[0])
    label = known.label if known else trigger[0]
    return label.replace("left ", "") if len(trigger) == 2 else label


@dataclass(frozen=True)
class Stack:
    """Rows of person (or leg) and trigger.

    Attributes
    ----------
    x : ndarray, shape (n, p)
        Ones, the exposure, covariates, a dummy for each trigger but the first, and where rows are
        legs one for the right leg.
    y : ndarray, shape (n,)
    person : ndarray, shape (n,)
    trigger : ndarray of int, shape (n,)
    labels, names : tuple of str
        One a trigger; names of the dictionary, those of two sides with a semicolon between.
    covariates : tuple of str
    sd : float
        Of the exposure over people (or legs).
    dummies : int
        The first column of the dummies.
    family : str
    n_missing : int
        People or legs without exposure or a covariate, times triggers, and missing answers.
    """

    x: Floats
    y: Floats
    person: NDArray[np.generic]
    trigger: NDArray[np.intp]
    labels: tuple[str, ...]
    names: tuple[str, ...]
    covariates: tuple[str, ...]
    sd: float
    dummies: int
    family: Family
    n_missing: int

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(np.unique(self.person))

    def crude(self) -> Stack:
        """Leave the covariates out; the rows stay the same."""
        kept = [0, 1, *range(self.dummies, self.x.shape[1])]
        return replace(self, x=self.x[:, kept], covariates=(), dummies=2)

    def keep(self, rows: NDArray[np.bool_]) -> Stack:
        """Keep some rows."""
        parts = (self.x[rows], self.y[rows], self.person[rows], self.trigger[rows])
        return replace(self, x=parts[0], y=parts[1], person=parts[2], trigger=parts[3])


def code_leg(frame: pd.DataFrame, trigger: Sequence[str], family: Family) -> Floats:
    """Return the outcome of each row; a leg takes the mark of its own side."""
    if len(trigger) == 1:
        return code_outcome(frame, trigger[0], family)
    left, right = (code_outcome(frame, name, family) for name in sorted(trigger))
    return np.where((frame["side"].astype("str") == "left").to_numpy(), left, right)


def stack_triggers(
    frame: pd.DataFrame,
    triggers: Sequence[tuple[str, ...]],
    exposure: str,
    covariates: Sequence[str],
    family: Family,
) -> Stack:
    """Stack the triggers of every person, or of every leg where the frame has a column ``side``.

    Parameters
    ----------
    frame : DataFrame
        One row a person, or a leg.
    triggers : sequence of tuple of str
        As ``list_triggers`` gives them.
    exposure : str
        A number: strength is not cut into groups.
    covariates : sequence of str
    family : {"linear", "logistic", "poisson"}

    Raises
    ------
    UserError
        If the exposure is no number, an outcome does not suit or does not vary, or the design has
        a fault; the column is named.
    """
    known = variables().get(exposure)
    if known and not known.numeric:
        remedy = "Strength cut into groups loses a third of its power: name the number."
        raise UserError(Fault(WHERE, "is not a number", remedy, column=exposure))
    # The first trigger must be there once at least: an empty column is named.
    for trigger in triggers:
        for name in trigger:
            values = numeric_column(frame, name)
            values = values[np.isfinite(values)]
            if len(values) == 0 or np.ptp(values) == 0:
                rule = "has one value only" if len(values) else "all values are missing"
                raise CannotTest(Fault(WHERE, rule, "Leave the outcome out.", column=name))
    made = build_design(frame, [exposure, *covariates])
    rows = frame.iloc[made.rows]
    answers = np.column_stack([code_leg(rows, trigger, family) for trigger in triggers])
    unit, trigger = np.nonzero(np.isfinite(answers))
    dummies = (trigger[:, None] == np.arange(1, len(triggers))).astype(float)
    parts = [made.matrix[unit], dummies]
    if "side" in frame:
        right = (rows["side"].astype("str") == "right").to_numpy()[unit].astype(float)
        parts += [right[:, None]] if 0 < right.mean() < 1 else []
    x = np.column_stack(parts)
    person = rows[PERSON].astype("str").to_numpy()[unit]
    people = len(np.unique(person))
    if people <= x.shape[1]:
        rule = f"{people} people have data for {x.shape[1]} parameters"
        remedy = "Use fewer covariates, or more people."
        raise CannotTest(Fault(WHERE, rule, remedy, column=triggers[0][0]))
    labels = tuple(label_trigger(one) for one in triggers)
    sd = float(made.matrix[np.unique(unit), 1].std(ddof=1))
    missing = len(frame) * len(triggers) - len(unit)
    where = made.matrix.shape[1]
    names = tuple("; ".join(one) for one in triggers)
    return Stack(x, answers[unit, trigger], person, trigger.astype(np.intp), labels, names,
                 tuple(covariates), sd, where, family, missing)  # fmt: skip


def fit_common(stack: Stack, working: Working = "exchangeable") -> Model:
    """Fit one slope for all triggers; each trigger has its own level.

    Estimating equations with people as clusters, Kauermann and Carroll's errors and
    Satterthwaite's degrees of freedom.
    """
    return fit_gee(stack.x, stack.y, stack.person, stack.family, working)


def fit_each(stack: Stack, working: Working = "exchangeable") -> tuple[Model, Floats]:
    """Fit a slope for each trigger.

    Returns
    -------
    model : Model
        Coefficient 1 is the slope of the first trigger, the last ones what the others add.
    contrasts : ndarray, shape (triggers, p)
        Weights that give each trigger's slope.
    """
    count = len(stack.labels)
    more = stack.x[:, [1]] * (stack.trigger[:, None] == np.arange(1, count))
    x = np.column_stack([stack.x, more])
    model = fit_gee(x, stack.y, stack.person, stack.family, working)
    weights = np.zeros((count, x.shape[1]))
    weights[:, 1] = 1.0
    weights[np.arange(1, count), stack.x.shape[1] + np.arange(count - 1)] = 1.0
    return model, weights


def same_slopes(model: Model, count: int) -> JointTest | None:
    """Test that all triggers have the same slope; None where that cannot be tested."""
    p = len(model.coef)
    if count < 2 or not model.converged:
        return None
    try:
        return model.wald(list(range(p - count + 1, p)))
    except UserError:
        return None


def fit_legs(stack: Stack, working: Working = "exchangeable") -> Model | None:
    """Part the exposure into a person's mean (coefficient 1) and a leg's deviation (the last)."""
    _names, who = np.unique(stack.person, return_inverse=True)
    size = np.bincount(who)
    mean = (np.bincount(who, stack.x[:, 1]) / size)[who]
    apart = stack.x[:, 1] - mean
    if np.abs(apart).max() < 1e-12:
        return None
    x = np.column_stack([stack.x, apart])
    x[:, 1] = mean
    return fit_gee(x, stack.y, stack.person, stack.family, working)


def fit_given_person(stack: Stack) -> tuple[Model, int] | None:
    """Fit a random intercept of the person; None where no such model suits.

    Returns
    -------
    model : Model
        Logistic for yes/no; proportional odds for whole numbers of at most twelve levels.
    index : int
        The coefficient of the exposure.
    """
    from gluteal.estimators.logit_mixed import fit_logit_mixed
    from gluteal.estimators.ordinal_mixed import fit_ordinal_mixed

    levels, codes = np.unique(stack.y, return_inverse=True)
    if len(np.unique(stack.person)) == len(stack.y):
        return None
    if stack.family != "linear":
        if set(levels) - {0.0, 1.0}:
            return None
        return fit_logit_mixed(stack.x, stack.y, stack.person), 1
    if len(levels) > MOST_LEVELS or not (levels == np.round(levels)).all():
        return None
    return fit_ordinal_mixed(stack.x[:, 1:], codes, stack.person), 0
