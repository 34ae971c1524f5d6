"""Arms compared by responders, as rows of the one result table."""

from __future__ import annotations

from typing import Any

from gluteal.constants import Constant
from gluteal.estimators.inference import Estimate, Floats
from gluteal.frames.course import Course
from gluteal.frames.responders import Flags, Threshold, risk_difference, risk_ratio


def define_responses(before: Floats, after: Floats, threshold: Threshold) -> dict[str, Flags]:
    """Say who responded by each definition, the one by MIC first."""
    mic, mdc = write_threshold(threshold.mic), write_threshold(threshold.mdc)
    return {
        f"fall ≥ MIC {mic} and ≥ {threshold.percent.value:g} %": threshold.responds(before, after),
        f"fall ≥ MDC {mdc}": threshold.detects(before, after),
        f"fall ≥ MIC {mic} and ≥ 50 %": threshold.responds(before, after, 0.5),
    }


def write_threshold(found: Constant) -> str:
    """Write a threshold; one from memory says that it is not verified."""
    return f"{found.value:g}{'' if found.mark != 'M' else ' (unverified)'}"


def list_responders(
    course: Course, end: int, threshold: Threshold, level: float
) -> list[tuple[Estimate, dict[str, Any]]]:
    """Compare the shares of responders by each definition; nothing where an arm has hardly anybody.

    Returns
    -------
    list of (Estimate, mapping)
        The mapping has what differs from the row of the arms' difference in means.
    """
    before, after, arm = course.pairs(end)
    counted = threshold.counted(before)
    before, after, arm = before[counted], after[counted], arm[counted]
    if min((arm == 1).sum(), (arm == 0).sum()) < 2:
        return []
    found: list[tuple[Estimate, dict[str, Any]]] = []
    visit = course.visits[end]
    for k, (name, response) in enumerate(define_responses(before, after, threshold).items()):
        size: dict[str, Any] = {
            "n_obs": len(arm), "n_people": len(arm), "n_events": int(response.sum()),
            "n_missing": len(course.y) - len(arm), "model": f"responders: {name}",
            "role": "secondary" if k < 2 else "sensitivity", "missing_method": "complete cases",
            "adjusted_for": "", "estimator": "proportions", "warnings": "", "converged": True,
        }  # fmt: skip
        text = f"difference in the share of responders at {visit}"
        words = {"scale": "difference", "unit": "1", "se_type": "Newcombe interval"}
        found.append((risk_difference(response, arm, level), {**size, **words, "estimand": text}))
        if k == 0 and (ratio := risk_ratio(response, arm, level)):
            text = f"ratio of the shares of responders at {visit}"
            words = {"scale": "ratio", "unit": "", "se_type": "log scale"}
            found.append((ratio, {**size, **words, "estimand": text}))
    return found
