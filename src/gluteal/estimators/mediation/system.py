"""Fit a system of linear equations and put intervals around products of its coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.bootstrap import (
    Bootstrap,
    Equation,
    Solved,
    Units,
    as_units,
    bootstrap_linear,
)
from gluteal.estimators.bootstrap.draws import Seed
from gluteal.estimators.bootstrap.intervals import Kind
from gluteal.estimators.inference import Estimate, Floats, Model, constant_df, interval
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.mediation.products import Polynomial, evaluate, gradient

SHARE = "proportion mediated"


@dataclass(frozen=True, slots=True)
class Resampling:
    """How intervals are made: see ``bootstrap_linear``."""

    resamples: int = 5000
    seed: Seed = 1
    kind: Kind = "percentile"
    level: float = 0.95
    cluster: ArrayLike | None = None
    strata: ArrayLike | None = None
    weights: ArrayLike | None = None


@dataclass(frozen=True, slots=True)
class Mediation:
    """Direct, indirect and total effects.

    Attributes
    ----------
    names : tuple of str, length k
        Of the effects, in the order of ``wald`` and of the columns of ``bootstrap``.
    wald : tuple of Estimate, length k
        With standard errors by the delta method (Sobel's for a product of two) and normal
        intervals, which are too wide or too narrow for products in small samples. Empty where
        only the bootstrap gives intervals.
    bootstrap : Bootstrap
        Its intervals are the ones to report.
    models : tuple of Model
        The least-squares fits of the equations: classical standard errors, or cluster-robust ones
        (CR1) with clusters or weights.
    proportion : Estimate or None
        Share of the total effect that is mediated; None where it has no meaning: the total's
        interval holds 0, or the direct and the indirect effect have opposite signs.
    """

    names: tuple[str, ...]
    wald: tuple[Estimate, ...]
    bootstrap: Bootstrap
    models: tuple[Model, ...]
    proportion: Estimate | None
    converged: bool
    warnings: tuple[str, ...]

    def effect(self, name: str) -> Estimate:
        """Return an effect with its bootstrap standard error, interval and p."""
        return _estimate(self.bootstrap, self.names.index(name))


def _estimate(found: Bootstrap, k: int) -> Estimate:
    value, se, low, high, p = (
        float(getattr(found, key)[k]) for key in ("estimate", "se", "low", "high", "p")
    )
    return Estimate(value, se, inf, low, high, p, found.level)


def estimate_system(
    columns: Floats,
    names: Sequence[str],
    equations: Sequence[Equation],
    effects: Mapping[str, Polynomial],
    how: Resampling,
    share: tuple[str, str, str] | None = None,
) -> Mediation:
    """Estimate sums of products of the coefficients of linear equations.

    Parameters
    ----------
    columns : ndarray, shape (n, p)
    names : sequence of str, length p
    equations : sequence of Equation
    effects : mapping
        Of names to sums of products of coefficients.
    how : Resampling
    share : tuple of three str, optional
        Names of the mediated, the direct and the total effect, for the proportion mediated.

    Returns
    -------
    Mediation
    """
    at = {name: k for k, name in enumerate(effects)}

    def statistic(solved: Solved) -> Floats:
        values = evaluate(effects, solved.coef)
        if share is None:
            return values
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = values[:, at[share[0]]] / values[:, at[share[2]]]
        # A total of exactly 0 has no share; the draw is kept for the other effects.
        return np.column_stack([values, np.nan_to_num(ratio, nan=0.0, posinf=0.0, neginf=0.0)])

    found = bootstrap_linear(
        columns,
        equations,
        statistic,
        resamples=how.resamples,
        seed=how.seed,
        weights=how.weights,
        cluster=how.cluster,
        strata=how.strata,
        kind=how.kind,
        level=how.level,
        names=names,
    )
    models = fit_equations(columns, equations, how)
    slopes = gradient(effects, [model.coef for model in models])
    cov = joint_covariance(columns, equations, models, how)
    models = _robust(models, cov, how)
    se = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slopes, cov, slopes), 0))
    values = evaluate(effects, [model.coef[None] for model in models])[0]
    wald = tuple(
        interval(float(value), float(error), level=how.level)
        for value, error in zip(values, se, strict=True)
    )
    said = list(found.warnings)
    proportion = None
    if share is not None:
        proportion, why = proportion_of(found, at, share)
        said += why
    kept = replace(
        found,
        **{
            key: getattr(found, key)[..., : len(effects)]
            for key in ("estimate", "se", "low", "high", "p", "draws")
        },
    )
    return Mediation(tuple(effects), wald, kept, models, proportion, found.converged, tuple(said))


def proportion_of(
    found: Bootstrap, at: Mapping[str, int], share: tuple[str, str, str]
) -> tuple[Estimate | None, list[str]]:
    """Return the proportion mediated, which stands after the effects, or why it has no meaning."""
    mediated, direct, total = (at[name] for name in share)
    if not (found.low[total] > 0 or found.high[total] < 0):
        return None, ["no proportion mediated: the interval of the total effect holds 0"]
    if found.estimate[mediated] * found.estimate[direct] < 0:
        return None, ["no proportion mediated: direct and indirect effect oppose each other"]
    return _estimate(found, len(at)), []


def fit_equations(
    columns: Floats, equations: Sequence[Equation], how: Resampling
) -> tuple[Model, ...]:
    """Fit each equation by (weighted) least squares with classical standard errors."""
    root = None if how.weights is None else np.sqrt(np.asarray(how.weights, dtype=float))
    found: list[Model] = []
    for equation in equations:
        x, y = design(columns, equation), columns[:, equation.outcome]
        if root is None:
            found.append(fit_linear(x, y, "classical"))
            continue
        model = fit_linear(x * root[:, None], y * root, "classical")
        found.append(replace(model, fitted=x @ model.coef))
    return tuple(found)


def _robust(models: tuple[Model, ...], cov: Floats, how: Resampling) -> tuple[Model, ...]:
    """Give the models their blocks of the joint covariance."""
    if how.cluster is None and how.weights is None:
        return models
    ends = np.cumsum([len(model.coef) for model in models])
    return tuple(
        replace(model, cov=cov[end - k : end, end - k : end], se_type="CR1", df_of=constant_df(inf))
        for model, end, k in zip(models, ends, (len(m.coef) for m in models), strict=True)
    )


def design(columns: Floats, equation: Equation) -> Floats:
    """Return the design of an equation, its constant first."""
    return np.column_stack([np.ones(len(columns)), columns[:, list(equation.predictors)]])


def joint_covariance(
    columns: Floats, equations: Sequence[Equation], models: Sequence[Model], how: Resampling
) -> Floats:
    """Return the covariance of the coefficients of all equations together.

    Least squares of independent rows: classical, uncorrelated between the equations of a
    recursive system. With clusters or weights: the sandwich of the units' scores of all equations
    together, times G/(G-1).
    """
    count = sum(len(model.coef) for model in models)
    cov = np.zeros((count, count))
    start = 0
    if how.cluster is None and how.weights is None:
        for model in models:
            stop = start + len(model.coef)
            cov[start:stop, start:stop] = model.cov
            start = stop
        return cov
    units: Units = as_units(len(columns), how.cluster, how.strata)
    w = np.ones(len(columns)) if how.weights is None else np.asarray(how.weights, dtype=float)
    scores: list[Floats] = []
    for equation, model in zip(equations, models, strict=True):
        x, y = design(columns, equation), columns[:, equation.outcome]
        scale = np.sqrt(w @ x**2)
        z = x / scale
        bread = np.linalg.inv((z * w[:, None]).T @ z) / scale
        scores.append(units.sum_rows(z * (w * (y - x @ model.coef))[:, None]) @ bread)
    stacked = np.column_stack(scores)
    return stacked.T @ stacked * (units.count / (units.count - 1))
