"""How far a within-person slope may be trusted, and what its figure shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.checks import check, share_at
from gluteal.estimators.inference import Floats, quantile
from gluteal.estimators.lmm import MixedModel, compare_nested, residual_rows
from gluteal.frames.score_error import ScoreError
from gluteal.frames.within import FEEDBACK, Rows, fit_split, spread_of
from gluteal.frames.within_variants import own_variance
from gluteal.variables import Variable

Checks = list[dict[str, Any]]
Known = tuple[Variable, Variable]
LEAST_PEOPLE = 10
FLOOR = 0.15


def check_within(rows: Rows, main: MixedModel, error: ScoreError, known: Known) -> Checks:
    """Check the split, the model and the scores.

    Parameters
    ----------
    rows, main
        From ``split_rows`` and ``fit_split``.
    error : ScoreError
        Of the exposure.
    known : (Variable, Variable)
        Exposure and outcome.
    """
    total = len(rows.outcome) + rows.n_missing
    share = len(rows.outcome) / total
    text = "share of planned rows of person and visit with every value; the rest is left out"
    found = [check("rows used", share, ">= 0.7", share >= 0.7, text)]
    found += _waves(rows)
    if rows.gap:
        found.append(check("feedback", 1.0, "0", False, f"the slope is {FEEDBACK}"))
    text = "1: a variance is estimated as 0, so that rows of a person count as unrelated"
    found.append(check("singular fit", float(main.singular), "0", not main.singular, text))
    inner, between = spread_of(rows)
    text = f"SD of the exposure within people ({known[0].unit})"
    found.append(check("SD within people", inner, "", None, text))
    text = f"SD of people's means ({known[0].unit})"
    found.append(check("SD between people", between, "", None, text))
    found += _reliability(rows, error, known)
    found += _correlation(rows, main)
    found.append(_influence(rows, main))
    found += _slopes(rows, main)
    if known[1].kind == "integer" and known[1].low is not None:
        at = share_at(rows.outcome, known[1].low)
        text = "share of outcomes at the floor; a floor flattens slopes"
        found.append(check(f"share at {known[1].low:g}", at, f"<= {FLOOR}", at <= FLOOR, text))
    return found


def _waves(rows: Rows) -> Checks:
    counts = rows.counts
    middle = float(np.median(counts))
    text = "few rows make a person's mean uncertain"
    found = [check("rows a person, median", middle, ">= 3", middle >= 3, text)]
    alone = float((counts == 1).mean())
    text = "share of people with one row: they tell nothing about change within people"
    found.append(check("people with one row", alone, "<= 0.2", alone <= 0.2, text))
    return found


def _reliability(rows: Rows, error: ScoreError, known: Known) -> Checks:
    text = f"standard error of measurement of the exposure, {error.describe(known[0].unit)}"
    sure = error.source in ("assessors", "stated", "rounding") or known[0].kind == "integer"
    found = [check("error of the exposure", error.sd, "", sure, text)]
    try:
        total, _ = own_variance(rows)
    except UserError:
        return found
    share = 1 - error.variance / total
    text = "share of the exposure's ups and downs that is no error; low: the slope is too flat"
    return [*found, check("reliability within people", share, ">= 0.7", share >= 0.7, text)]


def _correlation(rows: Rows, main: MixedModel) -> Checks:
    """Correlate residuals of neighbouring visits, against what removing a mean does by itself."""
    left = residual_rows(main)
    order = np.lexsort((rows.wave, rows.person))
    person, wave, left = rows.person[order], rows.wave[order], left[order]
    pairs = (person[1:] == person[:-1]) & (wave[1:] == wave[:-1] + 1)
    if pairs.sum() < LEAST_PEOPLE or np.ptp(left) == 0:
        return []
    r = float(np.corrcoef(left[1:][pairs], left[:-1][pairs])[0, 1])
    expected = -1 / max(float(rows.counts.mean()) - 1, 1)
    text = (f"correlation of residuals of neighbouring visits ({expected:.2f} if unrelated); "
            "far from it: see the robust rows")  # fmt: skip
    fine = abs(r - expected) < 0.25
    return [check("residual autocorrelation", r, f"{expected:.2f} ± 0.25", fine, text)]


def _influence(rows: Rows, main: MixedModel) -> dict[str, Any]:
    """Find how far one person moves the within slope, in standard errors (one step)."""
    spread, noise = float(main.covariance[0, 0]), main.residual_variance
    count = np.bincount(rows.person)
    theta = 1 - np.sqrt(noise / (noise + np.maximum(count, 1) * spread))

    def turn(values: Floats) -> Floats:
        mean = np.bincount(rows.person, values) / np.maximum(count, 1)
        return values - (theta * mean)[rows.person]

    x = np.column_stack([turn(c) for c in rows.design(rows.within, rows.between).T])
    left = turn(rows.outcome - main.model.fitted)
    inverse = np.linalg.pinv(x.T @ x)
    moves = np.bincount(rows.person, (x @ inverse[1]) * left)
    se = float(np.sqrt(main.model.cov[1, 1]))
    largest = float(np.abs(moves).max()) / se if se > 0 else float("nan")
    text = "how far the most influential person moves the within slope, in standard errors"
    return check("influence of one person", largest, "< 0.5", largest < 0.5, text)


def _slopes(rows: Rows, main: MixedModel) -> Checks:
    try:
        wider = fit_split(rows, slope=True)
        test = compare_nested(main, wider)
    except UserError:
        return []
    text = "small: people differ in their slopes, and the slope is the mean of people"
    fine = None if np.isnan(test.p_mixture) else bool(test.p_mixture >= 0.05)
    return [check("slopes differ between people, p", test.p_mixture, ">= 0.05", fine, text)]


def draw_split(rows: Rows, main: MixedModel, known: Known, level: float) -> dict[str, Any]:
    """Return what the figure shows: binned means along both parts, and both lines.

    Bins hold at least ten people each; without three of them there is no figure.
    """
    coef = main.model.coef
    middle = float(rows.outcome.mean())
    size = int(min(10, rows.people // LEAST_PEOPLE))
    if size < 3 or not main.converged:
        return {}
    _, first = np.unique(rows.person, return_index=True)
    plain = rows.outcome - main.model.fitted + coef[2] * rows.between + middle
    sums = np.bincount(rows.person, plain) / np.maximum(np.bincount(rows.person), 1)
    owners = rows.person[first]
    overall = float(rows.person_means.mean())
    between = _bins(rows.mean[first], sums[owners], owners, size, level)
    inner = residual_rows(main) + coef[1] * rows.within
    within = _bins(rows.within, inner, rows.person, size, level)
    lines: list[dict[str, Any]] = []
    for name, bins, at, zero in (
        ("between", between, 2, overall),
        ("within", within, 1, 0.0),
    ):
        base = middle if name == "between" else 0.0
        for x in (bins[0]["x"], bins[-1]["x"]):
            lines.append({"part": name, "x": x, "y": base + float(coef[at]) * (x - zero)})
    scale = {"exposure": known[0].axis, "outcome": known[1].label, "unit": known[1].unit,
             "gap": rows.gap, "people": rows.people, "rows": len(rows.outcome)}  # fmt: skip
    return {"between": between, "within": within, "lines": lines, "scale": [scale]}


def _bins(x: Floats, y: Floats, person: Any, count: int, level: float) -> list[dict[str, Any]]:
    """Average along quantiles of x; few people in a bin give none."""
    edges = np.quantile(x, np.linspace(0, 1, count + 1))
    where = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, count - 1)
    found: list[dict[str, Any]] = []
    for k in range(count):
        here = where == k
        people = len(np.unique(person[here]))
        if people < LEAST_PEOPLE:
            continue
        mean = float(y[here].mean())
        half = quantile(level, people - 1) * float(y[here].std(ddof=1)) / float(np.sqrt(people))
        row = {"x": float(x[here].mean()), "y": mean, "low": mean - half, "high": mean + half}
        found.append(row | {"people": people})
    return found
