"""How many classes: information criteria side by side, and a bootstrap test of one more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.trajectories.em import Mixture, climb
from gluteal.estimators.trajectories.fit import (
    Trajectories,
    Variance,
    count_parameters,
    fit_sums,
)
from gluteal.estimators.trajectories.information import TOLERANCE
from gluteal.estimators.trajectories.starts import draw_starts
from gluteal.estimators.trajectories.sums import PersonSums, add_up, sum_people

MOST_NUMBERS = 4_000_000
"""Sums of simulated people held at once."""
SHORT, LONG, BEST = 10, 300, 3
LEAST_GAIN = 1e-4
"""Log-likelihood that a simulated statistic is not exact to."""


@dataclass(frozen=True, slots=True)
class ClassSelection:
    """Fits with 1 class and more.

    Attributes
    ----------
    fits : tuple of Trajectories
    best_bic, best_aic : int
        Number of classes with the lowest criterion among the fits that converged.
    warnings : tuple of str
        Of all fits, with their number of classes.
    """

    fits: tuple[Trajectories, ...]
    best_bic: int
    best_aic: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClassTest:
    """Likelihood-ratio test of k against k + 1 classes by simulating from k.

    Attributes
    ----------
    statistic : float
        Twice the gain in log-likelihood.
    p : float
    simulated : ndarray, shape (resamples,)
        Statistic of data simulated from k classes.
    """

    classes: int
    statistic: float
    p: float
    simulated: Floats
    converged: bool
    warnings: tuple[str, ...]


def select_classes(
    y: ArrayLike,
    time: ArrayLike,
    person: ArrayLike,
    *,
    most: int = 5,
    degree: int = 2,
    variance: Variance = "shared",
    starts: int = 50,
    seed: int = 1,
) -> ClassSelection:
    """Fit 1 to ``most`` classes; stops before people run out.

    Parameters
    ----------
    y, time, person, degree, variance, starts, seed
        As for `fit_trajectories`.
    most : int
        Largest number of classes.

    Returns
    -------
    ClassSelection

    Raises
    ------
    UserError
        As `fit_trajectories`, or if no number of classes converges.

    References
    ----------
    Nagin 1999, doi:10.1037/1082-989X.4.2.139.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> level = np.repeat([2.0, 6.0], [60, 40])[:, None] + rng.normal(0, 0.5, (100, 4))
    >>> who, when = np.repeat(np.arange(100), 4), np.tile(np.arange(4), 100)
    >>> select_classes(level.ravel(), when, who, most=3, degree=1).best_bic
    2
    """
    data = sum_people(y, time, person, degree)
    if most < 1:
        raise ValueError("at least 1 class is needed")
    counts = [
        k
        for k in range(1, most + 1)
        if k == 1 or count_parameters(k, data.terms, variance) <= len(data.sums)
    ]
    fits = tuple(fit_sums(data, k, variance, starts, 10, seed) for k in counts)
    good = [fit for fit in fits if fit.converged]
    if not good:
        raise UserError("no number of classes gives a fit that converged")
    warnings = [f"{fit.classes} classes: {text}" for fit in fits for text in fit.warnings]
    if len(counts) < most:
        warnings.append(f"{len(data.sums)} people carry no more than {len(counts)} classes")
    return ClassSelection(
        fits,
        min(good, key=lambda fit: fit.bic).classes,
        min(good, key=lambda fit: fit.aic).classes,
        tuple(warnings),
    )


def check_class_count(
    smaller: Trajectories,
    larger: Trajectories,
    *,
    resamples: int = 99,
    starts: int = 10,
    seed: int = 1,
) -> ClassTest:
    """Test whether one more class is needed, by simulating from the smaller model.

    Data of the same people and visits are simulated from the smaller fit, and both models are
    fitted to all of them at once.

    Parameters
    ----------
    smaller, larger : Trajectories
        Fits to the same data with k and k + 1 classes.
    resamples : int
    starts : int
        Random starts of the larger model in each simulated data set.
    seed : int

    Returns
    -------
    ClassTest
        ``p`` counts the observed statistic among the simulated ones.

    References
    ----------
    McLachlan 1987, doi:10.2307/2347790; Nylund, Asparouhov and Muthén 2007,
    doi:10.1080/10705510701575396.

    Examples
    --------
    >>> from gluteal.estimators.trajectories import fit_trajectories
    >>> rng = np.random.default_rng(1)
    >>> level = np.repeat([2.0, 6.0], [60, 40])[:, None] + rng.normal(0, 0.5, (100, 4))
    >>> rows = level.ravel(), np.tile(np.arange(4), 100), np.repeat(np.arange(100), 4)
    >>> one, two = (fit_trajectories(*rows, k, degree=1) for k in (1, 2))
    >>> check_class_count(one, two, resamples=19).p
    0.05
    """
    if larger.classes != smaller.classes + 1 or larger.person_sums is not smaller.person_sums:
        same = larger.person_sums.sums.shape == smaller.person_sums.sums.shape
        if larger.classes != smaller.classes + 1 or not (
            same and np.array_equal(larger.person_sums.sums, smaller.person_sums.sums)
        ):
            raise ValueError("the fits must be of the same data, with k and k + 1 classes")
    if resamples < 1:
        raise ValueError("at least one simulated data set is needed")
    if larger.variance != smaller.variance:
        raise ValueError("the fits must have the same variances, shared or by class")
    data, shared = smaller.person_sums, smaller.variance == "shared"
    rng = np.random.default_rng([seed, smaller.classes])
    step = max(1, MOST_NUMBERS // max(data.sums.size, len(data.y) * (data.terms + 2)))
    found: list[Floats] = []
    for start in range(0, resamples, step):
        sums = simulate_sums(data, smaller.mixture, min(step, resamples - start), rng)
        null = _best(sums, data.terms, smaller, starts, rng, shared=shared)
        more = _best(sums, data.terms, larger, starts, rng, shared=shared)
        found.append(2 * (more - null))
    simulated = np.concatenate(found)
    statistic = 2 * (larger.log_likelihood - smaller.log_likelihood)
    p = (1 + int((simulated >= statistic).sum())) / (1 + resamples)
    warnings = tuple(dict.fromkeys((*smaller.warnings, *larger.warnings)))
    return ClassTest(
        smaller.classes, statistic, p, simulated, smaller.converged and larger.converged, warnings
    )


def simulate_sums(data: PersonSums, mixture: Mixture, resamples: int, rng: Any) -> Floats:
    """Simulate outcomes at the visits there were; sum them, (resamples, people, columns)."""
    n, rows = len(data.sums), len(data.y)
    edges = np.cumsum(np.exp(mixture.log_share[0, 0]))[:-1]
    chosen = (rng.random((resamples, n))[..., None] > edges).sum(-1)[:, data.of_person]
    mean = (data.x @ mixture.coef[0, 0].T)[np.arange(rows), chosen]
    sd = np.exp(mixture.log_variance[0, 0] / 2)[chosen]
    y = mean + sd * rng.standard_normal((resamples, rows))
    starts = np.searchsorted(data.of_person, np.arange(n))
    return add_up(data.x, y, starts)


def _best(
    sums: Floats, terms: int, like: Trajectories, starts: int, rng: Any, *, shared: bool
) -> Floats:
    """Best log-likelihood of each data set: climbs from the fit to the data and random starts."""
    d = len(sums)
    drawn = draw_starts(sums, terms, like.classes, 1 if like.classes == 1 else starts, rng)
    known = like.mixture
    every = Mixture(
        np.concatenate([drawn.log_share, np.repeat(known.log_share, d, axis=0)], axis=1),
        np.concatenate([drawn.coef, np.repeat(known.coef, d, axis=0)], axis=1),
        np.concatenate([drawn.log_variance, np.repeat(known.log_variance, d, axis=0)], axis=1),
    )
    tried, likelihood, _ = climb(sums, every, shared=shared, steps=SHORT, tolerance=TOLERANCE)
    order = np.argsort(-likelihood, axis=1, kind="stable")[:, :BEST]
    _, likelihood, _ = climb(
        sums,
        tried.take(order),
        shared=shared,
        steps=LONG,
        tolerance=TOLERANCE,
        least_gain=LEAST_GAIN,
    )
    return likelihood.max(1)
