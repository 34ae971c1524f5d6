"""Simulation and extrapolation (SIMEX): add error, watch the estimate move, and go back."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.causal.scores import (
    Family,
    Fit,
    as_model,
    covariance_of,
    few_units,
    fit_scores,
)
from gluteal.estimators.inference import Floats, Model, constant_df
from gluteal.estimators.sensitivity.measurement_error import ErrorVariance
from gluteal.estimators.sensitivity.replicates import Noise, Noisy, solve_replicates


def extrapolation_weights(lambdas: Floats, degree: int) -> Floats:
    """Return how much the estimate at each lambda counts in the polynomial's value at -1.

    Examples
    --------
    >>> extrapolation_weights(np.array([0.0, 1.0]), 1)
    array([ 2., -1.])
    """
    powers = np.vander(lambdas, degree + 1, increasing=True)
    at = (-1.0) ** np.arange(degree + 1)
    return (at @ np.linalg.pinv(powers)).round(14)


def fit_simex(
    x: ArrayLike,
    y: ArrayLike,
    error: ErrorVariance,
    column: int = 1,
    family: Family = "linear",
    *,
    lambdas: Sequence[float] = (0.5, 1.0, 1.5, 2.0),
    replicates: int = 100,
    extrapolant: Literal["linear", "quadratic"] = "quadratic",
    se: Literal["stacked", "jackknife"] = "stacked",
    person: ArrayLike | None = None,
    seed: int = 1,
) -> Model:
    """Correct a regression for classical error in one exposure by simulation and extrapolation.

    Parameters
    ----------
    x, y, error, column, family, person
        As in ``calibrate_regression``.
    lambdas : sequence of float
        Extra error variances to add, in units of the error's own.
    replicates : int
        Fits a lambda; they come in antithetic pairs, so an odd number is rounded up.
    extrapolant : {"linear", "quadratic"}
        The curve that is followed back to no error. It removes most of the bias, not all.
    se : {"stacked", "jackknife"}
        "stacked" is the asymptotic sandwich, robust to rows of one person, and counts in the
        uncertainty of the error variance; "jackknife" rests on the model's own variances.
    seed : int

    Returns
    -------
    Model
        ``extra`` has ``path`` (lambdas and mean coefficients at each), ``naive`` and
        ``simulation_se`` (Monte Carlo error of the coefficients).

    Raises
    ------
    UserError
        If an array has a fault, or people share one row and the jackknife is asked for.

    References
    ----------
    Cook and Stefanski 1994, doi:10.1080/01621459.1994.10476871; Stefanski and Cook 1995 for the
    jackknife, doi:10.1080/01621459.1995.10476629; Carroll et al. 1996 for the sandwich,
    doi:10.1080/01621459.1996.10476682.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> truth = rng.normal(size=2000)
    >>> x = np.column_stack([np.ones(2000), truth + 0.5 * rng.normal(size=2000)])
    >>> found = fit_simex(x, 2 * truth, ErrorVariance(0.25), replicates=40)
    >>> bool(abs(found.coef[1] - 2) < abs(found.extra["naive"][1] - 2) / 3)
    True
    """
    design, outcome = as_model(x, y, family)
    extra = np.asarray(lambdas, dtype=float)
    if extra.size < 1 + (extrapolant == "quadratic") or not (extra > 0).all() or replicates < 2:
        raise ValueError("needs lambdas above zero, enough for the extrapolant, and two replicates")
    if se == "jackknife" and person is not None:
        raise ValueError("the jackknife ignores that a person has several rows: use stacked")
    n, p = design.shape
    order = [*(j for j in range(p) if j != column), column]
    scale = np.sqrt((design**2).mean(0))[order]
    if error.value >= float(design[:, column].var()):
        raise UserError(
            f"the error variance {error.value:g} is not below the exposure's variance "
            f"{design[:, column].var():g}: nothing reliable is left"
        )
    scaled = design[:, order] / scale
    naive = fit_scores(scaled, outcome, family)
    problem = Noisy(
        np.ascontiguousarray(scaled[:, :-1]),
        scaled[:, -1],
        outcome,
        family,
        float(np.sqrt(error.value)) / float(scale[-1]),
        extra,
    )
    noise = Noise(n, (replicates + 1) // 2, seed)
    coef, info, squares, converged = solve_replicates(problem, noise, naive.coef)
    said = list(naive.warnings)
    converged = converged and naive.converged
    if not converged and not said:
        said.append("the iterations of a replicate did not converge")
    degree = 1 if extrapolant == "linear" else 2
    every = np.r_[0.0, extra]
    weigh = extrapolation_weights(every, degree)
    path = np.vstack([naive.coef, coef.mean(1)])
    found = weigh @ path
    if se == "stacked":
        shares = _stack(problem, noise, coef, info, weigh, naive.shares)
        cov, units = covariance_of(shares, person)
        if error.value > 0:
            cov = cov + _by_error(every, path, degree) * (error.se / error.value) ** 2
    else:
        cov, units = _jackknife(problem, coef, info, squares, weigh, naive), n
        if (np.diag(cov) <= 0).any():
            said.append("the jackknife gave a variance below zero: use the stacked error")
            cov = np.where(np.eye(p) * cov < 0, np.nan, cov)
    back = np.argsort(order)
    unit = np.outer(1 / scale, 1 / scale)
    half = coef.shape[1] // 2
    pair_means = (coef[:, :half] + coef[:, half:]) / 2
    spread = np.einsum("k,kbp->bp", weigh[1:], pair_means).std(0, ddof=1 if half > 1 else 0)
    return Model(
        (found / scale)[back],
        (cov * unit)[np.ix_(back, back)],
        constant_df(inf),
        se,
        naive.mean,
        np.empty(0),
        (naive.bread * unit)[np.ix_(back, back)],
        converged,
        (*said, *few_units(units)),
        extra={
            "path": (every, (path / scale)[:, back]),
            "naive": (naive.coef / scale)[back],
            "simulation_se": (spread / np.sqrt(half) / scale)[back],
            "units": units,
        },
    )


def _by_error(lambdas: Floats, path: Floats, degree: int) -> Floats:
    """Square the derivative of the estimate by the log of the error variance.

    A larger error variance stretches the path: estimate(lambda) depends on lambda x variance.
    """
    powers = np.arange(degree + 1)
    curve = np.linalg.pinv(np.vander(lambdas, degree + 1, increasing=True)) @ path
    slope = (powers * (-1.0) ** powers) @ curve
    return np.outer(slope, slope)


def _stack(
    problem: Noisy,
    noise: Noise,
    coef: Floats,
    info: Floats,
    weigh: Floats,
    naive: Floats,
) -> Floats:
    """Extrapolate the shares of rows in the error of the coefficients at each lambda."""
    shares = weigh[0] * naive
    for k in range(len(problem.lambdas)):
        scores = np.empty_like(naive)
        for rows, u in noise.blocks():
            noisy, mu, _slope = problem.means(rows, u, k, coef[k])
            residual = problem.y[rows, None] - mu
            scores[rows, :-1] = problem.z[rows] * residual.mean(1)[:, None]
            scores[rows, -1] = (noisy * residual).mean(1)
        shares = shares + weigh[k + 1] * scores @ np.linalg.pinv(info[k].mean(0), hermitian=True)
    return shares


def _jackknife(
    problem: Noisy,
    coef: Floats,
    info: Floats,
    squares: Floats,
    weigh: Floats,
    naive: Fit,
) -> Floats:
    """Extrapolate model variance less the variance between replicates."""
    n, p = len(problem.y), coef.shape[-1]
    of_model = np.linalg.pinv(info, hermitian=True)
    first = naive.bread
    if problem.family == "linear":
        of_model = of_model * (squares / (n - p))[..., None, None]
        first = first * float(((problem.y - naive.mean) ** 2).sum() / (n - p))
    centred = coef - coef.mean(1, keepdims=True)
    between = np.einsum("kbi,kbj->kij", centred, centred) / coef.shape[1]
    return np.einsum("k,kij->ij", weigh, np.vstack([first[None], of_model.mean(1) - between]))
