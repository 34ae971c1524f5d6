"""Is acting on a predicted risk better than acting on all or on nobody? Decision curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.auc import of_kept
from gluteal.estimators.calibration import as_risks
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_groups

THRESHOLDS = tuple(round(0.01 * k, 2) for k in range(1, 100))
ROWS = 1 << 18  # counts worked on at once


@dataclass(frozen=True, slots=True)
class Band:
    """Values over the thresholds with pointwise percentile limits."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class DecisionCurve:
    """Net benefit over thresholds; that of treating nobody is 0.

    Attributes
    ----------
    thresholds : ndarray, shape (t,)
        Risk from which one would act.
    net_benefit, treat_all : Band
        True positives a person, less false positives weighed by the odds of the threshold.
    over_all : Band
        Net benefit less that of treating all.
    standardised : Band
        Net benefit as a share of the largest there could be, the prevalence.
    avoided : Floats
        Interventions that acting on the risk saves per 100 people against treating all, without
        missing anyone more.
    prevalence : float
    n, people : int
    warnings : tuple of str
    """

    thresholds: Floats
    net_benefit: Band
    treat_all: Band
    over_all: Band
    standardised: Band
    avoided: Floats
    prevalence: float
    n: int
    people: int
    warnings: tuple[str, ...] = ()


def decision_curve(
    outcome: ArrayLike,
    risk: ArrayLike,
    thresholds: ArrayLike = THRESHOLDS,
    person: ArrayLike | None = None,
    prevalence: float | None = None,
    resamples: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> DecisionCurve:
    """Compute net benefit with intervals by a bootstrap of people.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1; NaN where missing (left out).
    risk : array_like, shape (n,)
        Predicted, between 0 and 1; one acts where it reaches the threshold. A yes-or-no test is
        a risk of 1 or 0.
    thresholds : array_like, shape (t,)
        Between 0 and 1, both excluded, in rising order.
    person : array_like, shape (n,), optional
        Who the row belongs to; people are drawn with all their rows.
    prevalence : float, optional
        Known from elsewhere, where the design fixed the number with the event (case-control);
        resamples then keep it.
    resamples, seed : int
        Of the bootstrap. People fall into few kinds (side of every threshold, outcome), so that a
        resample is one multinomial draw over kinds, whatever the number of people.
    level : float

    Raises
    ------
    UserError
        For faults of outcome and risk, and thresholds that are not between 0 and 1 and rising.

    References
    ----------
    Vickers and Elkin 2006, doi:10.1177/0272989X06295361; Kerr et al. 2016 for the standardised
    net benefit, doi:10.1200/JCO.2015.65.5654.

    Examples
    --------
    >>> found = decision_curve([0, 0, 1, 1], [0.1, 0.4, 0.3, 0.8], [0.2, 0.5])
    >>> found.net_benefit.value, found.treat_all.value
    (array([0.4375, 0.25  ]), array([0.375, 0.   ]))
    """
    y, p, kept = as_risks(outcome, risk)
    at = np.asarray(thresholds, dtype=float)
    if at.ndim != 1 or not at.size or not ((at > 0) & (at < 1)).all() or (np.diff(at) <= 0).any():
        raise UserError("thresholds must lie between 0 and 1 and rise")
    if prevalence is not None and not 0 < prevalence < 1:
        raise UserError(f"a prevalence must lie between 0 and 1, found {prevalence:g}")
    t = at.size
    # A person's kind: how many thresholds the risk reaches, and the outcome.
    cell = np.searchsorted(at, p, "right") + (t + 1) * y.astype(np.intp)
    width = 2 * (t + 1)
    if person is None:
        people = y.size
        shares = np.bincount(cell, minlength=width) / people
        kinds = np.eye(width)[shares > 0]
        shares = shares[shares > 0]
    else:
        who, people = as_groups(of_kept(person, kept), y.size)
        if people < 2:
            raise UserError("all rows belong to one person: nobody can be resampled")
        kinds, shares = _kinds(who, cell, people, width)
    own = _curves(shares[None] @ kinds, at, prevalence)
    rng = np.random.default_rng(seed)
    step = max(1, ROWS // max(width, len(kinds)))
    drawn: list[Floats] = []
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        counts = rng.multinomial(people, shares / shares.sum(), size=size)
        drawn.append(_curves(counts @ kinds, at, prevalence))
    found = np.concatenate(drawn, axis=1)
    whole = np.isfinite(found).all((0, 2))
    warnings: tuple[str, ...] = ()
    if lost := int((~whole).sum()):
        warnings = (f"{lost} of {resamples} resamples had nobody, or everybody, with the event",)
    tail = (1 - level) / 2
    if not whole.any():
        limits = np.full((2, *own[:, 0].shape), np.nan)
    else:
        limits = np.quantile(found[:, whole], [tail, 1 - tail], axis=1)
    bands = [Band(own[k, 0], limits[0, k], limits[1, k]) for k in range(4)]
    odds = at / (1 - at)
    return DecisionCurve(
        thresholds=at,
        net_benefit=bands[0],
        treat_all=bands[1],
        over_all=bands[2],
        standardised=bands[3],
        avoided=100 * bands[2].value / odds,
        prevalence=float(y.mean()) if prevalence is None else prevalence,
        n=y.size,
        people=people,
        warnings=warnings,
    )


def _kinds(
    who: NDArray[np.intp], cell: NDArray[np.intp], people: int, width: int
) -> tuple[Floats, Floats]:
    """Group people by the cells that their rows fall into; return cells of kinds, and shares."""
    order = np.lexsort((cell, who))
    size = np.bincount(who, minlength=people)
    most = int(size.max())
    # Sorted cells of a person side by side, -1 where there are fewer: a key of small width.
    keys = np.full((people, most), -1, dtype=np.int32)
    place = np.arange(who.size) - np.repeat(np.cumsum(size) - size, size)
    keys[who[order], place] = cell[order]
    rows, counts = np.unique(keys, axis=0, return_counts=True)
    kinds = np.zeros((len(rows), width))
    row, column = np.nonzero(rows >= 0)
    np.add.at(kinds, (row, rows[row, column]), 1.0)
    return kinds, counts / people


def _curves(cells: Floats, at: Floats, prevalence: float | None) -> Floats:
    """Turn sums of cells into curves, shape (4, resamples, thresholds)."""
    t = at.size
    without, having = cells[:, : t + 1], cells[:, t + 1 :]

    def reached(part: Floats) -> Floats:
        return part[:, ::-1].cumsum(1)[:, ::-1][:, 1:]

    lacks, has = without.sum(1, keepdims=True), having.sum(1, keepdims=True)
    odds = at / (1 - at)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = has / (lacks + has) if prevalence is None else np.full(has.shape, prevalence)
        share = np.where((lacks > 0) & (has > 0), share, np.nan)
        hits, alarms = reached(having) / has * share, reached(without) / lacks * (1 - share)
        benefit = hits - alarms * odds
        everyone = share - (1 - share) * odds
        return np.stack([benefit, everyone, benefit - everyone, benefit / share])
