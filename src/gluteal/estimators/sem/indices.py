"""Fit indices: how far a model is from the data, by lavaan's definitions."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, log, nan, sqrt
from typing import Any

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.covariance import invert, saturated_trace, trace_of
from gluteal.estimators.sem.curvature import observed_information
from gluteal.estimators.sem.incomplete import corrected_statistic
from gluteal.estimators.sem.likelihood import evaluate
from gluteal.estimators.sem.result import ChiSquare, SemFit
from gluteal.estimators.sem.scoring import NEAR, polish, search
from gluteal.estimators.sem.structure import Structure, degrees_of_freedom, saturated

CLOSE = 0.05


@dataclass(frozen=True, slots=True)
class Rmsea:
    """Root mean square error of approximation with its 90 % interval and p of close fit."""

    value: float
    low: float
    high: float
    p_close: float


@dataclass(frozen=True, slots=True)
class FitIndices:
    """Indices of one fit; ``scaled`` ones use the Yuan-Bentler statistic.

    Attributes
    ----------
    cfi, tli : float
        Comparative fit index, Tucker-Lewis index.
    srmr : float
        Standardised root mean square residual, of means too if they are modelled.
    aic, bic : float
    baseline : ChiSquare
        Of uncorrelated variables (covariates that are not modelled may correlate).
    cfi_scaled, tli_scaled, rmsea_scaled
        NaN unless the fit is robust.
    cfi_robust, tli_robust, rmsea_robust
        As complete data would give them and, in a robust fit, corrected for the scaling in the
        population; equal to the plain ones where neither is needed.
    """

    cfi: float
    tli: float
    rmsea: Rmsea
    srmr: float
    aic: float
    bic: float
    parameters: int
    baseline: ChiSquare
    cfi_scaled: float
    tli_scaled: float
    rmsea_scaled: Rmsea
    cfi_robust: float
    tli_robust: float
    rmsea_robust: Rmsea


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def fit_indices(fit: SemFit) -> FitIndices:
    """Compute the fit indices of a model.

    Returns
    -------
    FitIndices

    References
    ----------
    Bentler 1990, doi:10.1037/0033-2909.107.2.238; Steiger 1990,
    doi:10.1207/s15327906mbr2502_4; Brosseau-Liard and Savalei 2014,
    doi:10.1080/00273171.2014.933697; Zhang and Savalei 2022, doi:10.1037/met0000445.

    Examples
    --------
    >>> from gluteal.estimators.sem.fit import fit_sem
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(200, 1)) + rng.normal(size=(200, 4))
    >>> found = fit_indices(fit_sem("f =~ a + b + c + d", x, ("a", "b", "c", "d")))
    >>> found.cfi > 0.9, found.rmsea.low
    (True, 0.0)
    """
    test, k, n = fit.test, fit.free, fit.n
    null, null_theta = _baseline_model(fit)
    base = _baseline(fit, null, null_theta)
    plain = _comparative(test.statistic, test.df, base.statistic, base.df)
    scaled, rmsea_scaled = (nan, nan), Rmsea(nan, nan, nan, nan)
    if fit.robust and test.scaling > 0:
        scaled = _comparative(test.scaled_statistic, test.df, base.scaled_statistic, base.df)
        # The scaled statistic's interval: the plain one on as many degrees of freedom as its mean.
        rmsea_scaled = rmsea(test.statistic, test.df * test.scaling, n)
    like = fit.log_likelihood
    return FitIndices(
        *plain, rmsea(test.statistic, test.df, n), _residual(fit), 2 * k - 2 * like,
        k * log(n) - 2 * like, k, base, *scaled, rmsea_scaled,
        *_in_the_population(fit, base, null, null_theta),
    )  # fmt: skip


def _in_the_population(
    fit: SemFit, base: ChiSquare, null: Structure, null_theta: Floats
) -> tuple[float, float, Rmsea]:
    """Return CFI, TLI and RMSEA freed from what is missing and from the distribution."""
    test = fit.test
    if not test.df or not base.df:
        return nan, nan, Rmsea(nan, nan, nan, nan)
    ours, theirs = (test.statistic, 1.0), (base.statistic, 1.0)
    if fit.moments.complete and fit.robust:
        ours, theirs = (test.statistic, test.scaling), (base.statistic, base.scaling)
    elif not fit.moments.complete:
        given = (fit.moments, fit.saturated_mean, fit.saturated_cov)
        value, trace = corrected_statistic(fit.structure, fit.theta, *given, robust=fit.robust)
        ours = value, trace / test.df
        value, trace = corrected_statistic(null, null_theta, *given, robust=fit.robust)
        theirs = value, trace / base.df
    if not (ours[1] > 0 and theirs[1] > 0):
        return nan, nan, Rmsea(nan, nan, nan, nan)
    pair = _comparative(ours[0], test.df, theirs[0], base.df, (ours[1], theirs[1]))
    return *pair, rmsea(ours[0] / ours[1], test.df, fit.n, scaling=ours[1])


def _comparative(
    statistic: float, df: int, base: float, base_df: int, scaling: tuple[float, float] = (1.0, 1.0)
) -> tuple[float, float]:
    """Return CFI and TLI; with scaling factors, their robust versions."""
    if not isfinite(statistic + base + scaling[0] + scaling[1]):
        return nan, nan
    over, base_over = statistic - scaling[0] * df, base - scaling[1] * base_df
    floor = max(over, base_over, 0.0)
    cfi = 1 - max(over, 0.0) / floor if floor > 0 else 1.0
    if df == 0 or base_over == 0:
        return cfi, 1.0
    return cfi, 1 - (over * base_df) / (base_over * df)


def rmsea(statistic: float, df: float, n: int, level: float = 0.90, scaling: float = 1.0) -> Rmsea:
    """Estimate the error of approximation per degree of freedom.

    Parameters
    ----------
    statistic : float
        Chi-square, or the scaled one.
    df : float
    n : int
        People.
    level : float
        Of the interval.
    scaling : float
        Scaling factor of the statistic, for the robust version.

    Examples
    --------
    >>> found = rmsea(25.8055923, 21, 1189)
    >>> round(found.value, 7), round(found.low, 7), round(found.high, 7)
    (0.0138731, 0.0, 0.029603)
    """
    from scipy import optimize, special

    if df == 0:
        return Rmsea(0.0, 0.0, 0.0, nan)
    if not isfinite(statistic):
        return Rmsea(nan, nan, nan, nan)
    tail = (1 - level) / 2

    def bound(p: float) -> float:
        """Find the noncentrality under which so small a statistic has probability p."""
        if float(special.chdtr(df, statistic)) < p:
            return 0.0

        def gap(noncentrality: float) -> float:
            return float(special.chndtr(statistic, df, noncentrality)) - p

        high = max(statistic, 1.0)
        while gap(high) > 0:
            high *= 2
        root: Any = optimize.brentq(gap, 0.0, high, xtol=1e-12 * high)
        return sqrt(max(float(root), 0.0) * scaling / (df * n))

    close = 1 - float(special.chndtr(statistic, df, n * df * CLOSE**2 / scaling))
    value = sqrt(max((statistic / df - 1) * scaling / n, 0.0))
    return Rmsea(value, bound(1 - tail), bound(tail), close)


def _residual(fit: SemFit) -> float:
    """Return SRMR: residuals over the saturated standard deviations, means among them."""
    seen, implied = fit.saturated_cov, fit.implied_cov
    sd = np.sqrt(np.diag(seen))
    apart: Floats = ((seen - implied) / np.outer(sd, sd))[np.tril_indices(len(sd))]
    if fit.structure.has_means:
        apart = np.concatenate([apart, (fit.saturated_mean - fit.implied_mean) / sd])
    return float(np.sqrt((apart**2).mean()))


def _baseline_model(fit: SemFit) -> tuple[Structure, Floats]:
    """Fit the model of uncorrelated variables; its maximum is mostly known without a search."""
    mean, cov = fit.saturated_mean, fit.saturated_cov
    joined = [fit.variables.index(v) for v in fit.specification.covariates]
    base = saturated(fit.structure, diagonal=True, joined=tuple(joined)).with_x(
        mean[None], cov[None]
    )
    theta = _independent(base, fit)
    if len(joined) > len(base.x) and not fit.moments.complete:
        near = search(base, fit.moments.patterns, theta[None], NEAR)
        theta = polish(base, fit.moments.patterns, near).theta[0]
    return base, theta


def _baseline(fit: SemFit, base: Structure, theta: Floats) -> ChiSquare:
    """Test the baseline model."""
    from scipy import special

    mean, cov, df = fit.saturated_mean, fit.saturated_cov, degrees_of_freedom(base)
    value = float(evaluate(base, fit.moments.patterns, theta[None]).value[0])
    top = saturated(fit.structure).with_x(mean[None], cov[None])
    best = np.concatenate([cov[top.s.row, top.s.col], mean[top.m.row]])
    full = float(evaluate(top, fit.moments.patterns, best[None]).value[0])
    statistic = 2 * (value - full)
    p = float(special.chdtrc(df, statistic)) if df else nan
    if not fit.robust or not df:
        return ChiSquare(statistic, df, p)
    bread, fault = invert(observed_information(base, fit.moments.patterns, theta))
    if fault:
        return ChiSquare(statistic, df, p)
    of_full = saturated_trace(fit.moments, top, best)
    scaling = (of_full - trace_of(base, fit.moments, theta, bread)) / df
    scaled = statistic / scaling if scaling > 0 else inf
    return ChiSquare(statistic, df, p, scaling, scaled, float(special.chdtrc(df, scaled)))


def _independent(base: Structure, fit: SemFit) -> Floats:
    """Give each variable the mean and variance of its own values."""
    data = fit.moments.data
    mean = np.nanmean(data, axis=0) if not fit.moments.complete else fit.saturated_mean
    var = np.nanvar(data, axis=0) if not fit.moments.complete else np.diag(fit.saturated_cov)
    cross = np.where(np.eye(len(var), dtype=bool), np.diag(var), fit.saturated_cov)
    cross = cross[base.s.row, base.s.col]
    return np.concatenate([cross, mean[base.m.row]])
