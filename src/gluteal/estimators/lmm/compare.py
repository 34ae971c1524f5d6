"""Nested mixed models against each other, by their likelihoods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.lmm.result import MixedModel


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """A likelihood ratio test.

    Attributes
    ----------
    statistic : float
        Difference of the deviances.
    df : int
        Difference of the numbers of parameters.
    p : float
        By chi-square with ``df``.
    p_mixture : float
        Where the larger model has one random effect more: by the mixture of chi-squares that a
        variance of 0, the edge of what it can be, calls for. Else equal to ``p``.
    note : str
    """

    statistic: float
    df: int
    p: float
    p_mixture: float
    note: str


def compare_nested(small: MixedModel, large: MixedModel) -> LikelihoodRatio:
    """Test a mixed model against one that it is a special case of.

    Parameters
    ----------
    small, large : MixedModel
        Fits to the same rows: by maximum likelihood, or by REML with the same covariates.

    Raises
    ------
    UserError
        If the rows differ, the methods differ, REML fits have other covariates, or ``large`` has
        no more parameters or a higher deviance.

    References
    ----------
    Self and Liang 1987, doi:10.1080/01621459.1987.10478472; Stram and Lee 1994,
    doi:10.2307/2533455.
    """
    from scipy import special

    faults: list[str] = []
    one, two = small.solution.rows, large.solution.rows
    if small.n != large.n or not np.array_equal(one.y, two.y):
        faults.append("the fits have other rows")
    if small.reml != large.reml:
        faults.append("one fit is REML, the other maximum likelihood")
    elif small.reml and not np.array_equal(one.x, two.x):
        faults.append("REML deviances of other covariates can't be compared: fit with reml=False")
    df = large.parameters - small.parameters
    if df <= 0:
        faults.append("the larger fit has no more parameters")
    if faults:
        raise UserError("; ".join(faults))
    statistic = small.deviance - large.deviance
    if statistic < -1e-4 * max(1.0, abs(small.deviance) * 1e-6):
        raise UserError("the larger fit has a higher deviance: the fits are not nested")
    statistic = max(statistic, 0.0)
    p = float(special.chdtrc(df, statistic))
    more = len(large.covariance) - len(small.covariance)
    if more == 0:
        return LikelihoodRatio(statistic, df, p, p, "")
    if more > 1:
        note = "several variances are tested at their edge: p is too large"
        return LikelihoodRatio(statistic, df, p, p, note)
    less = float(special.chdtrc(df - 1, statistic)) if df > 1 else float(statistic <= 0)
    note = f"a variance is tested at its edge: p_mixture is of half chi2({df - 1}), half chi2({df})"
    return LikelihoodRatio(statistic, df, p, (less + p) / 2, note)
