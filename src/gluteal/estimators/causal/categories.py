"""Exposures with several levels (thirds of strength, stages of rehabilitation) made comparable."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.causal.iptw import summarise_weights, weighted_smd
from gluteal.estimators.causal.msm import WeightSE, nuisance_shares
from gluteal.estimators.causal.potential import PotentialMeans, means_from_shares
from gluteal.estimators.causal.scores import gather
from gluteal.estimators.causal.weighing import LIKELY, TINY
from gluteal.estimators.causal.weights import Weights
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_design, as_groups
from gluteal.estimators.irls import solve_information

MOST_STEPS, SETTLED, FAR = 60, 1e-10, 25.0
UNBALANCED = 0.1


@dataclass(frozen=True, slots=True)
class _Multinomial:
    """Probabilities of each level, and each row's share in the error of the coefficients."""

    probability: Floats
    shares: Floats
    converged: bool
    warnings: tuple[str, ...]


def _as_levels(a: ArrayLike, n: int) -> tuple[NDArray[np.intp], NDArray[np.generic]]:
    """Give the levels of an exposure numbers in their order."""
    as_groups(a, n, "level of exposure")
    values = np.asarray(a)
    named = values.astype(str) if values.dtype.kind == "O" else values
    levels, codes = np.unique(named, return_inverse=True)
    if len(levels) < 2:
        raise UserError(f"the exposure has the value {levels[0]} only: nobody to compare with")
    return codes.astype(np.intp), levels


def _probabilities(z: Floats, coef: Floats) -> tuple[Floats, Floats]:
    eta = np.column_stack([np.zeros(len(z)), z @ coef.T])
    top = eta.max(1, keepdims=True)
    total = np.log(np.exp(eta - top).sum(1, keepdims=True)) + top
    return np.exp(eta - total), eta - total


def _fit_multinomial(z: Floats, codes: NDArray[np.intp], count: int) -> _Multinomial:
    """Fit a multinomial logistic regression by Newton's method, the first level as reference."""
    n, p = z.shape
    scale = np.sqrt((z**2).mean(0))
    x, at = z / scale, np.arange(n)
    own = (codes[:, None] == np.arange(count)).astype(float)
    coef = np.zeros((count - 1, p))
    probability, logs = _probabilities(x, coef)
    like, converged = float(logs[at, codes].sum()), False
    inverse = np.eye((count - 1) * p)
    for _step in range(MOST_STEPS):
        info = np.empty((count - 1, p, count - 1, p))
        for j in range(1, count):
            for k in range(j, count):
                w = probability[:, j] * ((j == k) - probability[:, k])
                block = (x * w[:, None]).T @ x
                info[j - 1, :, k - 1], info[k - 1, :, j - 1] = block, block
        inverse = solve_information(info.reshape(inverse.shape), np.eye(len(inverse)))
        score = (own - probability)[:, 1:].T @ x
        move = (inverse @ score.ravel()).reshape(coef.shape)
        best = like
        for half in range(30):
            probability, logs = _probabilities(x, coef + move / 2**half)
            like = float(logs[at, codes].sum())
            if like >= best - 1e-9 * abs(best):
                move = move / 2**half
                break
        else:
            move = np.zeros_like(move)
        coef = coef + move
        if float(np.abs(x @ move.T).max()) < SETTLED * (1 + float(np.abs(x @ coef.T).max())):
            converged = True
            break
    far = float(np.abs(x @ coef.T).max()) > FAR
    warnings: tuple[str, ...] = ()
    if far:
        warnings = ("propensity: covariates (nearly) separate levels: no finite estimate",)
    elif not converged:
        warnings = ("propensity: the iterations did not converge",)
    rows = (own - probability)[:, 1:, None] * x[:, None, :]
    shares = rows.reshape(n, -1) @ inverse
    return _Multinomial(
        probability, shares / np.tile(scale, count - 1), converged and not far, warnings
    )


