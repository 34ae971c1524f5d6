"""Compare a measure between people with and without low back pain.

The headline is the mean difference, adjusted by least squares with HC3 standard errors. The crude
difference (Welch), Hedges' g with its noncentral interval, the variance ratio, a rank measure and a
test of equivalence stand beside it; other ways to allow for body size, an adjustment for age and
sex only, and strata are the sensitivity analyses. An association, in either direction of time.
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
    import pandas as pd

    from gluteal.cohort.derived import Cohort
    from gluteal.estimators.inference import Estimate
    from gluteal.frames.groups import Comparison

FIGURE = "groups"
IMPUTES = True
MASS = "body_mass_kg"
DEMOGRAPHIC = ("age_years", "sex")
BODY_SIZE = ("_n_kg", "_nm", "_allom", "_max_nm_kg", "_weaker_nm_kg")
LARGE_IMBALANCE = 0.25
GAP = "difference of the differences"
MINUS = "\N{MINUS SIGN}"


class Spec(ModelSpec):
    """Settings of a comparison of two groups."""

    method: Literal["group_difference"] = "group_difference"
    equivalence_bound: float = Field(
        0.2, gt=0, description="Differences within ± this are called negligible"
    )
    bound_unit: Literal["sd", "outcome"] = Field(
        "sd", description="Whether the bound counts within-group SDs or units of the outcome"
    )
    by: str | None = Field(None, description="Also estimate within the levels of this variable")
    sensitivity_outcomes: Literal["auto"] | tuple[str, ...] = Field(
        "auto", description="The same measure on other scales; auto: other body-size scalings"
    )

    @model_validator(mode="after")
    def _allow_for_mass(self) -> Spec:
        # Force in newtons is mostly body mass: r 0.58 with mass in the simulated cohort.
        if needs_mass(self.outcome) and MASS not in self.named:
            raise ValueError(
                f"{self.outcome} is not set against body size, so groups that differ in mass "
                f"differ in it: add {MASS} to adjust, or use a measure per kg"
            )
        if not isinstance(self.sensitivity_outcomes, str):
            strange = [name for name in self.sensitivity_outcomes if name not in variables()]
            if strange:
                raise ValueError(f"no such variable in the dictionary: {', '.join(strange)}")
        return self


def needs_mass(name: str) -> bool:
    """Say whether a measure of strength is not yet set against body size."""
    known = variables().get(name)
    if known is None:
        return False
    return (known.node == "Str" and known.unit in ("N", "Nm")) or known.test == "one_rm"


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that it reads."""
    by = (spec.by,) if spec.by else ()
    return tuple(dict.fromkeys((spec.outcome, spec.exposure, *spec.named, *by)))


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Compare the two groups.

    Raises
    ------
    UserError
        If the exposure is no yes/no variable, a group has fewer than two people with complete
        data, or the design has a fault; the column is named.
    """
    from gluteal.errors import Fault, UserError
    from gluteal.frames.group_words import write_groups
    from gluteal.frames.groups import compare, tabulate_groups

    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    if variables()[spec.exposure].kind != "boolean":
        rule, remedy = "is not a yes/no variable", "Use dose_response for numbers."
        raise UserError(Fault("the derived tables", rule, remedy, column=spec.exposure))
    others = _other_outcomes(cohort, spec)
    mass = [MASS] if any(needs_mass(name) for name in others) else []
    frame = cohort.frame(list(dict.fromkeys((*needs(spec), *others, *mass))), "person", spec.visit)
    main = compare(frame, spec.outcome, spec.exposure, spec.covariates, spec.level)
    first = _first(spec, main)
    estimates = [first, *_beside(spec, main), *_sensitivity(spec, frame, others)]
    panels = _panels(spec, main, estimates)
    return Fit(
        estimates=estimates,
        diagnostics=_diagnose(spec, main, len(frame)),
        panels=panels,
        tables={"groups": tabulate_groups(panels["groups"], spec.outcome, spec.level)},
        sentences=write_groups(main, spec, others),
    )


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Return the first estimate alone: the adjusted difference."""
    from gluteal.frames.groups import compare

    frame = cohort.frame(needs(spec), "person", spec.visit)
    return _first(spec, compare(frame, spec.outcome, spec.exposure, spec.covariates, spec.level))


