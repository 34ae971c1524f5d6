"""Ask of one effect what else could explain it: one effect, one row per threat.

The effect of ``group_difference`` (a yes/no exposure) or ``dose_response`` (a number) is estimated
again under each threat: without adjustment, with outliers reined in, with weights, doubly robust,
with the exposure's own error taken out, without people who might differ, under a confounder that
nobody measured, and with missing outcomes unlike the others. What cannot be asked of these data is
listed with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal.estimates import THREATS, Fit, diagnostic
from gluteal.frames.amounts import faults_of_amount
from gluteal.frames.column_words import write_adjusted, write_labels
from gluteal.spec import ModelSpec, Role
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort
    from gluteal.frames.bias_checks import Answer
    from gluteal.frames.one_effect import Effect

FIGURE = "contour"
ELSEWHERE = {
    "imputed": "no imputation was asked for",
    "early events out": "exposure and outcome are of one visit: no event comes first",
}


class Spec(ModelSpec):
    """Settings of the threats to one effect."""

    method: Literal["unmeasured_bias"] = "unmeasured_bias"
    role: Role = Field("sensitivity", description="It asks no new question")
    family: Literal["linear", "logistic", "poisson"] = Field(
        "linear", description="linear: difference; poisson: ratio; logistic: odds ratio"
    )
    per: Literal["sd", "mdc"] | float = Field(
        "sd", description="A numeric exposure's amount, as in dose_response"
    )
    mdc: str | None = Field(None, description="The constant to read with per: mdc")
    exclude: Literal["auto"] | dict[str, dict[str, tuple[str, ...]]] = Field(
        "auto",
        description="Who is left out, by name: {men: {sex: [m]}}; auto: hip osteoarthritis, "
        "analgesics, pain during the strength test, values on the query list",
    )
    exposure_error: str | float | None = Field(
        None,
        description="Standard error of measurement of the exposure, a number or a constant; by "
        "default from this cohort's own repeats",
    )
    benchmarks: Literal["auto"] | tuple[str, ...] = Field(
        "auto", description="Covariates that an unmeasured confounder is compared with"
    )
    negative_outcomes: tuple[str, ...] = Field(
        (), description="Outcomes that the exposure cannot affect, with the same confounders"
    )
    negative_exposures: tuple[str, ...] = Field(
        (), description="Exposures that cannot affect the outcome, with the same confounders"
    )

    @model_validator(mode="after")
    def _agree(self) -> Spec:
        from gluteal.constants import constants
        from gluteal.errors import suggest

        known = variables()
        names = [*self.negative_outcomes, *self.negative_exposures]
        names += [] if isinstance(self.benchmarks, str) else self.benchmarks
        if not isinstance(self.exclude, str):
            names += [name for levels in self.exclude.values() for name in levels]
        for name in names:
            if name not in known:
                raise ValueError(f"no such variable: {name}. {suggest(name, known)}".strip())
        for name in (*self.negative_outcomes, *self.negative_exposures):
            if name in (self.outcome, self.exposure, *self.named):
                raise ValueError(f"{name} is part of the model and no negative control of it")
        if faults := faults_of_amount(self.per, self.mdc):
            raise ValueError(faults[0])
        if isinstance(self.exposure_error, str) and self.exposure_error not in constants():
            near = suggest(self.exposure_error, constants())
            raise ValueError(f"exposure_error: no such constant. {near}".strip())
        return self


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that it cannot do without."""
    return spec.in_model


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Estimate the effect under every threat.

    Raises
    ------
    UserError
        If outcome or exposure do not suit the family, or the design has a fault; the column is
        named. A check that breaks down is a row without an estimate and stops nothing.
    """
    from gluteal.frames.bias_limits import choose_benchmarks, lay_contour
    from gluteal.frames.missing_outcomes import answer_missing
    from gluteal.frames.negative_controls import answer_controls

    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    effect = _take(spec, _frame(cohort, spec))
    wanted = None if isinstance(spec.benchmarks, str) else spec.benchmarks
    benchmarks = choose_benchmarks(effect, wanted)
    controls, checks = answer_controls(
        effect, spec.negative_outcomes, spec.negative_exposures, spec.level
    )
    missing, tipping = answer_missing(effect, spec.level)
    answers = [*_answers(cohort, spec, effect, benchmarks), *controls, *missing]
    answers.sort(key=lambda one: THREATS.index(one.threat))
    lines = [one for one in answers if one.found is not None or one.failed]
    silent = list(_silent(answers, bool(spec.covariates)))
    panels = {**lay_contour(effect, benchmarks, spec.level), **tipping}
    if panels and effect.people >= 10:
        panels["scale"] = [_scale(spec, effect)]
    else:
        panels = {}
    return Fit(
        estimates=[_first(spec, effect), *(_row(spec, effect, one) for one in lines)],
        diagnostics=[*checks, *silent],
        panels=panels,
        tables={"threats_not_answered": [_line(row) for row in silent]} if silent else {},
        sentences=list(_sentences(spec, {one.threat for one in lines})),
    )


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Return the first estimate alone: the adjusted effect."""
    return _first(spec, _take(spec, cohort.frame(needs(spec), "person", spec.visit)))


