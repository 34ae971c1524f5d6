"""Fits by estimating equations that remember what each row adds to the error of a coefficient.

A row's share of the error is A⁻¹ψ: summed over all rows it is estimate minus truth in large
samples. Shares of several fits add up (stacked estimating equations), and their sums within people
give covariances that hold when a person has several rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.glm import NEARLY_SURE, check_outcome, is_separated
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_design, as_groups
from gluteal.estimators.irls import climb, mean_of, solve_information, variance_of

Family = Literal["linear", "logistic", "poisson"]
SETTLED = 1e-11
FEW_UNITS = 30


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted regression with the share of each row in the error of its coefficients.

    Attributes
    ----------
    coef : ndarray, shape (p,)
    mean : ndarray, shape (n,)
        Fitted means.
    slope : ndarray, shape (n,)
        Derivative of the mean by the linear predictor.
    bread : ndarray, shape (p, p)
        Inverse of X'WX.
    shares : ndarray, shape (n, p)
        They sum to zero over rows; their outer products sum to the sandwich HC0.
    """

    coef: Floats
    mean: Floats
    slope: Floats
    bread: Floats
    shares: Floats
    separated: bool
    converged: bool
    warnings: tuple[str, ...]


def gather(*checks: Callable[[], Any]) -> list[Any]:
    """Run every check, then raise one error with what all of them found.

    Raises
    ------
    UserError
    """
    found: list[Any] = []
    faults: list[str] = []
    for check in checks:
        try:
            found.append(check())
        except UserError as error:
            faults.append(str(error))
    if faults:
        raise UserError("; ".join(dict.fromkeys(faults)))
    return found


def as_binary(values: ArrayLike, what: str) -> Floats:
    """Check a 0/1 variable of which both values occur.

    Raises
    ------
    UserError

    Examples
    --------
    >>> as_binary([1, 1], "the exposure")
    Traceback (most recent call last):
    gluteal.errors.UserError: the exposure has the value 1 only: nobody to compare with
    """
    a = np.asarray(values, dtype=float)
    if a.ndim != 1 or not a.size:
        raise UserError(f"{what} has the shape {a.shape}, not one value a row")
    if not np.isin(a, (0.0, 1.0)).all():
        raise UserError(f"{what} has values other than 0 and 1")
    if a.min() == a.max():
        raise UserError(f"{what} has the value {a[0]:g} only: nobody to compare with")
    return a


def as_model(x: ArrayLike, y: ArrayLike, family: Family) -> tuple[Floats, Floats]:
    """Check a design with its outcome: shapes, finite values, rank, rows, range.

    Raises
    ------
    UserError
    """
    design, outcome = as_design(x, y, least_df=1)
    check_outcome(outcome, family)
    return design, outcome


def link_mean(family: Family, eta: Floats) -> tuple[Floats, Floats]:
    """Return means and their derivatives by the linear predictor."""
    mean = mean_of(family, eta)
    return mean, variance_of(family, mean)


def fit_scores(x: Floats, y: Floats, family: Family, weights: Floats | None = None) -> Fit:
    """Fit a weighted regression with canonical link by Newton's method.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Design of full column rank.
    y : ndarray, shape (n,)
    family : {"linear", "logistic", "poisson"}
    weights : ndarray, shape (n,), optional
        Not negative; rows of weight 0 take no part.

    Returns
    -------
    Fit

    References
    ----------
    Stefanski and Boos 2002, doi:10.1198/000313002753631330.

    Examples
    --------
    >>> x = np.column_stack([np.ones(4), [0.0, 1, 2, 3]])
    >>> fit_scores(x, np.array([1.0, 3, 5, 7.5]), "linear").coef.round(2)
    array([0.9 , 2.15])
    """
    end = climb(x, y, family, weights, settled=SETTLED)
    w = np.ones(len(y)) if weights is None else weights
    slope, used = variance_of(family, end.mean), w > 0
    doubtful = not end.converged or float(slope[used].min()) < NEARLY_SURE
    separated = family != "linear" and doubtful and is_separated(x[used], y[used], family)
    warnings: tuple[str, ...] = ()
    if separated:
        warnings = ("the covariates separate the outcome: no finite estimate",)
    elif not end.converged:
        warnings = ("the iterations did not converge",)
    bread = solve_information((x * (w * slope)[:, None]).T @ x, np.eye(x.shape[1]))
    shares = (x * (w * (y - end.mean))[:, None]) @ bread
    converged = end.converged and not separated
    return Fit(end.coef, end.mean, slope, bread, shares, separated, converged, warnings)


def sum_within(shares: Floats, person: ArrayLike | None, what: str = "person") -> Floats:
    """Add the shares of the rows of each person, shape (people, k).

    Raises
    ------
    UserError
        If there are fewer than two people.
    """
    if person is None:
        return shares
    codes, count = as_groups(person, len(shares), what)
    if count < 2:
        raise UserError(f"all rows belong to one {what}: no standard error can be given")
    summed = np.empty((count, shares.shape[1]))
    for k in range(shares.shape[1]):
        summed[:, k] = np.bincount(codes, shares[:, k], count)
    return summed


def covariance_of(shares: Floats, person: ArrayLike | None = None) -> tuple[Floats, int]:
    """Turn shares of rows into a covariance, robust to rows of one person going together.

    Returns
    -------
    covariance : ndarray, shape (k, k)
    units : int
        Independent units: people, or rows where no person is given.
    """
    summed = sum_within(shares, person)
    return summed.T @ summed, len(summed)


def few_units(units: int) -> tuple[str, ...]:
    """Warn where a large-sample standard error rests on few people."""
    if units >= FEW_UNITS:
        return ()
    return (f"a large-sample standard error from {units} independent units",)
