"""Latent class growth analysis: people fall into classes that share a course over time."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats, Model, constant_df
from gluteal.estimators.trajectories.em import LEAST_VARIANCE, Mixture, climb, expect
from gluteal.estimators.trajectories.information import (
    TOLERANCE,
    coefficient_covariance,
    polish,
    posteriors,
)
from gluteal.estimators.trajectories.starts import draw_starts
from gluteal.estimators.trajectories.sums import Ints, PersonSums, sum_people

Variance = Literal["shared", "class"]
SHORT, LONG, LEAST_GAIN = 20, 1000, 1e-6
SCREENED = 2000
"""People on whom all starts are tried; the best starts climb on everybody."""
SAME = 1e-6
"""Log-likelihoods this close, beside their size, are one optimum."""
SMALLEST_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Trajectories:
    """Classes in ascending order of their mean over all visits; arrays by class.

    Attributes
    ----------
    classes, degree : int
    model : Model
        Coefficients of powers of time (from the intercept up, class by class), with their
        covariance from the observed information.
    share : ndarray
        Estimated share of people.
    coef : ndarray, shape (classes, degree + 1)
    residual_sd : ndarray
    posterior : ndarray, shape (people, classes)
        Probability of each class given a person's visits; NaN for people without a value. People
        in ascending order of what ``person`` calls them, as numpy's ``unique`` has them.
    assigned : ndarray of int, shape (people,)
        Most probable class; -1 for people without a value.
    log_likelihood, aic, bic : float
        BIC counts people.
    entropy : float
        1 where all people are told apart with certainty, 0 where by chance.
    appa : ndarray
        Mean posterior of a class among those assigned to it; should pass 0.7.
    smallest : float
        Share of people assigned to the smallest class.
    replicated, refined : int
        Climbs that ended at the best optimum, of those carried to the end.
    converged : bool
    warnings : tuple of str
    """

    classes: int
    degree: int
    variance: Variance
    model: Model
    share: Floats
    coef: Floats
    residual_sd: Floats
    posterior: Floats
    assigned: Ints
    log_likelihood: float
    parameters: int
    aic: float
    bic: float
    entropy: float
    appa: Floats
    smallest: float
    replicated: int
    refined: int
    converged: bool
    warnings: tuple[str, ...]
    person_sums: PersonSums
    mixture: Mixture

    def mean(self, which: int, time: float, level: float = 0.95) -> Estimate:
        """Estimate the mean of a class at a time."""
        terms = self.degree + 1
        weights = np.zeros(self.classes * terms)
        weights[which * terms : (which + 1) * terms] = time ** np.arange(terms)
        return self.model.contrast(weights, level)


def fit_trajectories(
    y: ArrayLike,
    time: ArrayLike,
    person: ArrayLike,
    classes: int,
    *,
    degree: int = 2,
    variance: Variance = "shared",
    starts: int = 50,
    refined: int = 10,
    seed: int = 1,
) -> Trajectories:
    """Fit latent class growth with normal residuals by maximum likelihood.

    Within a class, people differ only by independent residuals about one polynomial in time. All
    starts climb together for a few steps, the best ones on, and Newton's method ends the best.

    Parameters
    ----------
    y : array_like, shape (n,)
        One row a visit; NaN is a missed visit, taken to be missing at random.
    time : array_like, shape (n,)
        In any unit; times need not be shared.
    person : array_like, shape (n,)
    classes : int
    degree : int
        Of the polynomial in time; all classes have the same.
    variance : {"shared", "class"}
        One residual variance, or one for each class.
    starts, refined : int
        Starts that are tried, and how many of them climb to the end.
    seed : int

    Returns
    -------
    Trajectories
        ``warnings`` names an optimum that only one climb found, an empty or very small class, a
        class whose residual variance is 0, a climb that did not end, values at a floor or ceiling.

    Raises
    ------
    UserError
        If there are fewer people than parameters, no spread, or too few distinct times.

    References
    ----------
    Nagin 1999, doi:10.1037/1082-989X.4.2.139.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> level = np.repeat([2.0, 6.0], [60, 40])[:, None] + rng.normal(0, 0.5, (100, 4))
    >>> who, when = np.repeat(np.arange(100), 4), np.tile(np.arange(4), 100)
    >>> found = fit_trajectories(level.ravel(), when, who, 2, degree=1)
    >>> found.share.round(2), found.converged
    (array([0.6, 0.4]), True)
    """
    return fit_sums(sum_people(y, time, person, degree), classes, variance, starts, refined, seed)


def count_parameters(classes: int, terms: int, variance: Variance) -> int:
    """Count shares, coefficients and variances.

    Examples
    --------
    >>> count_parameters(3, 2, "shared")
    9
    """
    return classes - 1 + classes * terms + (1 if variance == "shared" else classes)


def fit_sums(
    data: PersonSums, classes: int, variance: Variance, starts: int, refined: int, seed: int
) -> Trajectories:
    """Fit as `fit_trajectories` does, from the sums of people."""
    if classes < 1 or starts < 1 or refined < 1:
        raise ValueError("classes, starts and refined climbs are at least 1")
    n, parameters = len(data.sums), count_parameters(classes, data.terms, variance)
    if n < parameters:
        raise UserError(f"{n} people cannot carry {parameters} parameters of {classes} classes")
    shared = variance == "shared"
    rng = np.random.default_rng([seed, classes])
    some = data.sums
    if n > SCREENED:
        some = some[rng.permutation(n)[:SCREENED]]
    starts = 1 if classes == 1 else starts
    tried, likelihood, _ = climb(
        some[None],
        draw_starts(some[None], data.terms, classes, starts, rng),
        shared=shared,
        steps=SHORT,
        tolerance=TOLERANCE,
    )
    order = np.argsort(-np.nan_to_num(likelihood, nan=-inf), axis=1, kind="stable")
    best, likelihood, _ = climb(
        data.sums[None],
        tried.take(order[:, :refined]),
        shared=shared,
        steps=LONG,
        tolerance=TOLERANCE,
        least_gain=LEAST_GAIN,
    )
    values = likelihood[0]
    top = int(np.nanargmax(values))
    same = np.abs(values - values[top]) <= SAME * (1 + abs(values[top]))
    chosen, settled = polish(data, best.take(np.array([[top]])), shared=shared)
    # The intercept of orthogonal powers is the mean over all visits: it orders the classes.
    rank = np.argsort(chosen.coef[0, 0, :, 0], kind="stable")
    ordered = Mixture(
        chosen.log_share[..., rank], chosen.coef[:, :, rank], chosen.log_variance[..., rank]
    )
    return _describe(data, ordered, variance, int(same.sum()), len(values), settled)


def _describe(
    data: PersonSums,
    mixture: Mixture,
    variance: Variance,
    replicated: int,
    refined: int,
    settled: bool,
) -> Trajectories:
    shared, classes, terms = variance == "shared", mixture.log_share.shape[-1], data.terms
    n = len(data.sums)
    warnings = list(data.warnings)
    likelihood = float(expect(data.sums[None], mixture)[1][0, 0])
    likelihood -= float(data.sums[:, 1].sum()) * np.log(data.scale)
    own = posteriors(data.sums, mixture)[:, 0]
    assigned = own.argmax(1)
    counts = np.bincount(assigned, minlength=classes)
    with np.errstate(divide="ignore", invalid="ignore"):
        appa = np.array(
            [own[assigned == c, c].mean() if counts[c] else nan for c in range(classes)]
        )
        unsure = -np.where(own > 0, own * np.log(own), 0.0).sum()
    share = np.exp(mixture.log_share[0, 0])
    collapsed = mixture.log_variance[0, 0] <= np.log(LEAST_VARIANCE) + 1e-9
    full, positive = coefficient_covariance(data, mixture, shared=shared)
    to_time = np.kron(np.eye(classes), data.to_time) * data.scale
    coef = mixture.coef[0, 0] @ data.to_time.T * data.scale
    coef[:, 0] += data.centre
    cov = to_time @ full @ to_time.T
    said = (
        (not settled, "the climb did not end: more steps are needed"),
        (
            classes > 1 and replicated < 2,
            f"the best optimum was found by 1 of {refined} climbs only",
        ),
        (bool((counts == 0).any()), "a class is empty: nobody is most likely in it"),
        (
            bool((counts > 0).all() and counts.min() < SMALLEST_SHARE * n),
            f"the smallest class holds {int(counts.min())} of {n} people",
        ),
        (bool(collapsed.any()), "the residual variance of a class is 0: it has collapsed"),
        (not positive, "the information is singular: standard errors are not known"),
    )
    warnings += [text for wrong, text in said if wrong]
    posterior = np.full((data.people, classes), nan)
    posterior[data.seen] = own
    place = np.full(data.people, -1, dtype=np.intp)
    place[data.seen] = assigned
    parameters = count_parameters(classes, terms, variance)
    converged = settled and positive and not collapsed.any() and not (counts == 0).any()
    model = Model(
        coef.ravel(),
        cov,
        constant_df(inf),
        "observed information",
        np.empty(0),
        np.empty(0),
        cov,
        converged=bool(converged),
        warnings=tuple(warnings),
        log_likelihood=likelihood,
    )
    return Trajectories(
        classes=classes,
        degree=terms - 1,
        variance=variance,
        model=model,
        share=share,
        coef=coef,
        residual_sd=np.exp(mixture.log_variance[0, 0] / 2) * data.scale,
        posterior=posterior,
        assigned=place,
        log_likelihood=likelihood,
        parameters=parameters,
        aic=-2 * likelihood + 2 * parameters,
        bic=-2 * likelihood + np.log(n) * parameters,
        entropy=1.0 if classes == 1 else float(1 - unsure / (n * np.log(classes))),
        appa=appa,
        smallest=float(counts.min() / n),
        replicated=replicated,
        refined=refined,
        converged=bool(converged),
        warnings=tuple(warnings),
        person_sums=data,
        mixture=mixture,
    )
