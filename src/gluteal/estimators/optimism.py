"""What a prediction gains over treating everybody alike, corrected for having been made here."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.bootstrap.draws import draw_counts
from gluteal.estimators.firth import fit_firth
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import as_design
from gluteal.estimators.validation import MEASURES, fit_weighted, judge

ROWS = 1 << 19
MOST_LOST = 0.1
CITED = (
    "Optimism was removed by Harrell's bootstrap (doi:10.1002/(SICI)1097-0258(19960229)"
    "15:4<361::AID-SIM168>3.0.CO;2-4); intervals are those of the resamples shifted by the "
    "optimism (doi:10.48550/arXiv.2005.01457)"
)


@dataclass(frozen=True, slots=True)
class Shifted:
    """Measures as seen in the data, by how much that is too good, and what is left.

    ``low`` and ``high`` are the resamples' percentiles shifted by the optimism; NaN for intercept
    and slope of calibration, which are 0 and 1 wherever the model was made.
    """

    apparent: Floats
    optimism: Floats
    corrected: Floats
    low: Floats
    high: Floats
    se: Floats


@dataclass(frozen=True, slots=True)
class Gain:
    """Performance of a logistic model in new people, as far as a bootstrap can tell.

    Attributes
    ----------
    thresholds : ndarray, shape (t,)
    net_benefit, over_best, over_all : Shifted
        At each threshold: the net benefit of acting on the risk; that less the better of acting on
        everybody and on nobody; and less that of acting on everybody.
    treat_all : ndarray, shape (t,)
    measures : Shifted
        Area, calibration intercept and slope, Brier score, in the order of
        ``validation.MEASURES``; None where they were not asked for.
    left_out : ndarray, shape (n,)
        Risk of each person by the models of the resamples without that person; NaN if none.
    coef, se : ndarray, shape (p,)
        Of the model itself.
    resamples : int
        Those in which the model could be fitted.
    """

    thresholds: Floats
    net_benefit: Shifted
    over_best: Shifted
    over_all: Shifted
    treat_all: Floats
    measures: Shifted | None
    left_out: Floats
    coef: Floats
    se: Floats
    n: int
    events: int
    resamples: int
    converged: bool
    warnings: tuple[str, ...]


def correct_gain(
    x: ArrayLike,
    y: ArrayLike,
    thresholds: ArrayLike,
    resamples: int = 500,
    seed: int = 1,
    level: float = 0.95,
    *,
    measures: bool = True,
    firth: bool = False,
) -> Gain:
    """Correct net benefit and other measures of a logistic model for optimism, with intervals.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design with its intercept in column 0; the columns were chosen beforehand.
    y : array_like, shape (n,)
        0 or 1; one row a person.
    thresholds : array_like, shape (t,)
        Risks, between 0 and 1, from which one would act.
    resamples, seed : int
    level : float
    measures : bool
        Whether area, calibration and Brier score are wanted too; they take most of the time.
    firth : bool
        Fit by Firth's penalised likelihood, which has an estimate even under separation; slower,
        since each resample is fitted by itself.

    Returns
    -------
    Gain
        ``converged`` is False where the model has no finite estimate, or could be fitted in fewer
        than nine of ten resamples.

    Raises
    ------
    UserError
        For faults of design, outcome or thresholds, and where no resample can be fitted.

    References
    ----------
    Vickers and Elkin 2006, doi:10.1177/0272989X06295361; Harrell, Lee and Mark 1996,
    doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4; Noma et al. 2021 for the
    intervals, doi:10.48550/arXiv.2005.01457.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = np.column_stack([np.ones(90), rng.normal(size=(90, 3))])
    >>> found = correct_gain(x, rng.uniform(size=90) < 0.4, [0.3], 200)
    >>> bool(found.over_best.corrected[0] < found.over_best.apparent[0])
    True
    """
    design, outcome = as_design(x, np.asarray(y, dtype=float), least_df=1)
    at = np.asarray(thresholds, dtype=float)
    if odd := sorted(set(np.unique(outcome).tolist()) - {0.0, 1.0}):
        raise UserError(f"the outcome must be 0 or 1, found {odd[0]:g}")
    if outcome.min() == outcome.max():
        raise UserError(f"the outcome is {outcome[0]:g} in all {outcome.size} rows")
    if at.ndim != 1 or not at.size or not ((at > 0) & (at < 1)).all():
        raise UserError("thresholds must lie between 0 and 1")
    n = outcome.size
    model = (
        fit_firth(design, outcome) if firth else fit_glm(design, outcome, "logistic", "classical")
    )
    whole = np.ones((1, n))
    own = _measure(model.coef[None], design, outcome, whole, at, measures)[0]
    there: list[Floats] = []
    here: list[Floats] = []
    risk, times = np.zeros(n), np.zeros(n)
    for counts in draw_counts([n], resamples, seed, ROWS // n):
        weights = counts.astype(float)
        coef, good = _fit_resamples(design, outcome, counts, model.coef, firth)
        if not good.any():
            continue
        coef, weights = coef[good], weights[good]
        there.append(_measure(coef, design, outcome, weights, at, measures))
        here.append(_measure(coef, design, outcome, whole, at, measures))
        out = weights == 0
        risk += (out * _expit(coef @ design.T)).sum(0)
        times += out.sum(0)
    if not there:
        raise UserError("the model could be fitted in no resample: too few events for it")
    drawn, judged = np.concatenate(there), np.concatenate(here)
    notes = list(model.warnings)
    if (lost := resamples - len(drawn)) > 0:
        notes.append(f"the model could not be fitted in {lost} of {resamples} resamples")
    t = at.size
    parts: list[Shifted] = [
        _shift(own[k], drawn[:, k], judged[:, k], level) for k in _slices(t, measures)
    ]
    with np.errstate(invalid="ignore"):
        left_out = np.where(times > 0, risk / np.maximum(times, 1), np.nan)
    return Gain(
        thresholds=at,
        net_benefit=parts[0],
        over_best=parts[1],
        over_all=parts[2],
        treat_all=_everybody(outcome, whole, at)[0],
        measures=parts[3] if measures else None,
        left_out=left_out,
        coef=model.coef,
        se=np.sqrt(np.maximum(np.diag(model.cov), 0.0)),
        n=n,
        events=int(outcome.sum()),
        resamples=len(drawn),
        converged=model.converged and lost <= MOST_LOST * resamples,
        warnings=tuple(notes),
    )


def _fit_resamples(
    x: Floats, y: Floats, counts: NDArray[Any], start: Floats, firth: bool
) -> tuple[Floats, NDArray[np.bool_]]:
    """Fit the model to each resample; say which have an estimate."""
    if not firth:
        return fit_weighted(x, y, counts.astype(float), np.tile(start, (len(counts), 1)))
    coef = np.tile(start, (len(counts), 1))
    good = np.zeros(len(counts), dtype=bool)
    for k, count in enumerate(counts):
        rows = np.repeat(np.arange(y.size), count.astype(np.intp))
        try:
            found = fit_firth(x[rows], y[rows])
        except UserError:  # a resample without some level of a covariate
            continue
        coef[k], good[k] = found.coef, found.converged
    return coef, good


def _slices(t: int, measures: bool) -> list[slice]:
    """Name the places of net benefit, gain over the best, gain over all, and the measures."""
    cuts = [slice(k * t, (k + 1) * t) for k in range(3)]
    return [*cuts, slice(3 * t, 3 * t + len(MEASURES))] if measures else cuts


def _expit(eta: Floats) -> Floats:
    from scipy import special

    return special.expit(eta)


def _everybody(y: Floats, weights: Floats, at: Floats) -> Floats:
    """Net benefit of acting on everybody, shape (resamples, t)."""
    share = (weights @ y / weights.sum(1))[:, None]
    return share - (1 - share) * at / (1 - at)


def _measure(
    coef: Floats, x: Floats, y: Floats, weights: Floats, at: Floats, measures: bool
) -> Floats:
    """Judge each set of coefficients in the rows weighted: net benefits, gains, measures."""
    from scipy import special

    eta = coef @ x.T
    total = weights.sum(1, keepdims=True)
    benefit = np.empty((len(coef), at.size))
    for k, (cut, odds) in enumerate(zip(special.logit(at), at / (1 - at), strict=True)):
        worth = (weights * (y - (1 - y) * odds)) / total
        benefit[:, k] = ((eta >= cut) * worth).sum(1)
    everyone = np.broadcast_to(_everybody(y, weights, at), benefit.shape)
    found = [benefit, benefit - np.maximum(everyone, 0.0), benefit - everyone]
    if measures:
        found.append(judge(coef, x, y, weights))
    return np.column_stack(found)


def _shift(own: Floats, there: Floats, here: Floats, level: float) -> Shifted:
    """Subtract the mean optimism from the value and from the resamples' percentiles."""
    # Rows of their own: a sum must not depend on how many measures stand beside it.
    there, here = np.ascontiguousarray(there.T), np.ascontiguousarray(here.T)
    tail = (1 - level) / 2
    with warnings.catch_warnings():
        # A measure that no resample has (a slope under separation) is NaN and no fault here.
        warnings.simplefilter("ignore", RuntimeWarning)
        gain = np.nanmean(there - here, axis=1)
        low, high = np.nanquantile(there, [tail, 1 - tail], axis=1) - gain
        spread = np.nanstd(there, axis=1, ddof=1)
    fixed = ~(spread > 1e-9)  # calibration is perfect where the model was made
    se = np.where(fixed, np.nan, spread)
    low, high = (np.where(fixed, np.nan, v) for v in (low, high))
    return Shifted(own, gain, own - gain, low, high, se)
