"""Relate an outcome to a measure taken as a number, by its slope and by its curve.

The headline is the slope per standard deviation (or per stated amount) of the exposure, adjusted.
A restricted cubic spline shows the shape between the 5th and 95th percentile against the median,
with a test that it is straight. The exposure is never cut into groups: that loses a third of the
power and invents a threshold. Standard errors are HC3, or CR2 where a person has several rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import exp
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal.estimates import Fit
from gluteal.frames.amounts import faults_of_amount
from gluteal.frames.shares import name_odds, name_share
from gluteal.notation import write_number
from gluteal.spec import ModelSpec
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort
    from gluteal.estimators.inference import Estimate
    from gluteal.frames.dose import Curve, Slope

FIGURE = "curve"
IMPUTES = True
PERSON = "participant_id"
MINUS = "\N{MINUS SIGN}"
NAMES = {
    "linear": ("mean difference", "least squares"),
    "poisson": ("ratio of means", "modified Poisson regression"),
    "ordinal": ("odds ratio of a higher category", "proportional-odds regression"),
    "negative_binomial": ("rate ratio", "negative binomial regression"),
    "logistic": ("odds ratio", "logistic regression"),
}
SOURCES = {
    "linear": "doi:10.1080/00031305.2000.10474549",
    "poisson": "doi:10.1093/aje/kwh090",
    "ordinal": "doi:10.1111/j.2517-6161.1980.tb01109.x",
    "negative_binomial": "doi:10.2307/3314912",
    "logistic": "doi:10.18637/jss.v016.i09",
}


class Spec(ModelSpec):
    """Settings of a dose-response relation."""

    method: Literal["dose_response"] = "dose_response"
    family: Literal["linear", "poisson", "ordinal", "negative_binomial", "logistic"] = Field(
        "linear",
        description="linear: difference; poisson: ratio; ordinal, logistic: odds ratio",
    )
    knots: int = Field(4, ge=3, le=5, description="Knots of the spline, at quantiles")
    per: Literal["sd", "mdc"] | float = Field(
        "sd", description="The slope is per SD, per minimal detectable change, or per this amount"
    )
    mdc: str | None = Field(None, description="The constant to read with per: mdc")
    unit: Literal["person", "visit", "side"] = Field(
        "person", description="What a row is; several rows a person are clustered (CR2)"
    )

    @model_validator(mode="after")
    def _agree(self) -> Spec:
        if faults := faults_of_amount(self.per, self.mdc):
            raise ValueError(faults[0])
        if self.unit != "person" and self.family in ("ordinal", "negative_binomial"):
            raise ValueError(
                f"family {self.family} has no cluster-robust errors here, and unit {self.unit} has "
                "several rows a person: use linear, poisson or logistic, or unit person"
            )
        return self


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that it reads."""
    return spec.in_model


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Estimate slope and curve.

    Raises
    ------
    UserError
        If outcome or exposure do not suit the family, or the design has a fault; the column is
        named.
    """
    from gluteal.frames.dose import fit_curve, fit_slope

    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    frame, made = _relate(cohort, spec)
    cluster = None if spec.unit == "person" else PERSON
    pair = (frame, spec.outcome, spec.exposure)
    crude = fit_slope(*pair, (), spec.family, cluster, also=spec.covariates)
    curve = fit_curve(made.line, spec.knots)
    return Fit(
        estimates=[made.first(), *made.beside(crude), *made.along(curve), *made.other_knots()],
        diagnostics=made.diagnose(curve, len(frame)),
        panels=made.panels(curve),
        sentences=made.sentences(curve),
    )


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Return the first estimate alone: the adjusted slope."""
    return _relate(cohort, spec)[1].first()


def freeze(cohort: Cohort, spec: Spec) -> Spec:
    """Fix what the slope is per, so that all imputed tables answer one question."""
    return spec.model_copy(update={"per": _relate(cohort, spec)[1].units})


