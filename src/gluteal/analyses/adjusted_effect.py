"""Ask how much less low back pain there would be if the weak had normal strength.

Three ways to compare people with others like them stand beside each other: a model of the outcome
(g-computation), weights by a model of the exposure, and both together. The last is the headline: it
holds if either model does, and its standard error counts both. A measured exposure is not cut in
two; everyone keeps what they have and is shifted by the same amount, unless a cut with a stated
source is given. What the answer rests on (overlap, weights, balance) comes first among the
diagnostics. Only where the outcome is seen after the exposure does the estimand say "later".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal.estimates import Fit
from gluteal.frames.amounts import faults_of_amount
from gluteal.notation import write_number
from gluteal.spec import ModelSpec
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.estimators.causal import PotentialMeans
    from gluteal.estimators.inference import Estimate
    from gluteal.frames.exposed import Exposed, Question

FIGURE = "overlap"
IMPUTES = True
NEW_PAIN, PAIN = "incident_lbp", "lbp"


class Spec(ModelSpec):
    """Settings of an adjusted comparison."""

    method: Literal["adjusted_effect"] = "adjusted_effect"
    outcome_visit: str | None = Field(
        None,
        description="The later visit of the outcome; new pain: the last visit unless named; "
        "without it both are taken at one visit, and only an association is estimated",
    )
    shift: Literal["sd", "mdc"] | float = Field(
        "sd", description="Everyone's exposure more by one SD, one MDC, or this amount"
    )
    mdc: str | None = Field(None, description="The constant to read with shift: mdc")
    exposure_cut: float | None = Field(
        None, description="At or above it: normal, below: weak; instead of a shift"
    )
    exposure_cut_source: str = Field("", description="Where the cut comes from; it must have one")
    truncate: tuple[float, float] = Field(
        (0.01, 0.99), description="Quantiles at which weights are cut in a sensitivity analysis"
    )

    @model_validator(mode="after")
    def _agree(self) -> Spec:
        known = variables().get(self.exposure)
        if self.exposure_cut is not None:
            if not self.exposure_cut_source.strip():
                raise ValueError(
                    "an exposure is not cut in two without a reason: give exposure_cut_source "
                    "(a published reference value, say), or leave exposure_cut out for a shift"
                )
            if known and known.kind == "boolean":
                raise ValueError(f"{self.exposure} is yes/no already: leave exposure_cut out")
        elif self.exposure_cut_source:
            raise ValueError("exposure_cut_source needs exposure_cut")
        if faults := faults_of_amount(self.shift, self.mdc, "shift"):
            raise ValueError(faults[0])
        low, high = self.truncate
        if not 0 <= low < high <= 1:
            raise ValueError("truncate must be two quantiles in order, between 0 and 1")
        return self

    def question(self) -> Question:
        """Return the settings that decide the data."""
        from gluteal.frames.exposed import Question

        return Question(
            self.outcome, self.exposure, self.covariates, self.visit, self.outcome_visit,
            self.exposure_cut, self.shift, self.mdc,
        )  # fmt: skip


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that it reads."""
    pain = (PAIN,) if spec.outcome == NEW_PAIN else ()
    return tuple(dict.fromkeys((spec.outcome, spec.exposure, *spec.named, *pain)))


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Compare people with others like them, in three ways.

    Raises
    ------
    UserError
        If the follow-up does not come after the exposure, a group or the number of events is small,
        a variable does not suit, or the design has a fault; the column is named.
    """
    from gluteal.frames.exposed_checks import check_exposed, lay_out_overlap
    from gluteal.frames.exposed_fits import balance_of
    from gluteal.frames.exposed_words import write_exposed

    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    made = _Comparison(cohort, spec)
    rows = [made.first(), *made.beside(), *made.other_scales()]
    balance = balance_of(made.data)
    return Fit(
        estimates=rows,
        diagnostics=check_exposed(made.data, made.main, balance),
        panels={
            "overlap": lay_out_overlap(made.data, made.main),
            "balance": balance,
            "forest": made.forest(rows),
            "words": [made.axis()],
        },
        tables={"means": made.table()},
        sentences=write_exposed(
            made.data, spec.question(), spec.truncate, spec.exposure_cut_source
        ),
    )


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Return the first estimate alone: the doubly robust difference."""
    return _Comparison(cohort, spec).first()


def freeze(cohort: Cohort, spec: Spec) -> Spec:
    """Fix the amount of the shift, so that all imputed tables answer one question."""
    data = _Comparison(cohort, spec).data
    return spec if data.groups else spec.model_copy(update={"shift": data.shift})


