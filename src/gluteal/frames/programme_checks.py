"""What a reader must know before believing a programme's numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from gluteal.estimators.checks import check, smd
from gluteal.estimators.effect_size import variance_ratio
from gluteal.estimators.inference import Floats
from gluteal.estimators.lmm import MixedModel
from gluteal.frames.arms import lost_share
from gluteal.frames.course import Course
from gluteal.frames.responders import Threshold

Checks = list[dict[str, Any]]
LARGE_IMBALANCE, MUCH_LOST, UNEQUAL_LOSS, LARGE_END = 0.25, 0.2, 0.1, 0.15
FEW = 20


def check_model(fit: MixedModel) -> Checks:
    """Check that the mixed model was found."""
    text = "1: the visits of a person are not alike, the random intercept is 0"
    return [
        check("model converged", float(fit.model.converged), "1", fit.model.converged, "the fit"),
        check("variance at its boundary", float(fit.singular), "0", not fit.singular, text),
    ]


def check_change(course: Course, end: int, low: float | None) -> Checks:
    """Check for what a change over time shows without any programme."""
    before, after, arm = course.pairs(end)
    found: Checks = []
    text = (
        "correlation of change with baseline; about -0.5 arises without any effect, since who "
        "enters at a peak falls back: change is not regressed on baseline"
    )
    for name, code in (("programme", 1), ("control", 0)):
        b, a = before[arm == code], after[arm == code]
        if len(b) >= FEW and np.ptp(b) and np.ptp(a - b):
            r = float(np.corrcoef(b, a - b)[0, 1])
            found.append(check(f"regression to the mean, {name}", r, "", None, text))
    floor = float(np.nanmin(course.y[:, 0]))
    if low is not None and len(before) >= FEW:
        text = (
            "lowest baseline value: people were let in by their pain, so a fall follows whatever "
            "is done (regression to the mean)"
        )
        span = float(np.nanmax(course.y[:, 0])) - low
        fine = floor < low + 0.3 * span
        found.append(check("entry by the outcome", floor, "near the floor", fine, text))
        share = float((course.y[:, end] == low).sum() / np.isfinite(course.y[:, end]).sum())
        text = "share at the floor at the end; many hide a larger difference"
        fine = share <= LARGE_END
        found.append(check("share at the floor at the end", share, f"<= {LARGE_END}", fine, text))
    return found


def check_arms(course: Course, end: int, level: float, randomised: bool | None) -> Checks:
    """Check that the arms can be compared, and were followed alike."""
    ones, zeros = course.sizes()
    text = "few people make any comparison fragile"
    found = [
        check(f"people in the {name} arm", n, f">= {FEW}", n >= FEW, text)
        for name, n in (("programme", ones), ("control", zeros))
    ]
    if randomised is False:
        text = (
            "the arms were not drawn by lot: groups that start apart move towards each other or "
            "apart by themselves (Lord's paradox), the difference is an association"
        )
        found.append(check("arms drawn by lot", 0.0, "1", False, text))
    first = [course.y[course.arm == code, 0] for code in (1, 0)]
    first = [v[np.isfinite(v)] for v in first]
    gap = smd(*first) if min(len(v) for v in first) > 1 else float("nan")
    text = "standardised difference of the arms at the baseline; the model allows for it"
    alike = bool(abs(gap) <= LARGE_IMBALANCE)
    found.append(check("imbalance at baseline", gap, f"|x| <= {LARGE_IMBALANCE}", alike, text))
    lost = lost_share(course, end)
    for name, share in (("programme", lost[0]), ("control", lost[1])):
        fine = share <= MUCH_LOST
        text = "share without a value at the end; the model takes them as missing at random"
        found.append(check(f"lost by the end, {name}", share, f"<= {MUCH_LOST}", fine, text))
    apart = abs(lost[0] - lost[1])
    text = "difference of the shares lost: who left may differ between the arms"
    fine = apart <= UNEQUAL_LOSS
    found.append(check("unequal loss", apart, f"<= {UNEQUAL_LOSS}", fine, text))
    return found + _check_spread(course, end, level)


def _check_spread(course: Course, end: int, level: float) -> Checks:
    """Compare the spread of the arms: equal spread leaves little room for responder types."""
    groups = [course.y[course.arm == code, end] for code in (1, 0)]
    one, zero = (v[np.isfinite(v)] for v in groups)
    if min(len(one), len(zero)) < FEW or not np.ptp(one) or not np.ptp(zero):
        return []
    found = variance_ratio(one, zero, level)
    text = (
        f"variance in the programme over control at the end, interval {found.low:.2f} to "
        f"{found.high:.2f}; where it holds 1, nothing shows that people respond differently"
    )
    return [check("variance ratio of the arms", found.estimate, "", None, text)]


def check_single(before: Floats, after: Floats, threshold: Threshold | None) -> Checks:
    """Lock the wording of a programme without a control arm."""
    text = (
        "no control arm: this is a change during the programme; natural course and regression to "
        "the mean are in it, and no effect can be read from it"
    )
    found = [check("control arm", 0.0, "1", False, text)]
    if threshold is None:
        return found
    counted = threshold.counted(before)
    if counted.sum() >= FEW:
        share = float(threshold.responds(before[counted], after[counted]).mean())
        text = "share of responders in one arm proves nothing: natural course makes them, too"
        if threshold.mic.name == "mic_nprs":
            text += " (half of people by the same rule in the simulated cohort without a programme)"
        found.append(check("responders in a single arm", share, "control arm", False, text))
    return found


def check_dose(summary: Any, people: int, left: int) -> Checks:
    """Check the weights of an adherence model, and say what adherence is not."""
    text = (
        "adherence is not allocated: people with less pain and distress adhere more; the weights "
        "allow for what was measured before each interval and for nothing else"
    )
    found = [check("adherence drawn by lot", 0.0, "1", False, text)]
    mean, top = float(summary.mean), float(summary.high)
    text = "far from 1: the models of adherence or of staying are wrong"
    found.append(check("mean weight", mean, "0.9 to 1.1", 0.9 <= mean <= 1.1, text))
    found.append(check("largest weight", top, "<= 10", top <= 10, "a few people weigh much"))
    share = float(summary.effective) / max(people, 1)
    text = "effective number of people over their number; low: the weights cost much precision"
    found.append(check("effective share of people", share, ">= 0.5", share >= 0.5, text))
    text = "people with sessions and the outcome at the end"
    found.append(check("people analysed", people, "", None, text))
    text = "people with sessions who had left by the end; the weights stand in for them"
    found.append(check("people who left", left, "", None, text))
    return found
