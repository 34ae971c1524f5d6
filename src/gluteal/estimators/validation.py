"""How good is a logistic model beyond the people it was made from? Harrell's bootstrap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.bootstrap.draws import draw_counts
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_design, as_groups

MEASURES = ("auc", "intercept", "slope", "brier")
MOST_STEPS, SETTLED, ROWS = 40, 1e-9, 1 << 19


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure as seen in the data, by how much that is too good, and what is left."""

    apparent: float
    optimism: float
    corrected: float


@dataclass(frozen=True, slots=True)
class Validation:
    """Optimism-corrected performance of a logistic model.

    Attributes
    ----------
    auc, intercept, slope, brier : Measure
        Area under the ROC curve; calibration intercept and slope (apparently 0 and 1); Brier
        score. A corrected slope is the factor by which to shrink the coefficients.
    coef : ndarray, shape (p,)
        Of the model itself.
    resamples : int
        Those in which the model could be fitted.
    """

    auc: Measure
    intercept: Measure
    slope: Measure
    brier: Measure
    coef: Floats
    resamples: int
    converged: bool
    warnings: tuple[str, ...]


def validate_logistic(
    x: ArrayLike,
    y: ArrayLike,
    person: ArrayLike | None = None,
    resamples: int = 200,
    seed: int = 1,
) -> Validation:
    """Correct the performance of a logistic model for having been judged where it was fitted.

    The model is fitted again to each resample of people and judged there and in the data; the mean
    difference is the optimism. All steps that looked at the outcome would have to be repeated: the
    correction holds for a model whose covariates were chosen beforehand.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design with its intercept in column 0.
    y : array_like, shape (n,)
        0 or 1.
    person : array_like, shape (n,), optional
        Who the row belongs to; people are drawn with all their rows.
    resamples, seed : int

    Returns
    -------
    Validation
        ``converged`` is False where the model has no finite estimate, or could be fitted in fewer
        than nine of ten resamples.

    Raises
    ------
    UserError
        For faults of design or outcome, and where no resample can be fitted.

    References
    ----------
    Harrell, Lee and Mark 1996,
    doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4; Steyerberg et al. 2001,
    doi:10.1016/S0895-4356(01)00341-9.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = np.column_stack([np.ones(80), rng.normal(size=(80, 3))])
    >>> found = validate_logistic(x, rng.uniform(size=80) < 0.4)
    >>> bool(found.auc.corrected < found.auc.apparent)
    True
    """
    design, outcome = as_design(x, np.asarray(y, dtype=float), least_df=1)
    if odd := sorted(set(np.unique(outcome).tolist()) - {0.0, 1.0}):
        raise UserError(f"the outcome must be 0 or 1, found {odd[0]:g}")
    if outcome.min() == outcome.max():
        raise UserError(f"the outcome is {outcome[0]:g} in all {outcome.size} rows")
    n = outcome.size
    who, people = (np.arange(n), n) if person is None else as_groups(person, n)
    if people < 2:
        raise UserError("all rows belong to one person: nobody can be resampled")
    model = fit_glm(design, outcome, "logistic", "classical")
    warnings = list(model.warnings)
    own = judge(model.coef[None], design, outcome, np.ones((1, n)))[0]
    found: list[Floats] = []
    for counts in draw_counts([people], resamples, seed, ROWS // n):
        found.append(optimism_of(design, outcome, counts[:, who], model.coef))
    optimism = np.concatenate(found)
    fitted = optimism[np.isfinite(optimism).all(1)]
    if not len(fitted):
        raise UserError("the model could be fitted in no resample: too few events for it")
    if (lost := resamples - len(fitted)) > 0:
        warnings.append(f"the model could not be fitted in {lost} of {resamples} resamples")
    gain = fitted.mean(0)
    area, intercept, slope, brier = (
        Measure(float(a), float(g), float(a - g)) for a, g in zip(own, gain, strict=True)
    )
    good = model.converged and lost <= resamples / 10
    return Validation(area, intercept, slope, brier, model.coef, len(fitted), good, tuple(warnings))


def optimism_of(x: Floats, y: Floats, weights: Floats, start: Floats) -> Floats:
    """Fit each resample, judge it there and in the data; return the differences.

    Parameters
    ----------
    x, y
        Design and outcome.
    weights : ndarray, shape (resamples, n)
        How often each row was drawn.
    start : ndarray, shape (p,)
        Coefficients to start from.

    Returns
    -------
    ndarray, shape (resamples, 4)
        In the order of ``MEASURES``; NaN where the model has no finite estimate.
    """
    coef, good = fit_weighted(x, y, weights, np.tile(start, (len(weights), 1)))
    found = judge(coef, x, y, weights) - judge(coef, x, y, np.ones((1, y.size)))
    return np.where(good[:, None], found, np.nan)


def fit_weighted(
    x: Floats, y: Floats, weights: Floats, start: Floats, offset: Floats | None = None
) -> tuple[Floats, NDArray[np.bool_]]:
    """Fit logistic models of many weightings at once by Newton's steps.

    Parameters
    ----------
    x : ndarray, shape (n, p) or (resamples, n, p)
    weights : ndarray, shape (resamples, n)
    start : ndarray, shape (resamples, p)
    offset : ndarray, shape (resamples, n), optional

    Returns
    -------
    coef : ndarray, shape (resamples, p)
    good : ndarray of bool, shape (resamples,)
        Whether the steps settled and every coefficient is finite.
    """
    from scipy import special

    p = x.shape[-1]
    upper = np.triu_indices(p)
    products = x[..., upper[0]] * x[..., upper[1]]
    shared = x.ndim == 2
    coef, moved = start.copy(), np.full(len(start), np.inf)
    base = 0.0 if offset is None else offset
    for _ in range(MOST_STEPS):
        eta = base + (coef @ x.T if shared else np.einsum("rnp,rp->rn", x, coef))
        mean = special.expit(eta)
        pull, spread = weights * (y - mean), weights * mean * (1 - mean)
        if shared:
            score, packed = pull @ x, spread @ products
        else:
            score = np.einsum("rn,rnp->rp", pull, x)
            packed = np.einsum("rn,rnq->rq", spread, products)
        information = np.empty((len(coef), p, p))
        information[:, upper[0], upper[1]] = packed
        information[:, upper[1], upper[0]] = packed
        # A ridge too small to be felt keeps a separated resample from stopping all the others.
        size = np.maximum(np.einsum("rpp->rp", information), 1e-30)
        information[:, range(p), range(p)] = size * (1 + 1e-13)
        root = np.sqrt(size)
        scaled = information / (root[:, :, None] * root[:, None, :])
        sound = np.linalg.eigvalsh(scaled).min(1) > 1e-11 if p > 1 else np.full(len(coef), True)
        scaled[~sound] = np.eye(p)
        step = np.linalg.solve(scaled, (score / root)[:, :, None])[:, :, 0] / root
        shift = np.abs(step) * root / np.sqrt(np.maximum(weights.sum(1), 1.0))[:, None]
        moved = np.where(sound, shift.max(1), np.inf)
        coef = coef + step * np.minimum(1.0, 5 / np.maximum(shift.max(1), 1e-300))[:, None]
        if (moved[np.isfinite(moved)] < SETTLED).all():
            break
    return coef, moved < SETTLED


def judge(coef: Floats, x: Floats, y: Floats, weights: Floats) -> Floats:
    """Return area, calibration intercept, slope and Brier score of each set of coefficients.

    Parameters
    ----------
    coef : ndarray, shape (resamples, p)
    weights : ndarray, shape (resamples, n) or (1, n)
        Of the rows that they are judged in.

    Returns
    -------
    ndarray, shape (resamples, 4)
    """
    from scipy import special

    eta = coef @ x.T
    taken = np.broadcast_to(weights, eta.shape)
    mean = special.expit(eta)
    brier = (taken * (y - mean) ** 2).sum(1) / taken.sum(1)
    area = np.array([weighted_area(e, y, w) for e, w in zip(eta, taken, strict=True)])
    line = np.stack([np.ones_like(eta), eta], axis=2)
    start = np.tile([0.0, 1.0], (len(eta), 1))
    found, good = fit_weighted(line, y, taken, start)
    found[~good] = np.nan
    return np.column_stack([area, found, brier])


def weighted_area(score: Floats, y: Floats, weights: Floats) -> float:
    """Return the area under the ROC curve, rows counting as often as their weight says."""
    order = np.argsort(score)
    s, up, down = score[order], (weights * y)[order], (weights * (1 - y))[order]
    first = np.concatenate([[True], s[1:] != s[:-1]])
    if not first.all():  # ties count half
        at = np.flatnonzero(first)
        up, down = np.add.reduceat(up, at), np.add.reduceat(down, at)
    below = np.cumsum(down)
    pairs = up.sum() * below[-1]
    return float(up @ (below - down / 2) / pairs) if pairs > 0 else float("nan")
