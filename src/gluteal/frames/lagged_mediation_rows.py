"""What runs through a mediator over visits, in rows: the parts, their paths, and other models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats, interval
from gluteal.estimators.mediation.lagged import delta_interval
from gluteal.frames.lagged import Lagged, fit_lagged, refuse_equal
from gluteal.frames.lagged_joint import Influenced, Joint, join, join_panel
from gluteal.frames.lagged_mediation import (
    COURSES,
    Arms,
    choose_span,
    compare_arms,
    courses_of,
    lay_out_arms,
    listwise,
    one_step,
    through,
)
from gluteal.frames.lagged_variants import TRADITIONAL, list_variants
from gluteal.frames.panel import ARM, Panel, lay_out
from gluteal.frames.score_error import ScoreError
from gluteal.notation import MINUS, write_interval
from gluteal.variables import variable

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

INDIRECT = "indirect part of the difference between arms, by lagged paths"
CONTRAST = f"programme {MINUS} control"
ATTENUATED = (
    "one regression takes the mediator as measured: its error and its ups and downs hide what "
    "runs through it, and what runs through earlier visits is left out; a contrast, no answer"
)
FILLED = "full-information maximum likelihood for paths, complete cases for gains"
OBSERVED, CORRECTED = "lagged products, as observed", "lagged products, error-corrected"
MEAN, FREE = "mean of free lags", "lags free in each interval"
LEFT_OUT = "had no values that could be used"


@dataclass(frozen=True)
class Settings:
    """What is asked.

    Attributes
    ----------
    pair : (str, str)
        Mediator and outcome.
    """

    pair: tuple[str, str]
    covariates: tuple[str, ...]
    visit: str
    end: str | None
    level: float
    seed: int


class Traced:
    """What runs through a mediator, fitted, and the words for it.

    Raises
    ------
    UserError
        If there are fewer than three equally spaced visits, a variable does not vary or an arm
        has too few people; the column is named.
    """

    def __init__(
        self, cohort: Cohort, asked: Settings, errors: tuple[ScoreError, ScoreError]
    ) -> None:
        self.cohort, self.asked, self.errors = cohort, asked, errors
        self.schedule, end = choose_span(cohort, asked.pair, asked.visit, asked.end)
        refuse_equal(self.schedule)
        given = (asked.pair, self.schedule)
        self.arms: Arms = lay_out_arms(cohort, *given, end, asked.covariates, asked.visit)
        courses = courses_of(cohort)
        self.panel: Panel = lay_out(cohort, *given, asked.covariates, courses, asked.visit)
        self.main: Lagged = fit_lagged(self.panel, "equal", self.variances, seed=asked.seed)
        self.gains, self.total = compare_arms(self.arms)
        self.known = variable(asked.pair[0]), variable(asked.pair[1])

    @property
    def variances(self) -> tuple[float, float]:
        """Of the errors of mediator and outcome."""
        return self.errors[0].variance, self.errors[1].variance

    @property
    def end(self) -> str:
        """The visit whose outcome is explained."""
        return self.schedule.visits[self.arms.end]

    @cached_property
    def free(self) -> Lagged | None:
        """Paths of each interval; None where they cannot be fitted."""
        try:
            return fit_lagged(self.panel, "free", self.variances, seed=self.asked.seed)
        except UserError:
            return None

    def joint(
        self, found: Lagged, panel: Panel | None = None, used: NDArray[np.bool_] | None = None
    ) -> Joint:
        """Join gains, total difference and lagged paths with their covariance."""
        parts = [*self.gains, self.total]
        return join_panel(parts, self.arms.panel.people, found, panel or self.panel, used)

    @cached_property
    def parts(self) -> dict[str, Estimate]:
        """The indirect and the direct part, the share, and the path that would carry all."""
        joint = self.joint(self.main)
        indirect, total = through(joint, self.arms, self.main), joint.at("total")
        path = joint.at("c")

        def direct(values: Floats) -> Floats:
            return values[:, total] - indirect(values)

        def share(values: Floats) -> Floats:
            return indirect(values) / values[:, total]

        def needed(values: Floats) -> Floats:
            # The sum is proportional to the path: what it is per unit of the path is left.
            unit = values.copy()
            unit[:, path] = 1.0
            return values[:, total] / indirect(unit)

        named = {"indirect": indirect, "direct": direct, "share": share, "needed": needed}
        return {name: self.infer(function, joint) for name, function in named.items()}

    def infer(self, function: Callable[[Floats], Floats], joint: Joint) -> Estimate:
        """Estimate a function of joint estimates."""
        return delta_interval(function, joint.values, joint.cov, level=self.asked.level)

    def indirect(
        self, found: Lagged, panel: Panel | None = None, used: NDArray[np.bool_] | None = None
    ) -> Estimate:
        """Estimate the indirect part with the lagged paths of another model."""
        joint = self.joint(found, panel, used)
        return self.infer(through(joint, self.arms, found), joint)

    def plain(self, part: Influenced) -> Estimate:
        """Estimate one coefficient of a regression, by the t distribution."""
        return interval(part.value, float(np.sqrt(part.influence @ part.influence)), part.df,
                        self.asked.level)  # fmt: skip

    def row(self, value: Estimate, model: str, **more: Any) -> dict[str, Any]:
        """Write one estimate that the lagged paths are part of."""
        mediator, outcome = self.asked.pair
        panel, fit = self.arms.panel, self.main.fit
        return {
            "outcome": outcome, "exposure": ARM, "term": mediator, "model": model,
            "contrast": CONTRAST, "estimand": f"{INDIRECT}, at {self.end}",
            "scale": "difference", "unit": self.known[1].unit,
            "se_type": "joint influences (HC3, MLR), delta method",
            "n_obs": panel.n_obs, "n_people": len(panel.people),
            "n_missing": panel.first.size + panel.second.size - panel.n_obs,
            "adjusted_for": "; ".join(self.asked.covariates), "missing_method": FILLED,
            "estimator": "lagged products of gains and within-person paths",
            "converged": self.main.admissible, "warnings": "; ".join(fit.warnings),
            **value.row(),
        } | more  # fmt: skip

    def first(self) -> dict[str, Any]:
        """Write the headline."""
        model = CORRECTED if any(self.variances) else OBSERVED
        return self.row(self.parts["indirect"], model, threat="adjusted")

    def beside(self) -> Iterator[dict[str, Any]]:
        """Yield the other parts, and the links of the chain."""
        same: dict[str, Any] = {"role": "secondary"}
        total = self.plain(self.total)
        plain = {"se_type": "HC3", "converged": True, "warnings": "",
                 "missing_method": "complete cases", "estimator": "least squares"}  # fmt: skip
        yield self.row(total, "total difference", **same, **plain, term=ARM,
                       estimand=f"difference between arms at {self.end}",
                       n_people=self.total.n, n_obs=self.total.n)  # fmt: skip
        words = f"direct part of the difference between arms at {self.end}"
        yield self.row(
            self.parts["direct"], "direct: total less indirect", **same, term=ARM, estimand=words
        )
        if total.low > 0 or total.high < 0:
            yield self.row(self.parts["share"], "share through the mediator", **same,
                           estimand="share of the difference that is indirect",
                           scale="proportion", unit="1")  # fmt: skip
        mediator = self.asked.pair[0]
        for k, part in zip(self.arms.earlier, self.gains, strict=True):
            visit = self.schedule.visits[k]
            yield self.row(self.plain(part), f"gain at {visit}", **same, **plain,
                           outcome=mediator, term=ARM, unit=self.known[0].unit,
                           estimand=f"difference between arms at {visit}",
                           n_people=part.n, n_obs=part.n)  # fmt: skip
        yield from self.paths()

    def paths(self) -> Iterator[dict[str, Any]]:
        """Yield the two lagged paths."""
        gap = f"{self.schedule.shortest:g} weeks before"
        for arrow, start, words in (("c", 0, "lagged path to the outcome"),
                                    ("d", 1, "what the outcome keeps")):  # fmt: skip
            unit = self.known[start].unit
            unit = "point" if unit == "0-10" else unit
            value = self.main.path(arrow, self.asked.level)  # pyright: ignore[reportArgumentType]
            yield self.row(value, words, role="secondary", exposure=self.asked.pair[start],
                           term=self.asked.pair[start], se_type="robust (MLR)",
                           estimator="random-intercept cross-lagged panel model",
                           contrast=f"per 1 {unit}".strip() + f" more at the visit {gap}",
                           estimand="lagged within-person slope",
                           n_people=self.main.fit.n)  # fmt: skip

    def otherwise(self) -> Iterator[dict[str, Any]]:
        """Yield the indirect part with the lagged paths of other models, and one regression's."""
        asked = self.asked
        settings = (asked.pair, asked.covariates, COURSES, asked.visit, False, asked.seed)
        for one in list_variants(self.cohort, self.panel, "equal", self.errors, self.free,
                                 settings):  # fmt: skip
            if one.name == TRADITIONAL:
                continue
            name = FREE if one.name == MEAN else one.name
            more: dict[str, Any] = {"role": one.role, "threat": one.threat or None}
            if one.found is None:
                blank = replace(self.parts["indirect"], estimate=float("nan"))
                yield self.row(blank, name, **more, converged=False) | {
                    "warnings": one.reason, "n_people": None, "n_obs": None, "n_missing": None,
                }  # fmt: skip
                continue
            used = listwise(one.panel) if one.missing else None
            value = self.indirect(one.found, one.panel, used)
            said = [w for w in one.found.fit.warnings if not one.missing or LEFT_OUT not in w]
            more |= {"converged": one.found.admissible, "warnings": "; ".join(said)}
            if one.threat == "exclusion":
                more["n_people"] = one.found.fit.n
            yield self.row(value, name, **more)
        yield self.once()
        yield self.required()

    def once(self) -> dict[str, Any]:
        """Write the product of one regression's legs, as a contrast."""
        legs = one_step(self.arms)
        joint = join(legs)
        value = self.infer(lambda v: v[:, 0] * v[:, 1], joint)
        before = self.schedule.visits[self.arms.end - 1]
        return self.row(value, f"one regression on the mediator at {before}", role="exploratory",
                        converged=True, warnings=ATTENUATED, se_type="joint influences (HC3), "
                        "delta method", estimator="product of two regressions",
                        missing_method="complete cases",
                        n_people=legs[1].n, n_obs=legs[1].n)  # fmt: skip

    def required(self) -> dict[str, Any]:
        """Write the lagged path at which the whole difference ran through the mediator."""
        unit, mediator = self.known[0].unit, self.asked.pair[0]
        gap = f"{self.schedule.shortest:g} weeks before"
        return self.row(self.parts["needed"], "lagged path that would carry the whole difference",
                        role="sensitivity", threat="unmeasured confounding", exposure=mediator,
                        contrast=f"per 1 {unit}".strip() + f" more at the visit {gap}",
                        estimand="lagged slope that would make the direct part 0")  # fmt: skip

    def table(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Show the parts and the links of the chain with their intervals."""
        shown = [row for row in rows if row.get("role") not in ("sensitivity", "exploratory")]
        return [
            {"Part": row["model"], "Contrast": row["contrast"], "Unit": row["unit"],
             "Estimate": write_interval(row["estimate"], row["low"], row["high"])
             if row["converged"] else "did not converge"}
            for row in shown
        ]  # fmt: skip
