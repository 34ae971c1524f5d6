"""Do groups differ in cumulative incidence where other events compete? Gray's test."""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats, JointTest
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.survival.times import as_times


def _per(top: Floats, bottom: Floats) -> Floats:
    """Divide; 0 where there is nothing to divide by."""
    top, bottom = np.broadcast_arrays(top, bottom)
    return np.divide(top, bottom, out=np.zeros(top.shape), where=bottom > 0)


def _before(values: Floats, start: float) -> Floats:
    """Shift by one time: what held just before."""
    return np.concatenate([np.full((1, *values.shape[1:]), start), values[:-1]])


def _score(own: Floats, other: Floats, at_risk: Floats) -> tuple[Floats, Floats]:
    """Score of each group and its covariance, within one stratum.

    All of shape (times, groups): events of interest, other events, people at risk.
    """
    free = _per(at_risk - own - other, at_risk)
    # A group without people stays where it was.
    after: Floats = np.cumprod(np.where(at_risk > 0, free, 1.0), axis=0).astype(float)
    before = _before(after, 1.0)
    passed = _before(np.cumsum(before * _per(own, at_risk), axis=0).astype(float), 0.0)
    size = _per(at_risk, before)
    whole: Floats = size.sum(1)
    deaths: Floats = own.sum(1)
    rate = _per(deaths, whole)
    still: Floats = 1 - np.cumsum(rate).astype(float)
    share = size * (1 - passed)
    score = (own - _per(deaths, share.sum(1))[:, None] * share).sum(0)

    groups = own.shape[1]
    part = _per(size, whole[:, None])
    spread = size[:, :, None] * np.eye(groups) - size[:, :, None] * part[:, None, :]
    path = np.cumsum(spread * _per(rate, _before(still, 1.0))[:, None, None], axis=0)

    alive = after > 0
    lean = np.where(alive, 1 - _per(still[:, None], after), 1.0)
    tied = np.where(deaths > 1, deaths - 1, 0.0)[:, None]
    weight = (1 - _per(tied, whole[:, None] * before - 1)) * (before * _per(rate[:, None], at_risk))
    weight = np.where(at_risk > 0, weight, 0.0)
    pull = spread - lean[:, None, :] * path

    far = np.where(alive, _per(still[:, None], after), 0.0)
    loose = 1 - _per(np.where(other > 1, other - 1, 0.0), at_risk - 1)
    second = np.where(alive, loose * before**2 * _per(other, at_risk**2), 0.0)
    drift = -far[:, None, :] * path

    inner = np.einsum("tik,tjk,tk->ij", pull, pull, weight)
    inner += np.einsum("tik,tjk,tk->ij", drift, drift, second)
    cross = np.einsum("tik,tk->ik", pull, lean * weight)
    cross += np.einsum("tik,tk->ik", drift, far * second)
    square = (lean**2 * weight + far**2 * second).sum(0)
    last = path[-1]
    mixed = last @ cross.T
    return score, inner + (last * square) @ last.T + mixed + mixed.T


def compare_incidence(
    time: ArrayLike,
    cause: ArrayLike,
    group: ArrayLike,
    of: int = 1,
    stratum: ArrayLike | None = None,
) -> JointTest:
    """Test that the cumulative incidence of one event is the same in all groups.

    Unlike a log-rank test with the other events as censored, it compares what happens, not what
    would happen without the others.

    Parameters
    ----------
    time : array_like, shape (n,)
        End of follow-up.
    cause : array_like, shape (n,)
        0 censored; 1, 2 ... the event that ended it.
    group : array_like, shape (n,)
        Numbers or text.
    of : int
        The event of interest.
    stratum : array_like, shape (n,), optional
        Within what groups are compared.

    Returns
    -------
    JointTest
        Chi-square.

    Raises
    ------
    UserError
        For faults of the arrays, with one group, nobody with the event, or groups never at risk
        together.

    References
    ----------
    Gray 1988, doi:10.1214/aos/1176350951. Equal to R's ``cmprsk::cuminc`` with ``rho = 0``.

    Examples
    --------
    >>> found = compare_incidence([1, 2, 3, 4, 5, 6], [1, 2, 1, 1, 0, 1], [0, 0, 0, 1, 1, 1])
    >>> round(found.statistic, 4)
    2.1654
    """
    from scipy import special

    found = as_times(time, cause, causes=True)
    n = found.time.size
    who, groups = as_groups(group, n, "group")
    if groups < 2:
        raise UserError("a comparison of incidence needs at least two groups, found one")
    if not (found.event == of).any():
        raise UserError(f"nobody has event {of}")
    layer = np.zeros(n, dtype=np.intp) if stratum is None else as_groups(stratum, n, "stratum")[0]
    score, covariance = np.zeros(groups), np.zeros((groups, groups))
    for one in range(int(layer.max()) + 1):
        rows = layer == one
        times, place = np.unique(found.time[rows], return_inverse=True)
        code, cells = place * groups + who[rows], times.size * groups
        what = found.event[rows]

        def count(kept: np.ndarray, code: np.ndarray = code, cells: int = cells) -> Floats:
            return np.bincount(code, kept, cells).reshape(-1, groups).astype(float)

        own, other = count(what == of), count((what != of) & (what > 0))
        at_risk = count(np.ones(what.size))[::-1].cumsum(0)[::-1]
        busy = (own + other).sum(1) > 0
        if busy.any():
            more, spread = _score(own[busy], other[busy], at_risk[busy])
            score += more
            covariance += spread
    df = groups - 1
    inner = covariance[:df, :df]
    values = np.linalg.eigvalsh(inner)
    if values.min() <= 1e-10 * max(float(values.max()), 1e-10):
        raise UserError("the groups are never at risk together: nothing can be compared")
    statistic = float(score[:df] @ np.linalg.solve(inner, score[:df]))
    return JointTest(statistic, df, inf, float(special.chdtrc(df, statistic)))
