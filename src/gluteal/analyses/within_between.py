"""Tell what moves within a person from what merely differs between people.

The exposure is split into each person's mean and the distance from it at each visit. A mixed model
with a random intercept gives both slopes at once, the visits' common course taken out: the one
within people, and the one between them. A single slope of the exposure as it is mixes the two and
stands here as a warning only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal.errors import UserError
from gluteal.estimates import Fit
from gluteal.frames.amounts import faults_of_amount, usual_amount, write_stated
from gluteal.frames.column_words import write_adjusted, write_labels
from gluteal.notation import write_interval, write_label, write_list, write_number
from gluteal.spec import PanelSpec
from gluteal.variables import variable

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.estimators.inference import Estimate
    from gluteal.estimators.lmm import MixedModel
    from gluteal.frames.score_error import ScoreError
    from gluteal.frames.within import Rows, Term
    from gluteal.frames.within_variants import Variant

FIGURE = "within"
TERMS: tuple[Term, ...] = ("within", "between", "contextual")
NAMES: dict[str, str] = {
    "within": "within-person slope",
    "between": "between-person slope",
    "contextual": "contextual difference: between-person minus within-person slope",
    "pooled": "slope that mixes people and time",
}


class Spec(PanelSpec):
    """Settings of slopes within and between people."""

    method: Literal["within_between"] = "within_between"
    term: Literal["within", "between", "contextual"] = Field(
        "within", description="The headline: the slope within people, between them, or their gap"
    )
    lag: Literal[0, 1] = Field(
        0, description="1: the exposure of the visit before, at the shortest distance of visits"
    )
    random_slope: bool = Field(
        False, description="Let the within slope differ between people in the headline"
    )
    per: Literal["auto", "sd"] | float = Field(
        "auto",
        description="Amount of exposure; auto: 0.1 Nm/kg of a torque per mass, else 1 unit; sd: "
        "the SD within people (between people for the other terms)",
    )
    exposure_error: Literal["estimated", "none"] | float = Field(
        "estimated",
        description="Error of the exposure for the corrected row: estimated from repeats, none, or "
        "the standard error of measurement in its unit",
    )

    @model_validator(mode="after")
    def _agree(self) -> Spec:
        if faults := faults_of_amount(self.per):
            raise ValueError(faults[0])
        return self


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that it reads."""
    return spec.in_model


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Estimate the slope that the settings ask for alone."""
    return _Split(cohort, spec).first()


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Estimate the slopes within and between people, and how they change with the model.

    Raises
    ------
    UserError
        If there are too few visits, the exposure does not change within people, or a variable does
        not suit; the column is named.
    """
    from gluteal.frames.within_checks import check_within, draw_split

    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    made = _Split(cohort, spec)
    error = made.error(cohort)
    known = (made.exposure, made.outcome)
    return Fit(
        estimates=[made.first(), *made.beside(), *made.otherwise(cohort, error)],
        diagnostics=check_within(made.rows, made.main, error, known),
        panels=draw_split(made.rows, made.main, known, spec.level),
        tables=made.tables(),
        sentences=made.sentences(error),
    )


