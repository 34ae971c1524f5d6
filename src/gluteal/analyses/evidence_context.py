"""Set this cohort beside published results: the same quantity, sign and unit.

The headline is our estimate minus the published one, exploratory: a cohort that differs is no
refutation, and one that agrees no confirmation, since people, instruments and biases differ. Ours
is never pooled with the published results. Which results enter, whose sign is turned round and
which have no usable error is printed, with how far each number was verified.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal import spec as base
from gluteal.constants import constants
from gluteal.errors import suggest
from gluteal.estimates import Fit, diagnostic
from gluteal.spec import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gluteal.cohort.derived import Cohort
    from gluteal.frames.context import Beside, Ours, Reference

FIGURE = "evidence"
Topic = Literal["strength", "lordosis", "tilt", "programme", "course", "incidence"]
OUTCOMES: dict[str, tuple[str, ...]] = {
    "strength": ("hip_abd_nm_kg", "hip_abd_n_kg", "hip_abd_pct_bw", "hip_abd_n",
                 "hip_ext_nm_kg", "hip_ext_n_kg", "hip_ext_pct_bw", "hip_ext_n"),
    "lordosis": ("lumbar_lordosis_surface_deg", "lumbar_lordosis_cobb_deg"),
    "tilt": ("pelvic_tilt_asis_psis_deg",),
    "programme": ("nprs_avg",),
    "course": ("nprs_avg",),
    "incidence": ("incident_lbp",),
}  # fmt: skip
"""What a topic may be compared in; the first is the default."""
GROUPS = ("strength", "lordosis", "tilt")


class Spec(base.Spec):
    """Settings of ``evidence_context``."""

    method: Literal["evidence_context"] = "evidence_context"
    role: Role = "exploratory"
    topic: Topic = Field(description="What is compared")
    outcome: str = Field("", description="Our measure; by default the first of the topic")
    exposure: str = Field("lbp", description="Who has low back pain at entry")
    published: Literal["auto"] | tuple[str, ...] = Field(
        "auto", description="Constants that make the reference; auto: independent ones"
    )
    course: Literal["persistent", "acute"] = Field(
        "persistent", description="Which published course of pain"
    )
    outcome_visit: str = Field("week12", description="The visit at which arms are compared")
    min_cell: int = Field(5, ge=1, description="Smaller counts are not shown")

    @model_validator(mode="after")
    def _same_quantity(self) -> Spec:
        from gluteal.frames.published import choose

        allowed = OUTCOMES[self.topic]
        if self.outcome and self.outcome not in allowed:
            trap = " (the radiographic angle has the opposite sign)" if self.topic == "tilt" else ""
            raise ValueError(
                f"{self.outcome} cannot stand beside what is published on {self.topic}{trap}: "
                f"take one of {', '.join(allowed)}"
            )
        if isinstance(self.published, str):
            return self
        if not self.part:
            raise ValueError(f"published: on {self.topic} there is one reference only; leave auto")
        usable = {n: one.how for one, _ in choose(self.part) for n in one.values}
        for name in self.published:
            if name not in constants():
                hint = suggest(name, constants())
                raise ValueError(f"published: no constant {name!r}. {hint}".strip())
            if name not in usable:
                raise ValueError(f"published: {name} says nothing about {self.part}")
            if usable[name] == "none":
                raise ValueError(f"published: {name} has no interval, so it cannot be pooled")
        return self

    @property
    def measure(self) -> str:
        """Our measure."""
        return self.outcome or OUTCOMES[self.topic][0]

    @property
    def part(self) -> str:
        """What the published results are about; empty where they have no error."""
        if self.topic == "strength":
            return "extensors" if self.measure.startswith("hip_ext") else "abductors"
        return {"lordosis": "lordosis", "tilt": "tilt", "programme": "pain"}.get(self.topic, "")


def needs(spec: Spec) -> tuple[str, ...]:
    """Name our measure, and who is compared."""
    return (spec.measure, "arm" if spec.topic == "programme" else spec.exposure)


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Set ours beside the published results; the first estimate is the difference."""
    # A cohort of patients alone needs no fact that says so.
    asked = needs(spec) if spec.part else needs(spec)[:1]
    if lacking := cohort.lacks(asked):
        return Fit(needs=lacking)
    if not spec.part:
        return _fit_plain(cohort, spec)
    from gluteal.frames.context_tables import lay_out_forest, lay_out_published, write_sentences

    results, reference, ours = _gather(cohort, spec)
    rows = [_first(spec, ours, reference)]
    rows.append(_row(spec, ours, ours.found, model="this cohort", role="secondary",
                     exposure=needs(spec)[1], estimand=_quantity(spec)))  # fmt: skip
    rows += _beside(spec, ours, results, reference)
    return Fit(
        estimates=rows,
        diagnostics=list(_diagnose(ours, results, reference)),
        panels={"forest": lay_out_forest(results, reference, ours, spec.level)},
        tables={"published": lay_out_published(results)},
        sentences=write_sentences(results, reference, ours, _quantity(spec), spec.part),
    )


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Return the first estimate of ``fit``."""
    if not spec.part:
        return dict(_fit_plain(cohort, spec).estimates[0])
    _, reference, ours = _gather(cohort, spec)
    return _first(spec, ours, reference)


def _gather(cohort: Cohort, spec: Spec) -> tuple[list[Beside], Reference | None, Ours]:
    from gluteal.frames.context import Beside, compare_arms, compare_groups, convert, pool_beside
    from gluteal.frames.published import choose

    named = None if isinstance(spec.published, str) else spec.published
    results = [Beside(one, used, convert(one)) for one, used in choose(spec.part, named)]
    if spec.topic == "programme":
        ours = compare_arms(cohort, spec.measure, spec.visit, spec.outcome_visit, spec.level)
    else:
        ours = compare_groups(cohort, spec.measure, spec.exposure, spec.visit, spec.level)
    return results, pool_beside(results, spec.level), ours


def _quantity(spec: Spec) -> str:
    if spec.topic == "programme":
        return "difference between arms"
    return "standardised mean difference"


def _row(spec: Spec, ours: Ours, found: Any = None, **more: Any) -> dict[str, Any]:
    groups = spec.topic in GROUPS
    row: dict[str, Any] = {
        "role": spec.role, "model": "this cohort minus published", "outcome": spec.measure,
        "exposure": "", "term": spec.topic,
        "contrast": "", "estimand": f"{_quantity(spec)}: ours minus published",
        "scale": "smd" if groups else "difference", "unit": "SD" if groups else "points",
        "se_type": "large sample", "estimator": ours.estimator, "n_obs": ours.n, "n_people": ours.n,
        "n_events": ours.events, "n_missing": ours.n_missing,
        "missing_method": "complete cases", "level": spec.level, "converged": True, "warnings": "",
    }  # fmt: skip
    if spec.topic == "programme":
        row |= {"se_type": "HC3", "adjusted_for": f"{spec.measure} at first"}
    return row | (found.row() if found is not None else {}) | more


def _first(spec: Spec, ours: Ours, reference: Reference | None) -> dict[str, Any]:
    from gluteal.frames.context import subtract

    if reference is None:
        text = "no published result with a usable error"
        return _row(spec, ours, converged=False, warnings=text)
    gap = subtract(ours.found, reference.found, spec.level)
    good = reference.pooled is None or reference.pooled.converged
    notes = "; ".join(reference.warnings)
    return _row(spec, ours, gap, converged=good and isfinite(gap.se), warnings=notes)


def _beside(
    spec: Spec, ours: Ours, results: list[Beside], reference: Reference | None
) -> Iterator[dict[str, Any]]:
    """Give the published results, pooled and one by one, and ours minus each."""
    from gluteal.estimators.inference import interval
    from gluteal.frames.context import subtract

    blank = {"n_obs": None, "n_people": None, "n_missing": None, "estimator": "as printed",
             "estimand": f"published {_quantity(spec)}"}  # fmt: skip
    if reference is not None:
        name = "one result" if reference.studies == 1 else f"{reference.studies} results, pooled"
        yield _row(spec, ours, reference.found, **blank, role="secondary",
                   model=f"published: {name}")  # fmt: skip
    for one in results:
        if one.found is None:
            continue
        alone = interval(one.found.value, one.found.se, level=spec.level)
        label = one.published.label
        note = "; ".join(filter(None, (one.found.note, one.published.why_not)))
        yield _row(spec, ours, alone, **blank, role="exploratory", model=label, warnings=note)
        gap = subtract(ours.found, alone, spec.level)
        yield _row(spec, ours, gap, role="sensitivity", model=f"this cohort minus {label}",
                   warnings=note)  # fmt: skip


def _diagnose(
    ours: Ours, results: list[Beside], reference: Reference | None
) -> Iterator[dict[str, Any]]:
    used = [one for one in results if one.used]
    text = "published results that make the reference; few say little of how studies differ"
    yield diagnostic("results in the reference", len(used), len(used) >= 3, text, ">= 3")
    silent = sum(one.found is None for one in results)
    text = "published results without an interval or p that gives one: listed, not compared"
    yield diagnostic("results without an error", silent, None, text)
    doubt = [one.published.label for one in used if not one.published.verified]
    text = "results that rest on a number that nobody has seen in its source"
    yield diagnostic("unverified", ", ".join(doubt) or "none", not doubt, text)
    names = [one.published.label.split(",")[0] for one in used]
    overlap = [
        one.published.label for one in used if any(n in one.published.why_not for n in names)
    ]
    text = "results that may share people with another one of the reference"
    yield diagnostic("overlap", ", ".join(overlap) or "none", not overlap, text)
    if reference is not None and reference.pooled is not None:
        text = "per cent of the spread of published results beyond chance"
        yield diagnostic("I²", reference.pooled.i2, None, text)
    if reference is not None and reference.prediction is not None:
        low, high = reference.prediction
        inside = low <= ours.found.estimate <= high
        text = "whether ours lies where a new study is expected"
        yield diagnostic("inside the prediction interval", "yes" if inside else "no", inside, text)


def _fit_plain(cohort: Cohort, spec: Spec) -> Fit:
    """Compare with what is published of people over time."""
    from gluteal.frames import context_courses as plain

    if spec.topic == "course":
        return plain.fit_course(cohort, spec.measure, spec.exposure, spec.course, _plain_row(spec))
    row = _plain_row(spec)
    return plain.fit_incidence(cohort, spec.measure, spec.exposure, row, spec.min_cell)


def _plain_row(spec: Spec) -> dict[str, Any]:
    return {
        "role": spec.role, "outcome": spec.measure, "exposure": "", "term": spec.topic,
        "contrast": "", "scale": "difference", "level": spec.level,
        "missing_method": "complete cases", "converged": True,
        "warnings": "the error of the published number is not printed and not counted",
    }  # fmt: skip
