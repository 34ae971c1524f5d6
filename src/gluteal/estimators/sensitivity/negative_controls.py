"""Negative controls: effects that cannot be there, from the same models on the same people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

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
from gluteal.estimators.inference import Estimate, Floats, JointTest, interval


@dataclass(frozen=True, slots=True)
class Regression:
    """One of several models of the same people.

    Attributes
    ----------
    x : array_like, shape (n, p)
        Design with intercept.
    y : array_like, shape (n,)
        Outcome; NaN where a person has none, who is then left out of this model only.
    column : int
        The exposure, or the negative control exposure.
    family : {"linear", "logistic", "poisson"}
    """

    name: str
    x: ArrayLike
    y: ArrayLike
    column: int = 1
    family: Family = "linear"


@dataclass(frozen=True, slots=True)
class ControlCheck:
    """The effect of interest beside those that should be nothing.

    Attributes
    ----------
    main : Estimate
    controls : dict of str to Estimate
        Far from 0: bias that the main effect may share.
    differences : dict of str to Estimate
        Main effect minus each control, with the error of the difference.
    joint : JointTest
        That all controls are 0.
    cov : ndarray, shape (1 + k, 1 + k)
        Of main effect and controls, robust to rows of one person going together.
    """

    main: Estimate
    controls: dict[str, Estimate]
    differences: dict[str, Estimate]
    joint: JointTest
    cov: Floats
    converged: bool
    warnings: tuple[str, ...]


def check_negative_controls(
    main: Regression,
    controls: Sequence[Regression],
    *,
    person: ArrayLike | None = None,
    level: float = 0.95,
) -> ControlCheck:
    """Fit the main model and its negative controls together, and compare their effects.

    Negative control outcomes (pain at the wrist) keep the design and change the outcome, negative
    control exposures (grip strength) keep the outcome and change a column. Differences make sense
    where outcomes have one scale (standardise them, or compare log ratios).

    Parameters
    ----------
    main : Regression
    controls : sequence of Regression
        With the same rows in the same order.
    person : array_like, shape (n,), optional
        The person of each row, where people have several.
    level : float

    Returns
    -------
    ControlCheck

    Raises
    ------
    UserError
        If there is no control, rows differ, or an array has a fault; the model is named.

    References
    ----------
    Lipsitch, Tchetgen Tchetgen and Cohen 2010, doi:10.1097/EDE.0b013e3181d61eeb; Weesie 1999 for
    estimates stacked over models (suest), Stata Technical Bulletin 52:34-47.

    Examples
    --------
    >>> x = np.column_stack([np.ones(40), np.tile([0.0, 1], 20)])
    >>> y = 2 * x[:, 1] + np.repeat([0.1, -0.1], 20)
    >>> wrist = Regression("wrist pain", x, np.repeat([1.0, 2.0], 20))
    >>> found = check_negative_controls(Regression("back pain", x, y), [wrist])
    >>> round(found.main.estimate, 6), abs(round(found.controls["wrist pain"].estimate, 6))
    (2.0, 0.0)
    """
    from scipy import special

    models = [main, *controls]
    if len({model.name for model in models}) < len(models):
        raise ValueError("models must have different names")
    if not controls:
        raise UserError("no negative control is given")
    n = len(np.asarray(main.y))
    faults: list[str] = []
    estimates, shares = np.zeros(len(models)), np.zeros((n, len(models)))
    said: list[str] = []
    converged = True
    for k, model in enumerate(models):
        try:
            estimates[k], shares[:, k], warnings = _effect(model, n)
        except UserError as error:
            faults.append(f"{model.name}: {error}")
            continue
        said += [f"{model.name}: {text}" for text in warnings]
        converged = converged and not warnings
    if faults:
        raise UserError("; ".join(faults))
    cov, units = covariance_of(shares, person)
    se = np.sqrt(np.diag(cov))
    found = [interval(float(estimates[k]), float(se[k]), inf, level) for k in range(len(models))]
    gaps: dict[str, Estimate] = {}
    for k, model in enumerate(controls, start=1):
        spread = float(np.sqrt(max(cov[0, 0] + cov[k, k] - 2 * cov[0, k], 0.0)))
        gaps[model.name] = interval(float(estimates[0] - estimates[k]), spread, inf, level)
    inner = cov[1:, 1:]
    rank = int(np.linalg.matrix_rank(inner, hermitian=True))
    if rank < len(controls):
        said.append(f"the {len(controls)} controls carry the information of {rank}")
    square = float(estimates[1:] @ np.linalg.pinv(inner, hermitian=True) @ estimates[1:])
    joint = JointTest(square, rank, inf, float(special.chdtrc(rank, square)))
    names = [model.name for model in controls]
    return ControlCheck(
        found[0],
        dict(zip(names, found[1:], strict=True)),
        gaps,
        joint,
        cov,
        converged,
        (*said, *few_units(units)),
    )


def _effect(model: Regression, n: int) -> tuple[float, Floats, tuple[str, ...]]:
    """Return the coefficient, the share of each of n rows in its error, and warnings."""
    x, y = np.asarray(model.x, dtype=float), np.asarray(model.y, dtype=float)
    if x.ndim != 2 or len(x) != n or y.shape != (n,):
        raise UserError(f"{x.shape} and {y.shape} do not fit {n} rows of the main model")
    used = ~np.isnan(y)
    if not used.any():
        raise UserError("the outcome has no value")
    design, outcome = as_model(x[used], y[used], model.family)
    fit = fit_scores(design, outcome, model.family)
    shares = np.zeros(n)
    shares[used] = fit.shares[:, model.column]
    return float(fit.coef[model.column]), shares, fit.warnings
