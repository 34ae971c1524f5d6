"""One effect, were the people without an outcome unlike what the others let one expect."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np

from gluteal.estimators.effect_size import log_ratio
from gluteal.estimators.inference import Estimate
from gluteal.estimators.sensitivity import find_tipping
from gluteal.estimators.sensitivity.missing_outcome import MissingOutcome, directions
from gluteal.frames.bias_checks import Answer
from gluteal.frames.bias_limits import answer_number
from gluteal.frames.design import build_design
from gluteal.frames.one_effect import Effect
from gluteal.notation import write_number
from gluteal.variables import variables

MISSING = "missing not at random"
SHIFT, FURTHEST = 0.5, 3.0
Rows = list[dict[str, Any]]


def take_missing(effect: Effect) -> MissingOutcome | str:
    """Find the people whose outcome alone is missing."""
    frame = effect.frame
    names = [effect.exposure_name, *effect.covariates]
    there = frame[names].notna().all(axis=1).to_numpy()
    unseen = there & frame[effect.outcome_name].isna().to_numpy()
    if not unseen.any():
        return "no outcome is missing in people with exposure and covariates"
    whole = build_design(frame[there], names)
    at = np.flatnonzero(there)
    x = whole.matrix[unseen[at]]
    if x.shape[1] != effect.x.shape[1]:
        return "people without outcome have levels of a covariate that the others lack"
    mean = float(effect.exposure.mean())
    along = directions(x[:, 1], mean, effect.units, effect.binary)
    if not np.any(along):
        return "nobody exposed lacks the outcome"
    most = 1.0 if effect.yes_no else float("inf")
    return MissingOutcome(effect.x, effect.outcome, x, along, effect.model, effect.family, most)


def answer_missing(effect: Effect, level: float) -> tuple[list[Answer], dict[str, Rows]]:
    """Shift missing outcomes by a little, and find the shift at which the answer tips."""
    if effect.model.extra.get("penalised"):
        reason = "the covariates separate the outcome: nothing can be predicted for the missing"
        return [Answer(MISSING, "tipping point", reason=reason)], {}
    found = take_missing(effect)
    if isinstance(found, str):
        return [Answer(MISSING, "tipping point", reason=found)], {}
    step = log(2) if effect.ratio else float(effect.outcome.std(ddof=1))
    unit = _unit_of_delta(effect)
    where = "in the exposed" if effect.binary else effect.contrast
    said = _outside(effect, found)

    def at(delta: float) -> Estimate:
        return found.estimate(delta, level).times(effect.units)

    answers: list[Answer] = []
    for sign in (1.0, -1.0):
        size = step if effect.ratio else SHIFT * step
        made = at(sign * size)
        text = f"missing outcomes {_shifted(effect, size, sign)} predicted {where}"
        share = f"pattern mixture, {100 * found.share:.0f} % imputed and shifted"
        more = {"estimator": share, "warnings": said, "n_people": found.people}
        more |= {"n_obs": found.people}
        answers.append(Answer(MISSING, text, log_ratio(made) if effect.ratio else made, more=more))
    reach = FURTHEST * step
    grid = [float(d) for d in np.linspace(-reach, reach, 25)]
    tip = find_tipping(at, grid)
    for name, delta in (("estimate", tip.estimate_at), ("interval", tip.interval_at)):
        text = f"shift at which the {name} reaches no association"
        if delta is None:
            far = f"no shift within {write_number(reach)} {unit} moves it there"
            answers.append(Answer(MISSING, text, reason=far))
        else:
            answers.append(answer_number(MISSING, text, delta, "shift", unit=unit))
    rows: Rows = []
    for row in tip.rows:
        ends = {key: float(row[key]) for key in ("estimate", "low", "high")}
        rows.append({"delta": row["delta"]} | {k: _back(effect, v) for k, v in ends.items()})
    marks = {"estimate_at": tip.estimate_at, "interval_at": tip.interval_at}
    return answers, {"tipping": rows, "tips": [{**marks, "unit": unit, "where": where}]}


def _back(effect: Effect, value: float) -> float:
    return float(np.exp(value)) if effect.ratio else value


def _outside(effect: Effect, found: MissingOutcome) -> str:
    """Say who is not in it: a shift of the outcome cannot place people without exposure."""
    left = len(effect.frame) - found.people
    return f"{left} people without exposure or covariates are not in it" if left else ""


def _shifted(effect: Effect, size: float, sign: float) -> str:
    word = "higher" if sign > 0 else "lower"
    if not effect.ratio:
        return f"{write_number(size)} {_unit_of_delta(effect)} {word} than".replace("  ", " ")
    what = "odds" if effect.family == "logistic" else "risks" if effect.yes_no else "means"
    return f"with {what} {'twice' if sign > 0 else 'half'} as high as"


def _unit_of_delta(effect: Effect) -> str:
    """Name the unit of a shift; "0-10" is a range, its unit is a point."""
    if effect.family == "linear":
        unit = variables()[effect.outcome_name].unit
        return "points" if unit[:1].isdigit() else unit
    return "log odds" if effect.family == "logistic" else "log ratio"
