"""Apply a referral rule, and ask whether who will meet it can be told early enough to matter.

That who does not improve should be seen by a clinician is a care pathway: no data can test it. So
the rule, each threshold with its source, is printed beside the share of people who meet it; who
they are stands in a list for a clinician alone. What can be tested is whether an early prediction
would refer better than the same decision for everybody. The headline is its net benefit over the
better of referring all and nobody, corrected for optimism: 0 means that the prediction adds
nothing. Research use, not clinical advice; a clinician has to sign the thresholds off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal import spec as base
from gluteal.cohort.clauses import Clause
from gluteal.errors import UserError
from gluteal.estimates import Fit, diagnostic

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.estimators.optimism import Gain, Shifted
    from gluteal.frames.early_signs import Signs
    from gluteal.frames.referral import Judged

FIGURE = "decision"
IMPUTES = True
ENOUGH = 10
GRID = tuple(round(0.05 + 0.025 * k, 3) for k in range(29))
RULE: tuple[dict[str, Any], ...] = (
    {"reason": "pain hardly fell", "variable": "nprs_avg", "improved_below_pct": 30,
     "and_now": ">= 4", "constants": ("mic_pct", "cut_referral_nprs")},
    {"reason": "disability hardly fell", "variable": "odi_pct", "improved_below": 10,
     "and_now": "> 20", "constants": ("mic_odi", "cut_referral_odi")},
    {"reason": "pain got worse", "variable": "nprs_avg", "worse_by": 2,
     "constants": ("mic_nprs",)},
)  # fmt: skip


class Spec(base.Spec):
    """Settings of ``referral_rule``; ``visit`` is the one that improvement is counted from."""

    method: Literal["referral_rule"] = "referral_rule"
    decision_visit: str = Field("week12", description="The visit at which the rule is applied")
    early_visit: str = Field("week04", description="The visit until which is predicted from")
    rule: tuple[Clause, ...] = Field(
        tuple(map(Clause.model_validate, RULE)), min_length=1, description="Any clause refers"
    )
    among: str | None = Field("lbp", description="The rule is for people with this yes/no fact")
    predictors: tuple[str, ...] = Field(
        ("nprs_avg", "odi_pct", "phq9", "hip_abd_nm_kg", "age_years"),
        description="First values that predict, chosen before the data were seen",
    )
    early_changes: tuple[str, ...] = Field(
        ("nprs_avg",), description="Scores whose change until the early visit predicts"
    )
    early_values: tuple[str, ...] = Field(
        (), description="Numbers at the early visit that predict, such as adherence_to_date"
    )
    threshold: float = Field(
        0.3, gt=0, lt=1, description="Risk of meeting the rule from which one would refer early"
    )
    threshold_source: str = Field(
        "constant cut_referral_risk", description="Where the threshold comes from"
    )
    resamples: int = Field(500, ge=100, description="Resamples of people")
    min_cell: int = Field(5, ge=1, description="Smaller counts are not shown")

    @model_validator(mode="after")
    def _visits_in_order(self) -> Spec:
        if self.decision_visit in (self.visit, self.early_visit):
            raise ValueError("decision_visit must come after visit and early_visit")
        if not (self.predictors or self.early_changes or self.early_values):
            raise ValueError("name predictors, early_changes or early_values")
        return self


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the scores of the rule and the predictors."""
    scores = [clause.variable for clause in spec.rule]
    early = (*spec.early_changes, *spec.early_values)
    return tuple(dict.fromkeys((*scores, *spec.predictors, *early)))


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Apply the rule, list whom a clinician should see, and judge an early prediction."""
    from gluteal.frames import referral_tables as tables
    from gluteal.frames.early_signs import write_sign
    from gluteal.frames.referral import list_referrals

    if lacking := _cannot(cohort, spec):
        return Fit(needs=lacking)
    judged = _judge(cohort, spec)
    row, signs, gain = _predict(cohort, spec, judged, full=True)
    rows = [row, *tables.share_rows(judged, spec.level, spec.min_cell, _common(spec))]
    panels: dict[str, Any] = {}
    shown = tables.lay_out_rule(judged, spec.min_cell)
    if signs is not None and gain is not None:
        rows += _performance(spec, signs, gain, judged)
        rows += _vary(cohort, spec, judged, signs)
        panels = tables.draw_panels(signs, gain, spec.threshold, spec.level, ENOUGH)
        names = [write_sign(n, spec.visit, spec.early_visit) for n in signs.design.names[1:]]
        shown["equation"] = tables.lay_out_equation(gain, names)
    return Fit(
        estimates=rows,
        diagnostics=[*tables.judge_rule(judged, cohort, spec.min_cell), *_diagnose(signs, gain)],
        panels=panels,
        tables=shown,
        sentences=tables.write_sentences(
            judged,
            signs,
            gain,
            (spec.visit, spec.early_visit, spec.decision_visit),
            (spec.threshold, spec.threshold_source),
        ),
        confidential={"referral": list_referrals(judged, spec.visit, spec.decision_visit)},
    )


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Return the first estimate of ``fit`` alone: the same resamples, nothing beside them."""
    return _predict(cohort, spec, _judge(cohort, spec), full=False)[0]


