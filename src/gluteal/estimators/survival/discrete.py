"""Proportional hazards for events seen at visits: complementary log-log, a hazard each period.

The grouped-time form of Cox's model: its coefficients are log hazard ratios whatever the length of
periods. Where a visit was missed, the event lies somewhere in a longer stretch, and the hazards of
its periods add up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats, Model, constant_df
from gluteal.estimators.inputs import as_design, as_groups, dependent_columns
from gluteal.estimators.robust import OWN_FIT, cr2_covariance, hc_covariance
from gluteal.estimators.survival.grouped import climb, invert, lay_rows, observe, tally
from gluteal.estimators.survival.visits import Periods

SE = Literal["classical", "HC0", "HC1", "HC2", "HC3", "CR2"]


@dataclass(frozen=True, slots=True)
class Hazards:
    """A fitted discrete-time model.

    Attributes
    ----------
    model : Model
        ``coef``: log baseline hazards of the periods in ``live``, then log hazard ratios;
        ``fitted``: chance of the event of each row.
    live : ndarray of int
        Periods with an event. In the others the hazard is estimated as 0.
    at_risk, events : ndarray, shape (periods,)
        Rows that cover each period, and events that may have happened in it.
    periods : int
    """

    model: Model
    live: NDArray[np.intp]
    at_risk: NDArray[np.intp]
    events: NDArray[np.intp]
    periods: int

    def hazard_ratio(self, index: int, level: float = 0.95) -> Estimate:
        """Estimate the log hazard ratio of a covariate, numbered from 0."""
        return self.model.coefficient(len(self.live) + index, level)


def fit_discrete(
    rows: Periods,
    x: ArrayLike,
    *,
    se: SE = "classical",
    cluster: ArrayLike | None = None,
    names: tuple[str, ...] | None = None,
) -> Hazards:
    """Fit hazard ratios to events seen at visits.

    Parameters
    ----------
    rows : Periods
        From ``expand_visits`` or ``expand_times``.
    x : array_like, shape (people, p) or (rows, p)
        Covariates of people, or of rows where they change with time; no intercept.
    se : {"classical", "HC0", "HC1", "HC2", "HC3", "CR2"}
    cluster : array_like, shape (people,) or (rows,), optional
        For CR2; people where not given.
    names : tuple of str, optional
        Names of the covariates, for messages.

    Returns
    -------
    Hazards

    Raises
    ------
    UserError
        For covariates that are missing, constant, or combinations of others and of periods, and
        for fewer events than coefficients.

    References
    ----------
    Prentice and Gloeckler 1978, doi:10.2307/2529588. Without missed visits equal to R's
    ``glm(binomial("cloglog"))`` with a factor of periods; with them errors rest on the observed
    information.

    Examples
    --------
    >>> from gluteal.estimators.survival.visits import expand_visits
    >>> rows = expand_visits([[0, 1], [1, 1], [0, 0], [0, 1], [0, 0], [1, 1]])
    >>> fit = fit_discrete(rows, [[1], [1], [0], [1], [0], [0]])
    >>> fit.model.coef.round(3)
    array([-2.066, -1.072,  1.694])
    """
    columns = np.asarray(x, dtype=float)
    columns = columns[:, None] if columns.ndim == 1 else columns
    n = rows.person.size
    if columns.ndim != 2 or len(columns) not in (rows.people, n):
        raise UserError(
            f"covariates of shape {columns.shape} fit neither {rows.people} people nor {n} rows"
        )
    values = columns[rows.person] if len(columns) == rows.people else columns
    y = rows.event.astype(float)
    labels = names or tuple(str(j) for j in range(columns.shape[1]))
    _check(values, rows, y, labels)
    laid, live, kept = lay_rows(rows, values)
    k, p = laid.count, values.shape[1]
    if y.sum() < p + 1:
        raise UserError(f"{int(y.sum())} events cannot carry {p} covariates and a hazard")
    at_risk, events = tally(rows)
    centre, scale = values.mean(0), values.std(0)
    start = np.zeros(k + p)
    rate = np.clip((events[live] + 0.1) / (at_risk[live] + 0.2), 1e-6, 0.9)
    start[:k] = np.log(-np.log1p(-rate))
    scaled = replace(laid, x=(laid.x - centre) / scale)
    coef, at, first, converged = climb(scaled, start)
    if laid.wide.size and converged:
        at = replace(at, information=observe(scaled, coef, at))
    said_of = (*(f"the hazard of period {j + 1}" for j in live), *labels)
    bread, lost = invert(at, first, said_of)
    said = lost or ("" if converged else "the iterations did not converge")
    # Back to the unit and zero of the covariates: b = z / scale, a = a' - centre b.
    turn = np.eye(k + p)
    turn[range(k, k + p), range(k, k + p)] = 1 / scale
    turn[:k, k:] = -(centre / scale)[None, :]
    coef, bread = turn @ coef, turn @ bread @ turn.T
    warnings = [said] if said else []
    if idle := sorted(set(range(rows.periods)) - set(live.tolist())):
        text = ", ".join(str(j + 1) for j in idle)
        warnings.append(f"no event in period {text}: its hazard is estimated as 0")
    cov, df_of, leverage = bread, constant_df(inf), np.empty(0)
    if se != "classical":
        design = laid.design(coef[:k])
        variance = np.maximum(at.mean * (1 - at.mean), 1e-300)
        slope = at.hazard * np.exp(-at.hazard) / variance
        root = slope * np.sqrt(variance)
        leverage = ((design @ bread) * design).sum(1) * root**2
        pulled, residual = design * slope[:, None], laid.y - at.mean
        if se == "CR2":
            who = _clusters(rows, cluster)[kept]
            cov, df_of = cr2_covariance(pulled, residual, variance, who, bread)
        else:
            cov = hc_covariance(pulled, residual, leverage, bread, se)
            if (own := int((leverage > OWN_FIT).sum())) and se in ("HC2", "HC3"):
                warnings.append(f"{own} rows determine their own fit (leverage 1)")
    fitted = np.zeros(n)
    fitted[kept] = at.mean
    model = Model(
        coef,
        cov,
        df_of,
        se,
        fitted,
        leverage,
        bread,
        converged=not said,
        warnings=tuple(warnings),
        deviance=-2 * at.like,
        log_likelihood=at.like,
    )
    return Hazards(model, live, at_risk, events, rows.periods)


def _check(values: Floats, rows: Periods, y: Floats, labels: tuple[str, ...]) -> None:
    """Refuse covariates that are not finite, or that say nothing beside the periods."""
    baseline = np.ones(len(values))
    as_design(np.column_stack([baseline, values]), y, names=("baseline", *labels))
    if not labels:
        return
    count = np.maximum(np.bincount(rows.last, minlength=rows.periods), 1)
    inner = np.empty_like(values)
    for j, column in enumerate(values.T):
        mean = np.bincount(rows.last, column, rows.periods) / count
        inner[:, j] = column - mean[rows.last]
    inner[np.abs(inner) < 1e-10 * np.abs(values).max(0)] = 0.0
    if bad := dependent_columns(inner):
        named = ", ".join(labels[j] for j in bad)
        raise UserError(f"{named} cannot be told from the periods and the other covariates")


def _clusters(rows: Periods, cluster: ArrayLike | None) -> NDArray[np.intp]:
    """Give each row the number of its cluster."""
    n = rows.person.size
    who = rows.person if cluster is None else np.asarray(cluster)
    if cluster is not None and who.shape == (rows.people,) and rows.people != n:
        who = who[rows.person]
    codes, count = as_groups(who, n)
    if count < 2:
        raise UserError("a cluster-robust covariance needs at least two clusters")
    return codes
