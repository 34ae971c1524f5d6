"""Impute the missing cells of a cohort: one row a person, so that all visits predict each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.impute.chained import impute_chained
from gluteal.estimators.impute.columns import Column, method_of
from gluteal.estimators.impute.imputed import MOST_R_HAT, Imputed
from gluteal.estimators.impute.predictors import pairwise_correlation
from gluteal.estimators.inference import Floats
from gluteal.frames.gaps import Gap, choose_variables, find_gaps, to_numbers
from gluteal.variables import NOT_APPLICABLE, variables

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort

LEAST_CORRELATION = 0.1
LEAST_PREDICTORS, ROWS_A_PREDICTOR = 15, 15
DESIGN = ("lbp", "arm")
"""What the design gave people; it predicts everything and is never imputed here."""
MOST_LEVELS = 6
LONG = ("table", "participant_id", "visit", "variable", "m", "value")
METHODS = {
    "pmm": "predictive mean matching",
    "norm": "Bayesian linear regression",
    "logistic": "logistic regression",
    "ordinal": "proportional-odds regression",
    "nominal": "multinomial regression",
}


def impute_cohort(
    cohort: Cohort, settings: Mapping[str, Any]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Impute what the study's models use.

    Parameters
    ----------
    cohort : Cohort
    settings : mapping
        ``m``, ``cycles``, ``seed``, ``donors``; ``variables`` and ``never``; ``normal``, the
        numbers drawn from a regression instead of matched; ``models``, the variables of each model
        with its visits, which predict each other whatever their correlation.

    Returns
    -------
    cells : DataFrame
        Long: table, participant_id, visit (empty for facts of people), variable, m (from 1) and
        value, coded as numbers; only imputed cells.
    account : dict
        What was imputed, how, from what, and how the chains went.

    Raises
    ------
    UserError
        If the data have a fault; the column is named.
    """
    chosen, left = choose_variables(cohort, settings["variables"], settings.get("never", ()))
    gaps = find_gaps(cohort, chosen)
    account: dict[str, Any] = {
        key: settings[key] for key in ("m", "cycles", "seed", "donors") if key in settings
    }
    account |= {"people": len(cohort.people), "variables": [], "left_out": _list(left)}
    wanted = [gap for gap in gaps if gap.wanted.any()]
    if not wanted:
        note = "Nothing was imputed: no variable of the models has a missing value that may be."
        return _lay_out(cohort, [], 0), {**account, "converged": True, "cells": 0, "note": note}
    normal = set(settings.get("normal", ()))
    extra, more = _design_columns(cohort, gaps, settings["variables"])
    data = np.column_stack([*(gap.codes for gap in gaps), *extra])
    columns = [_describe(gap, normal) for gap in gaps] + more
    allowed = choose_predictors(data, gaps, settings.get("models", ()))
    found = impute_chained(
        data, columns, m=settings["m"], cycles=settings["cycles"], seed=settings["seed"],
        donors=settings["donors"], predictors=allowed,
    )  # fmt: skip
    cells: list[tuple[Gap, NDArray[np.intp], Floats]] = []
    for j, gap in enumerate(gaps):
        keep = gap.wanted[found.rows[j]]
        if keep.any() and found.cells[j].size:
            known = variables()[gap.variable]
            drawn = np.clip(found.cells[j][:, keep], known.low, known.high)
            cells.append((gap, found.rows[j][keep], drawn))
    account |= {
        "variables": [_account(gap, columns, gaps, found, allowed) for gap in wanted],
        "converged": found.converged, "warnings": list(found.warnings),
        "events": list(found.events), "cells": int(sum(len(rows) for _, rows, _ in cells)),
        "worst_r_hat": _worst(found), "note": "",
    }  # fmt: skip
    return _lay_out(cohort, cells, settings["m"]), account


def _list(left: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"variable": name, "reason": reason} for name, reason in left]


def _describe(gap: Gap, normal: set[str]) -> Column:
    known = variables()[gap.variable]
    if known.kind == "boolean":
        return Column(gap.name, "binary")
    if known.kind == "category":
        # Two levels in these data: the simplest model of them.
        many = len(np.unique(gap.codes[np.isfinite(gap.codes)]))
        kind = "binary" if many <= 2 else "ordinal" if known.ordered else "nominal"
        return Column(gap.name, kind)
    return Column(gap.name, "continuous", "norm" if gap.variable in normal else "pmm")


def _design_columns(
    cohort: Cohort, gaps: Sequence[Gap], asked: Sequence[str]
) -> tuple[list[Floats], list[Column]]:
    """Add what the design gave people; nobody's arm is a level of its own.

    So are outcomes that only some people can have: new pain, or a painful side. They have no gap to
    be filled, but a covariate imputed without the outcome would hardly go with it.
    """
    have = {gap.variable for gap in gaps}
    outcomes = [n for n in asked if n in NOT_APPLICABLE and n not in DESIGN]
    outcomes = [n for n in outcomes if 2 <= len(variables()[n].levels) <= MOST_LEVELS]
    extra: list[Floats] = []
    columns: list[Column] = []
    for name in (*DESIGN, *outcomes):
        if name in cohort.people and name not in have:
            values = to_numbers(cohort.people[name], name)
            values = np.where(np.isnan(values), -1.0, values)
            if np.ptp(values) > 0:
                extra.append(values)
                columns.append(Column(name, "nominal"))
    return extra, columns


