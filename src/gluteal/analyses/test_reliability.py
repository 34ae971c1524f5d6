"""Reliability of the tests: between assessors, and between trials of one assessor.

Continuous measures get the six intraclass correlations, both standard errors of measurement, the
minimal detectable change and limits of agreement; categories get kappa and its kin. Two legs are
not two people: one leg a person is analysed, the other leg is repeated as a sensitivity analysis.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import isfinite, isnan, nan
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from gluteal import spec as base
from gluteal.cohort.repeats import Facet, Repeats, list_measures, take_repeats
from gluteal.errors import UserError
from gluteal.estimates import Fit, diagnostic
from gluteal.notation import write_interval, write_number

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.estimators.agreement import Agreement
    from gluteal.estimators.intervals import Interval

FIGURE = "agreement"
OTHER = {"right": "left", "left": "right"}
ALPHA = 0.05


class Spec(base.Spec):
    """Settings of ``test_reliability``."""

    method: Literal["test_reliability"] = "test_reliability"
    measures: Literal["all"] | tuple[str, ...] = Field(
        "all", description="Variables with repeats; 'all' takes every one that has any"
    )
    by: tuple[Facet, ...] = Field(
        ("assessor", "trial"),
        min_length=1,
        description="What repeats a measurement: assessor, trial or both",
    )
    side: Literal["right", "left"] = Field(
        "right", description="The leg analysed; the other one is a sensitivity analysis"
    )
    resamples: int = Field(2000, ge=100, description="Resamples of people for intervals of kappa")


@dataclass
class Found:
    """What the fit gathers; each part goes into the product of its name."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    diagnostics: list[dict[str, Any]] = field(default_factory=list)
    icc: list[dict[str, Any]] = field(default_factory=list)
    limits: list[dict[str, Any]] = field(default_factory=list)
    pairs: list[dict[str, Any]] = field(default_factory=list)
    measures: list[dict[str, Any]] = field(default_factory=list)
    categories: list[dict[str, Any]] = field(default_factory=list)
    slopes: list[tuple[str, float, float]] = field(default_factory=list)
    methods: set[str] = field(default_factory=set)

    def add(self, of: Repeats, contrast: str, value: Interval, **more: Any) -> None:
        """Add an estimate, with what all estimates of these repeats share."""
        row = {
            "role": "secondary",
            "model": of.model,
            "outcome": of.known.name,
            "term": of.facet,
            "contrast": contrast,
            "unit": of.known.unit,
            **dict(zip(("estimate", "low", "high", "se", "df"), value, strict=True)),
            "n_obs": of.scores.size - of.missing,
            "n_people": len(of.scores),
            "n_missing": of.missing,
            "missing_method": "available scores" if of.missing else "none missing",
            "converged": isfinite(value.value),
        }
        self.rows.append(row | more)


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that the settings ask for by name."""
    return () if spec.measures == "all" else spec.measures


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Estimate the reliability of every measure asked for.

    The first estimate, ICC(A,1) or kappa of the first measure, is the headline. A measure named in
    the settings that cannot be analysed is an error; among ``all`` it becomes a diagnostic.
    """
    trials = cohort.trials[cohort.trials["visit"] == spec.visit]
    present = set(trials["variable"].unique())
    if lacking := [name for name in needs(spec) if name not in present]:
        return Fit(needs=lacking)
    names = dict.fromkeys(needs(spec) or list_measures(present))
    sides, facets = (spec.side, "na", OTHER[spec.side]), tuple(dict.fromkeys(spec.by))
    sheets = [one for name in names for one in take_repeats(trials, name, facets, sides)]
    main = [one for one in sheets if one.side != OTHER[spec.side]]
    if silent := [n for n in needs(spec) if n not in {one.known.name for one in main}]:
        raise UserError(
            f"{', '.join(silent)}: fewer than two people were measured twice at {spec.visit} "
            f"by {' or '.join(facets)} ({spec.side} side)"
        )
    if not main:
        return Fit(needs=["repeated trials or a second assessor"])
    found = Found()
    for one in main:
        others = [s for s in sheets if (s.known, s.facet) == (one.known, one.facet) and s != one]
        try:
            if one.known.kind in ("boolean", "category"):
                _compare_categories(found, one, others, spec)
            else:
                _compare_numbers(found, one, others, spec)
        except UserError as error:
            if spec.measures != "all":
                raise UserError(f"{one.known.name}, {one.model}: {error}") from error
            name = f"{one.known.label}, {one.model}"
            found.diagnostics.append(diagnostic(name, "not analysed", False, str(error)))
    if not found.rows:
        raise UserError("; ".join(f"{d['name']}: {d['meaning']}" for d in found.diagnostics))
    found.rows[0]["role"] = spec.role
    return Fit(
        estimates=found.rows,
        diagnostics=[*found.diagnostics, *_judge_slopes(found.slopes)],
        panels={"icc": found.icc, "limits": found.limits, "pairs": found.pairs},
        tables={"reliability": found.measures, "agreement_on_categories": found.categories},
        sentences=list(_write_sentences(found, spec)),
    )


