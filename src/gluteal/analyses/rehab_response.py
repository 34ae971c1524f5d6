"""Ask what a staged programme did: between arms, within one arm, and by adherence.

Question ``programme`` compares the arms: headline is their difference at one visit from a model of
all visits with a common baseline; responders, cumulative responders and classes of change stand
beside it. Without a control arm (or with question ``change``) only the change during the programme
is shown, beside the published natural course, and no words of an effect. Question ``adherence``
relates a later outcome to adherence so far by a marginal structural model.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal.estimates import Fit
from gluteal.notation import write_number
from gluteal.spec import ModelSpec
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.estimators.inference import Estimate, Model
    from gluteal.frames.adherence import Dose, Intervals
    from gluteal.frames.arms import Comparison
    from gluteal.frames.course import Course
    from gluteal.frames.natural_course import NaturalCourse
    from gluteal.frames.responders import Threshold

FIGURE = "programme"
ARM, WEEK = "arm", "week_nominal"
DOSES = ("adherence", "adherence_to_date")
MINUS = "\N{MINUS SIGN}"
Row = dict[str, Any]


class Spec(ModelSpec):
    """Settings of the questions to a programme."""

    method: Literal["rehab_response"] = "rehab_response"
    question: Literal["programme", "adherence", "change"] = Field(
        "programme",
        description="programme: arms compared; change: one arm; adherence: outcome by dose done",
    )
    exposure: str = Field(ARM, description="arm, or adherence for question adherence")
    adjust: Literal["dag"] | tuple[str, ...] = Field(
        (), description="Covariates at the baseline; the outcome at the baseline is always in"
    )
    outcome_visit: str = Field("week12", description="The visit at which the outcome is compared")
    randomised: bool | None = Field(None, description="By lot; the study's allocation says it")
    course: Literal["persistent", "acute"] = Field(
        "persistent", description="Published course that a single arm is drawn beside"
    )
    per: float = Field(0.1, gt=0, le=1, description="Adherence that its slope is for: 0.1 is 10 %")
    history: tuple[str, ...] = Field(
        ("phq9", "med_analgesic_24h"),
        description="Variables of the visits that may drive adherence and outcome alike",
    )
    truncate: tuple[float, float] = Field(
        (0.01, 0.99), description="Quantiles at which the weights are cut"
    )
    delta: float | None = Field(
        None, description="What the programme's missing people may be worse by; default half a MIC"
    )
    min_cell: int = Field(5, ge=1, description="Smaller counts are shown as <5")

    @model_validator(mode="after")
    def _agree(self) -> Spec:
        fitting = DOSES if self.question == "adherence" else (ARM,)
        if self.exposure not in fitting:
            raise ValueError(
                f"question {self.question} takes exposure {' or '.join(fitting)}: change between "
                "groups that were not given a programme is no response to it (group_difference "
                "and dose_response compare them at one visit)"
            )
        if self.outcome in self.adjust:
            raise ValueError(
                f"{self.outcome} is the outcome: its baseline is in the model already, and its "
                "change is not regressed on it"
            )
        if strange := [name for name in self.history if name not in variables()]:
            raise ValueError(f"no such variable in the dictionary: {', '.join(strange)}")
        if not 0 <= self.truncate[0] < self.truncate[1] <= 1:
            raise ValueError("truncate takes two quantiles in order, such as [0.01, 0.99]")
        return self


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that it reads."""
    more: tuple[str, ...] = {
        "programme": (ARM,),
        "change": (),
        "adherence": ("adherence_interval", "adherence_to_date"),
    }[spec.question]
    return tuple(dict.fromkeys((spec.outcome, *more, *spec.named)))


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Answer the question.

    Raises
    ------
    UserError
        If a visit, an arm or the sessions have too few people, or a column does not suit.
    """
    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    if spec.question == "adherence":
        return _fit_adherence(cohort, spec)
    made = _Programme(cohort, spec)
    return made.compare(cohort) if made.course.two_arms else made.describe(cohort)


def headline(cohort: Cohort, spec: Spec) -> Row:
    """Return the first estimate alone."""
    if spec.question == "adherence":
        return _dose(cohort, spec)[2][0]
    return _Programme(cohort, spec).first()


class _Programme:
    """The arms, or the one arm, of one programme."""

    def __init__(self, cohort: Cohort, spec: Spec) -> None:
        from gluteal.frames.arms import compare_course
        from gluteal.frames.course import PROGRAMME, read_course
        from gluteal.frames.responders import find_threshold

        only = PROGRAMME if spec.question == "change" else None
        self.spec, self.outcome = spec, variables()[spec.outcome]
        self.course: Course = read_course(cohort, spec.outcome, spec.covariates, spec.visit, only)
        self.end = self.course.at(spec.outcome_visit)
        self.model: Comparison = compare_course(self.course)
        self.threshold: Threshold | None = find_threshold(spec.outcome)

    def row(self, found: Estimate, **more: Any) -> Row:
        """Write one estimate; by default of the difference between the arms."""
        import numpy as np

        from gluteal.frames.rehab_words import name_difference

        spec, course = self.spec, self.course
        values = np.isfinite(course.y)
        model = self.model.fit.model
        common: Row = {
            "outcome": spec.outcome, "exposure": ARM, "term": ARM,
            "contrast": f"programme {MINUS} control",
            "estimand": name_difference(spec.outcome_visit, spec.randomised),
            "scale": "difference", "unit": self.outcome.unit, "se_type": "Kenward-Roger",
            "n_obs": int(values.sum()), "n_people": len(course.y),
            "n_missing": int(values.size - values.sum()),
            "adjusted_for": "; ".join(("baseline", *spec.covariates)),
            "missing_method": "likelihood of all visits (missing at random)",
            "estimator": "constrained longitudinal mixed model",
            "converged": model.converged, "warnings": "; ".join(model.warnings),
        }  # fmt: skip
        return {**common, **found.row(), **more}

    def first(self) -> Row:
        """Write the headline: of two arms their difference, of one its change."""
        level = self.spec.level
        if self.course.two_arms:
            found = self.model.gap(self.end, level)
            return self.row(found, model="all visits, common baseline", threat="adjusted")
        found = self.model.change(self.end, level)
        return self.row(found, **self._single(), model="all visits", threat="crude")

    def _single(self) -> Row:
        """Return what differs in the rows of a single arm."""
        spec, end = self.spec, self.spec.outcome_visit
        estimand = f"mean change from {spec.visit} to {end} during the programme"
        return {
            "exposure": WEEK, "term": end, "contrast": f"{end} {MINUS} {spec.visit}",
            "estimand": f"{estimand} (no control arm)",
            "adjusted_for": "; ".join(spec.covariates), "estimator": "longitudinal mixed model",
        }  # fmt: skip

    def compare(self, cohort: Cohort) -> Fit:
        """Compare two arms."""
        from gluteal.frames import programme_checks as checks
        from gluteal.frames import programme_tables as tables
        from gluteal.frames.rehab_words import say_arms, say_responders
        from gluteal.frames.responder_rows import list_responders

        spec, course, end = self.spec, self.course, self.end
        checked = checks.check_model(self.model.fit)
        checked += checks.check_arms(course, end, spec.level, spec.randomised)
        checked += checks.check_change(course, end, self.outcome.low)
        last = spec.outcome_visit
        words = [say_arms(spec.outcome, spec.covariates, course, last, spec.randomised)]
        responders: list[Row] = []
        if self.threshold:
            words.append(say_responders(self.threshold))
            pairs = list_responders(course, end, self.threshold, spec.level)
            responders = [self.row(one, **more) for one, more in pairs]
        found = tables.tabulate(cohort, course, end, self.threshold, spec.level, spec.min_cell)
        return Fit(
            estimates=[self.first(), *self._beside(), *responders],
            diagnostics=checked,
            panels=self._panels(cohort, None),
            tables=found,
            sentences=words,
        )

    def _beside(self) -> Iterator[Row]:
        """Yield other ways to compare the arms at the end, then the other visits."""
        import numpy as np

        from gluteal.frames.arms import compare_end, shift_missing

        spec, course, end, level = self.spec, self.course, self.end, self.spec.level
        found = self.model.gap(end, level)
        complete = {"missing_method": "complete cases", "se_type": "HC3", "role": "secondary"}
        for name, baseline in (("ANCOVA at the end", True), ("crude at the end", False)):
            n = int(np.isfinite(course.y[:, [0, end] if baseline else [end]]).all(1).sum())
            size = {"n_obs": n, "n_people": n, "n_missing": len(course.y) - n, **complete}
            size |= {"estimator": "least squares", "threat": "adjusted" if baseline else "crude"}
            size |= {} if baseline else {"adjusted_for": ""}
            one: Model = compare_end(course, end, baseline=baseline)
            state = {"converged": one.converged, "warnings": "; ".join(one.warnings)}
            yield self.row(one.coefficient(1, level), **size, **state, model=name)
        other = {"role": "sensitivity", "threat": "robust", "model": "errors robust to covariance"}
        yield self.row(self.model.robust_gap(end, level), **other, se_type="CR2")
        half = self.threshold.mic.value / 2 if self.threshold else None
        if (delta := spec.delta if spec.delta is not None else half) is not None:
            name = f"the programme's missing people worse by {write_number(delta)}"
            shifted = shift_missing(found, course, end, delta)
            yield self.row(shifted, role="sensitivity", threat="missing not at random",
                           model=name, missing_method="shifted (pattern mixture)")  # fmt: skip
        for k, visit in enumerate(course.visits):
            if k not in (0, end):
                text = f"difference between arms at {visit} (treatment policy)"
                more = {"model": "all visits, common baseline", "estimand": text}
                yield self.row(self.model.gap(k, level), role="secondary", **more)

    def describe(self, cohort: Cohort) -> Fit:
        """Describe one arm: change during the programme, beside the published course."""
        from gluteal.frames import programme_checks as checks
        from gluteal.frames import programme_tables as tables
        from gluteal.frames.natural_course import find_course
        from gluteal.frames.rehab_words import say_change

        spec, course, end = self.spec, self.course, self.end
        natural = find_course(spec.course, self.outcome.unit, self.outcome.node)
        before, after, _arm = course.pairs(end)
        rows = [self.first(), *([self._beyond(natural)] if natural is not None else [])]
        checked = checks.check_single(before, after, self.threshold)
        checked += checks.check_model(self.model.fit)
        checked += checks.check_change(course, end, self.outcome.low)
        words = [say_change(spec.outcome, course, spec.outcome_visit, natural)]
        found = tables.tabulate(cohort, course, end, self.threshold, spec.level, spec.min_cell)
        return Fit(rows, checked, self._panels(cohort, natural), found, words)

    def _beyond(self, natural: NaturalCourse) -> Row:
        """Write the change less the published one, which is taken as exact."""
        from gluteal.estimators.inference import interval

        known = natural.change(float(self.course.weeks[self.end]))
        seen = self.model.change(self.end, self.spec.level)
        found = interval(seen.estimate - known, seen.se, seen.df, seen.level)
        text = (
            f"mean change less the published change of {write_number(known)} "
            f"({natural.source.source}, taken as exact; no control arm)"
        )
        more = {**self._single(), "estimand": text, "role": "exploratory"}
        more["warnings"] = "other people and entry criteria: not the programme's doing"
        return self.row(found, **more, model="beside the published course")

    def _panels(self, cohort: Cohort, natural: NaturalCourse | None) -> dict[str, list[Row]]:
        from gluteal.frames.programme_panels import draw_panels

        return draw_panels(cohort, self.model, self.end, self.threshold, natural,
                           self.outcome, self.spec.level, self.spec.min_cell)  # fmt: skip


def _dose(cohort: Cohort, spec: Spec) -> tuple[Intervals, Dose, list[Row]]:
    from gluteal.frames.adherence import fit_dose, read_intervals
    from gluteal.frames.adherence_rows import list_doses
    from gluteal.frames.course import PROGRAMME, read_course

    course = read_course(cohort, spec.outcome, spec.covariates, spec.visit, PROGRAMME)
    made = read_intervals(cohort, course, course.at(spec.outcome_visit), spec.history)
    dose = fit_dose(made, spec.truncate)
    rows = list_doses(made, dose, spec.outcome, spec.exposure, spec.per, spec.level)
    return made, dose, rows


def _fit_adherence(cohort: Cohort, spec: Spec) -> Fit:
    """Relate the outcome at the end to adherence so far."""
    from gluteal.frames.adherence_rows import draw_dose
    from gluteal.frames.programme_checks import check_dose
    from gluteal.frames.rehab_words import say_adherence

    made, dose, rows = _dose(cohort, spec)
    names = [name for name in made.names if name != "outcome"]
    words = say_adherence(spec.outcome, spec.covariates, names, spec.outcome_visit, spec.truncate)
    checked = check_dose(dose.summary, dose.n, len(made.course.y) - dose.n)
    panels = draw_dose(made, dose, spec.outcome, spec.level)
    return Fit(estimates=rows, diagnostics=checked, panels=panels, sentences=[words])
