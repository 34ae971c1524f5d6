"""How far a model of new pain may be trusted: events, follow-up, proportional hazards, weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.estimators.checks import check
from gluteal.estimators.inference import JointTest
from gluteal.frames.followed import RATING, Followed
from gluteal.frames.hazards import Answer, check_bend
from gluteal.notation import write_list

if TYPE_CHECKING:
    from gluteal.estimators.causal import WeightSummary
    from gluteal.estimators.survival.discrete import Hazards

EVENTS_PER_PARAMETER = 10.0
MILD_PAIN = 3


def check_incidence(
    everyone: Followed, people: Followed, main: Answer, hazards: Hazards | None
) -> list[dict[str, Any]]:
    """Check the main model.

    Parameters
    ----------
    everyone, people : Followed
        Everyone free at the start, and those seen again.
    main : Answer
    hazards : Hazards or None
        None where only a penalty gave an answer.
    """
    events, parameters = people.events, people.x.shape[1]
    share = events / parameters
    text = "events for each coefficient beside the hazards; fewer than 10 pull ratios away from 1"
    found = [
        check("events", events, ">= 5", events >= 5, "people with new pain"),
        check("events per coefficient", share, ">= 10", share >= EVENTS_PER_PARAMETER, text),
    ]
    text = "1: without a penalty the model has no finite answer"
    found.append(check("penalty needed", float(hazards is None), "0", hazards is not None, text))
    flow = everyone.flow
    text = "people in pain at the start, who cannot get new pain and are not analysed"
    found.append(check("in pain at the start", flow["in pain"], "", None, text))
    text = "people of whom it is not known whether they were in pain at the start; left out"
    unknown = flow["unknown"]
    found.append(check("state at the start unknown", unknown, "0", unknown == 0, text))
    full = len(everyone.frame) / (len(everyone.frame) + flow["without a covariate"])
    text = "share of people free of pain with every value of the model; the others are left out"
    found.append(check("complete cases", full, ">= 0.9", full >= 0.9, text))
    stayed = float((everyone.hit | np.isfinite(everyone.status[:, -1])).mean())
    text = "share followed to the event or the last visit"
    found.append(check("followed to the end", stayed, ">= 0.8", stayed >= 0.8, text))
    if RATING in people.frame:
        rated = people.frame[RATING].to_numpy(dtype=float, na_value=np.nan)
        some = int((rated >= MILD_PAIN).sum())
        text = f"people called free of low back pain who rated {MILD_PAIN} or more at the start"
        found.append(check("free but in pain", some, "0", some == 0, text))
    width = float(np.diff([0.0, *people.weeks]).max())
    text = "longest stretch between visits in weeks, within which the day of new pain is not known"
    found.append(check("longest interval", width, "", None, text))
    if hazards is not None:
        model, at = hazards.model, len(hazards.live)
        ratio = float(np.sqrt(model.cov[at, at] / model.classical_cov[at, at]))
        text = "far from 1: few events weigh much, or the hazards are not what the model says"
        fine = bool(0.67 < ratio < 1.5)
        found.append(check("CR2 over classical standard error", ratio, "0.67 to 1.5", fine, text))
        if bend := check_bend(people):
            text = "small: the log hazard is no straight line in the exposure"
            p = bend.p
            found.append(check("straight line, p", p, ">= 0.05", p >= 0.05, text))
    return found


def check_dates(own: JointTest, whole: JointTest) -> list[dict[str, Any]]:
    """Report the tests of proportional hazards on exact days."""
    text = "small: hazards are not proportional (Grambsch and Therneau's test on exact days)"
    pairs = (("proportional hazards of the exposure, p", own), ("of all, p", whole))
    return [
        check(name, test.p, ">= 0.05", bool(test.p >= 0.05) if test.p == test.p else None, text)
        for name, test in pairs
    ]


def check_weights(spread: WeightSummary, known: tuple[str, ...]) -> list[dict[str, Any]]:
    """Report the weights of those who stayed."""
    said = write_list(known) if known else "nothing beside the covariates"
    text = f"largest weight of those who stayed; leaving was predicted by {said}"
    share = spread.effective / spread.rows
    more = "effective share of rows after weighting; low: few rows weigh much"
    return [
        check("largest weight for staying", spread.high, "<= 10", spread.high <= 10, text),
        check("effective share of rows", share, ">= 0.5", share >= 0.5, more),
    ]
