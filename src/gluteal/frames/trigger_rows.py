"""The estimates of triggers: all together, each alone, and what else might be thought of."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import UserError
from gluteal.frames.amounts import write_amount
from gluteal.frames.shares import name_odds
from gluteal.frames.triggers import (
    Stack,
    Working,
    fit_common,
    fit_each,
    fit_given_person,
    fit_legs,
    same_slopes,
)
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.estimators.inference import Estimate, JointTest, Model

NAMES = {"linear": "mean difference", "poisson": "prevalence ratio"}
FITS = {"linear": "linear", "logistic": "logistic", "poisson": "Poisson"}


class TriggerRows:
    """One stack of triggers and the rows of it.

    Parameters
    ----------
    stack : Stack
    exposure, outcome : str
        Names of the dictionary; of several outcomes the first.
    per : float or None
        The amount of exposure that slopes are for; None for one SD.
    working : {"exchangeable", "independence"}
    level : float
    """

    def __init__(
        self,
        stack: Stack,
        exposure: str,
        outcome: str,
        per: float | None,
        working: Working,
        level: float,
    ) -> None:
        self.stack, self.exposure, self.outcome = stack, exposure, outcome
        self.working: Working = working
        self.level = level
        self.units = stack.sd if per is None else per
        self.amount = write_amount(self.units, exposure, "SD" if per is None else "")
        self.ratio = stack.family != "linear"
        self.every = "all triggers" if len(stack.labels) > 1 else "".join(stack.labels)
        self.interaction: JointTest | None = None
        self.criteria: dict[str, float] = {}
        self.alpha = float("nan")

    def name(self, stack: Stack) -> str:
        """Name the estimand; an odds ratio of a common outcome is no ratio of shares."""
        if stack.family == "poisson" and set(np.unique(stack.y)) - {0.0, 1.0}:
            return "ratio of means"
        if stack.family == "logistic":
            return name_odds(float(stack.y.mean()), self.outcome)
        return NAMES[stack.family]

    def scale(self, found: Estimate) -> Estimate:
        """Turn a slope per unit into one per the amount, as a ratio where the link is a log."""
        from gluteal.estimators.effect_size import log_ratio

        found = found.times(self.units)
        return log_ratio(found) if self.ratio else found

    def row(self, found: Estimate, fitted: Model, stack: Stack, **more: Any) -> dict[str, Any]:
        """Write one estimate; ``found`` is on the scale of the outcome already."""
        unit = "" if self.ratio else variables()[self.outcome].unit
        text = fitted.se_type.replace("_", " and ").replace("kauermann", "Kauermann")
        text = text.replace("carroll", "Carroll")
        binary = not set(np.unique(stack.y)) - {0.0, 1.0}
        common = {
            "threat": "adjusted" if stack.covariates else "crude",
            "outcome": "; ".join(stack.names), "exposure": self.exposure, "term": self.exposure,
            "contrast": f"per {self.amount} more", "estimand": self.name(stack),
            "scale": "ratio" if self.ratio else "difference", "unit": unit,
            "se_type": f"{text}, log scale" if self.ratio else text,
            "n_obs": len(stack.y), "n_people": stack.people, "n_missing": stack.n_missing,
            "n_events": int(stack.y.sum()) if binary else None,
            "adjusted_for": "; ".join(stack.covariates), "missing_method": "available answers",
            "estimator": f"{FITS[stack.family]} estimating equations, {self.working}",
            "converged": fitted.converged and isfinite(found.estimate),
            "warnings": "; ".join(fitted.warnings),
        }  # fmt: skip
        return {**common, **found.row(), **more}

    def common(self, stack: Stack | None = None, **more: Any) -> dict[str, Any]:
        """Estimate the slope that all triggers share."""
        used = stack or self.stack
        working: Working = more.pop("working", self.working)
        model = fit_common(used, working)
        self.criteria[working] = float(model.extra.get("qic", float("nan")))
        if stack is None and working == self.working:
            self.alpha = float(model.extra.get("alpha", float("nan")))
        return self.row(self.scale(model.coefficient(1, self.level)), model, used,
                        **{"model": f"{self.every}, one slope"} | more)  # fmt: skip

    def beside(self, ill: NDArray[np.bool_] | None) -> Iterator[dict[str, Any]]:
        """Yield crude, each trigger, legs, other models, and people with low back pain alone."""
        if self.stack.covariates:
            yield self.attempt(lambda: self.common(self.stack.crude()), role="secondary",
                               threat="crude", model=f"{self.every}, crude")  # fmt: skip
        if len(self.stack.labels) > 1:
            yield from self.each()
        yield from self.legs()
        other: Working = "independence" if self.working == "exchangeable" else "exchangeable"
        estimator = f"{FITS[self.stack.family]} estimating equations, {other}"
        yield self.attempt(lambda: self.common(working=other), role="sensitivity",
                           threat="robust", model=f"working correlation: {other}",
                           estimator=estimator)  # fmt: skip
        yield from self.given_person()
        if ill is not None and ill.any() and not ill.all():
            same = {"role": "sensitivity", "threat": "exclusion"}
            yield self.attempt(lambda: self.common(self.stack.keep(ill)), **same,
                               model="people with low back pain only")  # fmt: skip

    def attempt(self, make: Any, **same: Any) -> dict[str, Any]:
        """Make a row; one that fails says why and stops nothing."""
        try:
            return make() | same
        except UserError as error:
            pair = {"outcome": "; ".join(self.stack.names), "exposure": self.exposure}
            pair |= {"contrast": f"per {self.amount} more", "scale": "difference", "unit": ""}
            if self.ratio:
                pair["scale"] = "ratio"
            else:
                pair["unit"] = variables()[self.outcome].unit
            return {**pair, **same, "converged": False, "warnings": str(error)}

    def each(self) -> Iterator[dict[str, Any]]:
        """Yield the slope of each trigger, p adjusted by Holm's rule, and keep the joint test."""
        from gluteal.estimators.multiplicity import adjust_holm

        stack = self.stack
        try:
            model, weights = fit_each(stack, self.working)
        except UserError as error:
            yield self.attempt(_raise(error), role="secondary", model="each trigger")
            return
        self.interaction = same_slopes(model, len(stack.labels))
        found = [self.scale(model.contrast(w, self.level)) for w in weights]
        adjusted = adjust_holm([one.p for one in found])
        for place, (label, one) in enumerate(zip(stack.labels, found, strict=True)):
            own = stack.keep(stack.trigger == place)
            size = {"n_obs": len(own.y), "n_people": own.people, "n_missing": None}
            # One outcome of several, or legs apart, is another question and no threat.
            yield self.row(one, model, own, role="secondary", model=label, threat=None,
                           outcome=stack.names[place], p_adj=adjusted[place],
                           **size)  # fmt: skip

    def legs(self) -> Iterator[dict[str, Any]]:
        """Yield what differs between people, and between the legs of one person."""
        same: dict[str, Any] = {"role": "secondary"}
        try:
            model = fit_legs(self.stack, self.working)
        except UserError as error:
            yield self.attempt(_raise(error), **same, model="two legs of a person")
            return
        if model is None:
            return
        last = len(model.coef) - 1
        for index, text in ((1, "between people: mean of both legs"),
                            (last, "within people: one leg against the other")):  # fmt: skip
            found = self.scale(model.coefficient(index, self.level))
            yield self.row(found, model, self.stack, **same, model=text, threat=None)

    def given_person(self) -> Iterator[dict[str, Any]]:
        """Yield the slope given the person: a random intercept, ordinal for ratings.

        Its odds ratio is none of shares and no ratio over people: beside a ratio it would look
        like the headline, so that it answers no threat there.
        """
        from gluteal.estimators.effect_size import log_ratio

        same = {"role": "sensitivity", "threat": None if self.ratio else "robust"}
        try:
            made = fit_given_person(self.stack)
        except UserError as error:
            yield self.attempt(_raise(error), **same, model="random intercept of the person")
            return
        if made is None:
            return
        model, index = made
        found = log_ratio(model.coefficient(index, self.level).times(self.units))
        ordinal = self.stack.family == "linear"
        name = "odds ratio of a higher rating" if ordinal else "odds ratio"
        kind = "proportional odds" if ordinal else "logistic"
        yield self.row(found, model, self.stack, **same, scale="ratio", unit="",
                       model="random intercept of the person", estimand=f"{name}, given the person",
                       estimator=f"{kind}, adaptive quadrature",
                       se_type="observed information, log scale")  # fmt: skip


def _raise(error: UserError) -> Any:
    def make() -> dict[str, Any]:
        raise error

    return make
