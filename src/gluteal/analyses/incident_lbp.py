"""Do the weak get low back pain later? New pain in people free of it, by an earlier measure.

People free of low back pain at entry are followed over visits. New pain that a visit finds came
since the visit before it, so that the headline is the hazard ratio of a discrete-time model with a
complementary log-log link and a hazard of its own between each two visits, adjusted, with errors
clustered by person, per SD (or a stated amount) more of the exposure: below 1, the stronger get
pain less often. Exact days by Cox regression, a logit link, Firth's penalty where events are few,
a later start, weights for people who left, an exposure measured with error, and strata of previous
pain stand beside it; standardised risks say what the ratio means. Exposure comes before outcome;
what made people weak or strong may still be what brings the pain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal.estimates import Fit
from gluteal.notation import write_number
from gluteal.spec import ModelSpec
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.frames.hazard_rows import Task
    from gluteal.frames.hazards import Answer

FIGURE = "incidence"
IMPUTES = True
PAIN, SEX = "lbp", "sex"
HAZARD = "hazard ratio of incident low back pain"
ODDS = "odds ratio of incident low back pain between visits (close to a hazard ratio)"


class Spec(ModelSpec):
    """Settings of a model of new low back pain."""

    method: Literal["incident_lbp"] = "incident_lbp"
    outcome: str = Field("incident_lbp", description="New low back pain; nothing else fits here")
    per: Literal["sd", "within_sex_sd"] | float = Field(
        "sd",
        description="The ratio is per SD in the people analysed, per SD within sexes, or per so "
        "many units of the exposure",
    )
    exclude_before_week: float = Field(
        4.0, ge=0, description="A sensitivity analysis starts after this week; 0: none"
    )
    by: str | None = Field(
        "prior_lbp", description="Also estimate within the levels of this yes/no variable"
    )
    dropout_predictors: tuple[str, ...] = Field(
        ("nprs_avg", "phq9", "med_analgesic_24h"),
        description="Variables of visits whose last values may say who leaves",
    )
    exposure_error: str = Field(
        "later_visit",
        description="Reliability of the exposure: later_visit (measured again in the people still "
        "free), the name of a constant (sem_..., icc_...), or none",
    )
    percentiles: tuple[float, float] = Field(
        (10.0, 90.0), description="Percentiles of the exposure at which risks are compared"
    )
    min_cell: int = Field(5, ge=1, description="Smaller counts are not shown")

    @model_validator(mode="after")
    def _agree(self) -> Spec:
        from gluteal.constants import constants
        from gluteal.errors import suggest

        if self.outcome != "incident_lbp":
            raise ValueError("outcome must be incident_lbp: new pain in people free of it")
        if isinstance(self.per, float) and not self.per > 0:
            raise ValueError("per must be above 0")
        if self.exposure_error not in ("later_visit", "none", *constants()):
            raise ValueError(f"no such constant: exposure_error. {suggest('sem_', constants())}")
        low, high = self.percentiles
        if not 0 < low < high < 100:
            raise ValueError("percentiles must be two in order, between 0 and 100")
        if self.by is not None and (
            self.by not in variables() or variables()[self.by].kind != "boolean"
        ):
            raise ValueError(f"by: {self.by} is no yes/no variable of the dictionary")
        return self


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that it reads."""
    return tuple(dict.fromkeys((spec.outcome, spec.exposure, PAIN, *spec.named)))


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Estimate the hazard ratio and what stands beside it.

    Raises
    ------
    UserError
        If no visit follows, nobody is free of pain at the start, fewer than five people get pain,
        the exposure is no number, or the design has a fault; the column is named.
    """
    from gluteal.frames.hazard_rows import Ask
    from gluteal.frames.incidence_panels import lay_out_panels, lay_out_risk_table
    from gluteal.frames.incidence_words import write_incidence

    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    made = _Incidence(cohort, spec)
    diagnostics: list[dict[str, Any]] = []
    ask = Ask(cohort, made.everyone, made.people, made.main, made.units, spec.level, diagnostics)
    rows = [made.first(), *made.all(ask.other_models(crude=bool(spec.covariates))), *made.risks()]
    tasks = ask.threats(spec.exclude_before_week, spec.dropout_predictors, spec.visit)
    rows += made.all([*tasks, *ask.measured_better(spec.exposure_error), *ask.within(spec.by)])
    models = [str(row["model"]) for row in rows if row.get("converged")]
    ends = made.ends()
    return Fit(
        estimates=rows,
        diagnostics=[*made.diagnose(), *diagnostics],
        panels=lay_out_panels(made.people, made.hazards, ends, spec.level, spec.min_cell),
        tables={"at_risk": lay_out_risk_table(made.people, spec.min_cell)},
        sentences=write_incidence(
            made.everyone, made.main, made.amount, models, spec.exclude_before_week
        ),
    )


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Return the first estimate alone: the adjusted hazard ratio."""
    return _Incidence(cohort, spec).first()


