"""Proportional odds with a random intercept, by adaptive Gauss-Hermite quadrature."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats, Model, constant_df
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.ordinal import check_categories, fit_ordinal
from gluteal.estimators.random_intercept import (
    Clusters,
    Curves,
    Look,
    RowModel,
    evaluate,
    maximise,
)

FAR = 300.0
"""Stands for the infinite thresholds below the first and above the last category."""


def _row_model(x: Floats, y: NDArray[np.intp], cuts: int, clusters: Clusters) -> RowModel:
    """Write rows by three channels: the line, the threshold above and the one below.

    log(F(a) - F(b)) = log F(a) + log(1 - F(b)) + log(1 - exp(b - a)) for the logistic F, whose last
    part the line leaves alone.
    """
    from scipy import special

    n, p = x.shape
    above, below = np.zeros((n, cuts + p)), np.zeros((n, cuts + p))
    top, bottom = y == cuts, y == 0
    at = np.arange(n)
    above[at[~top], y[~top]] = 1.0
    below[at[~bottom], y[~bottom] - 1] = 1.0
    line_of = np.column_stack([np.zeros((n, cuts)), x])
    high_end, low_end = np.where(top, FAR, 0.0), np.where(bottom, -FAR, 0.0)

    def look(line: Floats, base: tuple[Floats, ...], some: slice) -> Look:
        upper, lower = base[1] + high_end[some], base[2] + low_end[some]
        room = upper - lower
        a, b = upper - line, lower - line
        apart = 1 / np.expm1(room)
        like = -np.logaddexp(0, -a) - np.logaddexp(0, b) + np.log(-np.expm1(-room))
        high, low = special.expit(-a), special.expit(b)
        return like, (low - high, high + apart, -low - apart)

    def curves(line: Floats, base: tuple[Floats, ...]) -> Curves:
        upper, lower = base[1] + high_end, base[2] + low_end
        apart = 1 / np.expm1(upper - lower)
        high, low = special.expit(line - upper), special.expit(lower - line)
        steep_a, steep_b = high * (1 - high), low * (1 - low)
        # Derivatives of the density at a and at b.
        bend_a, bend_b = steep_a * (2 * high - 1), steep_b * (1 - 2 * low)
        return (
            (low - high, high + apart, -low - apart),
            (-steep_a - steep_b, steep_a, steep_b),
            (bend_a + bend_b, -bend_a, -bend_b),
        )

    sizes = clusters.sizes.astype(float)
    return RowModel(
        (line_of, above, below),
        look,
        curves,
        lambda sd: abs(sd) * sizes + 1e-6,
        lambda coef: bool(np.all(np.diff(coef[:cuts]) > 0)),
    )


def fit_ordinal_mixed(x: ArrayLike, y: ArrayLike, cluster: ArrayLike, *, points: int = 15) -> Model:
    """Fit logit P(Y ≤ k) = threshold_k - xb - u, u normal, one a cluster, by maximum likelihood.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design without intercept.
    y : array_like of int, shape (n,)
        Categories 0 to K-1, each of them observed.
    cluster : array_like, shape (n,)
        The person of each row.
    points : int
        Quadrature points a cluster; 1 is Laplace's method.

    Returns
    -------
    Model
        ``coef`` are the slopes: log odds ratios, given the person, of a higher category per unit.
        The covariance is the inverse observed information. ``extra`` has ``thresholds``,
        ``threshold_se``, ``sd``, ``sd_se``, ``modes``, ``boundary`` as ``fit_logit_mixed``.

    Raises
    ------
    UserError
        For arrays that cannot be fitted, or a cluster each row.

    References
    ----------
    Hedeker and Gibbons 1994, doi:10.2307/2533433. Equal to ``ordinal::clmm``.

    Examples
    --------
    >>> judge = np.repeat(np.arange(5), 4); x = np.tile([[0], [0], [1], [1]], (5, 1))
    >>> y = [0, 1, 1, 2, 0, 0, 1, 1, 1, 2, 2, 2, 0, 0, 0, 1, 1, 1, 2, 2]
    >>> fit = fit_ordinal_mixed(x, y, judge)
    >>> fit.coef.round(3), round(fit.extra["sd"], 3)
    (array([5.164]), 3.481)
    """
    design, codes = check_categories(x, y)
    n, p = design.shape
    who, count = as_groups(cluster, n, "cluster")
    if count < 2 or count == n:
        raise UserError(f"{count} clusters of {n} rows tell no variation between clusters")
    plain = fit_ordinal(design, codes)
    if not plain.converged:
        none = np.full((p, p), np.nan)
        extra = {**plain.extra, "sd": np.nan, "sd_se": np.nan, "modes": np.zeros(count)}
        return replace(plain, cov=none, classical_cov=none, extra={**extra, "boundary": False})
    order = np.argsort(who, kind="stable")
    sizes = np.bincount(who).astype(np.intp)
    clusters = Clusters(np.r_[0, np.cumsum(sizes)[:-1]].astype(np.intp), sizes, points)
    thresholds: Floats = plain.extra["thresholds"]
    cuts = len(thresholds)
    rows = _row_model(design[order], codes[order], cuts, clusters)
    start = np.r_[thresholds, plain.coef]
    peak = maximise(start, plain.extra["joint_cov"], rows, clusters)
    flat = evaluate(np.r_[start, 0.0], rows, clusters, np.zeros(count)).log_likelihood
    like = peak.value.log_likelihood
    if peak.boundary or (peak.settled and like < flat):
        said = ("the clusters do not differ: standard deviation 0, on its boundary",)
        extra = {**plain.extra, "sd": 0.0, "sd_se": np.nan, "modes": np.zeros(count)}
        return replace(plain, warnings=said, extra={**extra, "boundary": True})
    coef, cov = peak.place[:-1], peak.cov[:-1, :-1]
    error = np.sqrt(np.diag(peak.cov))
    empty: Floats = np.empty(0)
    return Model(
        coef[cuts:],
        cov[cuts:, cuts:],
        constant_df(inf),
        "observed information",
        empty,
        empty,
        cov[cuts:, cuts:],
        converged=peak.settled,
        warnings=() if peak.settled else ("the iterations did not converge",),
        deviance=-2 * like,
        log_likelihood=like,
        extra={
            "thresholds": coef[:cuts],
            "threshold_se": error[:cuts],
            "joint_cov": cov,
            "categories": cuts + 1,
            "sd": abs(float(peak.place[-1])),
            "sd_se": float(error[-1]),
            "modes": peak.value.modes * float(peak.place[-1]),
            "boundary": False,
            "points": points,
        },
    )