class _Comparison:
    """The people, the main model, and the rows that are written from them."""

    def __init__(self, cohort: Cohort, spec: Spec) -> None:
        from gluteal.frames.exposed import gather_exposed
        from gluteal.frames.exposed_fits import AIPW, SHIFTED, fit_main

        self.cohort, self.spec = cohort, spec
        self.data: Exposed = gather_exposed(cohort, spec.question())
        self.main = fit_main(self.data)
        self.name = SHIFTED if self.data.groups is None else AIPW
        self.unit = "1" if self.data.risk else variables()[spec.outcome].unit

    def row(
        self, means: PotentialMeans, found: Estimate | None = None, **more: Any
    ) -> dict[str, Any]:
        """Write one estimate: the difference, unless another one is given."""
        from gluteal.frames.exposed_words import name_estimand

        data, spec = self.data, self.spec
        said = [*means.warnings]
        if data.dropped:
            said.append(f"constant in these people and left out: {', '.join(data.dropped)}")
        found = found or means.difference(level=spec.level)
        common: dict[str, Any] = {
            "outcome": spec.outcome, "exposure": spec.exposure, "term": spec.exposure,
            "contrast": data.contrast,
            "estimand": name_estimand(data, spec.outcome, "difference"),
            "scale": "difference", "unit": self.unit, "se_type": means.se_type,
            "n_obs": len(data.y), "n_people": len(data.y),
            "n_events": data.events,
            "n_missing": data.n_missing, "adjusted_for": "; ".join(data.covariates),
            "missing_method": "complete cases", "estimator": self.name,
            "converged": means.converged, "warnings": "; ".join(said),
        }  # fmt: skip
        return {**common, **found.row(), **more}

    def first(self) -> dict[str, Any]:
        """Write the headline."""
        name = ("adjusted", "adjusted") if self.data.covariates else ("unadjusted", "crude")
        return self.row(self.main, **dict(zip(("model", "threat"), name, strict=True)))

    def beside(self) -> Iterator[dict[str, Any]]:
        """Yield the other estimators; one that fails says why, and stops nothing."""
        from gluteal.errors import UserError
        from gluteal.frames.exposed_fits import list_tasks
        from gluteal.frames.exposed_hazards import list_hazards

        tasks = [*list_tasks(self.data, self.spec.truncate)]
        if self.spec.outcome == NEW_PAIN and self.spec.exposure_cut is None:
            tasks += list_hazards(self.cohort, self.spec.question(), self.data)
        for make, words in tasks:
            try:
                yield self.row(make(), **words)
            except UserError as error:
                pair = {"outcome": self.spec.outcome, "exposure": self.spec.exposure}
                failed = {"scale": "difference", "unit": self.unit, "converged": False}
                failed |= {"contrast": self.data.contrast}
                yield {**pair, **failed, **words, "warnings": str(error)}

    def other_scales(self) -> Iterator[dict[str, Any]]:
        """Yield the ratio and, of risks, the number needed, from the headline's model."""
        from gluteal.frames.exposed_words import name_estimand

        data, outcome = self.data, self.spec.outcome
        same: dict[str, Any] = {"role": "secondary", "model": "adjusted", "unit": ""}
        if not data.risk:
            return
        if float(self.main.means.min()) > 0:
            ratio = self.main.ratio(level=self.spec.level)
            kind = f"{self.main.se_type}, log scale"
            yield self.row(self.main, ratio, **same, scale="ratio", se_type=kind,
                           estimand=name_estimand(data, outcome, "ratio"))  # fmt: skip
        # Positive where one more of the exposure goes with fewer cases.
        found = self.main.number_needed(of=0, against=1, level=self.spec.level)
        row = self.row(self.main, **same, scale="number needed",
                       estimand=name_estimand(data, outcome, "number"))  # fmt: skip
        row |= {
            "estimate": found.number,
            "low": found.low,
            "high": found.high,
            "se": None,
            "p": None,
        }
        if found.unbounded:
            text = (
                f"the interval passes through infinity: below {write_number(found.low)} or above "
                f"{write_number(found.high)}"
            )
            row |= {"low": None, "high": None, "warnings": text}
        yield row

    def forest(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the differences for the figure."""
        return [
            {"label": row["model"], "role": row.get("role", self.spec.role)}
            | {key: row[key] for key in ("estimate", "low", "high")}
            for row in rows
            if row["scale"] == "difference" and row.get("converged")
        ]

    def axis(self) -> dict[str, Any]:
        """Return the words of the figure."""
        outcome, exposure = variables()[self.spec.outcome], variables()[self.spec.exposure]
        shifted = self.data.groups is None
        overlap = f"{exposure.label} given the covariates ({exposure.unit})"
        risk = self.data.risk
        unit = "percentage points" if risk else outcome.unit
        return {
            "overlap": overlap if shifted else f"Propensity: probability of {self.data.groups[1]}"
            if self.data.groups else "",
            "forest": f"Difference in {'risk' if risk else 'mean'} ({unit})", "risk": risk,
            "outcome": outcome.label, "contrast": self.data.contrast,
        }  # fmt: skip

    def table(self) -> list[dict[str, str]]:
        """Lay out both means by the headline's model."""
        from gluteal.notation import write_interval

        names = self.data.groups or ("as measured", "shifted")
        factor = 100.0 if self.data.risk else 1.0
        head = "Risk, %" if self.data.risk else f"Mean, {self.unit}"
        found: list[dict[str, str]] = []
        for which, name in enumerate(names):
            one = self.main.mean(which, self.spec.level).times(factor)
            interval = write_interval(one.estimate, one.low, one.high)
            found.append(
                {"Everyone": name, f"{head} [{100 * self.spec.level:g}% interval]": interval}
            )
        return found
