"""Ask how much of an association, or of a randomised programme's effect, passes through mediators.

The headline is the indirect part as a product of linear paths, with an interval from drawing people
again and again, never single rows. Only where the exposure is the randomised arm is it called an
effect, and even then it rests on no unmeasured cause shared by mediator and outcome. How strong
such a cause would have to be, the reversed order, an interaction of exposure and mediator, and the
mediators' error of measurement stand beside it. One visit for everything shows no mechanism.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal.estimates import Fit
from gluteal.frames.amounts import faults_of_amount
from gluteal.frames.known_errors import KNOWN, faults_of, sem_of
from gluteal.spec import ModelSpec

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.frames.mediation import Question
    from gluteal.frames.mediation_rows import Mediated

FIGURE = "paths"
IMPUTES = True
ARM = "arm"


class Spec(ModelSpec):
    """Settings of a mediation."""

    method: Literal["mechanism_mediation"] = "mechanism_mediation"
    mediators: tuple[str, ...] = Field(
        min_length=1, max_length=3, description="What lies between, in causal order"
    )
    form: Literal["single", "serial", "parallel"] = Field(
        "single", description="serial: each mediator points to the later ones; parallel: none does"
    )
    through: Literal["all", "chain"] = Field(
        "all",
        description="The headline: all paths through mediators, or the one through each in turn",
    )
    mediator_visit: str | None = Field(
        None, description="Visit of the mediators, where it is not the exposure's"
    )
    outcome_visit: str | None = Field(
        None, description="Visit of the outcome, where it is not the exposure's"
    )
    mediator_baseline: bool = Field(
        False, description="Adjust for the mediators at the exposure's visit"
    )
    outcome_baseline: bool = Field(
        False, description="Adjust for the outcome at the exposure's visit"
    )
    per: Literal["sd"] | float = Field(
        "sd", description="The exposure counts in SD or in this amount; two levels are compared"
    )
    interaction: bool = Field(
        False, description="One mediator, yes/no outcome: let the mediator work by exposure"
    )
    interval: Literal["percentile", "bca"] = Field(
        "percentile", description="Intervals of the bootstrap; the other kind stands beside it"
    )
    resamples: int = Field(5000, ge=200, le=100_000, description="Resamples of people")
    randomised: bool | None = Field(
        None,
        description="Chance allocated people to the arms: only then is anything called an effect; "
        "the study's allocation says it",
    )
    unit: Literal["person", "side"] = Field(
        "person", description="What a row is; people are drawn in either case"
    )
    errors: dict[str, str] = Field(
        default_factory=lambda: dict(KNOWN),
        description="Standard error of measurement of a variable: the name of a constant",
    )

    @model_validator(mode="after")
    def _agree(self) -> Spec:
        faults = [*self._faults_of_names(), *self._faults_of_visits(), *faults_of(self.errors)]
        if (len(self.mediators) == 1) != (self.form == "single"):
            faults.append("form single takes one mediator, serial and parallel take several")
        if self.through == "chain" and self.form != "serial":
            faults.append("through: chain is for form serial")
        if self.randomised and self.exposure != ARM:
            faults.append(f"randomised is for the exposure {ARM}: nothing else is allocated")
        faults += faults_of_amount(self.per)
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults_of_names(self) -> list[str]:
        ends = (self.exposure, *self.mediators, self.outcome)
        faults: list[str] = []
        if len(set(ends)) < len(ends):
            faults.append("exposure, mediators and outcome must all differ")
        for name in self.named:
            if name in ends:
                remedy = "mediator_baseline or outcome_baseline takes its value before"
                faults.append(f"adjust names {name}, which is part of the question: {remedy}")
        return faults

    def _faults_of_visits(self) -> list[str]:
        faults: list[str] = []
        for what in ("mediator", "outcome"):
            apart = getattr(self, f"{what}_visit") not in (None, self.visit)
            if getattr(self, f"{what}_baseline") and not apart:
                faults.append(f"{what}_baseline needs {what}_visit after the exposure's visit")
        return faults

    @property
    def question(self) -> Question:
        """The variables and their visits."""
        from gluteal.frames.mediation import Question

        return Question(
            exposure=self.exposure,
            mediators=self.mediators,
            outcome=self.outcome,
            covariates=self.covariates,
            visit=self.visit,
            mediator_visit=self.mediator_visit or self.visit,
            outcome_visit=self.outcome_visit or self.visit,
            before=(
                *(self.mediators if self.mediator_baseline else ()),
                *((self.outcome,) if self.outcome_baseline else ()),
            ),
            unit=self.unit,
        )


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that it reads."""
    return tuple(dict.fromkeys((spec.exposure, *spec.mediators, spec.outcome, *spec.named)))


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Estimate the mediated part and what could change it.

    Raises
    ------
    UserError
        If a visit is unknown or the visits stand in no order of time, a variable is no number
        where one is needed, or the design has a fault; the column is named.
    """
    from gluteal.frames.mediation_checks import check_chain
    from gluteal.frames.mediation_panels import make_panels
    from gluteal.frames.mediation_sensitivity import sensitivity_rows
    from gluteal.variables import variables

    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    made = _mediate(cohort, spec)
    rho = made.rhos()
    known = variables()[spec.outcome]
    diagnostics = check_chain(made.chain, made.reliability, (known.low, known.high))
    rows = [made.first(), *made.beside(), *sensitivity_rows(made, rho)]
    return Fit(
        estimates=rows,
        diagnostics=[*diagnostics, *made.said()],
        panels=make_panels(made, rho),
        tables={"effects": made.table(rows)},
        sentences=_sentences(spec, made),
    )


def headline(cohort: Cohort, spec: Spec) -> Mapping[str, Any]:
    """Return the first estimate alone: the mediated part."""
    return _mediate(cohort, spec).first()


def freeze(cohort: Cohort, spec: Spec) -> Spec:
    """Fix what the effects are per, so that all imputed tables answer one question."""
    made = _mediate(cohort, spec)
    return spec if made.chain.levels else spec.model_copy(update={"per": made.units})


def _mediate(cohort: Cohort, spec: Spec) -> Mediated:
    from gluteal.frames.mediation import take_chain
    from gluteal.frames.mediation_effects import Drawing
    from gluteal.frames.mediation_rows import Mediated

    how = Drawing(spec.resamples, spec.seed, spec.interval, spec.level)
    per = None if isinstance(spec.per, str) else spec.per
    return Mediated(
        take_chain(cohort, spec.question),
        how=how,
        form=spec.form,
        through=spec.through,
        per=per,
        interaction=spec.interaction,
        randomised=bool(spec.randomised),
        sem_of=partial(sem_of, errors=spec.errors),
    )


def _sentences(spec: Spec, made: Mediated) -> list[str]:
    """Say what was done, from the settings."""
    from gluteal.frames.column_words import write_adjusted, write_labels
    from gluteal.notation import write_list

    chain = made.chain
    between = write_list(write_labels(chain.names[1:-1]))
    ends = write_labels((chain.names[0], chain.names[-1]))
    adjusted = write_adjusted(chain.adjusted)
    kind = {"percentile": "percentile", "bca": "bias-corrected and accelerated"}[spec.interval]
    if made.effects.model == "logistic":
        model = (
            "by standardised risks from a logistic regression of the outcome and a regression of "
            "the mediator (doi:10.1037/a0020761)"
        )
        kind = "percentile"
    else:
        model = "as products of coefficients of linear regressions (doi:10.3758/BRM.40.3.879)"
        if chain.yes_no:
            model += ", the yes/no outcome taken as a linear probability"
    order = {"serial": ", in this order", "parallel": ", side by side", "single": ""}[spec.form]
    text = [
        f"How much of the {made.word} of {ends[0]} {'on' if made.randomised else 'with'} {ends[1]} "
        f"passes through {between}{order} "
        f"was estimated {model}, {adjusted}, in {chain.people:,} people with complete data "
        f"({chain.n_missing:,} rows were left out), with {kind} intervals from "
        f"{made.effects.resamples:,} resamples of people (doi:10.1080/01621459.1987.10478410).",
        "This reading supposes that no unmeasured cause is shared by exposure, mediators and "
        "outcome; the correlation of errors at which the indirect part vanishes "
        "(doi:10.1214/10-STS321) and an E-value (doi:10.7326/M16-2607) say how much that "
        "takes.",
    ]
    if chain.one_visit:
        text.append(
            "Exposure, mediators and outcome come from one visit, so the order of the arrows is "
            "assumed, not seen: this describes associations and shows no mechanism."
        )
    elif made.randomised:
        text.append(
            "The exposure was assigned at random; the mediators were not. Their relation to the "
            "outcome comes from ordinary differences between people and days, which a gain by "
            "the programme need not share: the indirect effect can be too small."
        )
    if made.reliability:
        noisy = write_list(write_labels(made.reliability))
        text.append(
            f"The paths were estimated again with the known error of measurement of {noisy} taken "
            "out of their variances (errors in variables, ISBN 978-0-471-86187-4)."
        )
    return text
