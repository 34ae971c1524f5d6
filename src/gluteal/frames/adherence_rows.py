"""Estimates of a later outcome by adherence, as rows of the one result table."""

from __future__ import annotations

from typing import Any

import numpy as np

from gluteal.estimators.inference import Model
from gluteal.frames.adherence import Dose, Intervals
from gluteal.variables import variables

NAIVE = "adherence was not drawn by lot: not to be read as what more of it does"


def list_doses(
    made: Intervals,
    dose: Dose,
    outcome: str,
    exposure: str,
    per: float,
    level: float,
) -> list[dict[str, Any]]:
    """List the weighted estimate first, then the plain regressions as a contrast.

    Parameters
    ----------
    made : Intervals
    dose : Dose
    outcome, exposure : str
        As the settings name them.
    per : float
        Adherence that the slope is for: 0.1 is ten percent of what was prescribed.
    level : float
    """
    base = ("baseline", *dict.fromkeys(name.split("=")[0] for name in made.course.names))
    end, share = made.course.visits[made.end], f"{100 * per:g} %"
    common: dict[str, Any] = {
        "outcome": outcome, "exposure": exposure, "term": "adherence_to_date",
        "contrast": f"per {share} more done of what was prescribed",
        "estimand": f"difference in later outcome at {end} per {share} more adherence until then",
        "scale": "difference", "unit": variables()[outcome].unit,
        "n_obs": dose.n, "n_people": dose.n, "n_missing": len(made.course.y) - dose.n,
    }  # fmt: skip
    every = "; ".join((*base, *(n for n in made.names if n != "outcome"), "outcome before"))
    weighted = {"adjusted_for": every, "missing_method": "weights for staying"}
    weighted |= {"estimator": "inverse-probability weighted least squares"}
    plain = {"role": "secondary", "missing_method": "complete cases", "warnings": NAIVE}
    plain |= {"estimator": "least squares"}

    def row(found: Model, **more: Any) -> dict[str, Any]:
        state = {"se_type": found.se_type, "converged": found.converged}
        state |= {"warnings": "; ".join(found.warnings)}
        return {**common, **state, **found.coefficient(1, level).times(per).row(), **more}

    return [
        row(dose.weighted, **weighted, model="marginal structural model", threat="adjusted"),
        row(dose.crude, **plain, model="crude regression", threat="crude", adjusted_for=""),
        row(dose.adjusted, **plain, model="regression with the baseline", threat="adjusted",
            adjusted_for="; ".join(base)),
        row(dose.untruncated, **weighted, role="sensitivity", model="weights not truncated",
            threat="weighted"),
    ]  # fmt: skip


def draw_dose(
    made: Intervals, dose: Dose, outcome: str, level: float
) -> dict[str, list[dict[str, Any]]]:
    """Return the outcome along adherence: weighted with its band, and the crude line beside it.

    From the 5th to the 95th percentile of adherence, at the means of the baseline; people are
    shown as deciles.
    """
    seen = np.isfinite(made.course.y[:, made.end])
    total, known = made.total[seen], variables()[outcome]
    means = made.baseline[seen].mean(0)
    low, *middle, high = np.quantile(total, [0.05, *np.arange(0.1, 0.95, 0.1), 0.95])
    rows: list[dict[str, Any]] = []
    for x in np.linspace(low, high, 41):
        found = dose.weighted.contrast([1.0, float(x), *means[1:]], level)
        ends = {"estimate": found.estimate, "low": found.low, "high": found.high}
        rows.append({"x": 100 * float(x)} | ends)
    at, slope = dose.crude.coef[:2]
    scale = {"axis": known.axis, "end": made.course.visits[made.end], "n": dose.n}
    return {
        "dose": rows,
        "crude": [{"x": 100 * float(x), "estimate": float(at + slope * x)} for x in (low, high)],
        "deciles": [{"x": 100 * float(x)} for x in middle],
        "scale": [scale],
    }