def _cannot(cohort: Cohort, spec: Spec) -> list[str]:
    """Name the scores of the rule, where the cohort has none of them."""
    scores = list(dict.fromkeys(clause.variable for clause in spec.rule))
    lacking = cohort.lacks(scores)
    return lacking if len(lacking) == len(scores) else []


def _judge(cohort: Cohort, spec: Spec) -> Judged:
    from gluteal.frames.referral import apply_rule

    return apply_rule(cohort, spec.rule, spec.visit, spec.decision_visit, spec.among)


def _common(spec: Spec) -> dict[str, Any]:
    return {
        "outcome": spec.rule[0].variable, "term": f"rule at {spec.decision_visit}", "unit": "",
        "role": "secondary", "missing_method": "complete cases", "level": spec.level,
    }  # fmt: skip


def _predict(
    cohort: Cohort, spec: Spec, judged: Judged, *, full: bool, first_values_only: bool = False
) -> tuple[dict[str, Any], Signs | None, Gain | None]:
    """Predict who will meet the rule; return the row of the gain, and what it was made of."""
    from gluteal.estimators.optimism import correct_gain
    from gluteal.frames.early_signs import gather_signs
    from gluteal.frames.referral import check_visit, refuse_hindsight

    changes = () if first_values_only else spec.early_changes
    values = () if first_values_only else spec.early_values
    if changes or values:
        check_visit(cohort, spec.early_visit, "early_visit")
        refuse_hindsight(cohort, spec.early_visit, spec.decision_visit, "early_visit")
    blank = _common(spec) | _gain_words(spec) | {
        "role": spec.role, "model": "early prediction", "threat": "adjusted",
    }  # fmt: skip
    try:
        # Red flags are referred at once, whatever is predicted.
        signs = gather_signs(
            cohort, judged.met, judged.known & ~judged.red, spec.predictors, changes,
            spec.visit, spec.early_visit, values,
        )  # fmt: skip
        at = _thresholds(spec) if full else (spec.threshold,)
        gain = correct_gain(
            signs.design.matrix, signs.outcome, at, spec.resamples, spec.seed, spec.level,
            measures=full,
        )  # fmt: skip
    except UserError as error:  # the share who meet the rule stands without a prediction
        return blank | {"converged": False, "warnings": str(error)}, None, None
    row = blank | _numbers(gain.over_best, at.index(spec.threshold)) | _size(signs, gain, judged)
    return row, signs, gain


def _thresholds(spec: Spec) -> tuple[float, ...]:
    return tuple(sorted({*GRID, spec.threshold, *_other_thresholds(spec)}))


def _other_thresholds(spec: Spec) -> tuple[float, float]:
    """Halve and double the odds of the threshold."""
    odds = spec.threshold / (1 - spec.threshold)
    return odds / 2 / (1 + odds / 2), 2 * odds / (1 + 2 * odds)


def _gain_words(spec: Spec, threshold: float | None = None) -> dict[str, Any]:
    at = spec.threshold if threshold is None else threshold
    return {
        "contrast": f"referral at a risk of {at:.2g} or more, beside the better of all and nobody",
        "estimand": "gain in net benefit in new people", "scale": "difference",
        "unit": "net benefit", "estimator": "logistic regression, optimism removed",
        "se_type": "bootstrap of people",
    }  # fmt: skip


def _numbers(found: Shifted, k: int) -> dict[str, float]:
    keys = ("corrected", "low", "high", "se")
    values = [float(getattr(found, key)[k]) for key in keys]
    return dict(zip(("estimate", "low", "high", "se"), values, strict=True))


