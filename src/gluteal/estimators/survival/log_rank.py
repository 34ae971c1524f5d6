"""Do groups differ in their times to an event? The log-rank test, also within strata."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats, JointTest
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.survival.risk_sets import build_risk_sets
from gluteal.estimators.survival.times import as_times


class LogRank(NamedTuple):
    """Events seen and expected were all groups alike, in the order of sorted group names."""

    observed: Floats
    expected: Floats
    test: JointTest


def log_rank(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
) -> LogRank:
    """Compare groups.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        End of follow-up; 1 where the event ended it, 0 where censored.
    group : array_like, shape (n,)
        Numbers or text.
    entry, stratum : array_like, shape (n,), optional
        When people came under observation; within what they are compared.

    Raises
    ------
    UserError
        For faults of the arrays, with one group only, or where groups never share a risk set.

    References
    ----------
    Mantel 1966, Cancer Chemotherapy Reports 50:163-170; Peto and Peto 1972, doi:10.2307/2344317.

    Examples
    --------
    >>> found = log_rank([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], [0, 0, 1, 0, 1, 1])
    >>> round(found.test.statistic, 4)
    2.5567
    """
    found = as_times(time, event, entry)
    n = found.time.size
    who, groups = as_groups(group, n, "group")
    if groups < 2:
        raise UserError("a log-rank test needs at least two groups, found one")
    layer = np.zeros(n, dtype=np.intp) if stratum is None else as_groups(stratum, n, "stratum")[0]
    sets = build_risk_sets(found, layer)
    member = np.eye(groups)[who[sets.order]]
    at_risk, seen = sets.at_risk(member), sets.of_dead(member)
    size, deaths = at_risk.sum(1), sets.deaths.astype(float)
    share = at_risk / size[:, None]
    expected = (share * deaths[:, None]).sum(0)
    spread = deaths * (size - deaths) / np.maximum(size - 1, 1)
    covariance = np.diag((share * spread[:, None]).sum(0)) - (share * spread[:, None]).T @ share
    observed = seen.sum(0)
    test = _quadratic(observed - expected, covariance, groups - 1)
    if test is None:
        raise UserError("the groups are never at risk together: nothing can be compared")
    return LogRank(observed, expected, test)


def _quadratic(score: Floats, covariance: Floats, df: int) -> JointTest | None:
    """Test a score of which the last element follows from the others."""
    from scipy import special

    inner = covariance[:df, :df]
    values = np.linalg.eigvalsh(inner)
    if values.min() <= 1e-10 * max(float(values.max()), 1e-300):
        return None
    statistic = float(score[:df] @ np.linalg.solve(inner, score[:df]))
    return JointTest(statistic, df, inf, float(special.chdtrc(df, statistic)))
