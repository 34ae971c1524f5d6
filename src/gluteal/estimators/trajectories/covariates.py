"""Who belongs to which class: regression of class on covariates, corrected for its error."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats, Model, constant_df
from gluteal.estimators.inputs import as_design
from gluteal.estimators.trajectories.fit import Trajectories
from gluteal.estimators.trajectories.information import (
    STEP,
    free_parameters,
    information,
    posteriors,
    spread_parameters,
)
from gluteal.estimators.trajectories.sums import Ints

Method = Literal["ML", "BCH"]
MOST_STEPS, TILE_PEOPLE = 100, 8192
LARGEST = 15.0
"""Log odds beyond this are on their way to infinity."""


@dataclass(frozen=True, slots=True)
class ClassRegression:
    """Multinomial logit of class on covariates, against a reference class.

    Attributes
    ----------
    model : Model
        Coefficients class by class (without the reference), each in the order of the design.
    classes : tuple of int
        Classes that are compared with ``reference``.
    error : ndarray, shape (k, k)
        Chance of being assigned to a class (column) of those who belong to one (row).
    """

    model: Model
    reference: int
    classes: tuple[int, ...]
    error: Floats
    method: str
    converged: bool
    warnings: tuple[str, ...]

    def log_odds(self, which: int, column: int, level: float = 0.95) -> Estimate:
        """Estimate the log odds ratio of a class against the reference per unit of a column."""
        width = len(self.model.coef) // len(self.classes)
        return self.model.coefficient(self.classes.index(which) * width + column, level)


def regress_classes(
    found: Trajectories, x: ArrayLike, *, method: Method = "ML", reference: int = 0
) -> ClassRegression:
    """Regress the class of people on covariates without taking the assignment for the truth.

    People are assigned to their most probable class; the chances of being assigned wrongly are
    known from the posteriors and enter the likelihood ("ML") or weights ("BCH"). The covariance is
    the sandwich plus the uncertainty of the classes themselves, by the delta method.

    Parameters
    ----------
    found : Trajectories
        With two classes or more.
    x : array_like, shape (people, q)
        One row a person, in the order of ``found.posterior``; with an intercept. Rows of people
        without a class are not used.
    method : {"ML", "BCH"}
    reference : int

    Returns
    -------
    ClassRegression

    Raises
    ------
    UserError
        If there is one class, a class has nobody, or the design is faulty.

    References
    ----------
    Vermunt 2010, doi:10.1093/pan/mpq025; Bakk, Oberski and Vermunt 2014, doi:10.1093/pan/mpu003.

    Examples
    --------
    >>> from gluteal.estimators.trajectories import fit_trajectories
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=200)
    >>> level = np.where(rng.random(200) < 1 / (1 + np.exp(-x)), 5.0, 2.0)
    >>> y = (level[:, None] + rng.normal(size=(200, 4))).ravel()
    >>> found = fit_trajectories(y, np.tile(range(4), 200), np.repeat(range(200), 4), 2, degree=1)
    >>> slope = regress_classes(found, np.column_stack([np.ones(200), x])).log_odds(1, 1)
    >>> slope.low < 1 < slope.high
    True
    """
    k = found.classes
    if k < 2:
        raise UserError("one class cannot be regressed on anything")
    if not 0 <= reference < k:
        raise ValueError(f"reference {reference}: classes are 0 to {k - 1}")
    if method not in ("ML", "BCH"):
        raise ValueError(f"no method {method!r}: ML or BCH")
    seen = found.person_sums.seen
    design = np.asarray(x, dtype=float)
    if design.ndim != 2 or len(design) != found.person_sums.people:
        raise UserError(
            f"{found.person_sums.people} people need a row of covariates each: {design.shape}"
        )
    assigned, own = found.assigned[seen], found.posterior[seen]
    design, _ = as_design(design[seen], assigned.astype(float), least_df=1)
    if (np.bincount(assigned, minlength=k) == 0).any():
        raise UserError("nobody is assigned to one of the classes: fit fewer classes")
    width = np.sqrt((design**2).mean(0))
    z = design / width
    error = classification_error(own, assigned)
    coef, settled = _maximise(z, assigned, error, method, reference)
    score, hessian = _derivatives(z, assigned, error, method, reference, coef)
    p = coef.size
    warnings = list(found.warnings)
    fault = ""
    try:
        bread = np.linalg.inv(hessian).astype(np.float64)
    except np.linalg.LinAlgError:
        bread, settled = np.full((p, p), nan), False
    if np.abs(z @ coef.T).max() > LARGEST:
        fault, settled = "the covariates separate the classes: no finite estimate", False
    elif not settled:
        fault = "the regression of class did not converge"
    cov = bread @ (score.T @ score) @ bread
    cov = cov + _from_classes(found, z, assigned, method, reference, coef, bread)
    if fault:
        warnings.append(fault)
        cov = np.full((p, p), nan)
    unit = np.tile(width, k - 1)
    model = Model(
        coef.ravel() / unit,
        cov / np.outer(unit, unit),
        constant_df(inf),
        f"{method}, sandwich with the uncertainty of the classes",
        np.empty(0),
        np.empty(0),
        bread / np.outer(unit, unit),
        converged=settled,
        warnings=tuple(warnings),
    )
    others = tuple(c for c in range(k) if c != reference)
    return ClassRegression(model, reference, others, error, method, settled, tuple(warnings))


def classification_error(posterior: Floats, assigned: Ints) -> Floats:
    """Chance of each assignment (column) given the class (row), from the posteriors.

    Examples
    --------
    >>> posterior = np.array([[0.9, 0.1], [0.2, 0.8]])
    >>> classification_error(posterior, np.array([0, 1])).round(3)
    array([[0.818, 0.182],
           [0.111, 0.889]])
    """
    k = posterior.shape[-1]
    chosen = np.eye(k)[assigned]
    joint = np.swapaxes(posterior, -1, -2) @ chosen
    return joint / joint.sum(-1, keepdims=True)


def _weights(error: Floats, assigned: Ints, chance: Floats, method: Method) -> Floats:
    """Weight of each class for each person: posterior given assignment, or BCH's."""
    if method == "BCH":
        return np.linalg.inv(error)[assigned].astype(np.float64)
    joint = chance * error[:, assigned].T
    return joint / joint.sum(1, keepdims=True)


