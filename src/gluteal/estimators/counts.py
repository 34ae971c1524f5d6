"""Counts that vary more than Poisson allows: the negative binomial model (NB2)."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.glm import fit_glm
from gluteal.estimators.inference import Floats, Model, constant_df
from gluteal.estimators.inputs import as_column, as_design

MOST_STEPS = 200
NO_OVERDISPERSION = 1e6


def _parts(
    coef: Floats, theta: float, x: Floats, y: Floats, base: Floats
) -> tuple[float, Floats, Floats]:
    from scipy import special

    mu = np.exp(np.clip(base + x @ coef, -700, 700))
    both = mu + theta
    like = (
        special.gammaln(y + theta)
        - special.gammaln(theta)
        - special.gammaln(y + 1)
        + special.xlogy(y, mu)
        + theta * np.log(theta)
        - (y + theta) * np.log(both)
    )
    slope = theta * (y - mu) / both
    shape = (
        special.digamma(y + theta)
        - special.digamma(theta)
        + np.log(theta / both)
        + 1
        - (y + theta) / both
    )
    p = x.shape[1]
    hessian = np.empty((p + 1, p + 1))
    hessian[:p, :p] = -(x * (theta * mu * (y + theta) / both**2)[:, None]).T @ x
    hessian[p, :p] = hessian[:p, p] = x.T @ ((y - mu) * mu / both**2)
    bend = special.polygamma(1, y + theta) - special.polygamma(1, theta)
    hessian[p, p] = (bend + 1 / theta - 2 / both + (y + theta) / both**2).sum()
    return float(like.sum()), np.r_[x.T @ slope, shape.sum()], hessian


def fit_negative_binomial(x: ArrayLike, y: ArrayLike, *, offset: ArrayLike | None = None) -> Model:
    """Fit log E(y) = Xb with variance mean + mean²/theta by maximum likelihood.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design with intercept.
    y : array_like, shape (n,)
        Counts.
    offset : array_like, shape (n,), optional
        Part of the linear predictor with coefficient 1: the log of the time at risk.

    Returns
    -------
    Model
        Coefficients are log rate ratios. Standard errors come from the observed information of
        coefficients and theta together (``MASS::glm.nb`` prints the expected one, up to a few
        per cent apart). ``extra`` has ``theta``, ``theta_se`` and ``dispersion``.

    Raises
    ------
    UserError
        For missing values, collinear columns or negative counts.

    References
    ----------
    Lawless 1987, doi:10.2307/3314912; Venables and Ripley 2002, 7.4.

    Examples
    --------
    >>> fit = fit_negative_binomial(np.ones((6, 1)), [0, 1, 2, 4, 9, 14])
    >>> round(float(np.exp(fit.coef[0])), 4)
    5.0
    """
    x, y = as_design(x, y)
    n, p = x.shape
    base = np.zeros(n) if offset is None else as_column(offset, n, "offset")
    start = fit_glm(x, y, "poisson", "classical", offset=base)
    if start.extra["separated"]:
        none = np.full((p, p), np.nan)
        return replace(start, cov=none, classical_cov=none, se_type="observed information")
    coef, mu = start.coef, start.fitted
    excess = float((((y - mu) ** 2 - mu) / mu**2).mean())
    theta = 1 / excess if excess > 1e-3 else 100.0
    # Newton on log theta keeps theta positive; one column scale keeps the Hessian well conditioned.
    scale = np.sqrt((x**2).mean(0))
    like, score, hessian = _parts(coef, theta, x, y, base)
    converged = False
    for _step in range(MOST_STEPS):
        unit = np.r_[1 / scale, theta]
        g, h = score * unit, hessian * np.outer(unit, unit)
        h[p, p] += g[p]
        values, vectors = np.linalg.eigh(-h)
        # A flipped or tiny eigenvalue would send the step away from the maximum.
        safe = np.maximum(np.abs(values), 1e-8 * max(float(np.abs(values).max()), 1.0))
        move = vectors @ ((vectors.T @ g) / safe)
        size = min(1.0, 2.0 / max(abs(move[p]), 1e-12))
        while size > 1e-9:
            new = coef + size * move[:p] / scale, theta * float(np.exp(size * move[p]))
            after = _parts(*new, x, y, base)
            if after[0] >= like - 1e-11 * abs(like):
                coef, theta = new
                like, score, hessian = after
                break
            size /= 2
        if theta > NO_OVERDISPERSION:
            break
        if float(g @ move) < 1e-14 * max(abs(like), 1.0):
            converged = True
            break
    mu = np.exp(base + x @ coef)
    warnings: tuple[str, ...] = ()
    if converged:
        unit = np.r_[1 / scale, 1.0]
        inverse = np.linalg.inv(-hessian * np.outer(unit, unit)).astype(np.float64)
        cov = inverse * np.outer(unit, unit)
    else:
        cov = np.full((p + 1, p + 1), np.nan)
        warnings = ("no overdispersion: theta is infinite, a Poisson model fits",)
    spread = mu + mu**2 / theta
    extra = {
        "theta": theta,
        "theta_se": float(np.sqrt(cov[p, p])),
        "dispersion": float(((y - mu) ** 2 / spread).sum() / max(n - p, 1)),
    }
    return Model(
        coef,
        cov[:p, :p],
        constant_df(inf),
        "observed information",
        mu,
        start.leverage,
        cov[:p, :p],
        converged=converged,
        warnings=warnings,
        log_likelihood=like,
        extra=extra,
    )
