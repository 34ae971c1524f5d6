"""Exposure measured with error: regression calibration by the reliability of its instrument."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, isfinite, sqrt

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.causal.scores import (
    Family,
    as_model,
    covariance_of,
    few_units,
    fit_scores,
)
from gluteal.estimators.inference import Estimate, Model, constant_df

CURVED = 0.5


@dataclass(frozen=True, slots=True)
class ErrorVariance:
    """Variance of the measurement error of an exposure, with its own standard error."""

    value: float
    se: float = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers that no variance has."""
        if not (isfinite(self.value) and self.value >= 0 and isfinite(self.se) and self.se >= 0):
            raise UserError("a variance and its standard error must be finite and not below zero")


def error_from_sem(sem: float, df: float | None = None) -> ErrorVariance:
    """Turn a standard error of measurement into the variance of the error.

    Parameters
    ----------
    sem : float
        In the unit of the exposure, of the value that enters the model (of the mean of three
        trials, if that enters).
    df : float, optional
        Degrees of freedom behind it in the reliability study; known without error if not given.

    Examples
    --------
    >>> error_from_sem(2.0, 50)
    ErrorVariance(value=4.0, se=0.8)
    """
    if df is not None and not df > 0:
        raise UserError(f"a reliability study with {df:g} degrees of freedom says nothing")
    return ErrorVariance(sem**2, 0.0 if df is None else sem**2 * sqrt(2 / df))


def error_from_icc(icc: float, sd: float, icc_se: float = 0.0) -> ErrorVariance:
    """Turn an ICC into the variance of the error of an exposure with this standard deviation.

    The ICC must come from people who vary as those of the cohort do; where they do not, the
    standard error of measurement travels better (``error_from_sem``).

    Raises
    ------
    UserError
        If the ICC is not above 0 or passes 1: such an exposure has no error to correct for.

    Examples
    --------
    >>> error_from_icc(0.8, 10.0).value.__round__(6)
    20.0
    """
    if not 0 < icc <= 1:
        raise UserError(f"an ICC of {icc:g} is no share of variance: it must be in 0 to 1, above 0")
    if not (isfinite(sd) and sd > 0):
        raise UserError("the exposure's standard deviation must be above zero")
    return ErrorVariance((1 - icc) * sd**2, icc_se * sd**2)


