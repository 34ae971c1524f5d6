"""Ask one question in every defensible way, and show whether the answer depends on the way.

Only ways that the causal graph allows are taken: an adjustment set must close the back-door paths
and hold neither a consequence of the exposure nor a collider. All slopes answer the same question
on the same scale: by how many of its SDs the outcome differs for one SD of the exposure (or between
yes and no). The headline is the primary specification; the other ones are no evidence of their own,
for they share its people. An interval of their median comes from resampled people.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal.estimates import Fit, diagnostic
from gluteal.spec import ModelSpec
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort
    from gluteal.estimators.multiverse import Curve, Multiverse
    from gluteal.frames.multiverse import Grid
    from gluteal.frames.multiverse_fit import Resampled

FIGURE = "specifications"
Names = tuple[str, ...]
LEAST_SAME_SIGN = 0.9
NO_SET = "a set that closes every back-door path"
"""The choice that the plan refuses where the graph has no sufficient set of measured variables."""
PAIN = ("nprs_avg", "nprs_now", "nprs_worst", "odi_pct")
"""Ways to measure how much it hurts; the first that is not the outcome itself stand beside it."""
BODY_SIZE = ("_nm_kg", "_n_kg", "_allom", "_max_nm_kg", "_weaker_nm_kg")
"""Ways to set strength against body size, and the best trial or the weaker side for the mean."""


class Spec(ModelSpec):
    """Settings of a multiverse."""

    method: Literal["multiverse"] = "multiverse"
    outcomes: Literal["auto"] | Names = Field(
        "auto", description="Other measures of the outcome; auto: of pain, or of strength"
    )
    exposures: Literal["auto"] | Names = Field(
        "auto", description="Other measures of the exposure; auto: of pain, or of strength"
    )
    adjustment_sets: tuple[Names, ...] = Field(
        (),
        description="Further sets to be judged by the graph; the plan puts all allowed ones here",
    )
    refused_sets: tuple[tuple[Names, str], ...] = Field(
        (), description="Written by the plan: sets that the graph refuses, with the reason"
    )
    refused_choices: tuple[tuple[str, str], ...] = Field(
        (), description="Written by the plan: other choices that the graph refuses, with the reason"
    )
    forms: tuple[Literal["linear", "log", "spline"], ...] = Field(
        ("linear", "log", "spline"), min_length=1, description="Form of the exposure"
    )
    exclusions: Names = Field(
        ("hip_oa", "med_analgesic_24h"),
        description="Yes/no variables: people who have it are left out in turn",
    )
    estimators: tuple[Literal["least_squares", "huber"], ...] = Field(
        ("least_squares", "huber"), min_length=1, description="How a line is fitted"
    )
    resamples: int = Field(500, ge=100, description="Resamples of people")
    min_cell: int = Field(5, ge=1, description="Smaller counts are not shown")

    @model_validator(mode="after")
    def _known(self) -> Spec:
        named = (self.outcomes, self.exposures, self.exclusions, *self.adjustment_sets)
        names = {name for one in named if not isinstance(one, str) for name in one}
        if strange := sorted(names - set(variables())):
            raise ValueError(f"no such variable in the dictionary: {', '.join(strange)}")
        if wrong := [name for name in self.exclusions if variables()[name].kind != "boolean"]:
            raise ValueError(f"exclusions are yes/no variables: {', '.join(wrong)} is none")
        if self.forms[0] != "linear" or self.estimators[0] != "least_squares":
            raise ValueError("the primary specification is linear, by least squares: name it first")
        return self

    def alternatives(self) -> tuple[Names, Names]:
        """Return all measures of outcome and of exposure, the primary one first."""
        ends = (self.outcome, self.exposure)
        both: list[Names] = []
        for name, more, other in zip(
            ends, (self.outcomes, self.exposures), ends[::-1], strict=True
        ):
            listed = _same(name) if isinstance(more, str) else more
            both.append(tuple(dict.fromkeys((name, *(one for one in listed if one != other)))))
        return both[0], both[1]


def _same(name: str) -> Names:
    """Name other measures of the same thing, all of the same sign."""
    if name in PAIN:
        return PAIN
    # The longest ending first: hip_abd_max_nm_kg ends in _nm_kg too.
    for end in sorted(BODY_SIZE, key=len, reverse=True):
        if name.endswith(end):
            stem = name.removesuffix(end)
            return tuple(stem + other for other in BODY_SIZE if stem + other in variables())
    return ()


def needs(spec: Spec) -> Names:
    """Name the variables of the primary specification; others are taken where there are any."""
    return spec.in_model


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Fit all specifications.

    Raises
    ------
    UserError
        If the primary specification has no answer; the column is named.
    """
    from gluteal.estimators.multiverse import summarise_curve
    from gluteal.frames.multiverse_fit import fit_grid, resample_grid
    from gluteal.frames.multiverse_words import (
        lay_out_curve,
        lay_out_tables,
        name_set,
        write_multiverse,
    )

    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    frame, grid = _lay_out(cohort, spec)
    found = fit_grid(grid, spec.level)
    first = _first(spec, frame, grid, found)
    curve = summarise_curve(found)
    drawn = resample_grid(grid, spec.resamples, spec.seed, spec.level)
    refused = (*((name_set(one), why) for one, why in spec.refused_sets), *spec.refused_choices)
    return Fit(
        estimates=[first, *_beside(spec, first, grid, found, drawn)],
        diagnostics=_diagnose(grid, found, curve, drawn, spec.level),
        panels=lay_out_curve(grid, found, drawn, curve),
        tables=lay_out_tables(grid, found, refused, spec.min_cell),
        sentences=write_multiverse(spec, grid, drawn, NO_SET not in dict(spec.refused_choices)),
    )


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Return the first estimate alone: the primary specification."""
    from gluteal.frames.multiverse_fit import fit_grid

    alone = spec.model_copy(
        update={
            "outcomes": (), "exposures": (), "adjustment_sets": (), "forms": ("linear",),
            "exclusions": (), "estimators": ("least_squares",),
        }
    )  # fmt: skip
    frame, grid = _lay_out(cohort, alone)
    return _first(spec, frame, grid, fit_grid(grid, spec.level))


def _lay_out(cohort: Cohort, spec: Spec) -> tuple[pd.DataFrame, Grid]:
    """Take what the cohort has, and lay the specifications out."""
    from gluteal.frames.multiverse import Choices, build_grid

    outcomes, exposures = spec.alternatives()
    sets = (spec.covariates, *(one for one in spec.adjustment_sets if one != spec.covariates))
    asked = [*outcomes, *exposures, *spec.exclusions, *(name for one in sets for name in one)]
    lacking = {name for name in asked if name in cohort.sides and name not in cohort.visits}
    lacking |= set(cohort.lacks(asked))
    names = [name for name in dict.fromkeys(asked) if name not in lacking]
    frame = cohort.frame(names, "person", spec.visit)
    kept = tuple(one for one in sets if one == spec.covariates or not lacking & set(one))
    choices = Choices(outcomes, exposures, kept, spec.forms, spec.exclusions, spec.estimators)
    return frame, build_grid(frame, choices)


def _first(spec: Spec, frame: pd.DataFrame, grid: Grid, found: Multiverse) -> dict[str, Any]:
    """Write the primary specification."""
    from gluteal.errors import CannotTest, Fault

    if found.problem[0]:
        rule = f"the primary specification has no answer: {found.problem[0]}"
        remedy = "Look at outcome, exposure and covariates of the people analysed."
        raise CannotTest(Fault("the derived tables", rule, remedy, column=spec.outcome))
    name, threat = ("adjusted", "adjusted") if spec.covariates else ("unadjusted", "crude")
    return {
        **_row(spec, grid, found, 0), "model": f"primary specification, {name}", "threat": threat,
        "n_missing": len(frame) - int(found.n[0]), "adjusted_for": "; ".join(spec.covariates),
    }  # fmt: skip


def _row(spec: Spec, grid: Grid, found: Multiverse, at: int) -> dict[str, Any]:
    yes_no = variables()[spec.exposure].kind == "boolean"
    robust = grid.robust[at]
    return {
        "outcome": spec.outcome, "exposure": spec.exposure, "term": spec.exposure,
        "contrast": "yes against no" if yes_no else "per SD more",
        "estimand": "difference in SDs of the outcome", "scale": "difference", "unit": "SD",
        "estimate": float(found.estimate[at]), "se": float(found.se[at]),
        "df": float(found.df[at]), "low": float(found.low[at]), "high": float(found.high[at]),
        "p": float(found.p[at]), "se_type": "sandwich" if robust else "HC3",
        "n_obs": int(found.n[at]), "n_people": int(found.n[at]),
        "missing_method": "complete cases", "converged": bool(found.converged[at]),
        "estimator": grid.words[at]["estimator"], "warnings": "",
    }  # fmt: skip


def _beside(
    spec: Spec, first: dict[str, Any], grid: Grid, found: Multiverse, drawn: Resampled | None
) -> Iterator[dict[str, Any]]:
    """Yield the median over specifications and the two ends of the curve."""
    import numpy as np

    good = np.flatnonzero(found.converged)
    if drawn is not None and drawn.specifications > 1:
        shared = ("outcome", "exposure", "term", "contrast", "estimand", "scale", "unit")
        yield {
            **{key: first[key] for key in shared},
            "model": f"median of {drawn.specifications} specifications by least squares",
            "role": "sensitivity", "estimate": drawn.median, "se": drawn.se, "low": drawn.low,
            "high": drawn.high, "p": drawn.p_median, "n_people": len(grid.columns),
            "se_type": f"{drawn.resamples} resamples of people, percentile interval",
            "estimator": "median over specifications", "missing_method": "complete cases",
            "converged": bool(np.isfinite(drawn.se)),
        }  # fmt: skip
    if good.size > 1:
        for name, at in (
            ("lowest", good[np.argmin(found.estimate[good])]),
            ("highest", good[np.argmax(found.estimate[good])]),
        ):
            words = grid.words[int(at)]
            ways = "; ".join(words[axis] for axis in words if words[axis] != grid.words[0][axis])
            model = f"{name} of {good.size} specifications: {ways or 'the primary one'}"
            yield {**_row(spec, grid, found, int(at)), "model": model, "role": "exploratory"}


def _diagnose(
    grid: Grid, found: Multiverse, curve: Curve, drawn: Resampled | None, level: float
) -> list[dict[str, Any]]:
    """Say whether the answer depends on the way it is asked."""
    made = [
        diagnostic(
            "specifications without an answer", float(curve.specifications - curve.fitted),
            curve.fitted == curve.specifications, "too few people or a model that failed", "0",
        ),
        diagnostic(
            "share of specifications with the sign of the median", curve.share_same_sign,
            curve.share_same_sign >= LEAST_SAME_SIGN, "lower: the answer depends on the way asked",
            f">= {LEAST_SAME_SIGN:g}",
        ),
        diagnostic(
            f"share whose {100 * level:g} % interval leaves 0 out, on that side",
            curve.share_significant_same_sign, None,
            "not a test: all specifications share their people",
        ),
        diagnostic(
            "vibration, 1st to 99th centile", curve.vibration, None,
            "SDs of the outcome by which the choices move the estimate",
        ),
        diagnostic(
            "estimates on both sides of 0", float(curve.janus), not curve.janus,
            "1: a choice of ways would choose the sign", "0",
        ),
        diagnostic(
            "fewest people in a specification", float(found.n.min()), None, "complete cases"
        ),
    ]  # fmt: skip
    if drawn is not None:
        text = "no association in any specification; people resampled, exposure taken out"
        made += [
            diagnostic("joint test of the median, p", drawn.p_median, None, text),
            diagnostic("joint test of all test statistics, p", drawn.p_stouffer, None, text),
        ]
    made += [
        diagnostic(f"left out: {choice}", "", None, reason) for choice, reason in grid.left_out
    ]
    return made
