"""Whether a difference between the legs goes with pain: its size, and its side.

Two questions, one of which gives the headline. ``side``: of two legs of one person, is the weaker
one on the painful side (conditional logistic regression, a person's legs being a matched pair; what
both legs share cannot confound). ``absolute``: do people whose legs differ more hurt more, mean
strength held (the weak differ more in per cent, and noise makes everybody's legs differ). The
measure is ln(right / left); other formulas stand beside it. No cut-off without a source.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal.estimates import Fit, diagnostic
from gluteal.frames.column_words import write_adjusted, write_column, write_labels
from gluteal.notation import write_list, write_number
from gluteal.spec import ModelSpec
from gluteal.variables import variable, variables

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort
    from gluteal.frames.asymmetry_rows import SideRows, SizeRows
    from gluteal.frames.legs import AsymmetryError
    from gluteal.frames.uneven import Family

FIGURE = "asymmetry"
IMPUTES = True


class Spec(ModelSpec):
    """Settings of ``side_asymmetry``."""

    method: Literal["side_asymmetry"] = "side_asymmetry"
    question: Literal["side", "absolute"] = Field(
        "side", description="side: is the painful leg the weaker; absolute: do uneven people hurt"
    )
    other_outcome: str | None = Field(
        None, description="The outcome of the other question, shown beside; by default a usual one"
    )
    family: Literal["auto", "linear", "logistic", "poisson"] = Field(
        "auto", description="Model of the absolute question; auto: logistic for yes/no, else linear"
    )
    cutoff_pct: float | None = Field(
        None, gt=0, description="A published cut-off of abnormal asymmetry in %; needs its source"
    )
    cutoff_source: str = Field("", description="Where cutoff_pct was published")
    mdc_pct: float | None = Field(
        None, gt=0, description="Published minimal detectable side difference in %, in place of own"
    )
    mdc_source: str = Field("", description="Where mdc_pct was published")

    @model_validator(mode="after")
    def _refuse(self) -> Spec:
        if not self.exposure.endswith("_asym_log"):
            raise ValueError(
                f"{self.exposure}: name an asymmetry as ln(right/left), such as hip_abd_asym_log; "
                "other formulas are shown beside it"
            )
        for key, value in (("cutoff", self.cutoff_pct), ("mdc", self.mdc_pct)):
            if value is not None and not getattr(self, f"{key}_source"):
                raise ValueError(
                    f"{key}_pct: {value:g} % needs a stated source: add {key}_source. A fixed "
                    "10 to 15 % is exceeded by noise alone in many people"
                )
        side, size = self.outcomes
        if side is not None and not _has_side(side):
            raise ValueError(f"{side} tells no side: use pain_side or a mark such as "
                             "pain_site_left_si")  # fmt: skip
        if size is not None and _has_side(size):
            raise ValueError(f"{size} is a side: question absolute needs an amount of pain")
        return self

    @property
    def outcomes(self) -> tuple[str | None, str | None]:
        """The outcomes of both questions: side, then absolute."""
        if self.question == "side":
            return self.outcome, self.other_outcome
        return self.other_outcome, self.outcome

    @property
    def strength(self) -> str:
        """The strength that the asymmetry is of."""
        return f"{self.exposure.removesuffix('_asym_log')}_nm_kg"


def _has_side(name: str) -> bool:
    return name == "pain_side" or "_left_" in name or "_right_" in name


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that the headline reads."""
    from gluteal.frames.sides import other_leg

    names = [spec.exposure, spec.outcome]
    if spec.question == "absolute":
        names += [spec.strength, *spec.named]
    else:
        names += [name for name in (other_leg(spec.outcome),) if name]
        names += [name for name in spec.named if name == "dominant_side"]
    return tuple(dict.fromkeys(names))


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Estimate both questions, as far as the cohort has what they need.

    Raises
    ------
    UserError
        Where the headline's question cannot be answered; the column is named.
    """
    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    from gluteal.errors import UserError
    from gluteal.frames.asymmetry_checks import check_asymmetry, lay_panels, tabulate_sides
    from gluteal.frames.legs import measure_error, stated_error

    frame = _take(cohort, spec)
    error = (
        stated_error(spec.mdc_pct, spec.mdc_source)
        if spec.mdc_pct is not None
        else measure_error(cohort, spec.strength, spec.visit)
    )
    main = _question(spec, frame, spec.question, spec.outcome)
    rows = [_first(main), *main.beside(error, lambda name: name in frame)]
    notes: list[dict[str, Any]] = []
    other: SideRows | SizeRows | None = None
    second, outcome = _other_question(spec, frame)
    if outcome:
        try:
            other = _question(spec, frame, second, outcome)
            rows += [row | {"role": "exploratory"} for row in _all(other, error, frame)]
        except UserError as fault:
            notes.append(diagnostic(f"Question: {second}", "not analysed", None, str(fault)))
    return Fit(
        estimates=rows,
        diagnostics=[*check_asymmetry(spec, frame, (main, other), error), *notes],
        panels=lay_panels(cohort, spec, frame, rows, error),
        tables={"asymmetry_by_painful_side": tabulate_sides(spec, frame)},
        sentences=list(_write_sentences(spec, main, other, error)),
    )


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Return the headline alone.

    Raises
    ------
    UserError
        As ``fit``.
    """
    frame = cohort.frame(list(needs(spec)), "person", spec.visit)
    return _first(_question(spec, frame, spec.question, spec.outcome))


