"""Accuracy of a self-test against measured weakness, leg by leg, legs clustered in people.

The headline is Youden's J = sensitivity + specificity - 1: 0 for a test that says nothing, 1 for
one that is always right. Beside it stand what clinicians use: likelihood ratios, predictive values
at a stated prevalence, and the area under the ROC curve.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal import spec as base
from gluteal.cohort.conditions import RULE, Cut, Rule, as_numbers, find_condition, read_rule
from gluteal.errors import UserError
from gluteal.estimates import Fit, diagnostic
from gluteal.variables import variable, variables

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from gluteal.cohort.derived import Cohort
    from gluteal.estimators.accuracy import Accuracy
    from gluteal.estimators.intervals import Interval
    from gluteal.estimators.screening import Screen

FIGURE = "roc"
TIMES = (0.8, 0.9, 1.1, 1.2)
SMALLEST = 5
SPECTRUM = "lbp"
POINT = tuple(
    f"{share}{end}" for share in ("specificity", "sensitivity") for end in ("", "_low", "_high")
)
GRID = (0.01, *(round(0.05 * k, 2) for k in range(1, 20)), 0.99)


class Spec(base.Spec):
    """Settings of ``self_test_accuracy``."""

    method: Literal["self_test_accuracy"] = "self_test_accuracy"
    test: str = Field(description="The test: a yes or no, ordered categories or a number")
    positive: str = Field(
        ">= 1",
        pattern=RULE,
        description="When the test is positive, such as '>= 1' or '< 20'; '<' or '>' alone has "
        "the cut-off searched in the data, and corrected for that",
    )
    positive_source: str = Field("", description="Where the cut-off of a number was published")
    reference: str = Field(description="What the test should show: a strength, or a yes or no")
    reference_cut: Cut = Field(
        Cut.model_validate({"quantile": 1 / 3, "by": "sex"}), description="Where weakness begins"
    )
    prevalence: float | None = Field(
        None, gt=0, lt=1, description="For predictive values; by default that of the data"
    )
    resamples: int = Field(2000, ge=100, description="Resamples of people")

    @model_validator(mode="after")
    def _name_the_source(self) -> Spec:
        known = variables().get(self.test)
        if known and known.numeric and self.rule.cut is not None and not self.positive_source:
            raise ValueError(
                f"positive: the cut-off {self.positive!r} of {self.test} needs a stated source: "
                f"add positive_source, or write '{self.rule.sign}' alone to have it searched in "
                "the data and corrected for optimism"
            )
        return self

    @property
    def rule(self) -> Rule:
        """The rule of a positive test."""
        return read_rule(self.positive)


@dataclass(frozen=True)
class Units:
    """One row a leg, or a person where neither test nor reference has sides."""

    frame: pd.DataFrame
    score: NDArray[np.float64]
    measured: NDArray[np.float64]
    spec: Spec

    @property
    def by_leg(self) -> bool:
        """Whether a row is a leg."""
        return "side" in self.frame

    def find_condition(self, times: float = 1.0) -> NDArray[np.float64]:
        """Say of each row whether the reference shows the condition."""
        if not variable(self.spec.reference).numeric:
            return self.measured
        by = self.spec.reference_cut.by
        groups = self.frame[by] if by else None
        return find_condition(self.measured, self.spec.reference_cut, groups, times)

    def screen(self, truth: NDArray[np.float64], rows: NDArray[np.bool_] | None = None) -> Screen:
        """Compare test and condition, in some rows or in all."""
        from gluteal.estimators.screening import keep_rows, screen

        spec, truth = self.spec, keep_rows(truth, rows)
        how = (spec.prevalence, spec.resamples, spec.seed, spec.level)
        return screen(self.score, truth, spec.rule, self.cluster, *how)

    @property
    def cluster(self) -> NDArray[Any] | None:
        """The person of each leg; nothing where each row is a person."""
        return self.frame["participant_id"].astype("str").to_numpy() if self.by_leg else None


@dataclass
class Rows:
    """The estimates, with what all of them share."""

    units: Units
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, role: str, name: str, value: Interval, got: Accuracy, **more: Any) -> None:
        """Add an estimate."""
        spec, n = self.units.spec, sum(got.table)
        row: dict[str, Any] = {
            "role": role,
            "model": "all legs" if self.units.by_leg else "all people",
            "outcome": spec.reference,
            "exposure": spec.test,
            "term": f"{spec.test} {spec.positive}",
            "contrast": name,
            "estimand": name,
            "scale": "proportion",
            "unit": "",
            **dict(zip(("estimate", "low", "high", "se", "df"), value, strict=True)),
            "se_type": "cluster-robust" if self.units.by_leg else "binomial",
            "n_obs": n,
            "n_people": got.people,
            "n_events": got.table[0] + got.table[2],
            "n_missing": len(self.units.frame) - n,
            "estimator": "two-by-two table",
            "converged": isfinite(value.value),
            "warnings": "an empty cell: 0.5 added to each for ratios" if got.zero_cell else "",
        }
        self.rows.append(row | more)

    def add_youden(self, role: str, model: str, got: Screen, **more: Any) -> None:
        """Add Youden's J."""
        more |= {"scale": "difference", "estimand": "Youden's J", "p": got.p}
        if got.searched is not None:
            more["estimator"] = "cut-off searched, corrected for optimism"
            more["se_type"] = "bootstrap of people"
        name = "J = sensitivity + specificity - 1"
        self.add(role, name, got.youden, got.accuracy, model=model, **more)

    def add_first(self, got: Screen) -> None:
        """Add the headline."""
        units = self.units
        model = "all legs" if units.by_leg else "all people"
        self.add_youden(units.spec.role, model, got, threat="crude")