def _compare_numbers(found: Found, one: Repeats, others: Sequence[Repeats], spec: Spec) -> None:
    from gluteal.estimators.reliability import detectable_change, list_cautions, reliability

    scores = one.scores.to_numpy("float64")
    got = reliability(scores, spec.level)
    found.methods.add(got.method)
    icc = {"scale": "icc", "unit": "", "estimand": "intraclass correlation", "se_type": "F"}
    icc |= {"estimator": got.how, "converged": got.converged}
    for form in sorted(got.icc, key=lambda form: form != "ICC(A,1)"):
        found.add(one, form, got.icc[form], **icc)
    error = {"scale": "sd", "se_type": "chi-square", "estimator": got.how}
    sem = error | {"estimand": "standard error of measurement"}
    found.add(one, "SEM, agreement", got.sem_agreement, **sem)
    found.add(one, "SEM, consistency", got.sem_consistency, **sem)
    change = error | {"estimand": "minimal detectable change"}
    mdc, smaller = (detectable_change(got.sem_agreement, level) for level in (0.95, 0.90))
    found.add(one, "MDC95", mdc, **change)
    found.add(one, "MDC90", smaller, **change)
    share = type(mdc)(*(100 * limit / (abs(got.mean) or nan) for limit in mdc[:3]))
    found.add(one, "MDC95, % of mean", share, **change | {"scale": "percent", "unit": "%"})
    cells = _compare_pairs(found, one, spec)
    single = got.icc["ICC(A,1)"]
    found.measures.append(
        {
            "Measure": one.known.axis,
            "Repeated": one.model,
            "People": got.n_people,
            "k": got.k_raters,
            "Mean": write_number(got.mean),
            "ICC(A,1)": write_interval(*single[:3]),
            "ICC(C,1)": write_interval(*got.icc["ICC(C,1)"][:3]),
            "SEM, agreement": _write(got.sem_agreement),
            "SEM, consistency": _write(got.sem_consistency),
            "MDC95": write_number(mdc.value),
            "MDC95, %": write_number(share.value),
            **cells,
        }
    )
    about = {"label": one.known.label, "model": one.model, "n": got.n_people}
    limits = dict(zip(("estimate", "low", "high"), single, strict=False))
    found.icc.append(about | {"form": "ICC(A,1)"} | limits)
    again = [(other, "ICC(A,1)") for other in others]
    again += [(one.complete(), "ICC(A,1), people with every score")] if got.n_missing else []
    for other, title in again:
        with suppress(UserError):  # too few people there: the analysis itself stands
            more = reliability(other.scores.to_numpy("float64"), spec.level)
            how = {"estimator": more.how, "role": "sensitivity"}
            found.add(other, title, more.icc["ICC(A,1)"], **icc | how)
    for what, value, threshold, meaning in list_cautions(scores, got):
        name = f"{what}: {one.known.label}, {one.model}"
        found.diagnostics.append(diagnostic(name, value, False, meaning, threshold))


def _write(value: Interval) -> str:
    """Write each number with its own digits: two raters give an upper limit of another size."""
    middle, low, high = (write_number(x) for x in value[:3])
    return f"{middle} [{low} to {high}]"


def _compare_pairs(found: Found, one: Repeats, spec: Spec) -> dict[str, str]:
    """Add the limits of agreement of pairs of columns; return the cells of the first pair."""
    from gluteal.estimators.agreement import compare_columns

    cells: dict[str, str] = {}
    for first, second, got, values in compare_columns(one.scores.to_numpy("float64"), spec.level):
        name = f"{one.facet} {one.scores.columns[first]} minus {one.scores.columns[second]}"
        more = {"scale": "difference", "estimator": "Bland-Altman", "n_people": got.n}
        more |= {"n_obs": got.n, "n_missing": len(one.scores) - got.n}
        found.add(one, f"bias, {name}", got.bias, estimand="mean difference", se_type="t", **more)
        more |= {"estimand": "limits of agreement", "se_type": "noncentral t"}
        found.add(one, f"lower limit, {name}", got.lower, **more)
        found.add(one, f"upper limit, {name}", got.upper, **more)
        if not cells:
            ends = [write_number(limit.value) for limit in (got.lower, got.upper)]
            cells = {"Compared": name, "Bias": write_interval(*got.bias[:3])}
            cells["Limits of agreement"] = " to ".join(ends)
            _draw_pair(found, one, name, values, got, spec.seed)
    return cells