def _chances(x: Floats, coef: Floats, reference: int) -> Floats:
    eta = np.insert(x @ coef.T, reference, 0.0, axis=1)
    eta -= eta.max(1, keepdims=True)
    np.exp(eta, out=eta)
    return eta / eta.sum(1, keepdims=True)


def _derivatives(
    x: Floats, assigned: Ints, error: Floats, method: Method, reference: int, coef: Floats
) -> tuple[Floats, Floats]:
    """Scores by person and the information (minus second derivatives)."""
    chance = _chances(x, coef, reference)
    weight = _weights(error, assigned, chance, method)
    free = [c for c in range(len(error)) if c != reference]
    pull = (weight - chance)[:, free]
    score = (pull[:, :, None] * x[:, None, :]).reshape(len(x), -1)
    p, w = chance[:, free], weight[:, free]
    inner = np.einsum("ij,jk->ijk", p, np.eye(len(free))) - p[:, :, None] * p[:, None, :]
    if method == "ML":
        inner -= np.einsum("ij,jk->ijk", w, np.eye(len(free))) - w[:, :, None] * w[:, None, :]
    q = x.shape[1]
    hessian = np.einsum("ijk,ia,ib->jakb", inner, x, x, optimize=True)
    return score, hessian.reshape(len(free) * q, -1)


def _value(
    x: Floats, assigned: Ints, error: Floats, method: Method, reference: int, coef: Floats
) -> float:
    chance = _chances(x, coef, reference)
    if method == "BCH":
        logs = np.log(np.maximum(chance, 1e-300))
        return float((np.linalg.inv(error)[assigned] * logs).sum())
    return float(np.log((chance * error[:, assigned].T).sum(1)).sum())


def _maximise(
    x: Floats, assigned: Ints, error: Floats, method: Method, reference: int
) -> tuple[Floats, bool]:
    """Climb by Newton's method; where the curve bends the wrong way, along the gradient."""
    shape = (len(error) - 1, x.shape[1])
    coef: Floats = np.zeros(shape)
    value = _value(x, assigned, error, method, reference, coef)
    for _ in range(MOST_STEPS):
        score, hessian = _derivatives(x, assigned, error, method, reference, coef)
        total = score.sum(0)
        values, vectors = np.linalg.eigh(hessian)
        values = np.maximum(np.abs(values), 1e-8 * len(x))
        move = (vectors @ ((vectors.T @ total) / values)).reshape(shape)
        new, half = value, 0
        while half < 40:
            after = coef + move
            new = _value(x, assigned, error, method, reference, after)
            if np.isfinite(new) and new >= value - 1e-10 * abs(value):
                break
            move, half = move / 2, half + 1
        coef, value = coef + move, new
        if np.abs(move).max() < 1e-10:
            return coef, True
        if np.abs(x @ coef.T).max() > 2 * LARGEST:
            break
    return coef, False


def _from_classes(
    found: Trajectories,
    x: Floats,
    assigned: Ints,
    method: Method,
    reference: int,
    coef: Floats,
    bread: Floats,
) -> Floats:
    """Carry the covariance of the classes' parameters into that of the coefficients."""
    shared = found.variance == "shared"
    observed = information(found.person_sums, found.mixture, shared=shared)
    base = free_parameters(found.mixture, shared=shared)
    p = len(base)
    moved = spread_parameters(
        np.concatenate([base + STEP * np.eye(p), base - STEP * np.eye(p)]),
        found.mixture,
        shared=shared,
    )
    sums = found.person_sums.sums
    joint = np.zeros((2 * p, found.classes, found.classes))
    for start in range(0, len(sums), TILE_PEOPLE):  # all shifts at once, some people at a time
        part = slice(start, start + TILE_PEOPLE)
        own = posteriors(sums[part], moved).transpose(1, 2, 0)
        joint += own @ np.eye(found.classes)[assigned[part]]
    errors = joint / joint.sum(-1, keepdims=True)
    scores = np.array(
        [_derivatives(x, assigned, error, method, reference, coef)[0].sum(0) for error in errors]
    )
    slope = bread @ ((scores[:p] - scores[p:]) / (2 * STEP)).T
    try:
        return slope @ np.linalg.inv(observed) @ slope.T
    except np.linalg.LinAlgError:
        return np.full((coef.size, coef.size), nan)