def freeze(cohort: Cohort, spec: Spec) -> Spec:
    """Fix what the ratio is per, so that all imputed tables answer one question."""
    return spec.model_copy(update={"per": _Incidence(cohort, spec).units})


class _Incidence:
    """The people, the main model, and the rows that are written from them."""

    def __init__(self, cohort: Cohort, spec: Spec) -> None:
        from gluteal.errors import Fault, UserError
        from gluteal.frames.followed import gather_followed, refuse_few
        from gluteal.frames.hazards import amount_of, answer_surely

        self.cohort, self.spec = cohort, spec
        self.outcome, self.exposure = variables()[spec.outcome], variables()[spec.exposure]
        if not self.exposure.numeric:
            rule, remedy = "is not a number", "Name a measured exposure."
            raise UserError(Fault("the derived tables", rule, remedy, column=spec.exposure))
        also = [n for n in (SEX, spec.by) if n and not cohort.lacks([n])]
        wanted = (cohort, spec.exposure, spec.covariates, spec.visit)
        self.everyone = gather_followed(*wanted, also=also)
        self.people = self.everyone.take(self.everyone.seen)
        refuse_few(self.people.events)
        self.units, self.amount = amount_of(self.people, spec.exposure, spec.per)
        self.main, self.hazards = answer_surely(self.people, self.units, spec.level)

    def row(self, answer: Answer, **more: Any) -> dict[str, Any]:
        """Write one estimate."""
        dropped = self.people.dropped
        said = [*answer.warnings]
        lost = self.everyone.flow["without a covariate"] + int((~self.everyone.seen).sum())
        if dropped:
            said.append(f"constant in these people and left out: {', '.join(dropped)}")
        common: dict[str, Any] = {
            "outcome": self.spec.outcome, "exposure": self.spec.exposure,
            "term": self.spec.exposure, "contrast": f"per {self.amount} more",
            "estimand": ODDS if "logit link" in answer.estimator else HAZARD,
            "scale": "ratio", "unit": "", "se_type": answer.se_type,
            "n_obs": answer.n_obs, "n_people": answer.n_people, "n_events": answer.n_events,
            "n_missing": lost,
            "adjusted_for": "; ".join(self.people.covariates),
            "missing_method": "complete cases", "estimator": answer.estimator,
            "converged": answer.converged, "warnings": "; ".join(said),
        }  # fmt: skip
        return {**common, **answer.found.row(), **more}

    def first(self) -> dict[str, Any]:
        """Write the headline."""
        name, threat = ("adjusted", "adjusted") if self.spec.covariates else ("unadjusted", "crude")
        return self.row(self.main, model=name, threat=threat)

    def all(self, tasks: Iterable[Task]) -> Iterator[dict[str, Any]]:
        """Yield a row a task; one that cannot be estimated says why, and stops nothing."""
        from gluteal.errors import UserError

        pair = {"outcome": self.spec.outcome, "exposure": self.spec.exposure}
        failed: dict[str, Any] = {"contrast": f"per {self.amount} more", "estimand": HAZARD}
        failed |= {"scale": "ratio", "unit": "", "converged": False}
        for make, words in tasks:
            try:
                yield self.row(make(), **words)
            except UserError as error:
                yield {**pair, **failed, **words, "warnings": str(error)}

    def ends(self) -> list[tuple[str, float]]:
        """Name the exposure's values at which risks are given."""
        import numpy as np

        values = np.percentile(self.people.x[:, 0], self.spec.percentiles)
        names = [f"{p:g}th percentile" for p in self.spec.percentiles]
        return [(name, float(value)) for name, value in zip(names, values, strict=True)]

    def risks(self) -> Iterator[dict[str, Any]]:
        """Yield what the ratio means: risks at the last visit, were everyone strong or weak."""
        from gluteal.estimators.effect_size import log_ratio as as_ratio
        from gluteal.estimators.margins import difference, log_ratio
        from gluteal.frames.incidence_panels import standardise

        if self.hazards is None:
            return
        (low, weak), (high, strong) = self.ends()
        means = standardise(self.people, self.hazards, (weak, strong)).by_the_end()
        unit = self.exposure.unit
        ends = f"{write_number(strong)} against {write_number(weak)} {unit}".strip()
        same: dict[str, Any] = {
            "role": "secondary", "model": f"standardised risk by week {self.people.weeks[-1]:g}",
            "contrast": f"{high} against {low} ({ends})", "se_type": "CR2, delta method",
        }  # fmt: skip
        text = "of incident low back pain"
        level = self.spec.level
        found = difference(*means, level)
        yield self.row(self.main, **same, **found.row(), estimand=f"risk difference {text}",
                       scale="difference", unit="1")  # fmt: skip
        ratio = as_ratio(log_ratio(*means, level))
        yield self.row(self.main, **same, **ratio.row(), estimand=f"risk ratio {text}")

    def diagnose(self) -> list[dict[str, Any]]:
        """Check events, follow-up, people in pain and the shape of the relation."""
        from gluteal.frames.incidence_checks import check_incidence

        return check_incidence(self.everyone, self.people, self.main, self.hazards)
