"""Counterfactual mediation with a binary mediator or outcome: resampled g-computation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.bootstrap import as_units, draw_counts, summarise_draws
from gluteal.estimators.inference import Floats
from gluteal.estimators.mediation.gformula import (
    Coefficients,
    mean_at,
    mean_outcome,
    quadrature,
)
from gluteal.estimators.mediation.resampled_glm import Link, Regression, fit_regression
from gluteal.estimators.mediation.system import Mediation, Resampling, proportion_of

AT_ONCE = 1 << 17  # rows times resamples held at a time: they stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: see ``mediate_counterfactual``."""

    links: tuple[Link, Link]
    interaction: bool
    exposed: float
    unexposed: float
    held: float
    draws: Literal["bootstrap", "parametric"]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the effects."""
        plain = ("CDE", "PNDE", "TNDE", "PNIE", "TNIE", "total")
        ratios = ("PNDE ratio", "TNIE ratio", "total ratio")
        return plain if self.links[1] == "linear" else plain + ratios


def estimate_nonlinear(
    columns: Floats, labels: list[str], question: Question, how: Resampling
) -> Mediation:
    """Estimate the effects of regressions of which at least one is not linear.

    Parameters
    ----------
    columns : ndarray, shape (n, c + 3)
        Covariates, exposure, mediator, outcome; without missing values.

    Raises
    ------
    UserError
        See ``fit_regression``; and for weights that are not finite or negative.
    """
    if how.kind == "bca":
        raise ValueError("BCa is for linear models: use percentile or bias-corrected")
    n, c = len(columns), columns.shape[1] - 3
    weights = _weights(how, n)
    one, covariates = np.ones((n, 1)), columns[:, :c]
    x, m, y = columns[:, [c]], columns[:, [c + 1]], columns[:, c + 2]
    names = ("the constant", *labels[: c + 2], "exposure × mediator")
    product = [x * m] if question.interaction else []
    first = fit_regression(
        np.column_stack([one, covariates, x]),
        m[:, 0],
        question.links[0],
        names[: c + 2],
        labels[c + 1],
        weights,
    )
    second = fit_regression(
        np.column_stack([one, covariates, x, m, *product]),
        y,
        question.links[1],
        names[: c + 3 + len(product)],
        labels[c + 2],
        weights,
    )
    whole = Coefficients(first.coef[None], np.array([first.sigma]), second.coef[None])
    spread = float(np.abs(second.coef[2 + c :]).sum()) if question.links[1] == "logit" else 0.0
    rule = quadrature(0.0 if np.isnan(first.sigma) else spread * first.sigma)
    people = covariates if c else np.empty((1, 0))
    unit = np.ones((1, n)) if weights is None else weights[None]

    def effects(found: Coefficients, over: Floats) -> Floats:
        return _effects(found, question, people, over if c else np.ones((1, 1)), rule)

    estimate = effects(whole, unit)[0]
    said: tuple[str, ...] = ()
    if question.draws == "parametric":
        if how.cluster is not None or how.strata is not None or weights is not None:
            raise ValueError("parametric draws know neither clusters, strata nor weights")
        parts = [effects(found, unit) for found in _parametric(first, second, how, n)]
    else:
        units = as_units(n, how.cluster, how.strata)
        said = units.warnings
        parts: list[Floats] = []
        for counts in draw_counts(units.sizes, how.resamples, how.seed, AT_ONCE // n):
            counts = counts if units.of_row is None else counts[:, units.of_row]
            counts = counts if weights is None else counts * weights
            a, sigma, sound = first.fit(counts)
            b, _, also = second.fit(counts)
            values = effects(Coefficients(a, sigma, b), counts)
            parts.append(np.where((sound & also)[:, None], values, np.nan))
    found = summarise_draws(estimate, np.concatenate(parts), how.kind, how.level, warnings=said)
    at = {name: k for k, name in enumerate(question.names)}
    draws = found.draws
    with np.errstate(divide="ignore", invalid="ignore"):
        share = draws[:, at["TNIE"]] / draws[:, at["total"]]
        value = estimate[at["TNIE"]] / estimate[at["total"]]
    wide = summarise_draws(
        np.append(estimate, value), np.column_stack([draws, share]), how.kind, how.level
    )
    proportion, why = proportion_of(wide, at, ("TNIE", "PNDE", "total"))
    warnings = (*found.warnings, *why)
    found = replace(found, warnings=warnings)
    models = (first.model(), second.model())
    return Mediation(question.names, (), found, models, proportion, found.converged, warnings)


def _effects(
    found: Coefficients,
    question: Question,
    covariates: Floats,
    weights: Floats,
    rule: tuple[Floats, Floats],
) -> Floats:
    a, b = question.exposed, question.unexposed
    with np.errstate(invalid="ignore", over="ignore"):
        both, swapped, other, none = (
            mean_outcome(found, question.links, covariates, weights, i, j, rule)
            for i, j in ((a, a), (a, b), (b, a), (b, b))
        )
        held = [
            mean_at(found, question.links[1], covariates, weights, level, question.held)
            for level in (a, b)
        ]
        values = [held[0] - held[1], swapped - none, both - other, other - none, both - swapped]
        values.append(both - none)
        if question.links[1] != "linear":
            values += [swapped / none, both / swapped, both / none]
    return np.column_stack(values)


def _parametric(
    first: Regression, second: Regression, how: Resampling, n: int
) -> Iterator[Coefficients]:
    """Draw the coefficients of both regressions from their normal distributions."""
    base = [how.seed] if isinstance(how.seed, int) else list(how.seed)
    one, two = (
        np.random.default_rng([*base, k]).multivariate_normal(
            fit.coef, fit.cov, size=how.resamples, method="cholesky"
        )
        for k, fit in enumerate((first, second))
    )
    step = max(1, AT_ONCE // n)
    for start in range(0, how.resamples, step):
        part = one[start : start + step]
        sigma = np.full(len(part), first.sigma)
        yield Coefficients(part, sigma, two[start : start + step])


def _weights(how: Resampling, n: int) -> Floats | None:
    if how.weights is None:
        return None
    weights = np.asarray(how.weights, dtype=float)
    if weights.shape != (n,):
        raise ValueError(f"{n} rows need a weight each, found the shape {weights.shape}")
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise UserError("weights must be finite, not negative and not all zero")
    # Only their proportions say something: the rows that count have a mean weight of 1.
    return weights * (np.count_nonzero(weights) / weights.sum())