class _Split:
    """One fitted split and the words for it."""

    def __init__(self, cohort: Cohort, spec: Spec) -> None:
        from gluteal.frames.within import fit_split, split_rows

        self.spec, self.pair = spec, (spec.exposure, spec.outcome)
        self.exposure, self.outcome = variable(spec.exposure), variable(spec.outcome)
        self.rows: Rows = split_rows(
            cohort, self.pair, spec.lag, spec.covariates, spec.by_visit, spec.visit
        )
        self.main: MixedModel = fit_split(self.rows, slope=spec.random_slope)
        self.amount, self.words = self._per()

    def _per(self) -> tuple[float, str]:
        """Return the amount of exposure that a slope is for, and its words."""
        from gluteal.frames.within import spread_of

        if self.spec.per == "sd":
            within, between = spread_of(self.rows)
            inner = self.spec.term == "within"
            size = within if inner else between
            of = "within people" if inner else "between people"
            unit = "point" if self.exposure.unit == "0-10" else self.exposure.unit
            return size, f"SD {of} ({write_number(size)} {unit})".replace(" )", ")")
        size = usual_amount(self.exposure.name, self.spec.per)
        return size, write_stated(size, self.exposure.name)

    def error(self, cohort: Cohort) -> ScoreError:
        """Find the error of the exposure's score."""
        from gluteal.frames.score_error import settle_error

        asked = self.spec.exposure_error
        given = asked if isinstance(asked, str) else {"exposure": asked}
        return settle_error(cohort, self.spec.exposure, given, "exposure")

    def estimand(self, term: str, rows: Rows) -> str:
        """Name what is estimated; only an exposure before the outcome is called lagged."""
        return f"lagged {NAMES[term]}" if rows.gap else NAMES[term]

    def contrast(self, rows: Rows) -> str:
        """Write the contrast with its distance in time."""
        if rows.gap == 0:
            return f"per {self.words} more at the same visit"
        far = f"{rows.gap:g} weeks before" if rows.gap == rows.gap else "before, at any distance"
        return f"per {self.words} more at the visit {far}"

    def row(self, term: str, value: Estimate, rows: Rows, **more: Any) -> dict[str, Any]:
        """Write one slope, per the amount."""
        names = [name for name in rows.names if not name.startswith("visit=")]
        names = [name for name in names if " × " not in name]
        return {
            "outcome": self.spec.outcome, "exposure": self.spec.exposure, "term": term,
            "contrast": self.contrast(rows), "estimand": self.estimand(term, rows),
            "scale": "difference", "unit": self.outcome.unit, "se_type": "Kenward-Roger",
            "n_obs": len(rows.outcome), "n_people": rows.people, "n_missing": rows.n_missing,
            "adjusted_for": "; ".join(["visit", *names]), "missing_method": "available rows",
            "estimator": "linear mixed model (REML)", "converged": self.main.converged,
            "warnings": self._said(rows, self.main.warnings), **value.times(self.amount).row(),
        } | more  # fmt: skip

    def _said(self, rows: Rows, warnings: tuple[str, ...]) -> str:
        """Join warnings; a lagged slope has one of its own."""
        from gluteal.frames.within import FEEDBACK

        return "; ".join([*warnings, *([FEEDBACK] if rows.gap else [])])

    def value(self, term: Term) -> Estimate:
        """Estimate a term per unit of exposure."""
        from gluteal.frames.within import weights_of

        return self.main.contrast(weights_of(term, len(self.main.model.coef)), self.spec.level)

    def first(self) -> dict[str, Any]:
        """Write the headline."""
        term = self.spec.term
        return self.row(term, self.value(term), self.rows, model=f"{term} people"
                        if term != "contextual" else "contextual", threat="adjusted")  # fmt: skip

    def beside(self) -> Iterator[dict[str, Any]]:
        """Yield the other terms of the same model."""
        for term in TERMS:
            if term != self.spec.term:
                model = "contextual" if term == "contextual" else f"{term} people"
                yield self.row(term, self.value(term), self.rows, role="secondary", model=model)

    def otherwise(self, cohort: Cohort, error: ScoreError) -> Iterator[dict[str, Any]]:
        """Yield the headline's term under other models."""
        from gluteal.frames.within import fit_split, split_rows, weights_of
        from gluteal.frames.within_variants import Variant, list_variants

        spec, term = self.spec, self.spec.term
        settings = (spec.covariates, spec.by_visit, spec.visit)
        for one in list_variants(self.rows, self.main, term, error, spec.level):
            yield self._variant(one)
        others = [(1 - spec.lag, False)] + ([(1, True)] if spec.lag else [])
        for lag, every in others:
            name = "exposure of the visit before" if lag else "exposure of the same visit"
            name = "exposure of the visit before, however long ago" if every else name
            one = Variant(name, None, self.rows, term, converged=False)
            try:
                rows = split_rows(cohort, self.pair, lag, *settings, any_gap=every)
                found = fit_split(rows)
            except UserError as fault:
                yield self._variant(one, reason=str(fault))
                continue
            value = found.contrast(weights_of(term, len(found.model.coef)), spec.level)
            more = {"converged": found.converged, "warnings": self._said(rows, found.warnings)}
            yield self.row(term, value, rows, role="sensitivity", model=name, **more)

    def _variant(self, one: Variant, reason: str = "") -> dict[str, Any]:
        """Write a variant; one that could not be fitted keeps its name and the reason."""
        more: dict[str, Any] = {
            "role": one.role, "threat": one.threat or None, "model": one.name,
            "se_type": one.se_type, "estimator": one.estimator, "converged": one.converged,
            "warnings": self._said(one.rows, one.warnings),
        }  # fmt: skip
        if one.value is None:
            row = self.row(one.term, self.value(self.spec.term), one.rows, **more)
            gone = {"estimate": float("nan"), "n_obs": None, "n_people": None, "n_missing": None}
            return row | gone | {"warnings": one.reason or reason, "converged": False}
        if one.scale == "ratio":
            from gluteal.frames.within_variants import as_ratio

            more |= {"scale": "ratio", "unit": "", **as_ratio(one.value, self.amount).row()}
            more["estimand"] = f"{self.estimand(one.term, one.rows)}, odds ratio of a higher score"
        return self.row(one.term, one.value, one.rows, **more)

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Return the slopes and the variances of the model."""
        from gluteal.estimators.lmm import explain_variance

        slopes: list[dict[str, Any]] = []
        for term in TERMS:
            value = self.value(term).times(self.amount)
            slopes.append({"Slope": NAMES[term].capitalize(), "Per": self.words,
                           "Estimate": write_interval(value.estimate, value.low, value.high),
                           "df": write_number(value.df)})  # fmt: skip
        shares = explain_variance(self.main)
        unit = self.outcome.unit
        parts = [("Covariates", shares.fixed), ("People", shares.random),
                 ("Within people", shares.residual)]  # fmt: skip
        return {"slopes": slopes, "variances": [
            {"Part": name, f"Variance ({unit})²" if unit else "Variance": write_number(v)}
            for name, v in parts]}  # fmt: skip

    def sentences(self, error: ScoreError) -> list[str]:
        """Say what was done."""
        spec, rows = self.spec, self.rows
        x, y = write_label(self.exposure.label), write_label(self.outcome.label)
        own = [n for n in spec.by_visit if any(f.partition("=")[0] == n for f in rows.names)]
        course = write_list(write_labels(own))
        courses = f" and a course of its own for {course}" if own else ""
        adjusted = write_adjusted(spec.covariates, "")
        adjusted = f", {adjusted}" if adjusted else ""
        when = "at the same visit"
        if rows.gap:
            when = f"at the visit {rows.gap:g} weeks before (no other distance was used)"
        slope = " and slope" if spec.random_slope else ""
        return [
            f"{x[:1].upper()}{x[1:]} {when} was split into each person's mean over the visits used "
            f"and the distance from it (doi:10.1146/annurev.psych.093008.100356). {y[:1].upper()}"
            f"{y[1:]} was modelled on both parts by a linear mixed model with a random intercept"
            f"{slope} of each person (doi:10.18637/jss.v067.i01), each visit with a mean of its own"
            f"{courses}{adjusted}, with Kenward-Roger degrees of freedom (doi:10.2307/2533558), in "
            f"{len(rows.outcome):,} rows of {rows.people:,} people; {rows.n_missing:,} planned "
            f"rows lacked a value. Slopes are given per {self.words} of exposure.",
            f"The error of the exposure's score was {error.describe(self.exposure.unit)}; the "
            "corrected slope divides by the reliability of what changes within people "
            "(doi:10.1002/sim.4780080905).",
        ]
