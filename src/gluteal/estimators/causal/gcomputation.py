"""Standardisation (g-computation): an outcome model averaged over everyone's covariates."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.causal.potential import PotentialMeans, means_from_shares
from gluteal.estimators.causal.scores import (
    Family,
    as_model,
    few_units,
    fit_scores,
    gather,
    link_mean,
)
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.margins import standardise

SE = Literal["stacked", "classical", "HC0", "HC1", "HC2", "HC3", "CR2"]


def set_exposure(x: ArrayLike, column: int, value: ArrayLike) -> Floats:
    """Return a design with the exposure set to a value, or to a value a person.

    A shift of everyone by one unit is ``set_exposure(x, j, x[:, j] + 1)``. Columns made from the
    exposure (products, powers, splines) must be built anew by the caller.

    Examples
    --------
    >>> set_exposure([[1, 5], [1, 7]], 1, 0)
    array([[1., 0.],
           [1., 0.]])
    """
    changed = np.array(x, dtype=float)
    changed[:, column] = value
    return changed


def _as_designs(designs: Sequence[ArrayLike], shape: tuple[int, ...]) -> list[Floats]:
    made = [np.asarray(one, dtype=float) for one in designs]
    faults = [
        f"the design of exposure {k} has the shape {one.shape}, the model's is {shape}"
        for k, one in enumerate(made)
        if one.ndim != 2 or one.shape[1:] != shape[1:] or not len(one)
    ]
    faults += [
        f"the design of exposure {k} has values that are missing or infinite"
        for k, one in enumerate(made)
        if not np.isfinite(one).all()
    ]
    if not made:
        faults.append("no exposure to standardise to")
    if faults:
        raise UserError("; ".join(faults))
    return made


def _as_chosen(among: ArrayLike | None, n: int) -> NDArray[np.bool_]:
    if among is None:
        return np.ones(n, dtype=bool)
    chosen = np.asarray(among)
    if chosen.shape != (n,) or not np.isin(chosen, (0, 1)).all():
        raise UserError(f"whom to average over must be said by yes or no for each of {n} rows")
    if not chosen.any():
        raise UserError("nobody is left to average over")
    return chosen.astype(bool)


def standardise_outcome(
    x: ArrayLike,
    y: ArrayLike,
    designs: Sequence[ArrayLike],
    family: Family = "linear",
    *,
    among: ArrayLike | None = None,
    se: SE = "stacked",
    person: ArrayLike | None = None,
) -> PotentialMeans:
    """Estimate the mean outcome, were everyone's exposure set to each value in turn.

    Any exposure is possible: two levels, two values of a measurement, or everyone as observed
    against everyone shifted by one unit.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design of the outcome model, with intercept, exposure and covariates.
    y : array_like, shape (n,)
    designs : sequence of array_like, each of shape (n, p)
        The design with the exposure set to each value (``set_exposure``).
    family : {"linear", "logistic", "poisson"}
    among : array_like of bool, shape (n,), optional
        The people to average over: the exposed, for the effect in the exposed. Everyone, if not
        given.
    se : {"stacked", "classical", "HC0", "HC1", "HC2", "HC3", "CR2"}
        "stacked" solves the equations of model and means together: it holds for the population
        that the people are a sample of, and if the variance of the outcome model is wrong. The
        others are the delta method with that covariance of the coefficients and the covariates
        taken as fixed (CR2: normal distribution).
    person : array_like, shape (n,), optional
        The person of each row, where people have several.

    Returns
    -------
    PotentialMeans
        One mean a design; ``difference``, ``ratio`` and ``number_needed`` compare two.

    Raises
    ------
    UserError
        If an array has a fault, or coefficients cannot be told apart.

    References
    ----------
    Robins 1986, doi:10.1016/0270-0255(86)90088-6; Snowden, Rose and Mortimer 2011,
    doi:10.1093/aje/kwq472; Stefanski and Boos 2002, doi:10.1198/000313002753631330.

    Examples
    --------
    >>> x = np.column_stack([np.ones(40), np.tile([0, 1], 20), np.repeat([0, 1], 20)])
    >>> y = 1 + 2 * x[:, 1] + x[:, 2] + np.tile([0.1, 0.1, -0.1, -0.1], 10)
    >>> both = [set_exposure(x, 1, 0), set_exposure(x, 1, 1)]
    >>> round(standardise_outcome(x, y, both).difference().estimate, 6)
    2.0
    """
    shape = np.shape(x)
    (design, outcome), made = gather(
        lambda: as_model(x, y, family), lambda: _as_designs(designs, shape)
    )
    chosen = _as_chosen(among, len(design))
    wrong = [k for k, one in enumerate(made) if len(one) != len(design)]
    if wrong and (se == "stacked" or among is not None):
        raise UserError(f"designs {wrong} have other rows than the model; use a delta method")
    if se != "stacked":
        if among is not None:
            made = [one[chosen] for one in made]
        return _by_delta(design, outcome, made, family, se, person)
    fit = fit_scores(design, outcome, family)
    n, part = len(design), chosen / chosen.sum()
    means, shares = np.empty(len(made)), np.empty((n, len(made)))
    for k, one in enumerate(made):
        mu, slope = link_mean(family, one @ fit.coef)
        means[k] = part @ mu
        shares[:, k] = part * (mu - means[k]) + fit.shares @ (one.T @ (part * slope))
    return means_from_shares(
        means,
        shares,
        person,
        se,
        converged=fit.converged,
        warnings=fit.warnings,
        extra={"coef": fit.coef, "separated": fit.separated},
    )


def _by_delta(
    x: Floats,
    y: Floats,
    designs: list[Floats],
    family: Family,
    se: Literal["classical", "HC0", "HC1", "HC2", "HC3", "CR2"],
    person: ArrayLike | None,
) -> PotentialMeans:
    units, codes = len(x), None
    if person is not None and se != "CR2":
        raise ValueError(f"{se} ignores that a person has several rows: use stacked or CR2")
    if person is not None:
        codes, units = as_groups(person, len(x))
    if se == "CR2" and units < 2:
        raise UserError("all rows belong to one person: no standard error can be given")
    linear = family == "linear"
    model = fit_linear(x, y, se, codes) if linear else fit_glm(x, y, family, se, codes)
    means, cov = standardise(model, family, designs)
    extra = {"coef": model.coef, "separated": bool(model.extra.get("separated", False))}
    return PotentialMeans(
        means,
        cov,
        np.empty((0, len(means))),
        units,
        se,
        inf,
        model.converged,
        (*model.warnings, *few_units(units)),
        extra,
    )