def _frame(cohort: Cohort, spec: Spec) -> pd.DataFrame:
    """Take the model's variables and whatever the checks may use, where the cohort has it."""
    groups = _excluded(spec)
    others = [*(name for levels in groups.values() for name in levels)]
    others += [*spec.negative_outcomes, *spec.negative_exposures]
    lacking = cohort.lacks(others)
    names = [*needs(spec), *(name for name in others if name not in lacking)]
    return cohort.frame(list(dict.fromkeys(names)), "person", spec.visit)


def _excluded(spec: Spec) -> Mapping[str, Mapping[str, Sequence[str]]]:
    from gluteal.frames.bias_checks import choose_exclusions

    if isinstance(spec.exclude, str):
        return choose_exclusions(spec.outcome, spec.exposure)
    return spec.exclude


def _take(spec: Spec, frame: pd.DataFrame) -> Effect:
    from dataclasses import replace

    from gluteal.frames.amounts import name_amount
    from gluteal.frames.one_effect import take_effect

    made = take_effect(frame, spec.outcome, spec.exposure, spec.covariates, spec.family)
    units, words = name_amount(made.exposure, spec.exposure, spec.per, spec.mdc)
    return replace(made, units=units, contrast=words)


def _answers(
    cohort: Cohort, spec: Spec, effect: Effect, benchmarks: tuple[str, ...]
) -> Iterator[Answer]:
    from gluteal.frames import bias_checks as checks
    from gluteal.frames.bias_limits import answer_evalues, answer_omitted

    level = spec.level
    if spec.covariates:
        yield checks.answer_crude(effect, level)
    name = "outliers reined in"
    yield checks.attempt("robust", name, lambda: checks.answer_robust(effect, level))
    for adjusted, threat in ((False, "weighted"), (True, "doubly robust")):
        yield checks.attempt(
            threat,
            "weighted and adjusted" if adjusted else "weighted",
            lambda a=adjusted: checks.answer_weighted(effect, level, adjusted=a),
        )
    yield from checks.answer_error(effect, _error(cohort, spec), level, spec.seed)
    auto = isinstance(spec.exclude, str)
    groups = _excluded(spec)
    yield from checks.answer_exclusions(effect, groups, level)
    if auto:
        yield from checks.answer_implausible(effect, level)
    yield from answer_evalues(effect, level)
    yield from answer_omitted(effect, benchmarks, level)


def _error(cohort: Cohort, spec: Spec) -> Any:
    """Take the exposure's error from the settings, or from repeats in this cohort."""
    from gluteal.constants import constant
    from gluteal.errors import Fault, UserError
    from gluteal.frames.score_error import NOTHING, estimate_error, stated_error

    known, stated = variables()[spec.exposure], spec.exposure_error
    if known.kind == "boolean":
        return NOTHING
    if stated is None:
        return estimate_error(cohort, spec.exposure)
    if isinstance(stated, str):
        given = constant(stated)
        if given.unit != known.unit:
            rule = f"the constant {given.name} is in {given.unit}, the exposure in {known.unit}"
            remedy = "Name a fitting constant."
            raise UserError(Fault("the config", rule, remedy, column="exposure_error"))
        stated = given.value
    return stated_error(spec.exposure, float(stated))