def choose_predictors(
    data: Floats, gaps: Sequence[Gap], models: Sequence[Mapping[str, Any]]
) -> NDArray[np.bool_]:
    """Choose who predicts whom: a model's own variables, other visits, the strongest correlations.

    A column gets every variable that shares a model with it, itself at other visits, and what the
    design gave people; then the columns most correlated with it or with whether it was observed,
    above 0.1, until there is one predictor for 15 people.

    Returns
    -------
    ndarray of bool, shape (p, p)
        Row j: the predictors of column j.
    """
    n, p = data.shape
    seen = ~np.isnan(data)
    strength = np.abs(pairwise_correlation(data, seen))
    holes = np.column_stack([data, seen.astype(float)])
    absent = np.abs(pairwise_correlation(holes, np.column_stack([seen, np.ones_like(seen)])))
    strength = np.maximum(strength, absent[p:, :p])
    forced = np.zeros((p, p), dtype=bool)
    forced[:, len(gaps) :] = True
    names = np.array([gap.variable for gap in gaps])
    visits = np.array([gap.visit for gap in gaps])
    forced[: len(gaps), : len(gaps)] = names[:, None] == names[None, :]
    for model in models:
        here = np.isin(names, list(model["variables"])) & np.isin(visits, ["", *model["visits"]])
        forced[: len(gaps), : len(gaps)] |= here[:, None] & here[None, :]
    np.fill_diagonal(forced, False)
    allowed = forced.copy()
    for j in range(len(gaps)):
        room = max(LEAST_PREDICTORS, int(seen[:, j].sum()) // ROWS_A_PREDICTOR) - forced[j].sum()
        free = np.where(forced[j] | (np.arange(p) == j), 0.0, strength[j])
        best = np.argsort(-free, kind="stable")[: max(int(room), 0)]
        allowed[j, best[free[best] >= LEAST_CORRELATION]] = True
    return allowed & (n > 0)


def _account(
    gap: Gap, columns: Sequence[Column], gaps: Sequence[Gap], found: Imputed, allowed: Any
) -> dict[str, Any]:
    """Write down how one column was imputed."""
    j = next(k for k, other in enumerate(gaps) if other is gap)
    rows = found.rows[j]
    keep = gap.wanted[rows]
    drawn = found.cells[j][:, keep] if keep.any() and found.cells[j].size else np.empty((0, 0))
    place = found.imputed.index(j) if j in found.imputed else None
    numeric = variables()[gap.variable].numeric
    seen = gap.codes[~np.isnan(gap.codes)]
    return {
        "table": gap.table, "variable": gap.variable, "visit": gap.visit,
        "observed": len(seen), "imputed": int(gap.wanted.sum()) if drawn.size else 0,
        "not_collected": int((np.isnan(gap.codes) & ~gap.wanted).sum()),
        "share": float(gap.wanted.sum() / max(gap.wanted.sum() + len(seen), 1)),
        "method": METHODS[method_of(columns[j])] if drawn.size else "not imputed",
        "predictors": [c.name for c, used in zip(columns, allowed[j], strict=True) if used],
        "r_hat": None if place is None else _finite(found.r_hat[place]),
        "trace_mean": [] if place is None else [float(v) for v in found.trace_mean[place].mean(1)],
        "mean_observed": float(seen.mean()) if numeric else None,
        "mean_imputed": float(drawn.mean()) if numeric and drawn.size else None,
    }  # fmt: skip


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _worst(found: Imputed) -> dict[str, Any]:
    known = found.r_hat[np.isfinite(found.r_hat)]
    worst = float(known.max()) if known.size else None
    return {"value": worst, "threshold": MOST_R_HAT, "columns": int((known > MOST_R_HAT).sum())}


def _lay_out(
    cohort: Cohort, cells: Sequence[tuple[Gap, NDArray[np.intp], Floats]], m: int
) -> pd.DataFrame:
    """Lay imputed cells out long: by variable, imputation and person."""
    import pandas as pd

    ids = cohort.people["participant_id"].to_numpy()
    parts: list[pd.DataFrame] = []
    for gap, rows, drawn in cells:
        part = pd.DataFrame({"participant_id": np.tile(ids[rows], m)})
        part["table"], part["visit"], part["variable"] = gap.table, gap.visit, gap.variable
        part["m"] = np.repeat(np.arange(1, m + 1), len(rows)).astype("int16")
        part["value"] = drawn.ravel()
        parts.append(part[list(LONG)])
    if not parts:
        kinds = {"m": "int16", "value": "float64"}
        return pd.DataFrame({k: pd.Series(dtype=kinds.get(k, "str")) for k in LONG})
    return pd.concat(parts, ignore_index=True)
