"""Which comes first within a person: lagged paths between two variables, free of stable traits.

The headline is the path from the exposure at one visit to the outcome at the next in a
random-intercept cross-lagged panel model: how a person differs from that person's own level, freed
of the known error of scores, of the course of visits, and of what an arm or its dose does to it.
The traditional panel model, which takes lasting differences between people for lags, stands beside
it as a warning only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from gluteal.errors import UserError
from gluteal.estimates import Fit
from gluteal.frames.amounts import faults_of_amount, usual_amount, write_stated
from gluteal.spec import PanelSpec
from gluteal.variables import variable

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.frames.lagged import Arrow, Lagged, Lags
    from gluteal.frames.panel import Panel
    from gluteal.frames.score_error import ScoreError

FIGURE = "lagged"
NAME = "random-intercept cross-lagged panel model"
ESTIMAND = "lagged within-person slope"
LEFT_OUT = "had no values that could be used"
MIXED = "lagged slope that mixes people and time"


class Spec(PanelSpec):
    """Settings of lagged paths."""

    method: Literal["cross_lagged"] = "cross_lagged"
    adjust: Literal["dag"] | tuple[str, ...] = Field(
        (), description="Facts of people that may move each visit; stable ones are in the traits"
    )
    visits: tuple[str, ...] | None = Field(
        None, description="The visits; left out: the longest run of equally spaced ones"
    )
    lags_equal: bool = Field(True, description="One coefficient for all intervals")
    errors: (
        Literal["estimated", "none"]
        | dict[Literal["exposure", "outcome"], Annotated[float, Field(ge=0)]]
    ) = Field(
        "estimated",
        description="Error of scores: estimated from repeats, none, or standard errors of "
        "measurement in the unit of each",
    )
    per: Literal["auto"] | float = Field(
        "auto", description="Amount of exposure; auto: 0.1 Nm/kg of a torque per mass, else 1 unit"
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
    """Estimate the path from exposure to outcome alone."""
    return _Paths(cohort, spec).first()


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Estimate lagged paths in both directions, and how they change with the model.

    Raises
    ------
    UserError
        If there are fewer than three visits, a variable does not vary, or one coefficient is asked
        for over intervals of different length; the column is named.
    """
    from gluteal.frames.lagged_checks import check_lagged, check_timing

    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    made = _Paths(cohort, spec)
    free = made.free()
    checks = check_lagged(made.main, free, made.panel, made.errors, made.pair)
    return Fit(
        estimates=[made.first(), *made.beside(), *made.otherwise(cohort, free)],
        diagnostics=[*checks, *check_timing(cohort, made.panel)],
        panels=made.panels(free),
        tables=made.tables(free),
        sentences=made.sentences(),
    )


