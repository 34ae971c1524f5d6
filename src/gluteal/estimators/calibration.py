"""Do predicted risks agree with what happens? In the large, by their slope, by a curve."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.inference import Estimate, Floats, JointTest, interval
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.intervals import Interval, wilson, z_quantile
from gluteal.estimators.lowess import smooth

MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Calibration:
    """How predicted risks compare with outcomes.

    Attributes
    ----------
    in_the_large : Estimate
        Log odds by which risks are too low on the whole, given their slope 1; 0 is perfect.
    intercept, slope : Estimate
        Of the outcome's log odds on the log odds predicted; 0 and 1 are perfect. A slope below 1
        means that risks are too extreme, as after overfitting. ``slope.p`` tests 1, not 0.
    observed_expected : Interval
        Events seen for each expected.
    brier, scaled_brier : Interval
        Mean squared error of risks; its share below that of the prevalence for all (1 is perfect).
    unreliability : JointTest
        Likelihood-ratio test of intercept 0 and slope 1.
    spiegelhalter : tuple of float
        z and p of Spiegelhalter's test of the Brier score.
    ici, e50, e90, emax : float
        Mean, median, 90th percentile and largest distance of the smooth curve from the risks.
    """

    in_the_large: Estimate
    intercept: Estimate
    slope: Estimate
    observed_expected: Interval
    brier: Interval
    scaled_brier: float
    unreliability: JointTest
    spiegelhalter: tuple[float, float]
    ici: float
    e50: float
    e90: float
    emax: float
    n: int
    events: int
    converged: bool = True
    warnings: tuple[str, ...] = ()


class Group(NamedTuple):
    """People of similar risk: mean risk, and the share with the event with Wilson's interval."""

    risk: float
    observed: Interval
    n: int