def needs(spec: Spec) -> tuple[str, ...]:
    """Name test, reference and what the reference is split by."""
    known = variables().get(spec.reference)
    by = spec.reference_cut.by if known is None or known.numeric else None
    return (spec.test, spec.reference, *([by] if by else []))


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Compare the test with the reference; the first estimate is Youden's J."""
    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    units = _gather(cohort, spec)
    try:
        return _compare(units)
    except UserError as error:
        if error.faults:
            raise
        raise UserError(f"{spec.test} against {spec.reference}: {error}") from error


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Return the first estimate alone: Youden's J."""
    rows = Rows(_gather(cohort, spec))
    rows.add_first(rows.units.screen(rows.units.find_condition()))
    return rows.rows[0]


def _gather(cohort: Cohort, spec: Spec) -> Units:
    wanted = (*needs(spec), *(() if cohort.lacks([SPECTRUM]) else (SPECTRUM,)))
    names: list[str] = list(dict.fromkeys(wanted))
    by_leg = any(name in cohort.sides for name in (spec.test, spec.reference))
    frame = cohort.frame(names, "side" if by_leg else "person", spec.visit)
    score, measured = (as_numbers(frame[n], variable(n)) for n in (spec.test, spec.reference))
    return Units(frame, score, measured, spec)