class _Paths:
    """One fitted panel and the words for it."""

    def __init__(self, cohort: Cohort, spec: Spec) -> None:
        from gluteal.frames.lagged import fit_lagged, refuse_equal
        from gluteal.frames.panel import choose_visits, lay_out, present
        from gluteal.frames.score_error import settle_error

        self.spec, self.pair = spec, (spec.exposure, spec.outcome)
        schedule = choose_visits(cohort, self.pair, spec.visits)
        if spec.lags_equal:
            refuse_equal(schedule)
        courses = present(cohort, spec.by_visit)
        covariates = spec.covariates
        self.panel: Panel = lay_out(cohort, self.pair, schedule, covariates, courses, spec.visit)
        keys = ("exposure", "outcome")
        self.errors: tuple[ScoreError, ScoreError] = tuple(  # pyright: ignore[reportAttributeAccessIssue]
            settle_error(cohort, name, spec.errors, key)  # pyright: ignore[reportArgumentType]
            for name, key in zip(self.pair, keys, strict=True)
        )
        self.known = variable(spec.exposure), variable(spec.outcome)
        self.amounts = usual_amount(spec.exposure, spec.per), usual_amount(spec.outcome)
        self.lags: Lags = "equal" if spec.lags_equal else "free"
        self.main: Lagged = fit_lagged(self.panel, self.lags, self.variances, seed=spec.seed)

    @property
    def variances(self) -> tuple[float, float]:
        return self.errors[0].variance, self.errors[1].variance

    def ends(self, arrow: Arrow) -> tuple[int, int]:
        """Say where an arrow begins and ends: 0 the exposure, 1 the outcome."""
        return {"a": (0, 0), "b": (1, 0), "c": (0, 1), "d": (1, 1)}[arrow]

    def amount(self, arrow: Arrow) -> tuple[float, str]:
        begin, _ = self.ends(arrow)
        size = self.amounts[begin]
        return size, write_stated(size, self.known[begin].name)

    def first(self) -> dict[str, Any]:
        row = self.row(self.main, "c", "error-corrected" if any(self.variances) else "as observed")
        return row | {"threat": "adjusted"}

    def row(self, found: Lagged, arrow: Arrow, model: str, **more: Any) -> dict[str, Any]:
        """Write one path; what is not admissible carries no interval."""
        size, words = self.amount(arrow)
        more = {"panel": self.panel} | more
        panel: Panel = more.pop("panel")
        value = found.path(arrow, self.spec.level).times(size)
        fit, (begin, end) = found.fit, self.ends(arrow)
        gap = f"{panel.schedule.shortest:g} weeks before"
        return {
            "outcome": self.pair[end], "exposure": self.pair[begin], "term": self.pair[begin],
            "model": model, "contrast": f"per {words} more at the visit {gap}",
            "estimand": ESTIMAND, "scale": "difference", "unit": self.known[end].unit,
            "se_type": "robust (MLR)", "n_obs": panel.n_obs, "n_people": fit.n,
            "n_missing": panel.first.size + panel.second.size - panel.n_obs,
            "adjusted_for": "; ".join(panel.fixed_names),
            "missing_method": "full-information maximum likelihood", "estimator": NAME,
            "converged": found.admissible, "warnings": "; ".join(fit.warnings),
            **value.row(),
        } | more  # fmt: skip

    def beside(self) -> Iterator[dict[str, Any]]:
        """Yield the other direction, what carries over, and standardised paths."""
        model = self.first()["model"]
        yield self.row(self.main, "b", model, role="secondary")
        for arrow in ("a", "d"):
            yield self.row(self.main, arrow, f"{model}: carry-over", role="secondary",
                           estimand=f"{ESTIMAND} on itself")  # fmt: skip
        for arrow in ("c", "b"):
            value = self.main.standardised(arrow, self.spec.level)
            gap = f"{self.panel.schedule.shortest:g} weeks before"
            more: dict[str, Any] = {"contrast": f"per within-person SD more at the visit {gap}"}
            more |= {"unit": "SD", "se_type": "robust (MLR), delta method", **value.row()}
            more["converged"] = self.main.admissible and value.estimate == value.estimate
            yield self.row(self.main, arrow, f"{model}: standardised", role="secondary", **more)

    def free(self) -> Lagged | None:
        """Fit every interval's own coefficients; None where that cannot be done."""
        if self.lags == "free":
            return self.main
        from gluteal.frames.lagged import fit_lagged

        try:
            return fit_lagged(self.panel, "free", self.variances, seed=self.spec.seed)
        except UserError:
            return None

    def otherwise(self, cohort: Cohort, free: Lagged | None) -> Iterator[dict[str, Any]]:
        """Yield the headline's path under other models."""
        from gluteal.frames.lagged_variants import CAUTION, TRADITIONAL, list_variants

        spec = self.spec
        settings = (self.pair, spec.covariates, spec.by_visit, spec.visit,
                    spec.visits is None, spec.seed)  # fmt: skip
        for one in list_variants(cohort, self.panel, self.lags, self.errors, free, settings):
            more: dict[str, Any] = {"role": one.role, "threat": one.threat or None}
            if one.missing and one.found:
                n = one.found.fit.n
                more |= {"missing_method": one.missing, "n_missing": 0}
                more["n_obs"] = n * (one.panel.first.shape[1] + one.panel.second.shape[1])
            if one.name == TRADITIONAL:
                more |= {"estimand": MIXED, "estimator": TRADITIONAL}
            if one.threat == "crude":
                more["adjusted_for"] = ""
            if one.found is None:
                yield self.row(self.main, "c", one.name, panel=one.panel, **more) | {
                    "converged": False, "warnings": one.reason, "estimate": float("nan"),
                    "n_people": None, "n_obs": None, "n_missing": None,
                }  # fmt: skip
                continue
            said = [w for w in one.found.fit.warnings if not one.missing or LEFT_OUT not in w]
            caution = [CAUTION] if one.name == TRADITIONAL else []
            more["warnings"] = "; ".join(caution + said)
            for arrow in one.arrows:
                yield self.row(one.found, arrow, one.name, panel=one.panel, **more)

    def panels(self, free: Lagged | None) -> dict[str, list[dict[str, Any]]]:
        """Return paths for the figure: the headline's, and those of each interval."""
        from gluteal.frames.lagged_tables import draw_paths

        if self.main.fit.n < 10:
            return {}
        size = {a: self.amount(a) for a in ("b", "c")}
        return draw_paths(self.main, free, self.panel, self.known, size, self.spec.level)  # pyright: ignore[reportArgumentType]

    def tables(self, free: Lagged | None) -> dict[str, list[dict[str, Any]]]:
        """Return paths and errors as the report shows them."""
        from gluteal.frames.lagged_tables import list_errors, list_paths

        return {"paths": list_paths(self.main, free, self.panel, self.known, self.spec.level),
                "error_of_scores": list_errors(self.known, self.errors)}  # fmt: skip

    def sentences(self) -> list[str]:
        """Say what was done."""
        from gluteal.frames.lagged_tables import tell

        return tell(self.main, self.panel, self.known, self.errors)