def as_risks(outcome: ArrayLike, risk: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Keep people with an outcome, 0 or 1, and a risk between 0 and 1; say whom.

    Raises
    ------
    UserError
        For other values, and where all outcomes are the same.
    """
    y, p = np.asarray(outcome, dtype=float), np.asarray(risk, dtype=float)
    if y.ndim != 1 or y.shape != p.shape:
        raise UserError(f"risks of shape {p.shape} do not fit outcomes of shape {y.shape}")
    kept = ~(np.isnan(y) | np.isnan(p))
    y, p = y[kept], p[kept]
    faults: list[str] = []
    if odd := sorted(set(np.unique(y).tolist()) - {0.0, 1.0}):
        faults.append(f"the outcome must be 0 or 1, found {odd[0]:g}")
    if p.size and not ((p >= 0) & (p <= 1)).all():
        faults.append(f"risks must lie between 0 and 1, found {p[(p < 0) | (p > 1)][0]:g}")
    if not faults and (not y.size or y.min() == y.max()):
        seen = f"{y[0]:g} in all {y.size}" if y.size else "missing in all"
        faults.append(f"the outcome is {seen}: nothing can be compared with risks")
    if faults:
        raise UserError("; ".join(faults))
    return y, p, kept


def calibrate(
    outcome: ArrayLike, risk: ArrayLike, person: ArrayLike | None = None, level: float = 0.95
) -> Calibration:
    """Compare predicted risks with outcomes, best in people the model has not seen.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        0 or 1; NaN where missing (left out).
    risk : array_like, shape (n,)
        Predicted, between 0 and 1.
    person : array_like, shape (n,), optional
        Who the row belongs to; errors are then cluster-robust.
    level : float

    Returns
    -------
    Calibration
        ``converged`` is False where risks part events from others completely: the slope then has
        no end. Risks of exactly 0 or 1 are left out of intercept and slope, and counted in
        ``warnings``.

    Raises
    ------
    UserError
        See ``as_risks``; also where all risks are the same, or fewer than two lie inside 0 to 1.

    References
    ----------
    Cox 1958, doi:10.1093/biomet/45.3-4.562; Van Calster et al. 2016,
    doi:10.1016/j.jclinepi.2015.12.005, and 2019, doi:10.1186/s12916-019-1466-7; Austin and
    Steyerberg 2019, doi:10.1002/sim.8281; Spiegelhalter 1986, doi:10.1002/sim.4780050506.
    Equal to R's ``rms::val.prob``.

    Examples
    --------
    >>> found = calibrate([0, 0, 1, 0, 1, 1], [0.1, 0.3, 0.4, 0.6, 0.7, 0.9])
    >>> round(found.slope.estimate, 3), round(found.brier.value, 3)
    (1.505, 0.153)
    """
    from scipy import special

    y, p, kept = as_risks(outcome, risk)
    n, events = y.size, int(y.sum())
    who = None if person is None else as_groups(np.asarray(person)[kept], n)[0]
    inner = (p > 0) & (p < 1)
    logit = special.logit(p[inner])
    if inner.sum() < 2 or np.ptp(logit) < 1e-12:
        raise UserError("the predicted risks do not vary: no slope can be estimated")
    warnings: list[str] = []
    if edge := int((~inner).sum()):
        warnings.append(f"{edge} risks of 0 or 1 are left out of intercept and slope")
    whose = None if who is None else who[inner]
    yi = y[inner]
    if yi.min() == yi.max():
        raise UserError("all outcomes with a risk inside 0 to 1 are the same: no slope")
    shift, shift_se = _shift(yi, logit, whose)
    x = np.column_stack([np.ones(logit.size), logit])
    model = fit_glm(x, yi, "logistic", "classical")
    if not model.converged:
        warnings += list(model.warnings)
    cov = model.cov
    if whose is not None:
        pull = np.column_stack(
            [np.bincount(whose, c) for c in (x * (yi - model.fitted)[:, None]).T]
        )
        cov = cov @ (pull.T @ pull) @ cov * _small(len(pull))
    error = np.sqrt(np.maximum(np.diag(cov), 0.0))
    slope = interval(float(model.coef[1]), float(error[1]), inf, level)
    against_one = interval(float(model.coef[1]) - 1, float(error[1]), inf, level)
    lost = 2 * (_log_likelihood(yi, x @ model.coef) - _log_likelihood(yi, logit))
    curve = smooth(p, y)
    distance = np.abs(curve[1] - curve[0])
    e50, e90 = np.quantile(distance, [0.5, 0.9])
    square = (y - p) ** 2
    brier, base = float(square.mean()), y.mean() * (1 - y.mean())
    brier_se = _mean_error(square, who)
    half = z_quantile(level) * brier_se
    z = float(((y - p) * (1 - 2 * p)).sum())
    spread = float(((1 - 2 * p) ** 2 * p * (1 - p)).sum())
    z = z / sqrt(spread) if spread > 0 else float("nan")
    return Calibration(
        in_the_large=interval(shift, shift_se, inf, level),
        intercept=interval(float(model.coef[0]), float(error[0]), inf, level),
        slope=Estimate(slope.estimate, slope.se, inf, slope.low, slope.high, against_one.p, level),
        observed_expected=_ratio(y, p, who, level),
        brier=Interval(brier, max(brier - half, 0.0), brier + half, brier_se),
        scaled_brier=float(1 - brier / base),
        unreliability=JointTest(lost, 2, inf, float(special.chdtrc(2, max(lost, 0.0)))),
        spiegelhalter=(z, 2 * float(special.ndtr(-abs(z)))),
        ici=float(distance.mean()),
        e50=float(e50),
        e90=float(e90),
        emax=float(distance.max()),
        n=n,
        events=events,
        converged=model.converged,
        warnings=tuple(warnings),
    )


def _small(clusters: int) -> float:
    """Enlarge a sandwich for few clusters."""
    if clusters < 2:
        raise UserError("cluster-robust errors need at least two people")
    return clusters / (clusters - 1)


def _log_likelihood(y: Floats, eta: Floats) -> float:
    return float((y * eta - np.logaddexp(0, eta)).sum())


def _shift(y: Floats, logit: Floats, who: NDArray[np.intp] | None) -> tuple[float, float]:
    """Fit an intercept beside a fixed log odds: monotone in one unknown, so Newton is safe."""
    from scipy import special

    value = 0.0
    for _ in range(MOST_STEPS):
        mean = special.expit(logit + value)
        information = float((mean * (1 - mean)).sum())
        move = float((y - mean).sum()) / max(information, 1e-300)
        value += max(-2.0, min(2.0, move))
        if abs(move) < 1e-12:
            break
    mean = special.expit(logit + value)
    information = float((mean * (1 - mean)).sum())
    if who is None:
        return value, 1 / sqrt(information)
    pull = np.bincount(who, y - mean)
    return value, sqrt(float(pull @ pull) * _small(pull.size)) / information


def _mean_error(values: Floats, who: NDArray[np.intp] | None) -> float:
    """Return the standard error of a mean, rows of one person being alike."""
    away = values - values.mean()
    if who is not None:
        away = np.bincount(who, away)
    return sqrt(float(away @ away) * _small(away.size)) / values.size


def _ratio(y: Floats, p: Floats, who: NDArray[np.intp] | None, level: float) -> Interval:
    """Estimate observed over expected events, risks as given, with an interval on the log scale."""
    seen, expected = float(y.sum()), float(p.sum())
    if expected <= 0:
        raise UserError("all predicted risks are 0")
    se = sqrt((1 - y.mean()) / seen)
    if who is not None:
        se = _mean_error(y, who) / float(y.mean())
    ratio, turn = seen / expected, exp(z_quantile(level) * se)
    return Interval(ratio, ratio / turn, ratio * turn, se)


def group_risks(
    outcome: ArrayLike, risk: ArrayLike, groups: int = 10, level: float = 0.95
) -> list[Group]:
    """Compare mean risk and observed share in groups of similar risk.

    Parameters
    ----------
    outcome, risk
        As for ``calibrate``.
    groups : int
        Of about equal size; equal risks stay together, so that there may be fewer.

    Returns
    -------
    list of Group
        From the lowest risk to the highest.

    References
    ----------
    Van Calster et al. 2016, doi:10.1016/j.jclinepi.2015.12.005.

    Examples
    --------
    >>> [(g.risk, g.observed.value) for g in group_risks([0, 1, 1, 1], [0.1, 0.3, 0.8, 1.0], 2)]
    [(0.2, 0.5), (0.9, 1.0)]
    """
    y, p, _ = as_risks(outcome, risk)
    if groups < 1:
        raise ValueError("at least one group is needed")
    order = np.argsort(p, kind="stable")
    y, p = y[order], p[order]
    cuts = (np.arange(1, groups) * p.size / groups).round().astype(int)
    # A cut falls before equal risks, never between them.
    edges = np.unique(np.r_[0, np.searchsorted(p, p[np.minimum(cuts, p.size - 1)]), p.size])
    found: list[Group] = []
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        share = wilson(float(y[start:end].sum()), end - start, level)
        found.append(Group(float(p[start:end].mean()), share, end - start))
    return found
