"""Doubly robust effects: right if the exposure model is, or the outcome model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.causal.iptw import overlap_share
from gluteal.estimators.causal.potential import PotentialMeans, means_from_shares
from gluteal.estimators.causal.scores import (
    Family,
    Fit,
    as_binary,
    as_model,
    fit_scores,
    gather,
    link_mean,
)
from gluteal.estimators.causal.weighing import TINY, check_positivity
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_design


def estimate_aipw(
    y: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    x: ArrayLike,
    family: Family = "linear",
    *,
    modified_by: Sequence[int] | None = None,
    se: Literal["stacked", "influence"] = "stacked",
    person: ArrayLike | None = None,
) -> PotentialMeans:
    """Estimate the mean outcome under both exposures by augmented inverse-probability weights.

    Parameters
    ----------
    y : array_like, shape (n,)
    a : array_like, shape (n,)
        Exposure, 0 or 1.
    z : array_like, shape (n, q)
        Design of the propensity model, with intercept.
    x : array_like, shape (n, p)
        Covariates of the outcome model, with intercept and without exposure.
    family : {"linear", "logistic", "poisson"}
        Of the outcome model.
    modified_by : sequence of int, optional
        Columns of ``x`` that are multiplied by the exposure in one outcome model of all; none of
        them for (). If not given, exposed and unexposed have an outcome model each.
    se : {"stacked", "influence"}
        "influence" is the efficient influence function, right if both models are; "stacked"
        counts in the estimation of both models and holds if either is right.
    person : array_like, shape (n,), optional

    Returns
    -------
    PotentialMeans
        Of unexposed and exposed; ``extra`` has ``overlap``, ``probability`` and the means by
        outcome model alone (``outcome_means``).

    Raises
    ------
    UserError
        If one exposure occurs only, a group cannot carry the outcome model, or an array has a
        fault.

    References
    ----------
    Robins, Rotnitzky and Zhao 1994, doi:10.1080/01621459.1994.10476818; Bang and Robins 2005,
    doi:10.1111/j.1541-0420.2005.00377.x; Funk et al. 2011, doi:10.1093/aje/kwq439.

    Examples
    --------
    >>> z = np.column_stack([np.ones(8), [0, 0, 0, 0, 1, 1, 1, 1]])
    >>> y, a = [5, 1, 2, 3, 6, 7, 8, 4], [1, 0, 0, 0, 1, 1, 1, 0]
    >>> estimate_aipw(y, a, z, z, modified_by=()).difference().estimate.__round__(4)
    3.0
    """
    exposed, (design, outcome), covariates = gather(
        lambda: as_binary(a, "the exposure"),
        lambda: as_design(z, y, least_df=1),
        lambda: as_model(x, y, family)[0],
    )
    propensity = fit_scores(design, exposed, "logistic")
    p = np.clip(propensity.mean, TINY, 1 - TINY)
    fits, designs = _outcome_models(outcome, exposed, covariates, family, modified_by)
    n = len(outcome)
    means, plain, shares = np.empty(2), np.empty(2), np.empty((n, 2))
    for level in (0, 1):
        here = exposed == level
        chance = p if level else 1 - p
        mu, slope = link_mean(family, designs[level] @ fits[level].coef)
        inverse = np.where(here, 1 / chance, 0.0)
        value = mu + inverse * (outcome - mu)
        means[level], plain[level] = value.mean(), mu.mean()
        shares[:, level] = (value - means[level]) / n
        if se == "stacked":
            by_outcome = designs[level].T @ (slope * (1 - inverse)) / n
            sign = -1.0 if level else 1.0
            by_exposure = design.T @ (sign * inverse * (1 - chance) * (outcome - mu)) / n
            shares[:, level] += fits[level].shares @ by_outcome + propensity.shares @ by_exposure
    said = [f"propensity: {text}" for text in propensity.warnings]
    said += [f"outcome: {text}" for fit in fits for text in fit.warnings]
    return means_from_shares(
        means,
        shares,
        person,
        se,
        converged=propensity.converged and all(fit.converged for fit in fits),
        warnings=(*dict.fromkeys(said), *check_positivity(p)),
        extra={
            "overlap": overlap_share(p, exposed),
            "probability": p,
            "outcome_means": plain,
        },
    )


def _outcome_models(
    y: Floats, a: Floats, x: Floats, family: Family, modified_by: Sequence[int] | None
) -> tuple[list[Fit], list[Floats]]:
    """Fit the outcome, and give the design that predicts it at each exposure."""
    n = len(y)
    if modified_by is not None:
        inner = np.column_stack([np.ones(n), x[:, list(modified_by)]])
        joint, _y = as_model(np.hstack([x, inner * a[:, None]]), y, family)
        fit = fit_scores(joint, y, family)
        return [fit, fit], [np.hstack([x, inner * level]) for level in (0.0, 1.0)]
    fits: list[Fit] = []
    groups = gather(
        *(lambda level=level: as_model(x[a == level], y[a == level], family) for level in (0, 1))
    )
    for level, (own, seen) in enumerate(groups):
        fit = fit_scores(own, seen, family)
        shares = np.zeros((n, x.shape[1]))
        shares[a == level] = fit.shares
        said = tuple(f"exposure {level}: {text}" for text in fit.warnings)
        fits.append(replace(fit, shares=shares, warnings=said))
    return fits, [x, x]