def _size(signs: Signs, gain: Gain, judged: Judged) -> dict[str, Any]:
    text = [*gain.warnings]
    if signs.lacking:
        text.append(f"not available and left out: {', '.join(signs.lacking)}")
    return {
        "n_obs": gain.n, "n_people": gain.n, "n_events": gain.events,
        "n_missing": int((judged.among & ~judged.red).sum()) - gain.n,
        "converged": gain.converged, "warnings": "; ".join(text), "adjusted_for": "",
    }  # fmt: skip


def _performance(spec: Spec, signs: Signs, gain: Gain, judged: Judged) -> list[dict[str, Any]]:
    """Give the rows of the prediction that are no headline."""
    at = list(gain.thresholds)
    plain = {"model": "early prediction", "scale": "difference", "unit": ""} | _size(
        signs, gain, judged
    )
    words = _common(spec) | _gain_words(spec) | plain | {"contrast": ""}
    rows = [
        words | {"contrast": "beside referring everybody", "unit": "net benefit"}
        | _numbers(gain.over_all, at.index(spec.threshold)),
        words | {"contrast": "beside referring nobody", "unit": "net benefit"}
        | _numbers(gain.net_benefit, at.index(spec.threshold)),
    ]  # fmt: skip
    names = ("area under the ROC curve", "calibration intercept", "calibration slope",
             "Brier score")  # fmt: skip
    for k, (name, scale) in enumerate(zip(names, ("auc", "log odds", "slope", "score"),
                                          strict=True)):  # fmt: skip
        assert gain.measures is not None
        rows.append(words | {"estimand": f"{name} in new people", "scale": scale}
                    | _numbers(gain.measures, k))  # fmt: skip
    return rows


def _vary(cohort: Cohort, spec: Spec, judged: Judged, signs: Signs) -> Sequence[dict[str, Any]]:
    """Change threshold, data and model one at a time."""
    from gluteal.estimators.optimism import correct_gain

    odd = {"role": "sensitivity"}
    rows: list[dict[str, Any]] = []
    x, y = signs.design.matrix, signs.outcome
    how = (spec.resamples, spec.seed, spec.level)
    more = correct_gain(x, y, _other_thresholds(spec), *how, measures=False)
    for k, (at, name) in enumerate(zip(more.thresholds, ("half", "twice"), strict=True)):
        model = f"threshold at {name} the odds"
        rows.append(_common(spec) | _gain_words(spec, float(at)) | _size(signs, more, judged)
                    | _numbers(more.over_best, k) | odd | {"model": model})  # fmt: skip
    if spec.predictors and (spec.early_changes or spec.early_values):
        row, _, _ = _predict(cohort, spec, judged, full=False, first_values_only=True)
        rows.append(row | odd | {"threat": "", "model": f"from values at {spec.visit} alone"})
    firth = _common(spec) | _gain_words(spec) | odd | {"model": "Firth's penalised likelihood"}
    try:
        got = correct_gain(x, y, [spec.threshold], 100, *how[1:], measures=False, firth=True)
        rows.append(firth | _size(signs, got, judged) | _numbers(got.over_best, 0))
    except UserError as error:
        rows.append(firth | {"converged": False, "warnings": str(error)})
    return rows


def _diagnose(signs: Signs | None, gain: Gain | None) -> list[dict[str, Any]]:
    if signs is None or gain is None or gain.measures is None:
        text = "too few people, or a fault of the data: the headline says which"
        return [diagnostic("early prediction", "not made", False, text)]
    a_parameter, slope = signs.events_a_parameter, float(gain.measures.corrected[2])
    lost = gain.n / (gain.n + signs.n_missing)
    few = "people with the rarer outcome for each coefficient; few make risks too extreme"
    bend = "below 1: risks are too extreme for new people; multiply the coefficients by it"
    gone = "share of those whose outcome is known with every predictor"
    off = "how much the area under the curve flatters the model in its own data"
    enough, tame, full = a_parameter >= ENOUGH, 0.8 <= slope <= 1.2, lost >= 0.8
    return [
        diagnostic("events for each parameter", a_parameter, enough, few, f">= {ENOUGH}"),
        diagnostic("calibration slope, corrected", slope, tame, bend, "0.8 to 1.2"),
        diagnostic("optimism of the area", float(gain.measures.optimism[0]), None, off),
        diagnostic("complete cases", lost, full, gone, ">= 0.8"),
    ]