def _take(cohort: Cohort, spec: Spec) -> pd.DataFrame:
    """Take what the rows may read, as far as the cohort has it."""
    from gluteal.frames.asymmetry_rows import FORMULAS, MARKS, MUSCLES, stem_of
    from gluteal.frames.sides import other_leg

    stem = stem_of(spec.exposure)
    wanted = [*needs(spec), spec.strength, "pain_side", "nprs_avg", "lbp", "dominant_side"]
    wanted += [*MUSCLES, *(f"{stem_of(name)}_nm_kg" for name in MUSCLES), *MARKS]
    wanted += [stem + end for end in FORMULAS]
    wanted += [name for name in (spec.other_outcome, *spec.covariates) if name]
    wanted += [other for name in wanted if (other := other_leg(name))]
    names = list(dict.fromkeys(name for name in wanted if name in variables()))
    lacking = set(cohort.lacks(names))
    return cohort.frame([n for n in names if n not in lacking], "person", spec.visit)


def _question(spec: Spec, frame: pd.DataFrame, question: str, outcome: str) -> SideRows | SizeRows:
    from gluteal.frames.asymmetry_rows import SideRows, SizeRows

    if question == "side":
        return SideRows(spec, frame, outcome)
    family: Family = "linear"
    if spec.family != "auto":
        family = spec.family
    elif variable(outcome).kind == "boolean":
        family = "logistic"
    return SizeRows(spec, frame, outcome, family)


def _first(made: SideRows | SizeRows) -> dict[str, Any]:
    from gluteal.frames.asymmetry_rows import SideRows

    return made.odds() if isinstance(made, SideRows) else made.slope()


def _all(
    made: SideRows | SizeRows, error: AsymmetryError | None, frame: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    yield _first(made)
    yield from made.beside(error, lambda name: name in frame)


def _other_question(spec: Spec, frame: pd.DataFrame) -> tuple[str, str | None]:
    """Name the question that is not the headline's, and an outcome of it that the cohort has."""
    second, usual = ("absolute", "nprs_avg") if spec.question == "side" else ("side", "pain_side")
    outcome = spec.other_outcome or usual
    ready = outcome in frame and (second == "side" or spec.strength in frame)
    return second, outcome if ready else None


def _write_sentences(
    spec: Spec,
    main: SideRows | SizeRows,
    other: SideRows | SizeRows | None,
    error: AsymmetryError | None,
) -> Iterator[str]:
    """Say what was done, filled from the settings."""
    from gluteal.frames.asymmetry_rows import FITS, SideRows

    strength = write_column(spec.strength)
    yield f"Asymmetry was taken as ln(right/left) of {strength} at {spec.visit}"
    for made in (main, other):
        if isinstance(made, SideRows):
            n = len(made.found.right)
            yield (
                f"In {n:,} people with pain on one side the painful leg was compared with the "
                "other by conditional logistic regression, a logistic model of the differences "
                "(doi:10.1093/biomet/65.1.153) with HC3 errors (doi:10.18637/jss.v016.i09), "
                "adjusted for the side itself; bilateral and central pain tell no side"
            )
            if shared := [n for n in spec.covariates if n != "dominant_side"]:
                names = write_list(write_labels(shared))
                yield f"What both legs share cannot confound their difference: {names}"
        elif made is not None:
            label = write_column(made.outcome)
            yield (
                f"The size of the asymmetry was related to {label} by "
                f"{FITS[made.family]} with HC3 errors "
                f"(doi:10.1080/00031305.2000.10474549), {write_adjusted(made.adjust)}"
            )
    if error:
        yield (
            f"The minimal detectable difference of the legs was {write_number(100 * error.mdc)} % "
            f"(1.96 √2 SEM of one leg, {write_number(error.leg_pct)} %, {error.how}, "
            "doi:10.1519/15184.1); no cut-off of abnormal asymmetry was applied to people"
        )