def calibrate_regression(
    x: ArrayLike,
    y: ArrayLike,
    error: ErrorVariance,
    column: int = 1,
    family: Family = "linear",
    *,
    person: ArrayLike | None = None,
) -> Model:
    """Correct a regression for classical error in one exposure (regression calibration).

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design with intercept, the exposure as measured, and covariates without error.
    y : array_like, shape (n,)
    error : ErrorVariance
        Of the exposure as measured (``error_from_icc``, ``error_from_sem``). The error must not
        depend on the outcome: force that pain inhibits is not such an error.
    column : int
        The exposure; its products and powers must not be in the design.
    family : {"linear", "logistic", "poisson"}
        The correction is exact for linear and (normal exposure) Poisson models, and good for
        logistic ones of moderate effect.
    person : array_like, shape (n,), optional
        The person of each row, where people have several.

    Returns
    -------
    Model
        Corrected coefficients. The covariance stacks outcome model, exposure model and the
        uncertainty of the error variance (normal distribution). ``extra`` has ``reliability``
        (share of truth in the exposure given the covariates), ``naive`` (the uncorrected
        coefficients) and ``naive_cov``.

    Raises
    ------
    UserError
        If the error is as large as the exposure's spread given the covariates, or an array has
        a fault.

    References
    ----------
    Rosner, Willett and Spiegelman 1989, doi:10.1002/sim.4780080905; Carroll et al. 2006,
    Measurement Error in Nonlinear Models, 2nd edition, chapter 4.

    Examples
    --------
    >>> w = np.linspace(-2, 2, 50)
    >>> found = calibrate_regression(np.c_[np.ones(50), w], 3 * w, ErrorVariance(0.2 * w.var()))
    >>> round(float(found.coef[1]), 3), round(float(found.extra["reliability"]), 3)
    (3.731, 0.804)
    """
    design, outcome = as_model(x, y, family)
    n, p = design.shape
    rest = [j for j in range(p) if j != column]
    z, measured = design[:, rest], design[:, column]
    if not rest:
        raise ValueError("the design needs an intercept beside the exposure")
    naive = fit_scores(design, outcome, family)
    exposure = fit_scores(z, measured, "linear")
    residual = measured - exposure.mean
    spread = float(residual @ residual) / (n - p + 1)
    if error.value >= spread * (1 - 1e-9):
        raise UserError(
            f"the error variance {error.value:g} is not below the exposure's variance given the "
            f"covariates, {spread:g}: nothing reliable is left"
        )
    lam = 1 - error.value / spread
    slope, lines = naive.coef[column], exposure.coef
    coef = naive.coef.copy()
    coef[column] = slope / lam
    coef[rest] = naive.coef[rest] - slope * (1 - lam) / lam * lines
    # Shares: outcome model, exposure model, its spread.
    of_spread = (residual**2 - spread * (n - p + 1) / n) / (n - p + 1)
    by_lam = np.zeros(p)
    by_lam[column] = -slope / lam**2
    by_lam[rest] = slope / lam**2 * lines
    by_naive = np.eye(p)
    by_naive[column, column] = 1 / lam
    by_naive[rest, column] = -(1 - lam) / lam * lines
    shares = naive.shares @ by_naive.T
    shares[:, rest] -= slope * (1 - lam) / lam * exposure.shares
    shares += np.outer(of_spread * error.value / spread**2, by_lam)
    cov, units = covariance_of(shares, person)
    cov = cov + np.outer(by_lam, by_lam) * (error.se / spread) ** 2
    said = list(naive.warnings)
    left = float((slope / lam) ** 2 * lam * error.value)
    if family == "logistic" and left > CURVED:
        said.append(f"a strong effect: the approximation is poor (variance left {left:.2f})")
    if lam < 2 * error.se / spread:
        said.append(
            "the reliability is not clearly above zero: the correction is not to be trusted"
        )
    naive_cov, _units = covariance_of(naive.shares, person)
    return Model(
        coef,
        cov,
        constant_df(inf),
        "stacked",
        naive.mean,
        np.empty(0),
        by_naive @ naive.bread @ by_naive.T,
        naive.converged,
        (*said, *few_units(units)),
        extra={
            "reliability": lam,
            "spread": (spread, float(np.sqrt(of_spread @ of_spread))),
            "naive": naive.coef,
            "naive_cov": naive_cov,
            "separated": naive.separated,
            "units": units,
        },
    )


def simulate_interval(
    model: Model,
    error: ErrorVariance,
    column: int = 1,
    *,
    level: float = 0.95,
    draws: int = 20_000,
    seed: int = 1,
) -> Estimate:
    """Put a Monte Carlo interval around a corrected slope: skewed, as it is where error is large.

    Draws the uncorrected slope and the exposure's spread from normal distributions, the true error
    variance from what chi-square leaves possible given the one seen (df / chi-square times it),
    and takes quantiles of the slopes that follow.

    Parameters
    ----------
    model : Model
        From ``calibrate_regression`` with this ``error`` and ``column``.
    level : float
    draws, seed : int

    Returns
    -------
    Estimate
        Infinite on a side where so many draws leave nothing reliable that no limit can be given.
        ``p`` and ``se`` are those of the model.

    Examples
    --------
    >>> x = np.column_stack([np.ones(90), np.tile([-1.0, 0, 1], 30)])
    >>> y = x[:, 1] + np.repeat([-1.0, 1], 45)
    >>> error = ErrorVariance(0.2, 0.05)
    >>> model = calibrate_regression(x, y, error)
    >>> found = simulate_interval(model, error)
    >>> found.high - found.estimate > found.estimate - found.low
    True
    """
    rng = np.random.default_rng([seed, 0])
    found = model.coefficient(column, level)
    naive, se = model.extra["naive"][column], model.extra["naive_cov"][column, column] ** 0.5
    spread, spread_se = model.extra["spread"]
    slopes = naive + se * rng.standard_normal(draws)
    spreads = spread + spread_se * rng.standard_normal(draws)
    variance = np.full(draws, error.value)
    if error.se > 0:
        df = 2 * (error.value / error.se) ** 2
        variance = error.value * df / rng.chisquare(df, draws)
    share = 1 - variance / spreads
    with np.errstate(divide="ignore"):
        drawn = np.where(share > 0, slopes / share, np.sign(naive) * inf)
    ends = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], method="nearest")
    low, high = (float(q) for q in ends)
    return replace(found, low=low, high=high)
