"""What of a programme runs through a mediator over visits, by gains and lagged paths.

The headline is the part of the arms' difference at the end that the mediator's gains at earlier
visits explain: each gain, times the lagged path within people from mediator to outcome, freed of
the known error of scores, times what the outcome keeps until the end. A regression of the end on
the mediator one visit before sees ups and downs and error instead of the lasting gain; it stands
beside it as a contrast only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from gluteal.estimates import Fit
from gluteal.spec import ModelSpec

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.frames.lagged_mediation_rows import Traced

FIGURE = "paths"
ARM = "arm"


class Spec(ModelSpec):
    """Settings of a part that runs through a mediator over visits."""

    method: Literal["lagged_mediation"] = "lagged_mediation"
    exposure: str = Field(ARM, description="The arm: two levels, programme and control")
    mediator: str = Field(description="A variable of the dictionary, measured at every visit")
    adjust: Literal["dag"] | tuple[str, ...] = Field(
        (), description="Facts of people: of gains, and of each visit of the panel model"
    )
    outcome_visit: str | None = Field(
        None, description="Visit of the outcome; left out: the last of the equally spaced ones"
    )
    errors: (
        Literal["estimated", "none"]
        | dict[Literal["mediator", "outcome"], Annotated[float, Field(ge=0)]]
    ) = Field(
        "estimated",
        description="Error of scores: estimated from repeats, none, or standard errors of "
        "measurement in the unit of each",
    )

    @model_validator(mode="after")
    def _agree(self) -> Spec:
        faults: list[str] = []
        if self.exposure != ARM:
            faults.append(f"exposure must be {ARM}: gains are what two arms differ by")
        if self.mediator == self.outcome:
            faults.append("mediator and outcome are the same variable")
        faults += [
            f"adjust names {name}, which is part of the question"
            for name in self.named
            if name in (self.exposure, self.mediator, self.outcome)
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that it reads."""
    return tuple(dict.fromkeys((spec.exposure, spec.mediator, spec.outcome, *spec.named)))


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Estimate the indirect part alone."""
    return _trace(cohort, spec).first()


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Estimate the indirect part, the links it is made of, and what other models make of it.

    Raises
    ------
    UserError
        If there are not two arms or not three equally spaced visits, a variable does not vary, or
        an arm has too few people at a visit; the column is named.
    """
    from gluteal.frames.lagged_mediation_checks import check_traced
    from gluteal.frames.lagged_mediation_words import make_panels, tell
    from gluteal.frames.lagged_tables import list_errors

    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    made = _trace(cohort, spec)
    rows = [made.first(), *made.beside(), *made.otherwise()]
    return Fit(
        estimates=rows,
        diagnostics=check_traced(made),
        panels=make_panels(made),
        tables={"parts": made.table(rows), "error_of_scores": list_errors(made.known, made.errors)},
        sentences=tell(made),
    )


def _trace(cohort: Cohort, spec: Spec) -> Traced:
    from gluteal.frames.lagged_mediation import allocated
    from gluteal.frames.lagged_mediation_rows import Settings, Traced
    from gluteal.frames.score_error import settle_error

    mediator, outcome = (
        settle_error(cohort, name, spec.errors, key)  # pyright: ignore[reportArgumentType]
        for name, key in ((spec.mediator, "mediator"), (spec.outcome, "outcome"))
    )
    asked = Settings((spec.mediator, spec.outcome), spec.covariates, spec.visit, spec.outcome_visit,
                     spec.level, spec.seed)  # fmt: skip
    return Traced(allocated(cohort), asked, (mediator, outcome))