def weigh_categories(
    a: ArrayLike, z: ArrayLike, *, stabilised: bool = True, numerator: ArrayLike | None = None
) -> Weights:
    """Weight by the inverse probability of the level had, from multinomial logistic regression.

    Parameters
    ----------
    a : array_like, shape (n,)
        Exposure: numbers or text, two levels or more.
    z : array_like, shape (n, q)
        Design of the propensity model, with intercept.
    stabilised, numerator
        As in ``weigh_binary``.

    Raises
    ------
    UserError
        If one level occurs only, or an array has a fault.

    References
    ----------
    Imbens 2000, doi:10.1093/biomet/87.3.706.

    Examples
    --------
    >>> z = np.ones((6, 1))
    >>> weigh_categories(["a", "a", "a", "b", "b", "c"], z, stabilised=False).values.round(6)
    array([2., 2., 2., 3., 3., 6.])
    """
    n = len(np.asarray(z))
    (codes, levels), (design, _z) = gather(
        lambda: _as_levels(a, n), lambda: as_design(z, np.zeros(n), least_df=1)
    )
    count, at = len(levels), np.arange(n)
    own = (codes[:, None] == np.arange(count)).astype(float)

    def part(x: Floats, fit: _Multinomial, sign: float) -> Weights:
        slope = sign * (own - fit.probability)[:, 1:, None] * x[:, None, :]
        chance = np.clip(fit.probability[at, codes], TINY, 1.0)
        return Weights(
            chance**sign, slope.reshape(n, -1), fit.shares, chance, fit.converged, fit.warnings
        )

    fit = _fit_multinomial(design, codes, count)
    made = part(design, fit, -1.0)
    if stabilised:
        top = np.ones((n, 1)) if numerator is None else as_design(numerator, np.zeros(n))[0]
        made = made.times(part(top, _fit_multinomial(top, codes, count), 1.0))
    rare = int((fit.probability < LIKELY).any(1).sum())
    said = made.warnings
    if rare:
        said = (*said, f"positivity: {rare} rows have a level of probability below {LIKELY}")
    return Weights(made.values, made.gradient, made.shares, made.probability, made.converged, said)


def estimate_levels(
    y: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    *,
    truncate: tuple[float, float] | None = None,
    se: WeightSE = "stacked",
    person: ArrayLike | None = None,
) -> PotentialMeans:
    """Estimate the mean outcome under each level of an exposure by weights (Hájek).

    Parameters
    ----------
    y, z, truncate, se, person
        As in ``estimate_iptw``.
    a : array_like, shape (n,)
        Exposure: numbers or text, two levels or more.

    Returns
    -------
    PotentialMeans
        One mean a level, in sorted order (``extra["levels"]``). ``extra`` has ``weights`` and
        ``smd_before`` and ``smd_after``: the largest over pairs of levels, a column of ``z``.

    Raises
    ------
    UserError
        If one level occurs only, or an array has a fault.

    References
    ----------
    Imbens 2000, doi:10.1093/biomet/87.3.706; McCaffrey et al. 2013, doi:10.1002/sim.5753.

    Examples
    --------
    >>> found = estimate_levels([1, 2, 3, 5, 7, 9], ["a", "a", "a", "b", "b", "c"], np.ones((6, 1)))
    >>> found.means.round(6)
    array([2., 6., 9.])
    """
    design, outcome = as_design(z, y, least_df=1)
    weights = weigh_categories(a, design)
    if truncate is not None:
        weights = weights.truncate(*truncate)
    codes, levels = _as_levels(a, len(outcome))
    w, count = weights.values, len(levels)
    means, shares = np.empty(count), np.empty((len(outcome), count))
    for k in range(count):
        own = w * (codes == k)
        means[k] = own @ outcome / own.sum()
        shares[:, k] = own * (outcome - means[k]) / own.sum()
    if se == "stacked":
        shares = shares + nuisance_shares(shares, weights)
    before, after = np.zeros(design.shape[1]), np.zeros(design.shape[1])
    for j, k in combinations(range(count), 2):
        pair = (codes == j) | (codes == k)
        high = (codes[pair] == k).astype(float)
        for found, given in ((before, None), (after, w[pair])):
            np.maximum(found, np.abs(weighted_smd(design[pair], high, given)), out=found)
    said = list(weights.warnings)
    for k in np.flatnonzero(np.bincount(codes) < 2):
        said.append(f"one person only has the exposure {levels[k]}: the error is too small")
    if (worst := float(after.max())) > UNBALANCED:
        said.append(f"a covariate differs by {worst:.2f} SD after weighting")
    extra = {
        "levels": tuple(levels.tolist()),
        "weights": summarise_weights(weights),
        "smd_before": before,
        "smd_after": after,
        "probability": weights.probability,
    }
    return means_from_shares(
        means,
        shares,
        person,
        se,
        converged=weights.converged,
        warnings=tuple(said),
        extra=extra,
    )