def _compare(units: Units) -> Fit:
    from gluteal.estimators.accuracy import lay_predictive_values
    from gluteal.estimators.auc import area_interval, areas
    from gluteal.estimators.cutoff import lay_curve
    from gluteal.estimators.kappa import mean_kappa
    from gluteal.frames.accuracy_words import list_unasked, write_accuracy

    spec, truth = units.spec, units.find_condition()
    whole = units.screen(truth)
    got, rows = whole.accuracy, Rows(units)
    rows.add_first(whole)
    how, score = (spec.resamples, spec.seed, spec.level), units.score * spec.rule.direction
    area = area_interval(areas(truth, score, person=units.cluster), 0, spec.level)
    result = spec.rule.apply(units.score, whole.cut)
    beyond = mean_kappa(list(zip(result, truth, strict=True)), 2, "none", units.cluster, *how)
    at = f"at a prevalence of {100 * got.prevalence:.3g}%"
    ratio = {"scale": "ratio", "se_type": "log scale"}
    boot = {"scale": "kappa", "se_type": "bootstrap of people"}
    apparent = {"warnings": "not corrected: the cut-off was searched in the same data"}
    for name, value, more in (
        ("sensitivity", got.sensitivity, {}),
        ("specificity", got.specificity, {}),
        ("positive likelihood ratio", got.lr_positive, ratio),
        ("negative likelihood ratio", got.lr_negative, ratio),
        ("positive predictive value", got.ppv, {"model": at}),
        ("negative predictive value", got.npv, {"model": at}),
        ("diagnostic odds ratio", got.odds_ratio, ratio),
        ("area under the ROC curve", area, {"scale": "auc"}),
        ("kappa with the reference", beyond, boot),
    ):
        free = whole.searched is None or "ROC" in name
        rows.add("secondary", name, value, got, **more | ({} if free else apparent))
    if (best := whole.searched) is not None:
        rows.add("secondary", "sensitivity, corrected", best.corrected_sensitivity, got)
        rows.add("secondary", "specificity, corrected", best.corrected_specificity, got)
    faults = list(_vary(rows, truth))
    return Fit(
        estimates=rows.rows,
        diagnostics=[*_judge(units, whole), *faults, *list_unasked()],
        panels={
            **lay_curve(truth, score, units.cluster, *how),
            "point": [dict(zip(POINT, (*got.specificity[:3], *got.sensitivity[:3]), strict=True))],
            "predictive": lay_predictive_values(got, GRID, spec.level),
        },
        tables={"cross_table": _cross(got, units)},
        sentences=list(write_accuracy(units, whole, TIMES)),
    )


def _vary(rows: Rows, truth: NDArray[np.float64]) -> Iterator[dict[str, Any]]:
    """Vary the reference's cut, the legs and the people; say where that cannot be done."""
    units = rows.units
    tries: list[tuple[str, str, NDArray[np.float64], NDArray[np.bool_] | None]] = []
    if variable(units.spec.reference).numeric:
        for times in TIMES:
            name = f"cut of the reference × {times:g}"
            tries.append(("sensitivity", name, units.find_condition(times), None))
    if units.by_leg:
        right = (units.frame["side"] == "right").to_numpy()
        tries.append(("sensitivity", "right legs only", truth, right))
    if SPECTRUM in units.frame and units.spec.reference != SPECTRUM:
        facts = units.frame[SPECTRUM].astype("Float64").to_numpy("float64", na_value=nan)
        for value, label in enumerate(variable(SPECTRUM).levels.values()):
            tries.append(("exploratory", f"people with {label}", truth, facts == value))
    for role, name, condition, kept in tries:
        try:
            got = units.screen(condition, kept)
        except UserError as error:
            yield diagnostic(name, "not analysed", None, str(error))
            continue
        size = len(truth) if kept is None else int(kept.sum())
        lost = size - sum(got.accuracy.table)
        threat = "robust" if kept is None else "exclusion"
        rows.add_youden(role, name, got, n_missing=lost, threat=threat)


def _judge(units: Units, got: Screen) -> Iterator[dict[str, Any]]:
    """Note what limits the reading."""
    tp, fp, fn, tn = got.accuracy.table
    few = min(tp + fn, fp + tn)
    text = "units in the smaller group of the reference: the interval is wide where they are few"
    yield diagnostic("Smaller group", few, few >= 30, text, "30")
    if units.spec.reference_cut.quantile and variable(units.spec.reference).numeric:
        text = "weakness is relative to this cohort; see the rows with other cut-points"
        yield diagnostic("Reference", "internal", None, text)
    if got.searched is not None:
        text, optimism = "how much J flatters a cut-off chosen by it", got.searched.optimism
        yield diagnostic("Optimism of J", f"{optimism:.3f}", None, text)
        yield diagnostic("Cut-off searched", f"{got.cut:.4g}", None, "the largest J in these data")


def _cross(got: Accuracy, units: Units) -> list[dict[str, str]]:
    from gluteal.estimators.accuracy import lay_cross_table

    what = "Legs" if units.by_leg else "People"
    heads = (f"{what} with the condition", f"{what} without", "All")
    rows = zip(("Test positive", "Test negative"), lay_cross_table(got, SMALLEST), strict=True)
    return [{"Result": name, **dict(zip(heads, cells, strict=True))} for name, cells in rows]