def _draw_pair(
    found: Found, one: Repeats, name: str, values: Any, got: Agreement, seed: int
) -> None:
    """Keep what the figure shows of one pair; single points only of ten people or more."""
    from gluteal.estimators.agreement import sample_points

    panel = f"{one.known.label}, {one.model}"
    row: dict[str, Any] = {"panel": panel, "pair": name, "unit": one.known.unit, "n": got.n}
    for key, limit in (("bias", got.bias), ("lower", got.lower), ("upper", got.upper)):
        row |= {key: limit.value, f"{key}_low": limit.low, f"{key}_high": limit.high}
    found.limits.append(row)
    points = sample_points(values, seed)
    found.pairs += [{"panel": panel, "mean": m, "difference": d} for m, d in points]
    where = f"{panel}, {name}"
    found.slopes.append((f"Bias by size: {where}", got.proportional.value, got.p_proportional))
    found.slopes.append((f"Spread by size: {where}", got.spread.value, got.p_spread))


def _judge_slopes(slopes: Sequence[tuple[str, float, float]]) -> Iterator[dict[str, Any]]:
    """Flag slopes beyond chance among all that were looked at (Bonferroni)."""
    meaning = "slope per unit of the mean; where it is not 0 one pair of limits does not fit all"
    limit = ALPHA / max(len(slopes), 1)
    for name, value, p in slopes:
        fine = None if isnan(p) else bool(p >= limit)
        yield diagnostic(name, f"{value:.3g}", fine, meaning, f"p < {limit:.1g}")


def _compare_categories(found: Found, one: Repeats, others: Sequence[Repeats], spec: Spec) -> None:
    from gluteal.estimators.ratings import Ratings, compare_ratings, encode

    levels = sorted(float(level) for level in one.known.levels) or [0.0, 1.0]

    def compare(sheet: Repeats) -> Ratings:
        codes = encode(sheet.scores.to_numpy("float64"), levels)
        ordered = one.known.kind == "category"
        return compare_ratings(codes, len(levels), ordered, spec.resamples, spec.seed, spec.level)

    got = compare(one)
    found.methods.add("cohen" if got.raters == 2 else "light")
    shared = {"scale": "kappa", "unit": "", "estimand": "agreement beyond chance"}
    for part in got.quantities:
        role = "sensitivity" if part.check else "secondary"
        found.add(one, part.name, part.value, role=role, se_type=part.se_type, **shared)
    for other in others:
        with suppress(UserError):
            first = compare(other).quantities[0]
            how = {"role": "sensitivity", "se_type": first.se_type}
            found.add(other, first.name, first.value, **shared | how)
    row: dict[str, Any] = {
        "Measure": one.known.label,
        "Repeated": one.model,
        "People": got.people,
        "k": got.raters,
        "Same category, %": write_number(100 * got.agreement),
    }
    shown = (part for part in got.quantities if not part.check)
    titles = ((part.name[:1].upper() + part.name[1:], part.value) for part in shown)
    row |= {title: write_interval(*value[:3]) for title, value in titles}
    row["Prevalence index"] = write_number(got.prevalence_index)
    found.categories.append(row)
    first = got.quantities[0]
    about = {"label": one.known.label, "model": one.model, "n": got.people, "form": first.name}
    found.icc.append(about | dict(zip(("estimate", "low", "high"), first.value, strict=False)))


def _write_sentences(found: Found, spec: Spec) -> Iterator[str]:
    """Say what was done, as far as the data needed it."""
    from gluteal.estimators import agreement, icc, ratings, reliability

    facets = {"assessor": "assessors", "trial": "trials of the first assessor"}
    by = " and between ".join(facets[facet] for facet in dict.fromkeys(spec.by))
    yield (
        f"Reliability was estimated between {by} at {spec.visit}, from one leg a person (the "
        f"{spec.side} one; the other leg as a sensitivity analysis), since two legs are not two "
        "people. An assessor's score is the mean of the assessor's trials"
    )
    yield from [icc.CITED] if found.measures else []
    if "anova" in found.methods:
        yield f"{icc.CITED_ANOVA}, at {100 * spec.level:g}%"
    yield from [icc.CITED_REML] if "reml" in found.methods else []
    yield from [reliability.CITED] if found.measures else []
    yield from [agreement.CITED] if found.limits else []
    if found.categories:
        yield f"{ratings.CITED}; {spec.resamples:,} resamples of people check its interval"
    yield from [ratings.CITED_LIGHT] if "light" in found.methods else []
