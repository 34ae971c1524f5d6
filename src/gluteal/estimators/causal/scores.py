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
from gluteal.estimators.glm import is_separated, mean_of
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_design, as_groups

Family = Literal["linear", "logistic", "poisson"]
MOST_STEPS = 60
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


def as_outcome(values: Floats, family: Family, what: str = "the outcome") -> Floats:
    """Check that an outcome lies where its family can reach it.

    Raises
    ------
    UserError
    """
    if family == "logistic" and values.size and (values.min() < 0 or values.max() > 1):
        raise UserError(f"{what} of a logistic model has values outside 0 to 1")
    if family == "poisson" and values.size and values.min() < 0:
        raise UserError(f"{what} of a Poisson model has negative values")
    return values


def as_model(x: ArrayLike, y: ArrayLike, family: Family) -> tuple[Floats, Floats]:
    """Check a design with its outcome: shapes, finite values, rank, rows, range.

    Raises
    ------
    UserError
    """
    design, outcome = as_design(x, y, least_df=1)
    return design, as_outcome(outcome, family)


def link_mean(family: Family, eta: Floats) -> tuple[Floats, Floats]:
    """Return means and their derivatives by the linear predictor."""
    if family == "linear":
        return eta, np.ones(len(eta))
    mu = mean_of(family, eta)
    return mu, (mu * (1 - mu) if family == "logistic" else mu)


def _loss(family: Family, y: Floats, eta: Floats, w: Floats) -> float:
    """Minus the log-likelihood, up to a constant."""
    if family == "linear":
        return float(w @ (y - eta) ** 2) / 2
    if family == "poisson":
        return float(w @ (np.exp(np.clip(eta, -700, 700)) - y * eta))
    return float(w @ (np.logaddexp(0, eta) - y * eta))


def _start(family: Family, y: Floats, w: Floats) -> Floats:
    """Linear predictors near the outcome, as R's glm starts."""
    if family == "linear":
        return np.zeros(len(y))
    if family == "logistic":
        mu = (y + 0.5) / 2
        return np.log(mu / (1 - mu))
    return np.log((y + max(float(w @ y) / max(float(w.sum()), 1e-300), 1e-8)) / 2)


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
    n, p = x.shape
    w = np.ones(n) if weights is None else weights
    scale = np.sqrt((x**2).mean(0))
    z = x / scale
    coef: Floats = np.zeros(p)
    eta, loss, converged, inner = _start(family, y, w), np.inf, False, np.eye(p)
    for step in range(MOST_STEPS):
        mu, slope = link_mean(family, eta)
        inner = np.linalg.pinv((z * (w * slope)[:, None]).T @ z, hermitian=True)
        # The first step is a regression of the link of the outcome, the others are Newton's.
        target = w * (y - mu) + (w * slope * eta if step == 0 else 0.0)
        move = inner @ (z.T @ target)
        after, half = eta, 0
        for half in range(30):
            after = z @ (coef + move / 2**half)
            now = _loss(family, y, after, w)
            if np.isfinite(now) and now <= loss + 1e-9 * abs(loss) + 1e-12:
                loss = now
                break
        moved = float(np.abs(after - eta).max())
        coef, eta = coef + move / 2**half, after
        if step and moved <= SETTLED * (1 + float(np.abs(eta).max())):
            converged = True
            break
    mu, slope = link_mean(family, eta)
    used = w > 0
    loose = family != "linear" and (not converged or float(slope[used].min()) < 1e-6)
    separated = loose and is_separated(x[used], y[used], family)  # pyright: ignore[reportArgumentType]
    warnings: tuple[str, ...] = ()
    if separated:
        warnings = ("the covariates separate the outcome: no finite estimate",)
    elif not converged:
        warnings = ("the iterations did not converge",)
    bread = inner / np.outer(scale, scale)
    shares = (x * (w * (y - mu))[:, None]) @ bread
    return Fit(
        coef / scale, mu, slope, bread, shares, separated, converged and not separated, warnings
    )


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
