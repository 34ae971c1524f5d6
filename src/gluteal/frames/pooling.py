"""Fit a headline on every completed cohort and pool the answers by Rubin's rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan, log
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.impute.scales import PooledScalar, pool_on_scale
from gluteal.frames.completed import Completed

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

Row = dict[str, Any]
Shift = tuple[str, float]
RATIO = "ratio"
POOLED = "multiple imputation"
LEAST_SHARE_KEPT = 2


@dataclass(frozen=True)
class Pool:
    """The headline of every completed cohort, and what they say together.

    Attributes
    ----------
    rows : tuple of mapping
        Headlines of the imputations that could be fitted.
    failures : tuple of str
        Why each of the others could not.
    found : PooledScalar or None
        None where fewer than two could be fitted.
    m : int
        Imputations tried.
    level : float
    """

    rows: tuple[Row, ...]
    failures: tuple[str, ...]
    found: PooledScalar | None
    m: int
    level: float

    def row(self, **more: Any) -> Row:
        """Write the pooled headline; it converged only if every imputation could be fitted."""
        first = self.rows[0] if self.rows else {}
        said = dict.fromkeys(w for row in self.rows for w in [row.get("warnings", "")] if w)
        warnings = list(said)
        if self.failures:
            why = "; ".join(dict.fromkeys(self.failures))
            warnings.insert(0, f"{len(self.failures)} of {self.m} imputations failed: {why}")
        numbers: Row = dict.fromkeys(("estimate", "se", "df", "low", "high", "p"), float("nan"))
        if self.found is not None:
            here, on = self.found.estimate, self.found.on_scale
            df = here.df if isfinite(here.df) else None
            numbers = {
                "estimate": here.estimate, "se": on.se, "df": df,
                "low": here.low, "high": here.high, "p": here.p,
            }  # fmt: skip
        counts = {
            key: round(float(np.mean([row[key] for row in self.rows])))
            for key in ("n_obs", "n_people", "n_events", "n_missing")
            if self.rows and all(row.get(key) is not None for row in self.rows)
        }
        return {
            **first, **numbers, **counts, "level": self.level, "missing_method": POOLED,
            "m": self.m, "se_type": f"{first.get('se_type', '')}, Rubin's rules".lstrip(", "),
            "converged": self.found is not None and not self.failures,
            "warnings": "; ".join(warnings), **more,
        }  # fmt: skip


def pool_headline(
    completed: Completed,
    headline: Callable[[Cohort], Mapping[str, Any]],
    names: Sequence[str],
    level: float,
    shift: Shift | None = None,
) -> Pool:
    """Fit the headline on every completed cohort and pool it.

    Ratios are pooled on the log scale, everything else as it is; degrees of freedom are those of
    Barnard and Rubin, from the mean of those that complete data give. An imputation that cannot
    be fitted, or does not converge, is counted and never left out in silence.

    Parameters
    ----------
    completed : Completed
    headline : callable
        Of a cohort; returns the first estimate.
    names : sequence of str
        Variables to fill in.
    level : float
    shift : (variable, amount), optional
        Added to what was imputed of one variable.
    """
    rows: list[Row] = []
    failures: list[str] = []
    for k in range(completed.m):
        try:
            row = dict(headline(completed.complete(k, names, shift)))
        except UserError as error:
            failures.append(str(error))
            continue
        if row.get("converged", True) and isfinite(_number(row, "se")):
            rows.append(row)
        else:
            failures.append(str(row.get("warnings") or "the model did not converge"))
    found = None
    if len(rows) >= LEAST_SHARE_KEPT:
        try:
            found = pool_rows(rows, level)
        except UserError as error:
            failures.append(str(error))
    return Pool(tuple(rows), tuple(failures), found, completed.m, level)


def pool_rows(rows: Sequence[Mapping[str, Any]], level: float) -> PooledScalar:
    """Pool rows of one estimate, one for each imputation.

    Raises
    ------
    UserError
        If an estimate of a ratio is not above 0.
    """
    ratio = rows[0].get("scale") == RATIO
    estimates = [_number(row, "estimate") for row in rows]
    errors = [_number(row, "se") for row in rows]
    # Ratios carry the standard error of their logarithm, as their se_type says.
    on_log = "log scale" in str(rows[0].get("se_type", ""))
    freedom = [_number(row, "df") for row in rows]
    complete = float(np.mean([inf if isnan(df) else df for df in freedom]))
    scale = "log" if ratio else "identity"
    return pool_on_scale(
        estimates, errors, scale, df_complete=complete, se_on_scale=ratio and on_log, level=level
    )


def _number(row: Mapping[str, Any], key: str) -> float:
    value = row.get(key)
    return float("nan") if value is None else float(value)


def find_tips(shifts: Sequence[float], rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """Find the shifts at which the interval begins or ceases to contain no difference.

    Examples
    --------
    >>> rows = [{"low": 0.4, "high": 1.0, "scale": "difference"},
    ...         {"low": -0.4, "high": 0.5, "scale": "difference"}]
    >>> find_tips([0.0, 2.0], rows)
    [1.0]
    """
    order = np.argsort(shifts, kind="stable")
    at = np.asarray(shifts, dtype=float)[order]
    tips: set[float] = set()
    for bound in ("low", "high"):
        values = np.array([_gap(rows[i], bound) for i in order])
        for i in np.flatnonzero(np.sign(values[1:]) != np.sign(values[:-1])):
            step = values[i] - values[i + 1]
            if isfinite(step) and step:
                tips.add(float(at[i] + values[i] / step * (at[i + 1] - at[i])))
    return sorted(tips)


def _gap(row: Mapping[str, Any], bound: str) -> float:
    value = _number(row, bound)
    if row.get("scale") == RATIO:
        return log(value) if value > 0 and isfinite(value) else float("nan")
    return value
