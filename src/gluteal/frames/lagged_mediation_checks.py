"""How far a part that runs through a mediator over visits may be trusted."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from gluteal.estimators.checks import check
from gluteal.estimators.sensitivity.omitted import compute_robustness
from gluteal.frames.lagged import Lagged
from gluteal.frames.lagged_checks import check_lagged, check_timing
from gluteal.frames.lagged_mediation import Arms
from gluteal.frames.lagged_mediation_rows import Traced
from gluteal.notation import write_label

Checks = list[dict[str, Any]]
FEW = 15.0
CLEAR = 1.96


def check_traced(made: Traced) -> Checks:
    """Check the assumptions, the gains, who was lost, and the panel model."""
    label = write_label(made.known[0].label)
    text = (
        f"a gain in {label} by the programme acts on the outcome as a person's own ups and downs "
        "do, one interval later; a lasting gain may do more, then the indirect part is too small"
    )
    rows = [check("assumed: gains act as ups and downs do", 1.0, "", None, text)]
    text = (
        f"nothing that changes over time moves both {label} and the later outcome; chance made "
        "the arms at best, never the mediator"
    )
    rows.append(check("assumed: no confounder that changes over time", 1.0, "", None, text))
    rows += _strength(made.main)
    for k, part in zip(made.arms.earlier, made.gains, strict=True):
        size = float(np.sqrt(part.influence @ part.influence))
        z = part.value / size if size > 0 else float("nan")
        text = "z of the arms' difference in the mediator; near 0: nothing there to run through it"
        rows.append(check(f"gain at {made.schedule.visits[k]}, z", z, f"|x| >= {CLEAR}",
                          abs(z) >= CLEAR, text))  # fmt: skip
    rows += _lost(made.arms)
    text = "visits between whose gains and the end at least one interval lies: only they count"
    rows.append(check("visits that count", float(len(made.arms.earlier)), "", None, text))
    rows += check_lagged(made.main, made.free, made.panel, made.errors, made.asked.pair)
    return [*rows, *check_timing(made.cohort, made.panel)]


def robustness(found: Lagged) -> float:
    """Return how strong a cause must be to be the whole lagged path, as a share of variance.

    It is the partial R² with the mediator's ups and downs and with what is new in the outcome at
    the next visit, both free of error, that takes the path away; NaN where a variance is not
    above 0.

    References
    ----------
    Cinelli and Hazlett 2020, doi:10.1111/rssb.12348.
    """
    value = dict(zip(found.fit.names, found.fit.model.coef, strict=True))
    own, other, both, new = (
        float(value.get(name, float("nan")))
        for name in ("within_x1 ~~ within_x1", "within_y1 ~~ within_y1",
                     "within_x1 ~~ within_y1", "within_y2 ~~ within_y2")
    )  # fmt: skip
    path = found.each("c")[0].estimate
    if not (own > 0 and other > 0 and new > 0 and own * other > both**2):
        return float("nan")
    f = abs(path) * sqrt((own - both**2 / other) / new)
    df = float(found.fit.n)
    return compute_robustness(f, 1 / sqrt(df), df).rv


def _strength(found: Lagged) -> Checks:
    text = (
        "share of the mediator's ups and downs, and of what is new in the outcome, that a cause "
        "changing over time must explain to be the whole lagged path (robustness value)"
    )
    return [check("confounder that would be the path, R²", robustness(found), "", None, text)]


def _lost(arms: Arms) -> Checks:
    """Compare how many of each arm were not seen at the end."""
    gone = ~np.isfinite(arms.panel.second[:, arms.end])
    shares = [100 * float(gone[arms.arm == code].mean()) for code in (1, 0)]
    gap = abs(shares[0] - shares[1])
    text = (
        f"percentage points between the arms in who has no outcome at the end ({shares[0]:.0f} % "
        f"of the programme, {shares[1]:.0f} % of the control arm)"
    )
    return [check("lost by arm", gap, f"<= {FEW:g}", gap <= FEW, text)]
