"""Do hazards stay proportional? The score test of coefficients that change with time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats, JointTest
from gluteal.estimators.survival.cox import Cox
from gluteal.estimators.survival.kaplan_meier import product_limit
from gluteal.estimators.survival.partial import evaluate
from gluteal.estimators.survival.times import Times, count_at_times

Clock = Literal["km", "identity", "log", "rank"]


@dataclass(frozen=True, slots=True)
class Proportionality:
    """Tests of each coefficient, and of all; ``residuals`` for a figure.

    ``time`` and ``residuals`` (events x covariates, scaled Schoenfeld residuals plus the
    coefficient) show how a coefficient moves.
    """

    each: tuple[JointTest, ...]
    whole: JointTest
    time: Floats
    residuals: Floats


def schoenfeld_residuals(fit: Cox) -> Floats:
    """Return covariates of each event less their mean in its risk set, events in time order.

    With ties the mean is Efron's. Within strata, strata follow one another.

    Returns
    -------
    ndarray, shape (events, p)

    References
    ----------
    Schoenfeld 1982, doi:10.1093/biomet/69.1.239.
    """
    sets = fit.sets
    mean = sets.of_slots(fit.pieces.mean) / sets.deaths[:, None]
    return (fit.x[sets.dead] - mean[sets.slot])[_in_time(fit)]


def _in_time(fit: Cox) -> NDArray[np.intp]:
    """Order events by stratum, then time, ties as in the data; sorted rows run backwards."""
    sets = fit.sets
    return np.lexsort((sets.event_time[sets.slot], sets.group_stratum[sets.slot]))


def _clock(fit: Cox, kind: Clock) -> Floats:
    """Give each event group its time on the scale on which coefficients may drift."""
    sets = fit.sets
    time = sets.event_time
    if kind == "identity":
        return time
    if kind == "log":
        if (time <= 0).any():
            raise ValueError("the logarithm of time needs times above 0")
        return np.log(time)
    if kind == "rank":
        ordered = np.sort(sets.time)
        left = np.searchsorted(ordered, time, "left")
        return (left + np.searchsorted(ordered, time, "right") + 1) / 2
    all_rows = Times(sets.entry, sets.time, sets.dead.astype(np.int64))
    counts = count_at_times(all_rows, sets.dead)
    survival = product_limit(counts)
    before = np.concatenate([[1.0], survival])
    return 1 - before[np.searchsorted(counts.times, time, "left")]


def check_proportionality(fit: Cox, clock: Clock = "km") -> Proportionality:
    """Test proportional hazards by the score of x g(t) added to the model.

    Parameters
    ----------
    fit : Cox
    clock : {"km", "identity", "log", "rank"}
        g: one less Kaplan-Meier survival just before t, so that outlying times do not rule; or
        the time itself, its logarithm, its rank.

    Returns
    -------
    Proportionality

    References
    ----------
    Grambsch and Therneau 1994, doi:10.1093/biomet/81.3.515. The exact score test, as R's
    ``cox.zph`` has had since survival 3.0, not the approximation before it.

    Examples
    --------
    >>> from gluteal.estimators.survival.cox import fit_cox
    >>> fit = fit_cox([0.0, 1, 0, 1, 0, 1], [1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 1])
    >>> round(check_proportionality(fit).whole.statistic, 4)
    0.5185
    """
    from scipy import special

    p = fit.x.shape[1]
    clock_of = _clock(fit, clock)
    clock_of = clock_of - np.average(clock_of, weights=fit.sets.deaths)
    coef = fit.model.coef
    once = evaluate(fit.x, fit.sets, coef, clock_of)
    twice = evaluate(fit.x, fit.sets, coef, clock_of**2)
    information = np.block(
        [[fit.pieces.information, once.information], [once.information, twice.information]]
    )
    score = np.concatenate([np.zeros(p), once.score])

    def ask(at: list[int]) -> JointTest:
        rows = [*range(p), *(p + j for j in at)]
        inner, u = information[np.ix_(rows, rows)], score[rows]
        solved, _, rank, _ = np.linalg.lstsq(inner, u, rcond=1e-12)
        df = int(rank) - p
        if df < len(at):  # too few distinct event times to tell
            return JointTest(float("nan"), len(at), float("inf"), float("nan"))
        statistic = float(u @ solved)
        return JointTest(statistic, df, float("inf"), float(special.chdtrc(df, statistic)))

    residuals = schoenfeld_residuals(fit)
    scaled = len(residuals) * residuals @ fit.model.classical_cov + coef
    time = fit.sets.event_time[fit.sets.slot][_in_time(fit)]
    each = tuple(ask([j]) for j in range(p))
    return Proportionality(each, ask(list(range(p))), time, scaled)
