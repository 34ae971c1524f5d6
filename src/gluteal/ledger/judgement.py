"""From an interval and a smallest effect of interest to a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite, log, nan
from typing import Any, Literal

from gluteal.estimators.inference import p_value, quantile
from gluteal.ledger.wording import SIGN, Grounds, write_claim

Word = Literal["supported", "negligible", "contradicted", "inconclusive", "not testable"]
WITHOUT_ZERO = ("auc", "icc", "proportion")
"""Scales on which 0 does not mean "nothing": no smallest effect of a difference fits them.

A share, or a power, is never below 0: any would support what it is held against, given enough data.
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict with its reason.

    Attributes
    ----------
    verdict : str
        supported, negligible, contradicted, inconclusive or not testable.
    reason : str
        Why, in a few words.
    wording : str
        One plain sentence with estimate, interval and unit.
    p : float
        The verdict's own p: at any level above 1 - p the interval no longer gives this verdict.
        NaN where no verdict was reached.
    """

    verdict: Word
    reason: str
    wording: str
    p: float = nan


def number(row: Mapping[str, Any], key: str) -> float:
    """Take a number from a row; NaN for a cell that is empty."""
    value = row.get(key)
    try:
        return nan if value is None or value == "" else float(value)
    except (TypeError, ValueError):
        return nan


def untestable(reason: str) -> Verdict:
    """Say that this cohort, or this software, cannot test a claim."""
    return Verdict("not testable", reason, f"Not testable: {reason}.")


def verdict(row: Mapping[str, Any], claim: Mapping[str, Any], grounds: Grounds) -> Verdict:
    """Judge a claim by its headline estimate.

    Parameters
    ----------
    row : mapping
        The headline: keys of ``estimates.COLUMNS``.
    claim : mapping
        ``direction`` (positive, negative or none: both signs support it), ``smallest_effect``
        (ratios: above 1), ``scale`` (difference or ratio), ``sentence``.
    grounds : Grounds
        Design, allocation, adjustment and overlap; they decide the words.

    Returns
    -------
    Verdict
        *supported*: the whole interval lies beyond the smallest effect, in the claimed direction.
        *negligible*: the whole interval lies inside ± the smallest effect. *contradicted*: the
        whole interval lies on the other side of zero and not all of it is negligible.
        *inconclusive*: anything else. Ratios are compared on the log scale.

    Notes
    -----
    Two-sided, so that claim and counter-claim are treated alike. Equality is not beyond.
    """
    fault = _mismatch(row, claim)
    if fault:
        return untestable(fault)
    if str(row.get("converged")).lower() in ("false", "0"):
        return _open(row, claim, grounds, "the model did not converge")
    ratio = claim.get("scale") == "ratio"
    values = [number(row, key) for key in ("estimate", "low", "high")]
    smallest = number(claim, "smallest_effect")
    if ratio:
        if any(value <= 0 for value in values):
            return _open(row, claim, grounds, "the interval of the ratio reaches zero")
        values, smallest = [log(value) for value in values], log(smallest)
    if not all(map(isfinite, values)):
        return _open(row, claim, grounds, "the estimate has no finite interval")
    estimate, low, high = values
    if not low <= estimate <= high:
        return _open(row, claim, grounds, "the estimate lies outside its interval")
    direction = claim.get("direction")
    if direction == "negative" or (direction == "none" and estimate < 0):
        estimate, low, high = -estimate, -high, -low
    word, reason = _judge(low, high, smallest, two_sided=direction == "none")
    reason = reason.replace("zero", "one") if ratio else reason
    level, df = number(row, "level"), number(row, "df")
    df = df if isfinite(df) and df > 0 else inf
    half = quantile(level if isfinite(level) else 0.95, df)
    below, above = (estimate - low) / half, (high - estimate) / half
    p = nan
    if word == "supported":
        p = _tail(estimate - smallest, below, df)
    elif word == "contradicted":
        p = _tail(-estimate, above, df)
    elif word == "negligible":
        p = max(_tail(smallest - estimate, above, df), _tail(estimate + smallest, below, df))
    return Verdict(word, reason, write_claim(word, row, claim, grounds, reason), p)


def _tail(distance: float, se: float, df: float) -> float:
    return p_value(distance / se, df) if se > 0 else 0.0


def _open(
    row: Mapping[str, Any], claim: Mapping[str, Any], grounds: Grounds, reason: str
) -> Verdict:
    wording = write_claim("inconclusive", row, claim, grounds, reason)
    return Verdict("inconclusive", reason, wording)


def _judge(low: float, high: float, smallest: float, *, two_sided: bool) -> tuple[Word, str]:
    if low > smallest:
        return "supported", "the whole interval lies beyond the smallest effect of interest"
    if -smallest < low and high < smallest:
        return "negligible", "the whole interval is smaller than the smallest effect of interest"
    if high < 0 and not two_sided:
        return "contradicted", "the whole interval lies on the other side of zero"
    if low > 0:
        return "inconclusive", f"{SIGN}, the size is not settled"
    if high < smallest:
        return "inconclusive", "what is claimed is ruled out, the opposite is not"
    if low > -smallest:
        return "inconclusive", "the opposite is ruled out, what is claimed is not shown"
    return "inconclusive", "the interval is too wide to tell"


def _mismatch(row: Mapping[str, Any], claim: Mapping[str, Any]) -> str:
    """Say why claim and estimate cannot be compared; nothing if they can."""
    smallest = number(claim, "smallest_effect")
    claimed, scale = str(claim.get("scale") or "difference"), str(row.get("scale") or "difference")
    if not isfinite(smallest):
        return "no smallest effect of interest is stated"
    if smallest <= (1.0 if claimed == "ratio" else 0.0):
        least = "a ratio above 1" if claimed == "ratio" else "above 0"
        return f"the smallest effect of interest must be {least}"
    if (claimed == "ratio") != (scale == "ratio") or scale in WITHOUT_ZERO:
        return (
            f"the smallest effect is a {claimed}, but the analysis estimates on the scale {scale}"
        )
    return ""
