"""Two exposure groups made comparable by weighting, and how well that worked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.causal.msm import WeightSE, as_weights, nuisance_shares
from gluteal.estimators.causal.potential import PotentialMeans, means_from_shares
from gluteal.estimators.causal.scores import as_binary, gather
from gluteal.estimators.causal.weighing import Estimand, weigh_binary
from gluteal.estimators.causal.weights import Weights
from gluteal.estimators.checks import smd
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_design

UNBALANCED = 0.1
HALF = 0.5


@dataclass(frozen=True, slots=True)
class WeightSummary:
    """How weights are spread, over rows of weight above zero.

    Attributes
    ----------
    effective : float
        Effective number of rows, (sum w)² / sum w².
    top_share : float
        Share of all weight that the heaviest row has.
    """

    rows: int
    mean: float
    sd: float
    low: float
    p01: float
    p50: float
    p99: float
    high: float
    effective: float
    top_share: float


def summarise_weights(weights: Weights | ArrayLike) -> WeightSummary:
    """Describe weights.

    Raises
    ------
    UserError
        If a weight is negative or infinite, or none is above zero.

    References
    ----------
    Kish 1965 for the effective number; Cole and Hernán 2008, doi:10.1093/aje/kwn164.

    Examples
    --------
    >>> summarise_weights([1.0, 1.0, 2.0]).effective.__round__(4)
    2.6667
    """
    given = weights.values if isinstance(weights, Weights) else np.asarray(weights, dtype=float)
    values = as_weights(given, len(given)).values
    w = values[values > 0]
    total = float(w.sum())
    low, p01, p50, p99, high = (float(q) for q in np.quantile(w, [0.0, 0.01, 0.5, 0.99, 1.0]))
    sd = float(w.std(ddof=1)) if len(w) > 1 else 0.0
    effective, top = total**2 / float(w @ w), float(w.max()) / total
    return WeightSummary(len(w), total / len(w), sd, low, p01, p50, p99, high, effective, top)


def weighted_smd(z: ArrayLike, a: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Return each column's standardised difference, exposed minus unexposed, after weighting.

    Parameters
    ----------
    z : array_like, shape (n, q)
        Covariates (dummies for categories), without intercept.
    a : array_like, shape (n,)
        Exposure, 0 or 1.
    weights : array_like, shape (n,), optional
        Means are weighted; the SD is that before weighting, so that both are on one scale.

    Returns
    -------
    ndarray, shape (q,)
        0 where a column is constant, infinite where it only parts the groups, NaN where a group
        has fewer than two people.

    References
    ----------
    Austin 2009, doi:10.1002/sim.3697; Austin and Stuart 2015, doi:10.1002/sim.6607.

    Examples
    --------
    >>> weighted_smd([[1.0], [3.0], [2.0], [4.0]], [0, 0, 1, 1]).round(4)
    array([0.7071])
    """
    columns, exposed = np.asarray(z, dtype=float), np.asarray(a, dtype=float) == 1
    if min(int(exposed.sum()), int((~exposed).sum())) < 2:
        return np.full(columns.shape[1], np.nan)  # one person has no spread
    if weights is None:
        found = [smd(column[exposed], column[~exposed]) for column in columns.T]
        return np.array(found, dtype=float)
    w = np.asarray(weights, dtype=float)
    one, zero = columns[exposed], columns[~exposed]
    gap = (w[exposed] @ one) / w[exposed].sum() - (w[~exposed] @ zero) / w[~exposed].sum()
    sd = np.sqrt((one.var(0, ddof=1) + zero.var(0, ddof=1)) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(sd > 0, gap / sd, np.where(np.abs(gap) < 1e-12, 0.0, np.inf * gap))


def overlap_share(probability: ArrayLike, a: ArrayLike) -> float:
    """Return the share of people whose propensity occurs in both groups (common support).

    Examples
    --------
    >>> overlap_share([0.1, 0.4, 0.3, 0.8], [0, 0, 1, 1])
    0.5
    """
    p, exposed = np.asarray(probability, dtype=float), np.asarray(a, dtype=float) == 1
    low = max(p[exposed].min(), p[~exposed].min())
    high = min(p[exposed].max(), p[~exposed].max())
    return float(((p >= low) & (p <= high)).mean())


def estimate_iptw(
    y: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    *,
    estimand: Estimand = "ATE",
    stabilised: bool = True,
    truncate: tuple[float, float] | None = None,
    se: WeightSE = "stacked",
    person: ArrayLike | None = None,
) -> PotentialMeans:
    """Estimate the mean outcome under both exposures by inverse-probability weights (Hájek).

    Parameters
    ----------
    y : array_like, shape (n,)
        Any outcome; 0/1 gives risks.
    a : array_like, shape (n,)
        Exposure, 0 or 1.
    z : array_like, shape (n, q)
        Design of the propensity model, with intercept.
    estimand : {"ATE", "ATT", "ATO"}
    stabilised : bool
        Changes the spread of the weights that is reported, not the means.
    truncate : (float, float), optional
        Quantiles beyond which weights are cut, as (0.01, 0.99): less variance for some bias.
    se : {"stacked", "known"}
        "known" is the robust error of the usual programs, on the safe side for the ATE.
    person : array_like, shape (n,), optional

    Returns
    -------
    PotentialMeans
        Of unexposed and exposed. ``extra`` has ``weights`` (WeightSummary), ``smd_before`` and
        ``smd_after`` a column of ``z``, ``overlap`` and ``probability``.

    Raises
    ------
    UserError
        If one exposure occurs only, or an array has a fault.

    References
    ----------
    Hernán and Robins 2020, Causal Inference: What If, chapter 12; Lunceford and Davidian 2004,
    doi:10.1002/sim.1903.

    Examples
    --------
    >>> z = np.column_stack([np.ones(8), [0, 0, 0, 0, 1, 1, 1, 1]])
    >>> found = estimate_iptw([5, 1, 2, 3, 6, 7, 8, 4], [1, 0, 0, 0, 1, 1, 1, 0], z)
    >>> found.means.round(6)
    array([3., 6.])
    """
    exposed, (design, outcome) = gather(
        lambda: as_binary(a, "the exposure"), lambda: as_design(z, y, least_df=1)
    )
    weights = weigh_binary(exposed, design, estimand=estimand, stabilised=stabilised)
    if truncate is not None:
        weights = weights.truncate(*truncate)
    w = weights.values
    means, shares = np.empty(2), np.empty((len(outcome), 2))
    for level in (0, 1):
        own = w * (exposed == level)
        total = float(own.sum())
        means[level] = own @ outcome / total
        shares[:, level] = own * (outcome - means[level]) / total
    if se == "stacked":
        shares = shares + nuisance_shares(shares, weights)
    spread = summarise_weights(weights)
    after = weighted_smd(design, exposed, w)
    said = list(weights.warnings)
    if spread.effective < HALF * spread.rows:
        said.append(
            f"weights leave {spread.effective:.0f} effective rows of {spread.rows}: few weigh much"
        )
    for level in (0, 1):
        if int((exposed == level).sum()) < 2:
            said.append(f"one person only has the exposure {level}: the error is too small")
    if (worst := float(np.abs(after).max())) > UNBALANCED:
        said.append(f"a covariate differs by {worst:.2f} SD after weighting")
    return means_from_shares(
        means,
        shares,
        person,
        se,
        converged=weights.converged,
        warnings=tuple(said),
        extra={
            "weights": spread,
            "smd_before": weighted_smd(design, exposed),
            "smd_after": after,
            "overlap": overlap_share(weights.probability, exposed),
            "probability": weights.probability,
        },
    )