def _first(spec: Spec, main: Comparison) -> dict[str, Any]:
    name, threat = ("adjusted", "adjusted") if spec.covariates else ("unadjusted", "crude")
    return _row(spec, main, main.found, model=name, threat=threat)


def _other_outcomes(cohort: Cohort, spec: Spec) -> list[str]:
    named = spec.sensitivity_outcomes
    if isinstance(named, str):
        stem = spec.outcome.removesuffix("_nm_kg")
        per_kg = stem != spec.outcome and f"{stem}_nm" in variables()
        named = tuple(stem + end for end in BODY_SIZE) if per_kg else ()
    lacking = cohort.lacks((*named, MASS))
    return [n for n in named if n not in lacking and not (needs_mass(n) and MASS in lacking)]


def _row(spec: Spec, made: Comparison, found: Estimate, **more: Any) -> dict[str, Any]:
    levels = variables()[spec.exposure].levels
    outcome = more.get("outcome", spec.outcome)
    warnings = [*made.model.warnings]
    if made.dropped:
        warnings.append(f"constant in these rows and left out: {', '.join(made.dropped)}")
    n = len(made.outcome)
    common = {
        "outcome": outcome, "exposure": spec.exposure, "term": spec.exposure,
        "contrast": f"{levels.get('1', '1')} {MINUS} {levels.get('0', '0')}",
        "estimand": f"{'adjusted ' if made.covariates else ''}mean difference",
        "scale": "difference",
        "unit": variables()[outcome].unit, "se_type": "HC3", "estimator": "least squares",
        "n_obs": n, "n_people": n, "n_missing": made.design.n_missing,
        "adjusted_for": "; ".join(made.covariates), "missing_method": "complete cases",
        "warnings": "; ".join(warnings),
    }  # fmt: skip
    return {**common, **found.row(), **more}


def _bound(spec: Spec, made: Comparison) -> float:
    from gluteal.estimators.effect_size import pooled_sd

    if spec.bound_unit == "outcome":
        return spec.equivalence_bound
    return spec.equivalence_bound * pooled_sd(made.outcome[made.group], made.outcome[~made.group])


def _beside(spec: Spec, made: Comparison) -> list[dict[str, Any]]:
    """Return what stands beside the headline, from the same people."""
    from gluteal.estimators import effect_size as es

    groups = made.outcome[made.group], made.outcome[~made.group]
    best, unit = made.found, variables()[spec.outcome].unit
    bound = _bound(spec, made)
    inside = es.equivalence(best.estimate, best.se, best.df, bound, spec.level)
    normal = "log scale, normal theory"
    words: list[tuple[Estimate, str, str, str, str, str]] = [
        (es.welch(*groups, spec.level), "mean difference", "Welch", "Welch", "difference", unit),
        (es.hedges_g(*groups, spec.level), "standardised mean difference", "large sample",
         "Hedges g, noncentral t interval", "smd", "SD"),
        (es.variance_ratio(*groups, spec.level), "variance ratio", normal, "F ratio", "ratio", ""),
        (es.rank_biserial(*groups, spec.level), "rank-biserial correlation", "Fisher z scale",
         "pairs of people", "proportion", ""),
    ]  # fmt: skip
    keys = ("estimand", "se_type", "estimator", "scale", "unit")
    crude = {"role": "secondary", "model": "crude", "adjusted_for": ""}
    rows = [
        _row(spec, made, found, **crude, **dict(zip(keys, more, strict=True)))
        for found, *more in words
    ]
    rows[0]["threat"] = "crude"  # the others are on scales of their own
    name = f"within ±{write_number(bound)} (two one-sided tests)"
    tost = {"role": "secondary", "model": "equivalence", "contrast": name}
    return [*rows, _row(spec, made, inside, **tost)]


