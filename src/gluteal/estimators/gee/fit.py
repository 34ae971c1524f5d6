"""The front door of estimating equations: checks, fit, errors and criteria."""

from __future__ import annotations

from math import inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.gee.alpha import AlphaBy
from gluteal.estimators.gee.equations import Rows, solve_equations
from gluteal.estimators.gee.sandwich import Errors, sandwich
from gluteal.estimators.gee.working import Working, lay_out, whiten
from gluteal.estimators.glm import check_outcome
from gluteal.estimators.inference import Floats, Model, constant_df
from gluteal.estimators.inputs import as_column, as_design, as_groups, as_weights, check_weighted
from gluteal.estimators.irls import Mean, look, mean_of, solve_information, variance_of

FEW_CLUSTERS = 10


def fit_gee(
    x: ArrayLike,
    y: ArrayLike,
    cluster: ArrayLike,
    family: Mean = "linear",
    working: Working = "exchangeable",
    *,
    time: ArrayLike | None = None,
    errors: Errors = "kauermann_carroll",
    df: Literal["satterthwaite", "clusters", "normal"] = "satterthwaite",
    alpha_by: AlphaBy = "moment",
    weights: ArrayLike | None = None,
    offset: ArrayLike | None = None,
) -> Model:
    """Fit a population-averaged regression to rows that come in clusters.

    Coefficients compare groups of people, not one person with themselves. They are right for any
    working correlation if the mean model is, and if rows are missing completely at random (or
    ``weights`` make up for it); a working correlation near the truth makes them precise.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design with its intercept.
    y : array_like, shape (n,)
    cluster : array_like, shape (n,)
        The person of each row, in any order.
    family : {"linear", "logistic", "poisson"}
        Canonical links: differences, log odds ratios, log rate (or risk) ratios.
    working : {"independence", "exchangeable", "ar1"}
    time : array_like, shape (n,), optional
        For AR(1): correlation is alpha to the power of the distance in time, whatever the gaps.
        Without it, rows of a cluster follow each other at distance 1 in the order given.
    errors : {"robust", "bias_reduced", "kauermann_carroll", "fay_graubard"}
        The plain sandwich is too small with fewer than about 50 clusters. Kauermann and Carroll's
        correction with Satterthwaite's df (the default) holds its level best from 10 clusters on;
        Mancl and DeRouen's (``"bias_reduced"``) is cautious: docs/simulations/gee_small_samples.md.
    df : {"satterthwaite", "clusters", "normal"}
        Of the t distribution: per contrast under the working model, clusters minus p, or infinite.
    alpha_by : {"moment", "estimating_equation"}
        Moments with p taken off the counts (statsmodels, SAS, R's gee; for AR(1) of neighbours
        only), or the estimating equation over all pairs of geepack.
    weights : array_like, shape (n,), optional
        Of each row, as for inverse probability of being observed; taken as known.
    offset : array_like, shape (n,), optional

    Returns
    -------
    Model
        ``classical_cov`` is the model-based covariance. ``extra`` has ``alpha``, ``scale``,
        ``clusters``, ``largest_cluster``, ``steps``, ``qic`` and ``qicu`` (Pan 2001; smaller is
        better) and ``cic``, its part for choosing the correlation.

    Raises
    ------
    UserError
        For arrays that cannot be fitted, fewer clusters than coefficients, or doubled times.

    References
    ----------
    Liang and Zeger 1986, doi:10.1093/biomet/73.1.13; Pan 2001,
    doi:10.1111/j.0006-341X.2001.00120.x; Pustejovsky and Tipton 2018 for degrees of
    freedom, doi:10.1080/07350015.2016.1247004. The errors have theirs in ``sandwich``.

    Examples
    --------
    >>> person = np.repeat(np.arange(6), 2); x = np.column_stack([np.ones(12), np.arange(12) % 2])
    >>> y = np.array([1.0, 2, 2, 3, 3, 5, 1, 1, 2, 4, 4, 4])
    >>> fit = fit_gee(x, y, person)
    >>> fit.coef.round(3), round(fit.extra["alpha"], 3)
    (array([2.167, 1.   ]), 0.967)
    """
    x, y = as_design(x, y)
    check_outcome(y, family)
    n, p = x.shape
    codes, _count = as_groups(cluster, n, "cluster")
    a = as_weights(weights, n)
    check_weighted(x, a)
    base = None if offset is None else as_column(offset, n, "offset")
    when = None if time is None else as_column(time, n, "time")
    kept = np.arange(n) if a is None else np.flatnonzero(a)
    layout = lay_out(codes[kept], None if when is None else when[kept], working)
    count = len(layout.starts)
    if count <= p:
        raise UserError(f"{count} clusters cannot carry {p} coefficients")
    rows = kept[layout.order]
    if np.array_equal(rows, np.arange(n)):
        data = Rows(x, y, a, base, family)
    else:
        taken = [None if part is None else part[rows] for part in (a, base)]
        data = Rows(x[rows], y[rows], taken[0], taken[1], family)
    state = solve_equations(data, layout, working, alpha_by)
    warnings = list(state.warnings)
    slope = whiten(state.slope, state.alpha, layout, working)
    residual = whiten(state.residual, state.alpha, layout, working)
    bread = solve_information(slope.T @ slope, np.eye(p))
    bread = (bread + bread.T) / 2
    if state.failed or float(np.linalg.eigvalsh(bread).min()) <= 0:
        none = np.full((p, p), np.nan)
        return Model(
            state.coef,
            none,
            constant_df(float("nan")),
            errors,
            np.full(n, np.nan),
            np.full(n, np.nan),
            none,
            converged=False,
            warnings=(*warnings, *(() if state.failed else ("the information is singular",))),
            extra={"clusters": count},
        )
    found = sandwich(slope, residual, bread, layout, errors, with_df=df == "satterthwaite")
    if own := found.own:
        warnings.append(f"{own} clusters determine a coefficient alone (leverage 1)")
    if count < FEW_CLUSTERS:
        warnings.append(f"only {count} clusters: intervals rest on their number, not on the rows")
    df_of = found.df_of
    if df != "satterthwaite":
        df_of = constant_df(float(count - p) if df == "clusters" else inf)
    leverage = np.zeros(n)
    leverage[rows] = np.einsum("ij,ij->i", slope @ bread, slope)
    return Model(
        state.coef,
        found.cov,
        df_of,
        errors,
        mean_of(family, (0.0 if base is None else base) + x @ state.coef),
        leverage,
        bread * state.scale,
        converged=state.settled and not state.edge,
        warnings=tuple(warnings),
        extra={
            "alpha": state.alpha,
            "scale": state.scale,
            "clusters": count,
            "largest_cluster": int(layout.sizes.max()),
            "steps": state.steps,
            **_criteria(data, state.eta, found.plain),
        },
    )


def _criteria(data: Rows, eta: Floats, cov: Floats) -> dict[str, float]:
    """Return the quasi-likelihood of independence (scale 1) and the criteria built on it."""
    mean, quasi = look(data.family, data.y, eta, data.weights)
    w = variance_of(data.family, mean)
    if data.weights is not None:
        w = w * data.weights
    cic = float(np.trace(((data.x * w[:, None]).T @ data.x) @ cov))
    return {
        "quasi_likelihood": quasi,
        "cic": cic,
        "qic": -2 * quasi + 2 * cic,
        "qicu": -2 * quasi + 2 * len(cov),
    }
