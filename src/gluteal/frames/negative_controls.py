"""The same model on outcomes or exposures that cannot be part of an effect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.sensitivity import ControlCheck, Regression, check_negative_controls
from gluteal.frames.bias_checks import Answer, attempt
from gluteal.frames.design import numeric_column
from gluteal.frames.one_effect import Effect
from gluteal.notation import write_label, write_number
from gluteal.variables import variables

THREAT = "negative control"
CITED = "doi:10.1097/EDE.0b013e3181d61eeb"
Rows = list[dict[str, Any]]


def answer_controls(
    effect: Effect, outcomes: Sequence[str], exposures: Sequence[str], level: float
) -> tuple[list[Answer], Rows]:
    """Estimate what cannot be an effect, in the people of the headline and by its model.

    Returns
    -------
    answers : list of Answer
        A control outcome in its standard deviations, for the amount of exposure of the headline;
        a control exposure per its standard deviation, on the scale of the headline.
    checks : list of dict
        One a control: a control whose interval excludes nothing-at-all is flagged.
    """
    if not outcomes and not exposures:
        return [Answer(THREAT, "negative control", reason="no negative control is named")], []
    answers: list[Answer] = []
    for name in outcomes:
        text = f"negative control outcome: {write_label(variables()[name].label)}"
        answers.append(attempt(THREAT, text, lambda n=name, t=text: _outcome(effect, n, t, level)))
    for name in exposures:
        text = f"negative control exposure: {write_label(variables()[name].label)}"
        answers.append(attempt(THREAT, text, lambda n=name, t=text: _exposure(effect, n, t, level)))
    return answers, [_judge(one, effect) for one in answers if one.found is not None]


def _values(effect: Effect, name: str) -> Floats:
    """Take a control in the people analysed, in its standard deviations."""
    if name not in effect.frame or not effect.frame[name].notna().any():
        raise UserError(f"{name} not recorded")
    values = numeric_column(effect.frame, name)[effect.design.rows]
    seen = values[np.isfinite(values)]
    if len(seen) < 2 or float(np.ptp(seen)) == 0:
        raise UserError(f"{name} has one value only in the people analysed")
    return (values - seen.mean()) / seen.std(ddof=1)


def _outcome(effect: Effect, name: str, text: str, level: float) -> Answer:
    values = _values(effect, name)
    found = _compare(effect, Regression(name, effect.x, values), level)
    lost = int(np.isnan(values).sum())
    more: dict[str, Any] = {
        "outcome": name, "scale": "smd", "unit": "SD", "se_type": "HC0",
        "estimand": "difference that should be none", "estimator": "least squares",
        "n_obs": effect.people - lost, "n_people": effect.people - lost,
        "converged": found.converged, "warnings": "; ".join(found.warnings),
    }  # fmt: skip
    return Answer(THREAT, text, found.controls[name].times(effect.units), more=more)


def _exposure(effect: Effect, name: str, text: str, level: float) -> Answer:
    from gluteal.estimators.effect_size import log_ratio

    values = _values(effect, name)
    x = effect.x.copy()
    x[:, 1] = np.where(np.isnan(values), 0.0, values)
    y = np.where(np.isnan(values), np.nan, effect.outcome)
    found = _compare(effect, Regression(name, x, y, 1, effect.family), level)
    lost, unit = int(np.isnan(values).sum()), variables()[name].unit
    own = numeric_column(effect.frame, name)[effect.design.rows]
    sd = f"{write_number(float(np.nanstd(own, ddof=1)))} {unit}".strip()
    more: dict[str, Any] = {
        "exposure": name, "term": name, "contrast": f"per SD ({sd}) more", "se_type": "HC0",
        "n_obs": effect.people - lost, "n_people": effect.people - lost,
        "converged": found.converged, "warnings": "; ".join(found.warnings),
    }  # fmt: skip
    one = found.controls[name]
    return Answer(THREAT, text, log_ratio(one) if effect.ratio else one, more=more)


def _compare(effect: Effect, control: Regression, level: float) -> ControlCheck:
    main = Regression("the effect", effect.x, effect.outcome, 1, effect.family)
    return check_negative_controls(main, [control], level=level)


def _judge(one: Answer, effect: Effect) -> dict[str, Any]:
    from gluteal.estimators.checks import check

    assert one.found is not None
    own = one.more.get("scale") != "smd" and effect.ratio
    null = 1.0 if own else 0.0
    clear = one.found.low <= null <= one.found.high
    text = "an association that cannot be an effect: what makes it may make the headline too"
    return check(one.model, one.found.p, "interval holds no association", clear, text)
