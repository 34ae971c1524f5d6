"""A referral rule laid out for a reader: shares, its text with sources, the prediction's panels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.cohort.clauses import cite
from gluteal.cohort.exclusions import RED_FLAG
from gluteal.constants import constants
from gluteal.estimates import diagnostic
from gluteal.estimators.calibration import group_risks
from gluteal.estimators.intervals import wilson
from gluteal.estimators.lowess import smooth
from gluteal.estimators.optimism import CITED, Gain
from gluteal.frames.audit_tables import write_percent
from gluteal.frames.early_signs import Signs, write_sign
from gluteal.frames.referral import Judged
from gluteal.notation import write_count, write_number

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

NOT_ADVICE = "Research use, not clinical advice: a clinician has to sign these thresholds off."
MOST_GROUPS, POINTS = 10, 41


def share_rows(
    judged: Judged, level: float, least: int, common: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Estimate the share who meet the rule, and its bounds if those not judged were known."""
    meant, counted = int(judged.among.sum()), judged.counted
    n, met = int(counted.sum()), int((judged.referred & counted).sum())
    sure = int(judged.referred.sum())  # with a score missing, one may still be seen to meet it
    open_ = meant - sure - (n - met)
    same = {
        "estimand": "share who meet the rule", "scale": "proportion", "n_events": met,
        "contrast": "any reason", "estimator": "proportion", "se_type": "Wilson",
    }  # fmt: skip
    bounds = {"role": "sensitivity"}
    few = 0 < met < least or 0 < n - met < least
    rows: list[dict[str, Any]] = []
    for model, count, size, more in (
        ("rule applied", met, n, {}),
        ("nobody whose scores are missing meets it", sure, meant, bounds),
        ("everybody whose scores are missing meets it", sure + open_, meant, bounds),
    ):
        row = {**common, **same, "model": model, **more}
        row |= {"n_obs": size, "n_people": size, "n_missing": meant - size}
        if not size or few or (more is bounds and 0 < open_ < least):
            said = f"a number below {least} stays hidden" if size else "nobody could be judged"
            rows.append({**row, "n_events": None, "converged": False, "warnings": said})
            continue
        value, low, high, *_ = wilson(count, size, level)
        se = float(np.sqrt(value * (1 - value) / size))
        numbers = {"estimate": value, "low": low, "high": high, "se": se}
        rows.append({**row, **numbers, "n_events": count})
    return rows


def lay_out_rule(judged: Judged, least: int) -> dict[str, list[dict[str, str]]]:
    """Lay out the rule's text with its sources, and how many meet each reason."""
    rule = [
        {"Refer if": clause.write(), "Reason": clause.reason, "Cut-points from": clause.cite()}
        for clause in judged.used
    ]
    rule.append({"Refer if": "Any red flag", "Reason": "red flag", "Cut-points from": "always"})
    n = int(judged.counted.sum())
    rows: list[dict[str, str]] = []
    for clause, held in zip(judged.used, judged.clauses.T, strict=True):
        here = judged.among & ~np.isnan(held)
        rows.append(_share(clause.reason, int((held[here] == 1).sum()), int(here.sum()), least))
    rows.append(_share("red flag", int((judged.among & judged.red).sum()), n, least))
    rows.append(_share("any reason", int((judged.referred & judged.counted).sum()), n, least))
    lost = int(judged.among.sum()) - n
    rows.append(_share("not judged", lost, int(judged.among.sum()), least))
    return {"rule": rule, "reasons": rows}


def _share(name: str, count: int, n: int, least: int) -> dict[str, str]:
    """Write one row; a count that leaves few others is hidden like a small one."""
    row = {"Reason": name, "People judged": write_count(n, least)}
    if 0 < n - count < least:
        hidden = f">{write_number(100 * max(1 - least / n, 0), decimals=1)}"
        return {**row, "People": f">{max(n - least, 0)}", "%": hidden}
    percent = write_percent(count, n, least) if n else ""
    return {**row, "People": write_count(count, least), "%": percent}


def lay_out_equation(gain: Gain, names: Sequence[str]) -> list[dict[str, str]]:
    """Lay out the coefficients, as fitted: the corrected slope says by how much to shrink them."""
    rows = zip(("Intercept", *names), gain.coef, gain.se, strict=True)
    return [
        {"Term": name, "Log odds a unit": write_number(b), "SE": write_number(se)}
        for name, b, se in rows
    ]


