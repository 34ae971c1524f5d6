"""Arms of a programme compared over visits: from a common baseline, and at one visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gluteal.errors import CannotTest, Fault
from gluteal.estimators.inference import Estimate, Floats, Model
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.lmm import MixedModel, fit_lmm, robust_model
from gluteal.frames.course import Course
from gluteal.frames.design import WHERE
from gluteal.variables import variables

BETTER = ("better", "longer", "stronger", "more stands")
"""How the dictionary's words for a higher value begin where it is the better one."""


@dataclass(frozen=True)
class Comparison:
    """A mixed model of all visits, in which the arms share the baseline.

    ``weights`` turn its coefficients into a contrast; columns are the intercept, the visits after
    the baseline, arm × those visits (with two arms), and the covariates.
    """

    fit: MixedModel
    course: Course

    def _weights(self, change: int | None, gap: int | None) -> Floats:
        w, later = np.zeros(len(self.fit.model.coef)), len(self.course.visits) - 1
        if change:
            w[change] = 1.0
        if gap:
            w[later + gap] = 1.0
        return w

    def gap(self, visit: int, level: float) -> Estimate:
        """Programme minus control at a visit."""
        return self.fit.model.contrast(self._weights(None, visit), level)

    def robust_gap(self, visit: int, level: float) -> Estimate:
        """Return the same difference with errors that hold whatever the covariance of visits."""
        return robust_model(self.fit).contrast(self._weights(None, visit), level)

    def change(self, visit: int, level: float, programme: bool = False) -> Estimate:
        """Mean change since the baseline, in the programme or in the reference arm."""
        return self.fit.model.contrast(self._weights(visit, visit if programme else None), level)

    def mean(self, visit: int, level: float, programme: bool = False) -> Estimate:
        """Mean outcome of an arm at a visit, at the mean of the covariates."""
        w = self._weights(visit, visit if programme else None)
        w[0] = 1.0
        first = len(w) - self.course.z.shape[1]
        w[first:] = self.course.z.mean(0)
        return self.fit.model.contrast(w, level)

    def correlation(self) -> float:
        """Correlation of two visits of a person."""
        between = float(self.fit.covariance[0, 0])
        return between / (between + self.fit.residual_variance)


def compare_course(course: Course) -> Comparison:
    """Fit the constrained longitudinal model: categorical visits, arms equal at the baseline.

    With one arm the model has visits only. A person's visits share a random intercept;
    Kenward-Roger degrees of freedom.

    Raises
    ------
    UserError
        If the design has a fault or the outcome does not vary.

    References
    ----------
    Liang and Zeger 2000, Sankhya B 62:134-148; Liu, Lu, Mogg, Mallick and Mehrotra 2009,
    doi:10.1002/sim.3639; Kenward and Roger 1997, doi:10.2307/2533558.
    """
    who, visit = np.nonzero(np.isfinite(course.y))
    y = course.y[who, visit]
    if np.ptp(y) == 0:
        rule = "has one value only in the rows analysed"
        remedy = "Choose an outcome that varies."
        raise CannotTest(Fault(WHERE, rule, remedy, column=course.outcome))
    later = (visit[:, None] == np.arange(1, len(course.visits))).astype(float)
    blocks = [np.ones((len(y), 1)), later]
    if course.two_arms:
        blocks.append(later * course.arm[who][:, None])
    x = np.hstack([*blocks, course.z[who]])
    return Comparison(fit_lmm(x, y, who, df="kenward_roger"), course)


def compare_end(course: Course, end: int, *, baseline: bool = True) -> Model:
    """Fit the outcome at one visit on arm, baseline and covariates (ANCOVA), HC3 errors.

    Parameters
    ----------
    course : Course
    end : int
        Column of the visit.
    baseline : bool
        False gives the crude difference of the arms.

    Returns
    -------
    Model
        The arm is coefficient 1.

    References
    ----------
    Vickers and Altman 2001, doi:10.1136/bmj.323.7321.1123.
    """
    both = np.isfinite(course.y[:, end])
    if baseline:
        both &= np.isfinite(course.y[:, 0])
    columns = [np.ones(int(both.sum())), course.arm[both]]
    if baseline:
        columns += [course.y[both, 0], *course.z[both].T]
    for code in (0, 1):
        if int((course.arm[both] == code).sum()) < 2:
            rule = "an arm has fewer than two people with values at both visits"
            raise CannotTest(Fault(WHERE, rule, "Choose another outcome_visit.", column="arm"))
    return fit_linear(np.column_stack(columns), course.y[both, end], "HC3")


def lost_share(course: Course, end: int) -> tuple[float, float]:
    """Return the share of the programme's and the control arm's people not seen at a visit."""
    lost = ~np.isfinite(course.y[:, end])
    return float(lost[course.arm == 1].mean()), float(lost[course.arm == 0].mean())


def shift_missing(found: Estimate, course: Course, end: int, delta: float) -> Estimate:
    """Move the difference to what it were if the programme's missing were worse by ``delta``.

    Worse is more, of pain say, and less where more is better: function, strength, a longer hold.
    The control arm stays as estimated. The share missing is estimated, too, and its error added.

    References
    ----------
    White, Carpenter and Horton 2018, doi:10.5705/ss.202016.0308.
    """
    from gluteal.estimators.inference import interval

    known = variables().get(course.outcome)
    if known is not None and known.higher.startswith(BETTER):
        delta = -delta
    share, n = lost_share(course, end)[0], course.sizes()[0]
    spread = delta**2 * share * (1 - share) / n
    se = float(np.hypot(found.se, np.sqrt(spread)))
    return interval(found.estimate + delta * share, se, found.df, found.level)
