"""One effect of one exposure, as the first methods estimate it, with all that checks may need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.families import fit_family, slope
from gluteal.estimators.inference import Estimate, Floats, Model
from gluteal.frames.amounts import name_amount
from gluteal.frames.design import WHERE, Design, build_design, level_of, numeric_column
from gluteal.frames.dose import code_outcome
from gluteal.frames.shares import name_odds, name_share
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.estimators.causal.scores import Family

LEAST_GROUP = 2


@dataclass(frozen=True)
class Effect:
    """A fitted effect.

    ``units`` is the amount of exposure that the estimate is for, ``contrast`` says it in words;
    column 1 of the design is the exposure. ``covariates`` are those that entered.
    """

    frame: pd.DataFrame
    outcome_name: str
    exposure_name: str
    covariates: tuple[str, ...]
    family: Family
    design: Design
    outcome: Floats
    model: Model
    units: float
    contrast: str

    @property
    def x(self) -> Floats:
        """The design: intercept, exposure, covariates."""
        return self.design.matrix

    @property
    def exposure(self) -> Floats:
        """The exposure in the rows analysed."""
        return self.design.matrix[:, 1]

    @property
    def rest(self) -> Floats:
        """The design without the exposure."""
        return np.delete(self.design.matrix, 1, axis=1)

    @property
    def binary(self) -> bool:
        """Whether the exposure is a yes or no."""
        return variables()[self.exposure_name].kind == "boolean"

    @property
    def yes_no(self) -> bool:
        """Whether the outcome is a yes or no."""
        return variables()[self.outcome_name].kind == "boolean"

    @property
    def ratio(self) -> bool:
        """Whether the estimate is a ratio."""
        return self.family != "linear"

    @property
    def people(self) -> int:
        """People analysed, one row each."""
        return len(self.outcome)

    def found(self, level: float) -> Estimate:
        """Estimate the effect, as its own method does."""
        return slope(self.model, self.family, self.x, self.outcome, 1, self.units, level)


def take_effect(
    frame: pd.DataFrame,
    outcome: str,
    exposure: str,
    covariates: Sequence[str],
    family: Family = "linear",
    *,
    amount: tuple[float, str] | None = None,
    also: Sequence[str] = (),
    drop_constant: bool = False,
) -> Effect:
    """Fit the outcome on the exposure and covariates, one row a person.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    outcome, exposure : str
        A number or a yes/no variable each.
    covariates : sequence of str
    family : {"linear", "logistic", "poisson"}
    amount : (float, str), optional
        Units of exposure and their words; a yes/no exposure has its own.
    also : sequence of str
        Other variables that must be present, so that models compare the same people.
    drop_constant : bool
        Leave out covariates with one value only (among some people) instead of refusing them.

    Raises
    ------
    UserError
        If outcome or exposure do not suit, or the design has a fault; the column is named.
    """
    known = variables()[exposure]
    if known.kind != "boolean" and not known.numeric:
        remedy = "Name a number or a yes/no variable."
        raise UserError(Fault(WHERE, "is neither", remedy, column=exposure))
    kept = list(covariates)
    if drop_constant:
        used = frame[[outcome, exposure, *covariates]].dropna()
        kept = [name for name in covariates if len(used[name].unique()) > 1]
    if known.kind == "boolean":
        groups = numeric_column(frame, exposure)
        names = [outcome, exposure, *kept, *also]
        full = frame[list(dict.fromkeys(names))].notna().all(axis=1).to_numpy()
        for code in (1, 0):
            if int((groups[full] == code).sum()) < LEAST_GROUP:
                rule = f"fewer than two people with complete data have {level_of(exposure, code)}"
                raise CannotTest(Fault(WHERE, rule, "It needs two groups.", column=exposure))
    design = build_design(frame, [exposure, *kept], complete=[outcome, *also])
    y = code_outcome(frame.iloc[design.rows], outcome, family)
    if np.ptp(y) == 0:
        rule = "has one value only in the rows analysed"
        raise CannotTest(Fault(WHERE, rule, "Choose an outcome that varies.", column=outcome))
    units, words = amount or name_amount(design.matrix[:, 1], exposure)
    model = fit_family(family, design.matrix, y)
    pair = frame, outcome, exposure
    return Effect(*pair, tuple(kept), family, design, y, model, units, words)


def name_model(effect: Effect) -> tuple[str, str]:
    """Name the kind of standard error and the model, as the effect's own method does.

    The words are those of ``group_difference`` and ``dose_response``.
    """
    penalised = bool(effect.model.extra.get("penalised"))
    kind = "profile penalised likelihood" if penalised else effect.model.se_type
    names = {
        "linear": "least squares",
        "logistic": "logistic regression",
        "poisson": f"{'modified ' if effect.yes_no else ''}Poisson regression",
    }
    estimator = names[effect.family] + (", Firth's penalty" if penalised else "")
    return (f"{kind}, log scale" if effect.ratio else kind), estimator


def name_estimand(effect: Effect) -> str:
    """Name the estimand, as the effect's own method does.

    An odds ratio of a common outcome is no ratio of shares, and a share of people who have the
    outcome already is a prevalence, no risk.
    """
    if effect.family == "linear":
        adjusted = effect.binary and effect.covariates
        return "adjusted mean difference" if adjusted else "mean difference"
    if effect.family == "poisson":
        return f"{name_share(effect.outcome_name)} ratio" if effect.yes_no else "ratio of means"
    return name_odds(float(effect.outcome.mean()), effect.outcome_name)