def _relate(cohort: Cohort, spec: Spec) -> tuple[pd.DataFrame, _Relation]:
    from gluteal.frames.dose import fit_slope

    frame = cohort.frame(needs(spec), spec.unit, None if spec.unit == "visit" else spec.visit)
    cluster = None if spec.unit == "person" else PERSON
    main = fit_slope(frame, spec.outcome, spec.exposure, spec.covariates, spec.family, cluster)
    people = int(frame[PERSON].iloc[main.design.rows].nunique())
    return frame, _Relation(spec, main, people)


class _Relation:
    """One fitted relation and the words for it."""

    def __init__(self, spec: Spec, line: Slope, people: int) -> None:
        import numpy as np

        from gluteal.frames.amounts import find_amount

        self.spec, self.line, self.people = spec, line, people
        self.outcome, self.exposure = variables()[spec.outcome], variables()[spec.exposure]
        self.binary = self.outcome.kind == "boolean"
        self.ratio = spec.family != "linear"
        self.units, self.amount = find_amount(line.exposure, spec.exposure, spec.per, spec.mdc)
        low, *inner, high = np.quantile(line.exposure, [0.05, *np.arange(0.1, 0.95, 0.1), 0.95])
        self.ends, self.deciles = (float(low), float(high)), [float(v) for v in inner]

    def first(self) -> dict[str, Any]:
        """Write the headline."""
        known = ("adjusted", "adjusted") if self.spec.covariates else ("unadjusted", "crude")
        found = self.line.per(self.units, self.spec.level)
        return self.row(found, **dict(zip(("model", "threat"), known, strict=True)))

    def name(self) -> str:
        """Name the estimand; an odds ratio of a common outcome is no ratio of shares."""
        if self.spec.family == "poisson":
            return f"{name_share(self.spec.outcome)} ratio" if self.binary else "ratio of means"
        if self.spec.family == "logistic":
            return name_odds(float(self.line.outcome.mean()), self.spec.outcome)
        return NAMES[self.spec.family][0]

    def method(self) -> str:
        """Name the model; Poisson regression is modified where the outcome is yes/no."""
        name = NAMES[self.spec.family][1]
        return name if self.binary else name.removeprefix("modified ")

    def row(self, found: Estimate, line: Slope | None = None, **more: Any) -> dict[str, Any]:
        """Write one estimate."""
        line = line or self.line
        model, penalised = line.model, bool(line.model.extra.get("penalised"))
        kind = "profile penalised likelihood" if penalised else model.se_type
        names = [name for name in line.design.terms if name != self.spec.exposure]
        estimator = self.method() + (", Firth's penalty" if penalised else "")
        common = {
            "outcome": self.spec.outcome, "exposure": self.spec.exposure,
            "term": self.spec.exposure, "contrast": f"per {self.amount} more",
            "estimand": self.name(), "scale": "ratio" if self.ratio else "difference",
            "unit": "" if self.ratio else self.outcome.unit,
            "se_type": f"{kind}, log scale" if self.ratio else kind,
            "n_obs": len(line.outcome), "n_people": self.people,
            "n_events": int(line.outcome.sum()) if self.binary else None,
            "n_missing": line.design.n_missing, "adjusted_for": "; ".join(names),
            "missing_method": "complete cases", "estimator": estimator,
            "converged": model.converged, "warnings": "; ".join(model.warnings),
        }  # fmt: skip
        return {**common, **found.row(), **more}

    def beside(self, crude: Slope) -> Iterator[dict[str, Any]]:
        """Yield the crude slope and, for odds, what they mean as risks in this sample."""
        from gluteal.estimators.effect_size import log_ratio as as_ratio
        from gluteal.estimators.margins import difference, log_ratio, standardise

        level, line = self.spec.level, self.line
        if self.spec.covariates:
            plain = crude.per(self.units, level)
            yield self.row(plain, crude, role="secondary", model="crude", threat="crude")
        if self.spec.family != "logistic" or line.model.extra.get("penalised"):
            return
        more = line.design.matrix.copy()
        more[:, 1] += self.units
        means = standardise(line.model, "logistic", [line.design.matrix, more])
        same: dict[str, Any] = {"role": "secondary", "model": "standardised to this sample"}
        same["estimator"] = "g-computation, delta method"
        risk: dict[str, Any] = {"scale": "difference", "unit": "1"}
        risk["estimand"] = f"standardised {name_share(self.spec.outcome)} difference"
        risk["se_type"] = f"{line.model.se_type}, delta method"
        yield self.row(difference(*means, level), **same, **risk)
        same["estimand"] = f"standardised {name_share(self.spec.outcome)} ratio"
        yield self.row(as_ratio(log_ratio(*means, level)), **same)

    def along(self, curve: Curve | None) -> Iterator[dict[str, Any]]:
        """Yield contrasts along the curve: 10th, 50th and 90th percentile of the exposure."""
        if curve is None:
            return
        low, middle, high = self.deciles[0], self.deciles[4], self.deciles[8]
        pairs = (("10th", low, "50th", middle), ("90th", high, "50th", middle),
                 ("90th", high, "10th", low))  # fmt: skip
        for name, value, other, reference in pairs:
            yield self._contrast(curve, name, value, other, reference, "secondary")

    def other_knots(self) -> Iterator[dict[str, Any]]:
        """Yield the widest contrast again with other numbers of knots."""
        from gluteal.frames.dose import fit_curve

        low, high = self.deciles[0], self.deciles[8]
        for knots in sorted({3, 4, 5} - {self.spec.knots}):
            if curve := fit_curve(self.line, knots):
                yield self._contrast(curve, "90th", high, "10th", low, "sensitivity")

    def _contrast(
        self, curve: Curve, name: str, value: float, other: str, reference: float, role: str
    ) -> dict[str, Any]:
        found = curve.against(value, reference, self.spec.level)
        ends = f"{write_number(value)} against {write_number(reference)} {self.exposure.unit}"
        kind = f"{curve.model.se_type}, log scale" if self.ratio else curve.model.se_type
        text = f"{name} against {other} percentile ({ends.strip()})"
        return self.row(found, role=role, model=f"spline, {len(curve.knots)} knots", contrast=text,
                        se_type=kind, converged=True, warnings="")  # fmt: skip

    def diagnose(self, curve: Curve | None, rows: int) -> list[dict[str, Any]]:
        """Check the models."""
        from gluteal.estimators.checks import check
        from gluteal.frames.dose_checks import check_dose

        found = check_dose(self.line, curve, rows, self.outcome.low, self.outcome.high)
        if self.spec.unit == "visit":
            text = "visits pooled: the slope mixes differences between people with changes in them"
            found.append(check("visits pooled", 1.0, "0", False, text))
        return found

    def panels(self, curve: Curve | None) -> dict[str, list[dict[str, Any]]]:
        """Return the curve, the straight line beside it, and deciles instead of people."""
        if curve is None or self.people < 10:
            return {}
        scale = {
            "ratio": self.ratio, "reference": curve.reference, "name": self.name(),
            "x_axis": self.exposure.axis, "unit": self.outcome.unit, "label": self.outcome.label,
        }  # fmt: skip
        points = curve.points(*self.ends, self.spec.level)
        straight: list[dict[str, float]] = []
        for x in (points[0]["x"], curve.reference, points[-1]["x"]):
            y = float(self.line.model.coef[1]) * (x - curve.reference)
            straight.append({"x": x, "estimate": exp(y) if self.ratio else y})
        return {"curve": points, "line": straight, "scale": [scale],
                "deciles": [{"x": x} for x in self.deciles],
                "knots": [{"x": float(x)} for x in curve.knots]}  # fmt: skip

    def sentences(self, curve: Curve | None) -> list[str]:
        """Say what was done."""
        from gluteal.frames.dose_words import write_dose

        model = (self.method(), SOURCES[self.spec.family], self.amount)
        ends = (self.outcome, self.exposure)
        return write_dose(self.line, curve, ends, self.spec.covariates, model, self.people)
