"""The same comparison by an outcome model, by weights, and by both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.causal import (
    PotentialMeans,
    estimate_aipw,
    estimate_iptw,
    estimate_shift,
    shift_imbalance,
    standardise_outcome,
    weigh_shift,
)
from gluteal.estimators.inference import Floats
from gluteal.estimators.splines import place_knots, spline_basis
from gluteal.frames.exposed import Exposed

DEMOGRAPHIC = ("age_years", "sex")
AIPW = "augmented inverse-probability weights (AIPW)"
SHIFTED = "doubly robust estimate of a shift"
WEIGHTED = "stabilised inverse-probability weights"
DENSITY = "weights by the ratio of two normal densities"
STANDARDISED = "g-computation"


class Task(NamedTuple):
    """Something to estimate, and the words of its row."""

    make: Callable[[], PotentialMeans]
    words: dict[str, Any]


def fit_main(data: Exposed) -> PotentialMeans:
    """Estimate both means doubly robustly, with one outcome model of all."""
    if data.groups is None:
        models = data.set_to()
        return estimate_shift(data.y, data.a, data.z, data.shift, models=models, family=data.family)
    return estimate_aipw(data.y, data.a, data.z, data.z, data.family, modified_by=())


def fit_standardised(data: Exposed) -> PotentialMeans:
    """Estimate both means by the outcome model."""
    return standardise_outcome(data.x, data.y, data.set_to(), data.family)


def fit_weighted(
    data: Exposed, *, truncate: tuple[float, float] | None = None, overlap: bool = False
) -> PotentialMeans:
    """Estimate both means by weights."""
    if data.groups is None:
        return estimate_shift(data.y, data.a, data.z, data.shift, truncate=truncate)
    kind = "ATO" if overlap else "ATE"
    return estimate_iptw(data.y, data.a, data.z, estimand=kind, truncate=truncate)


def fit_among_low(data: Exposed) -> PotentialMeans:
    """Estimate both means in the people of group 0, by weights that make the others like them."""
    made = estimate_iptw(data.y, 1 - data.a, data.z, estimand="ATT")
    back = {"means": made.means[::-1], "cov": made.cov[::-1, ::-1], "shares": made.shares[:, ::-1]}
    return replace(made, **back)


def fit_bent(data: Exposed) -> PotentialMeans:
    """Estimate a shift with an outcome model that bends in the exposure (three knots)."""
    knots = place_knots(data.a, 3)
    if len(knots) < 3:
        raise UserError("too few different values of the exposure for a curve")
    rest = data.z[:, 1:]

    def lay(values: Floats) -> Floats:
        return np.column_stack([data.z[:, :1], spline_basis(values, knots), rest])

    models = (lay(data.a), lay(data.a + data.shift))
    return estimate_shift(data.y, data.a, data.z, data.shift, models=models, family=data.family)


def crude_means(data: Exposed) -> PotentialMeans:
    """Estimate both means without any covariate."""
    return fit_standardised(data.with_covariates(()))


def list_tasks(data: Exposed, truncate: tuple[float, float]) -> Iterator[Task]:
    """List what stands beside the headline."""
    shifted = data.groups is None
    by_weights = DENSITY if shifted else WEIGHTED
    ends = f"cut at percentiles {100 * truncate[0]:g} and {100 * truncate[1]:g}"
    second: dict[str, Any] = {"role": "secondary"}
    other: dict[str, Any] = {"role": "sensitivity"}
    yield Task(lambda: fit_standardised(data),
               {**second, "model": STANDARDISED, "estimator": STANDARDISED})  # fmt: skip
    yield Task(lambda: fit_weighted(data),
               {**second, "model": "weights alone", "estimator": by_weights,
                "threat": "weighted"})  # fmt: skip
    if data.covariates:
        yield Task(lambda: crude_means(data),
                   {**second, "model": "crude", "estimator": STANDARDISED, "threat": "crude",
                    "adjusted_for": ""})  # fmt: skip
    yield Task(lambda: fit_weighted(data, truncate=truncate),
               {**other, "model": f"weights {ends}", "estimator": by_weights})  # fmt: skip
    if shifted:
        yield Task(lambda: estimate_shift(
            data.y, data.a, data.z, data.shift, models=data.set_to(), family=data.family,
            truncate=truncate,
        ), {**other, "model": f"doubly robust, weights {ends}", "estimator": SHIFTED,
            "threat": "doubly robust"})  # fmt: skip
        yield Task(lambda: fit_bent(data),
                   {**other, "model": "outcome model bent in the exposure",
                    "estimator": SHIFTED})  # fmt: skip
    else:
        yield Task(lambda: estimate_aipw(data.y, data.a, data.z, data.z, data.family),
                   {**other, "model": "an outcome model for each group", "estimator": AIPW,
                    "threat": "doubly robust"})  # fmt: skip
        yield Task(lambda: fit_weighted(data, overlap=True),
                   {**other, "model": "people in the overlap",
                    "estimator": "overlap weights"})  # fmt: skip
        names = data.groups or ("", "")
        yield Task(lambda: fit_among_low(data),
                   {**second, "model": f"in the group {names[0]}", "estimator": WEIGHTED,
                    "contrast": f"{names[1]} against {names[0]}, in the latter"})  # fmt: skip
    few = [name for name in data.covariates if name in DEMOGRAPHIC]
    if few and len(few) < len(data.covariates):
        less = data.with_covariates(few)
        words = {"model": "age and sex only", "adjusted_for": "; ".join(few)}
        yield Task(lambda: fit_main(less), {**other, **words})


def balance_of(data: Exposed) -> list[dict[str, Any]]:
    """Return how far covariates lie apart before and after weighting, in SDs, one row a variable.

    For a shift: how far weighted people lie from everyone, with weights that ignore or heed the
    covariates.
    """
    columns = data.z[:, 1:]
    if not columns.shape[1]:
        return []
    if data.groups is None:
        before = shift_imbalance(columns, weigh_shift(data.a, data.z[:, :1], data.shift).values)
        after = shift_imbalance(columns, weigh_shift(data.a, data.z, data.shift).values)
    else:
        made = estimate_iptw(data.y, data.a, data.z)
        before, after = made.extra["smd_before"][1:], made.extra["smd_after"][1:]
    found: list[dict[str, Any]] = []
    for name in data.covariates:
        at = [j - 2 for j in data.design.terms[name]]
        pair = (float(np.abs(one[at]).max()) for one in (before, after))
        found.append({"variable": name, **dict(zip(("before", "after"), pair, strict=True))})
    return found
