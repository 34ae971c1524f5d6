"""Yes/no variables read off by an imperfect test: prevalence and risk ratio corrected."""

from __future__ import annotations

from math import inf, isfinite, nan, sqrt

from gluteal.errors import UserError
from gluteal.estimators.effect_size import log_ratio
from gluteal.estimators.inference import Estimate, interval


def _refuse(cells: tuple[float, float], accuracy: tuple[float, float], what: str) -> list[str]:
    count, n = cells
    faults: list[str] = []
    if not (isfinite(count) and isfinite(n) and 0 <= count <= n and n > 0):
        faults.append(f"{what}: {count:g} of {n:g} is no count")
    if not all(0 <= v <= 1 for v in accuracy):
        faults.append("sensitivity and specificity must lie between 0 and 1")
    elif sum(accuracy) <= 1:
        faults.append("sensitivity and specificity add up to 1 or less: the test says nothing")
    return faults


def correct_prevalence(
    positive: float,
    n: float,
    sensitivity: float,
    specificity: float,
    *,
    tested: tuple[float, float] | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate the true prevalence behind an imperfect test (Rogan and Gladen).

    Parameters
    ----------
    positive, n : float
        Positive tests, people tested.
    sensitivity, specificity : float
    tested : (float, float), optional
        People with and without the condition in whom both were measured; their uncertainty then
        counts.
    level : float

    Returns
    -------
    Estimate
        Cut to 0 to 1, as its interval is; ``p`` is NaN.

    Raises
    ------
    UserError
        If counts are no counts, or the test is no better than chance.

    References
    ----------
    Rogan and Gladen 1978, doi:10.1093/oxfordjournals.aje.a112510; Lang and Reiczigel 2014,
    doi:10.1016/j.prevetmed.2013.09.015.

    Examples
    --------
    >>> round(correct_prevalence(30, 100, 0.8, 0.9).estimate, 4)
    0.2857
    """
    if faults := _refuse((positive, n), (sensitivity, specificity), "positives"):
        raise UserError("; ".join(faults))
    youden = sensitivity + specificity - 1
    p = positive / n
    raw = (p + specificity - 1) / youden
    variance = p * (1 - p) / n / youden**2
    if tested is not None:
        if min(tested) < 1:
            raise UserError("sensitivity and specificity need somebody each in whom to be measured")
        variance += sensitivity * (1 - sensitivity) / tested[0] * (raw / youden) ** 2
        variance += specificity * (1 - specificity) / tested[1] * ((1 - raw) / youden) ** 2
    found = interval(raw, sqrt(variance), inf, level)
    low, high, middle = (min(max(v, 0.0), 1.0) for v in (found.low, found.high, found.estimate))
    return Estimate(middle, found.se, inf, low, high, nan, level)


def correct_risk_ratio(
    exposed: tuple[float, float],
    unexposed: tuple[float, float],
    sensitivity: float,
    specificity: float,
    *,
    level: float = 0.95,
) -> Estimate:
    """Correct a risk ratio for an outcome read off by an imperfect test, alike in both groups.

    Parameters
    ----------
    exposed, unexposed : (float, float)
        Positive tests and people.
    sensitivity, specificity : float
        Of the outcome's test, taken as known and not depending on exposure.
    level : float

    Returns
    -------
    Estimate
        The ratio; ``se`` on the log scale. NaN where a corrected risk is not above 0.

    Raises
    ------
    UserError
        If counts are no counts, or the test is no better than chance.

    References
    ----------
    Greenland 1988 for the variance, doi:10.1002/sim.4780070704; Fox, MacLehose and Lash 2021,
    Applying Quantitative Bias Analysis to Epidemiologic Data, 2nd edition.

    Examples
    --------
    >>> round(correct_risk_ratio((40, 100), (25, 100), 0.8, 0.9).estimate, 4)
    2.0
    """
    accuracy = (sensitivity, specificity)
    faults = [*_refuse(exposed, accuracy, "exposed"), *_refuse(unexposed, accuracy, "unexposed")]
    if faults:
        raise UserError("; ".join(dict.fromkeys(faults)))
    youden = sensitivity + specificity - 1
    risks = [(count / n + specificity - 1) / youden for count, n in (exposed, unexposed)]
    if min(risks) <= 0:
        return Estimate(nan, nan, inf, nan, nan, nan, level)
    parts = [
        count / n * (1 - count / n) / n / (youden * risk) ** 2
        for (count, n), risk in zip((exposed, unexposed), risks, strict=True)
    ]
    from math import log

    return log_ratio(interval(log(risks[0] / risks[1]), sqrt(sum(parts)), inf, level))
