"""Put courses of pain into classes and ask who has the worst course.

Latent class growth with one to five classes, the number by BIC; the headline is the odds ratio of
the worst against the best course per standard deviation of the exposure at the baseline, with the
error of the classes allowed for. Exploratory: classes are summaries, not types of people.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal.estimates import Fit
from gluteal.notation import write_number
from gluteal.spec import ModelSpec, Role
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.estimators.inference import Estimate
    from gluteal.frames.trajectories import Classes

FIGURE = "trajectories"
PAIN = ("LBP1", "ODI1")
Row = dict[str, Any]


class Spec(ModelSpec):
    """Settings of classes of courses."""

    method: Literal["pain_trajectories"] = "pain_trajectories"
    role: Role = Field("exploratory", description="Classes are a description; leave exploratory")
    most: int = Field(5, ge=1, le=8, description="Largest number of classes tried")
    classes: int | None = Field(None, ge=1, le=8, description="This number instead of the BIC's")
    degree: Literal[1, 2, 3] = Field(1, description="1: straight, 2: parabola, 3: cubic, in time")
    time: Literal["log_week", "week"] = Field(
        "log_week", description="Courses over ln(1 + week), along which they flatten less, or week"
    )
    least_share: float = Field(
        0.05, ge=0, lt=0.5, description="Numbers of classes with a smaller class are passed over"
    )
    starts: int = Field(50, ge=5, description="Random starts of each number of classes")
    min_cell: int = Field(5, ge=1, description="Smaller counts are shown as <5")

    @model_validator(mode="after")
    def _agree(self) -> Spec:
        known = variables().get(self.exposure)
        if known is not None and not known.numeric:
            raise ValueError(f"{self.exposure} is not a number: name a measure as exposure")
        course = variables().get(self.outcome)
        if course is not None and not (course.node in PAIN and course.higher.startswith("more")):
            raise ValueError(
                f"{self.outcome}: name a score of pain or disability of which more is worse, since "
                "courses are called best and worst by it"
            )
        if self.outcome in (self.exposure, *self.adjust):
            raise ValueError(f"{self.outcome} makes the classes and cannot explain them, too")
        return self


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that it reads."""
    return spec.in_model


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Find the classes and who belongs to the worst.

    With fewer than four visits there is no course to speak of: ``needs`` says so.

    Raises
    ------
    UserError
        If there are too few people, or a column does not suit; it is named.
    """
    from gluteal.frames import trajectory_words as words
    from gluteal.frames.trajectories import WAVES, continuum_bic, count_waves

    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    if count_waves(cohort, spec.outcome) < WAVES:
        return Fit(needs=[f"{spec.outcome} at four visits or more"])
    made = _classify(cohort, spec)
    outcome, unit = variables()[spec.outcome], variables()[spec.exposure].unit
    continuum = continuum_bic(made.courses, spec.degree)
    return Fit(
        estimates=[_headline(spec, made), *_beside(spec, made)],
        diagnostics=words.check_classes(made, continuum, outcome.low, spec.least_share),
        panels=_panels(spec, made),
        tables={
            "classes": words.tabulate_classes(made, spec.min_cell, unit),
            "numbers of classes": words.tabulate_selection(made),
        },
        sentences=words.say_classes(
            spec.outcome,
            spec.exposure,
            spec.covariates,
            made,
            spec.starts,
            spec.classes is not None,
        ),
    )


def headline(cohort: Cohort, spec: Spec) -> Row:
    """Return the first estimate alone."""
    return _headline(spec, _classify(cohort, spec))


def _classify(cohort: Cohort, spec: Spec) -> Classes:
    from gluteal.frames.trajectories import classify, read_courses

    pair = (spec.outcome, spec.exposure, spec.covariates)
    courses = read_courses(cohort, *pair, spec.visit, spec.time)
    return classify(
        courses,
        most=spec.most,
        classes=spec.classes,
        degree=spec.degree,
        least_share=spec.least_share,
        starts=spec.starts,
        seed=spec.seed,
    )


def _row(spec: Spec, made: Classes, found: Estimate | None, which: int, **more: Any) -> Row:
    """Write the odds ratio of one class against the best course."""
    courses, chosen = made.courses, made.chosen
    unit = variables()[spec.exposure].unit
    worst = which == chosen.classes - 1
    name = "the worst course" if worst else f"course {which + 1}"
    common: Row = {
        "outcome": spec.outcome, "exposure": spec.exposure,
        "term": f"class {which + 1} of {chosen.classes}",
        "contrast": f"{name} against the best, per SD "
        f"({write_number(courses.sd)}{f' {unit}' if unit else ''}) more",
        "estimand": f"odds ratio of {name} (latent classes of courses)", "scale": "ratio",
        "unit": "", "se_type": "sandwich with the error of the classes, log scale",
        "n_obs": len(courses.y), "n_people": len(courses.x), "n_missing": courses.n_missing,
        "adjusted_for": "; ".join(dict.fromkeys(name.split("=")[0] for name in courses.names)),
        "missing_method": "complete covariates; likelihood of all visits",
        "estimator": f"latent class growth, {chosen.classes} classes, three steps (ML)",
    }  # fmt: skip
    if found is None or made.regression is None:
        reason = "one course describes the data: there is no class to belong to"
        if chosen.classes > 1:
            reason = "a class has nobody assigned to it"
        return {**common, "converged": False, "warnings": reason, **more}
    said = (*chosen.warnings, *made.regression.warnings)
    fine = chosen.converged and made.regression.converged
    state = {"converged": fine, "warnings": "; ".join(dict.fromkeys(said))}
    return {**common, **state, **found.row(), **more}


def _headline(spec: Spec, made: Classes) -> Row:
    threat = "adjusted" if spec.covariates else "crude"
    model = "classes by BIC" if spec.classes is None else "classes as set"
    found = made.worst(spec.level)
    return _row(spec, made, found, made.chosen.classes - 1, model=model, threat=threat)


def _beside(spec: Spec, made: Classes) -> Iterator[Row]:
    """Yield the other classes, another correction, no covariates, other numbers of classes."""
    from dataclasses import replace

    from gluteal.frames.trajectories import regress

    if made.regression is None:
        return
    courses, chosen = made.courses, made.chosen
    last = chosen.classes - 1
    for k in range(1, last):
        one = made.of_class(k, spec.level)
        yield _row(spec, made, one, k, role="exploratory", model=f"course {k + 1}")
    if spec.covariates:
        crude = replace(made, regression=regress(courses, chosen, adjusted=False))
        more = {"role": "secondary", "threat": "crude", "model": "crude", "adjusted_for": ""}
        yield _row(spec, crude, crude.worst(spec.level), last, **more)
    other = replace(made, regression=regress(courses, chosen, method="BCH"))
    more = {"role": "sensitivity", "threat": "robust", "model": "error allowed for by weights"}
    estimator = f"latent class growth, {chosen.classes} classes, three steps (BCH)"
    yield _row(spec, other, other.worst(spec.level), last, **more, estimator=estimator)
    for fitted in made.selection.fits:
        if fitted.classes > 1 and abs(fitted.classes - chosen.classes) == 1:
            near = replace(made, chosen=fitted, regression=regress(courses, fitted))
            more = {"role": "sensitivity", "model": f"{fitted.classes} classes"}
            yield _row(spec, near, near.worst(spec.level), fitted.classes - 1, **more)


def _panels(spec: Spec, made: Classes) -> dict[str, list[Row]]:
    """Return the mean course of each class, with its band."""
    import numpy as np

    from gluteal.frames.trajectories import draw_courses

    outcome = variables()[spec.outcome]
    top = float(np.quantile(made.courses.week, 0.99))
    weeks = np.linspace(0.0, top, 61)
    curves = draw_courses(made, weeks, spec.level)
    seen = made.courses.week[(made.courses.week >= 0) & (made.courses.week <= top)]
    ticks = [{"week": float(w)} for w in np.unique(np.round(seen / 2) * 2)]
    scale: Row = {"axis": outcome.axis, "label": outcome.label, "low": outcome.low}
    scale |= {"high": outcome.high, "classes": made.chosen.classes, "n": len(made.courses.x)}
    return {"courses": curves, "weeks": ticks, "scale": [scale]} if curves else {}