def _sensitivity(spec: Spec, frame: pd.DataFrame, others: list[str]) -> Iterator[dict[str, Any]]:
    from gluteal.errors import UserError
    from gluteal.frames.groups import Comparison, compare, compare_strata

    same = {"role": "sensitivity"}
    pair = {"outcome": spec.outcome, "exposure": spec.exposure}

    def attempt(model: str, outcome: str, covariates: tuple[str, ...], logs: tuple[str, ...] = ()):
        try:
            made = compare(frame, outcome, spec.exposure, covariates, spec.level, logs=logs)
        except UserError as error:  # a sensitivity analysis that fails is said, and stops nothing
            failed = {"model": model, "converged": False, "warnings": str(error)}
            return {**pair, **same, "outcome": outcome, **failed}
        return _row(spec, made, made.found, **same, outcome=outcome, model=model)

    few = tuple(name for name in spec.covariates if name in DEMOGRAPHIC)
    if few and len(few) < len(spec.covariates):
        yield attempt("age and sex only", spec.outcome, few)
    for name in others:
        logs = (MASS,) if needs_mass(name) and MASS not in spec.covariates else ()
        label = f"other scale: {variables()[name].label}"
        yield attempt(label, name, (*spec.covariates, *logs), logs)
    if not spec.by:
        return
    outcome, exposure = pair.values()
    strata, gap = compare_strata(frame, spec.by, outcome, exposure, spec.covariates, spec.level)
    head = variables()[spec.by].label
    for label, found in strata:
        model = f"{head}: {label}"
        if isinstance(found, Comparison):
            yield _row(spec, found, found.found, **same, model=model)
        else:
            yield {**pair, **same, "model": model, "converged": False, "warnings": found}
    parts = [found for _label, found in strata if isinstance(found, Comparison)]
    if gap:
        n = sum(len(part.outcome) for part in parts)
        lost = sum(part.design.n_missing for part in parts)
        model = f"{head}: {strata[1][0]} {MINUS} {strata[0][0]}"
        size = {"n_obs": n, "n_people": n, "n_missing": lost}
        yield _row(spec, parts[1], gap, **same, **size, model=model, contrast=GAP)


def _diagnose(spec: Spec, made: Comparison, people: int) -> list[dict[str, Any]]:
    from gluteal.estimators.checks import check, check_ends, check_model
    from gluteal.frames.groups import ENOUGH, imbalance

    text = "few people make any model fragile"
    found = [
        check(f"people in group {code}", n, f">= {ENOUGH}", n >= ENOUGH, text)
        for code, n in zip("10", made.sizes, strict=True)
    ]
    found += check_model(made.model, made.outcome, 1, people)
    ends = variables()[spec.outcome]
    found += check_ends(made.outcome, ends.low, ends.high)
    gaps = imbalance(made.design, made.group, spec.covariates)
    text = (
        "standardised difference between the groups before adjustment; where the groups hardly "
        "overlap, the adjusted difference rests on the model"
    )
    for name, gap in zip(spec.covariates, gaps, strict=True):
        alike = abs(gap) <= LARGE_IMBALANCE
        found.append(check(f"imbalance of {name}", gap, f"|x| <= {LARGE_IMBALANCE}", alike, text))
    return found


def _panels(
    spec: Spec, made: Comparison, estimates: list[dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """Return aggregates only: smoothed curves, quantiles, and the forest in within-group SDs."""
    from gluteal.estimators.effect_size import pooled_sd
    from gluteal.frames.groups import curves, summarise

    labels = variables()[spec.exposure].levels
    sd = pooled_sd(made.outcome[made.group], made.outcome[~made.group])
    forest = [
        {"label": e["model"], "role": e.get("role", spec.role), "n": e["n_people"]}
        | {key: e[key] / sd for key in ("estimate", "low", "high")}
        for e in estimates
        if e.get("scale") == "difference"
        and e["outcome"] == spec.outcome
        and e["model"] != "equivalence"
        and e["contrast"] != GAP
    ]
    bound = _bound(spec, made)
    return {
        "density": curves(made.outcome, made.group, labels),
        "groups": summarise(made.outcome, made.group, labels, spec.level),
        "forest": forest,
        "bound": [{"bound": bound, "sd": sd, "in_sd": bound / sd}],
    }