def _common(spec: Spec, effect: Effect) -> dict[str, Any]:
    from gluteal.frames.one_effect import name_estimand, name_model

    kind, estimator = name_model(effect)
    unit = "" if effect.ratio else variables()[spec.outcome].unit
    return {
        "outcome": spec.outcome, "exposure": spec.exposure, "term": spec.exposure,
        "contrast": effect.contrast, "estimand": name_estimand(effect),
        "scale": "ratio" if effect.ratio else "difference", "unit": unit, "se_type": kind,
        "n_obs": effect.people, "n_people": effect.people,
        "n_events": int(effect.outcome.sum()) if effect.yes_no else None,
        "n_missing": effect.design.n_missing, "adjusted_for": "; ".join(effect.covariates),
        "missing_method": "complete cases", "estimator": estimator,
        "converged": effect.model.converged, "warnings": "; ".join(effect.model.warnings),
    }  # fmt: skip


def _first(spec: Spec, effect: Effect) -> dict[str, Any]:
    name, threat = ("adjusted", "adjusted") if spec.covariates else ("unadjusted", "crude")
    return {**_common(spec, effect), **effect.found(spec.level).row(), "model": name,
            "threat": threat, "role": spec.role}  # fmt: skip


def _row(spec: Spec, effect: Effect, one: Answer) -> dict[str, Any]:
    """Write the row of an answer; a check that broke down keeps its reason and no numbers."""
    row = {**_common(spec, effect), "model": one.model, "threat": one.threat}
    row["role"] = "sensitivity"
    if one.found is None:
        return {**row, "converged": False, "warnings": one.reason}
    # Counts of events are those of the whole; parts of it do not say theirs.
    events = {"n_events": None} if "n_people" in one.more else {}
    return {**row, **events, **one.found.row(), "level": spec.level, **one.more}


def _silent(answers: list[Answer], adjusted: bool) -> Iterator[dict[str, Any]]:
    """Say of every question that was not answered why, so that no threat is absent silently."""
    for one in answers:
        if one.found is None and not one.failed:  # what failed has its row
            text = f"{one.model}: {one.reason}"
            yield diagnostic(f"threat: {one.threat}", "not applicable", None, text)
    if not adjusted:
        reason = "adjusted: no covariates are named"
        yield diagnostic("threat: adjusted", "not applicable", None, reason)
    for threat, reason in ELSEWHERE.items():
        yield diagnostic(f"threat: {threat}", "not here", None, reason)


def _line(row: dict[str, Any]) -> dict[str, str]:
    threat = str(row["name"]).removeprefix("threat: ")
    return {"Threat": threat, "Answer": str(row["value"]), "Why": str(row["meaning"])}


def _scale(spec: Spec, effect: Effect) -> dict[str, Any]:
    from gluteal.frames.one_effect import name_estimand

    outcome, exposure = variables()[spec.outcome], variables()[spec.exposure]
    return {
        "ratio": effect.ratio, "unit": "" if effect.ratio else outcome.unit,
        "outcome": outcome.label, "exposure": exposure.label, "contrast": effect.contrast,
        "name": name_estimand(effect), "level": spec.level,
    }  # fmt: skip


def _sentences(spec: Spec, answered: set[str]) -> Iterator[str]:
    from gluteal.frames.bias_words import write_bias

    first, second = write_labels((spec.exposure, spec.outcome))
    adjusted = write_adjusted(spec.covariates)
    yield (
        f"The association between {first} and {second}, {adjusted}, was estimated again under "
        "each threat to it, in the same people and for the same amount of exposure"
    )
    yield from write_bias(answered)