def draw_panels(
    signs: Signs, gain: Gain, threshold: float, level: float, enough: int
) -> dict[str, list[dict[str, Any]]]:
    """Return calibration in people left out of the resamples, and the decision curve."""
    seen = np.isfinite(gain.left_out)
    y, risk = signs.outcome[seen], gain.left_out[seen]
    groups = group_risks(y, risk, max(min(MOST_GROUPS, y.size // (2 * enough)), 1), level)
    x, fitted = smooth(risk, y)
    start, end = np.quantile(x, [0.02, 0.98]).tolist()
    at = np.linspace(start, end, POINTS)
    line = np.clip(np.interp(at, x, fitted), 0, 1)
    net, top = gain.net_benefit, float(x[-1])
    curve = [
        {
            "threshold": float(t), "model": float(net.corrected[k]), "low": float(net.low[k]),
            "high": float(net.high[k]), "all": float(gain.treat_all[k]),
        }
        for k, t in enumerate(gain.thresholds)
        if t <= max(top, threshold) + 0.05
    ]  # fmt: skip
    return {
        "groups": [
            {"risk": g.risk, "n": g.n, "observed": g.observed.value, "low": g.observed.low,
             "high": g.observed.high}
            for g in groups if g.n >= enough
        ],
        "calibration": [
            {"risk": float(a), "observed": float(b)} for a, b in zip(at, line, strict=True)
        ],
        "decision": curve,
        "threshold": [{"threshold": threshold}],
    }  # fmt: skip


def judge_rule(judged: Judged, cohort: Cohort, least: int) -> Iterator[dict[str, Any]]:
    """Note what limits the reading of the shares."""
    meant = int(judged.among.sum())
    n = int(judged.counted.sum())
    share = n / meant
    text = "share of those meant in whom every clause could be judged; the others do not count"
    yield diagnostic("judged", share, share >= 0.8, text, ">= 0.8")
    if judged.lacking:
        text = "scores of the rule that this cohort lacks: their clauses were not applied"
        yield diagnostic("clauses left out", ", ".join(judged.lacking), False, text)
    flow = cohort.flow
    if flow is not None and {"reason", "n_excluded"} <= set(flow.columns):
        told = flow["reason"].isin([RED_FLAG, "red flag"])
        found = int(flow.loc[told, "n_excluded"].sum())
        text = "not analysed and not in the list: to be seen by a clinician at screening"
        yield diagnostic("red flags at screening", write_count(found, least), None, text)


def write_sentences(
    judged: Judged,
    signs: Signs | None,
    gain: Gain | None,
    visits: tuple[str, str, str],
    threshold: tuple[float, str],
) -> list[str]:
    """Say what was applied and how it was judged.

    Parameters
    ----------
    judged : Judged
    signs, gain : Signs and Gain, or None
        What was predicted from, and how well; None where nothing was.
    visits : (str, str, str)
        The first, the early one, and that of the decision.
    threshold : (float, str)
        Of the risk, and its source or the name of a constant.
    """
    first, early, decision = visits
    rule = "; or ".join(clause.write() for clause in judged.used)
    sources = "; ".join(dict.fromkeys(clause.cite() for clause in judged.used))
    who = f"{int(judged.among.sum()):,} people"
    text = [
        f"A person met the referral rule at {decision} if {rule}; or if there was any "
        f"red flag. Improvement was counted from {first}. Cut-points: {sources}. {NOT_ADVICE}",
        f"The share of {who} who met it has Wilson's interval (doi:10.1080/01621459.1927.10502953)"
        "; it was bounded by letting nobody, and everybody, who was not judged meet the rule.",
        "The rule is a care pathway, not a hypothesis. Who met it, and who needs a clinician for "
        "another reason, stands in a list for a clinician alone, apart from all products.",
    ]
    if signs is None or gain is None:
        return [*text, "Nothing was predicted: too few people with complete data."]
    names = "; ".join(write_sign(n, first, early) for n in signs.design.names[1:])
    name = threshold[1].removeprefix("constant ")
    source = cite(name) if name in constants() else threshold[1]
    return [
        *text,
        f"Who would meet it was predicted by logistic regression from these: {names}; all "
        f"chosen beforehand, in {gain.n:,} people with complete data ({gain.events:,} met it; "
        f"{signs.n_missing:,} others lacked a value).",
        f"Net benefit (doi:10.1177/0272989X06295361) counts those rightly referred, less the odds "
        f"of the threshold for each one needlessly referred. The threshold is {source or 'stated'}"
        f", a risk of {threshold[0]:g}. {CITED}; {gain.resamples:,} resamples.",
        "The calibration curve shows each person at the mean risk of the models of resamples "
        "without that person.",
    ]
