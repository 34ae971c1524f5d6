"""E-values: how strong confounding must be to explain an effect away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, isfinite, nan, sqrt
from typing import Literal

from gluteal.errors import UserError
from gluteal.estimators.inference import quantile

Kind = Literal["risk ratio", "odds ratio", "hazard ratio"]
D_TO_LOG_RATIO = 0.91
D_HALF_WIDTH = 1.78


@dataclass(frozen=True, slots=True)
class EValue:
    """The least association, as a risk ratio, that a confounder needs with exposure and outcome.

    Attributes
    ----------
    ratio, low, high : float
        The effect on the scale of a risk ratio.
    point : float
        To explain the estimate away.
    limit : float
        To move the interval to the null: 1 where it holds the null already, NaN without interval.
    """

    ratio: float
    low: float
    high: float
    point: float
    limit: float


def _threshold(ratio: float, true: float) -> float:
    if ratio <= 1:
        ratio, true = 1 / ratio, 1 / true
    if true <= ratio:
        return (ratio + sqrt(ratio * (ratio - true))) / true
    away = true / ratio
    return away + sqrt(away * (away - 1))


def _same(ratio: float) -> float:
    return ratio


def _hazard_to_risk(ratio: float) -> float:
    return (1 - 0.5 ** sqrt(ratio)) / (1 - 0.5 ** sqrt(1 / ratio))


def compute_evalue(
    estimate: float,
    low: float | None = None,
    high: float | None = None,
    kind: Kind = "risk ratio",
    *,
    rare: bool | None = None,
    true: float = 1.0,
) -> EValue:
    """Compute the E-value of a ratio and of its confidence limit nearest the null.

    Parameters
    ----------
    estimate, low, high : float
        Ratio and confidence limits; limits may be missing.
    kind : {"risk ratio", "odds ratio", "hazard ratio"}
    rare : bool, optional
        Whether fewer than about 15 % have the outcome at the end; needed for odds and hazard
        ratios. Those of a common outcome are turned into approximate risk ratios.
    true : float
        The ratio to move to instead of 1, of the same kind.

    Raises
    ------
    UserError
        If a ratio is not above zero, or the estimate lies outside its interval.
    ValueError
        If ``rare`` is missing where it matters.

    References
    ----------
    VanderWeele and Ding 2017, doi:10.7326/M16-2607; VanderWeele 2017 for odds and hazard ratios,
    Epidemiology 28(6):e58-e60. Equal to the R package EValue.

    Examples
    --------
    >>> found = compute_evalue(3.9, 1.8, 8.7)
    >>> round(found.point, 2), round(found.limit, 2)
    (7.26, 3.0)
    """
    if kind != "risk ratio" and rare is None:
        raise ValueError(f"say whether the outcome is rare: an {kind} needs it")
    given = [estimate, true, *(v for v in (low, high) if v is not None)]
    faults: list[str] = []
    if not all(isfinite(v) and v > 0 for v in given):
        faults.append("ratios must be finite and above zero")
    if low is not None and not low <= estimate:
        faults.append(f"the estimate {estimate:g} lies below its interval from {low:g}")
    if high is not None and not high >= estimate:
        faults.append(f"the estimate {estimate:g} lies above its interval to {high:g}")
    if faults:
        raise UserError("; ".join(faults))
    change: Callable[[float], float] = _same
    if kind == "odds ratio" and not rare:
        change = sqrt
    elif kind == "hazard ratio" and not rare:
        change = _hazard_to_risk
    ratio, null = change(estimate), change(true)
    ends = [nan if v is None else change(v) for v in (low, high)]
    limit = nan
    if low is not None or high is not None:
        near = ends[0] if ratio > null else ends[1]
        crosses = ratio == null or (near <= null if ratio > null else near >= null)
        # One limit only, and not the one that matters, says nothing.
        limit = 1.0 if crosses else nan if near != near else _threshold(near, null)
    return EValue(ratio, ends[0], ends[1], _threshold(ratio, null), limit)


def compute_difference_evalue(
    estimate: float,
    se: float | None = None,
    *,
    sd: float = 1.0,
    delta: float = 1.0,
    true: float = 0.0,
) -> EValue:
    """Compute the E-value of a difference of means or of a slope, by an approximate risk ratio.

    Parameters
    ----------
    estimate, se : float
        Difference or slope, with its standard error; limits are those of 95 %.
    sd : float
        Standard deviation of the outcome; 1 for a standardised difference.
    delta : float
        The difference in exposure to look at, for a slope.
    true : float
        The standardised difference to move to instead of 0.

    Raises
    ------
    UserError
        If a number is not finite, or ``se`` or ``sd`` is not positive.

    References
    ----------
    VanderWeele and Ding 2017, doi:10.7326/M16-2607; Chinn 2000 for the factor 0.91,
    doi:10.1002/1097-0258(20001130)19:22<3127::AID-SIM784>3.0.CO;2-M.

    Examples
    --------
    >>> found = compute_difference_evalue(0.5, 0.25)
    >>> round(found.ratio, 4), round(found.point, 4), round(found.limit, 4)
    (1.5762, 2.5291, 1.1108)
    """
    numbers = [estimate, sd, delta, true, *([] if se is None else [se])]
    if not all(isfinite(v) for v in numbers) or sd <= 0 or (se is not None and se < 0):
        raise UserError("estimate and errors must be finite, sd above zero, se not below it")
    d = estimate * abs(delta) / sd
    middle, null = exp(D_TO_LOG_RATIO * d), exp(D_TO_LOG_RATIO * true)
    if se is None:
        return compute_evalue(middle, true=null)
    half = D_HALF_WIDTH * se * abs(delta) / sd
    low, high = exp(D_TO_LOG_RATIO * d - half), exp(D_TO_LOG_RATIO * d + half)
    return compute_evalue(middle, low, high, true=null)


def compute_risk_difference_evalue(
    exposed: tuple[float, float],
    unexposed: tuple[float, float],
    *,
    true: float = 0.0,
    level: float = 0.95,
) -> EValue:
    """Compute the E-value of a risk difference.

    Parameters
    ----------
    exposed, unexposed : (float, float)
        People with the outcome, and people, in each group. Where the exposed have the lower risk,
        groups are swapped.
    true : float
        The difference to move to instead of 0, of the same direction.
    level : float

    Returns
    -------
    EValue
        ``ratio``, ``low`` and ``high`` are the crude risk ratio (larger over smaller) without
        interval.

    Raises
    ------
    UserError
        If counts are no counts, nobody in a group has the outcome, or the difference is not
        beyond ``true``.

    References
    ----------
    Ding and VanderWeele 2016, doi:10.1097/EDE.0000000000000457. Equal to evalues.RD of the R
    package EValue, which steps over a grid.

    Examples
    --------
    >>> found = compute_risk_difference_evalue((40, 100), (20, 100))
    >>> round(found.point, 3), round(found.limit, 3)
    (3.414, 1.924)
    """
    from scipy.optimize import brentq

    pairs = (exposed, unexposed)
    if not all(isfinite(c) and isfinite(n) and 0 <= c <= n and n > 0 for c, n in pairs):
        raise UserError("each group needs people with the outcome among its people")
    (c1, n1), (c0, n0) = sorted(pairs, key=lambda pair: pair[0] / pair[1], reverse=True)
    p1, p0, f = c1 / n1, c0 / n0, n1 / (n1 + n0)
    if p0 == 0:
        raise UserError("nobody in a group has the outcome: no ratio can explain it")
    if p1 - p0 <= true:
        raise UserError(f"the risk difference {p1 - p0:g} is not beyond {true:g}")
    v1, v0, vf = p1 * (1 - p1) / n1, p0 * (1 - p0) / n0, f * (1 - f) / (n1 + n0)
    z = quantile(level)
    shift = true + p0 * (1 - f) - p1 * f
    most = (sqrt(shift**2 + 4 * p1 * p0 * f * (1 - f)) - shift) / (2 * p0 * f)

    def lower(bias: float) -> float:
        """Lower limit of the difference standardised to everyone, under a bias factor."""
        difference, share = p1 - p0 * bias, f + (1 - f) / bias
        variance = (v1 + v0 * bias**2) * share**2 + (difference * (1 - 1 / bias)) ** 2 * vf
        return difference * share - z * sqrt(variance) - true

    limit = 1.0
    if lower(1.0) > 0:
        at = brentq(lower, 1.0, most, xtol=1e-13)
        limit = _threshold(float(at), 1.0)  # pyright: ignore[reportArgumentType]
    return EValue(p1 / p0, nan, nan, _threshold(most, 1.0), limit)
