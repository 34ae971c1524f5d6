"""One test, one rule, one condition: accuracy at a stated cut-off, or at one searched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.cohort.conditions import Rule
from gluteal.errors import UserError
from gluteal.estimators.accuracy import Accuracy, accuracy
from gluteal.estimators.cutoff import Cutoff, choose_cutoff
from gluteal.estimators.intervals import Interval


@dataclass(frozen=True, slots=True)
class Screen:
    """Accuracy of a test by a rule; ``searched`` says how, where its cut-off came from the data."""

    accuracy: Accuracy
    cut: float
    searched: Cutoff | None

    @property
    def youden(self) -> Interval:
        """Youden's J, corrected for optimism where the cut-off was searched."""
        return self.searched.corrected if self.searched else self.accuracy.youden

    @property
    def p(self) -> float | None:
        """Test of J against 0; none after a search, and none without a standard error."""
        from scipy.special import stdtr

        value = self.accuracy.youden
        if self.searched is not None or not value.se > 0:
            return None
        return 2 * float(stdtr(value.df, -abs(value.value) / value.se))


def keep_rows(truth: NDArray[np.float64], rows: NDArray[np.bool_] | None) -> NDArray[np.float64]:
    """Take the condition of some rows as known, of the others as missing; None keeps all."""
    return truth if rows is None else np.where(rows, truth, np.nan)


def screen(
    scores: NDArray[np.float64],
    condition: NDArray[np.float64],
    rule: Rule,
    person: ArrayLike | None = None,
    prevalence: float | None = None,
    resamples: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> Screen:
    """Apply a rule to scores and compare it with a condition.

    Parameters
    ----------
    scores, condition : array of shape (n,)
        The test's values, and 1 or 0 by the reference; NaN where missing.
    rule : Rule
        When the test is positive; without a number its cut-off is searched by Youden's index.
    person : array of shape (n,), optional
        Who the leg belongs to.
    prevalence, resamples, seed, level
        As in ``accuracy`` and ``choose_cutoff``.

    Raises
    ------
    UserError
        If the condition, or the test, is the same in all.

    Examples
    --------
    >>> found = screen(np.arange(6.0), np.array([1.0, 1, 0, 1, 0, 0]), Rule("<", 3.0))
    >>> found.accuracy.table, found.cut
    ((2, 1, 1, 2), 3.0)
    """
    searched, cut = None, rule.cut
    if cut is None:
        turned = scores * rule.direction
        searched = choose_cutoff(condition, turned, person, resamples, seed, level)
        cut = searched.value * rule.direction
    test = rule.apply(scores, cut)
    seen = test[np.isfinite(test) & np.isfinite(condition)]
    if seen.size and seen.min() == seen.max():
        raise UserError(f"the test is {'positive' if seen[0] else 'negative'} in all")
    return Screen(accuracy(test, condition, person, prevalence, level), cut, searched)
