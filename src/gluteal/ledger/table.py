"""All claims of a study with their verdicts, adjusted for the number of questions asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import isnan, nan
from typing import TYPE_CHECKING, Any

from gluteal.estimators.multiplicity import adjust_fdr, adjust_holm
from gluteal.ledger.judgement import Verdict, number, untestable, verdict
from gluteal.ledger.wording import Grounds, label_of
from gluteal.notation import write_label, write_list

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "claim",
    "sentence",
    "verdict",
    "reason",
    "wording",
    "estimate",
    "low",
    "high",
    "unit",
    "scale",
    "smallest_effect",
    "smallest_effect_source",
    "direction",
    "p",
    "p_adj",
    "analysis",
    "method",
    "n_people",
    "holds_after_adjustment",
    "family",
    "family_size",
)
FAMILIES = {"primary": "Holm", "secondary": "FDR", "exploratory": "FDR"}
"""How the headlines of a role are adjusted; a sensitivity analysis asks no new question."""
HEADLINE = ("estimate", "low", "high", "unit", "scale", "p", "n_people")
NO_CONTROL = (
    "there is no control arm: natural course and regression to the mean are in any change during "
    "the programme"
)
Row = Mapping[str, Any]


def build_ledger(
    claims: Mapping[str, Row],
    estimates: Mapping[str, pd.DataFrame],
    study: Mapping[str, Any],
    *,
    needs: Mapping[str, Sequence[str]] | None = None,
    reasons: Mapping[str, str] | None = None,
    lacking: Collection[str] = (),
    methods: Collection[str] = (),
    grounds: Mapping[str, Mapping[str, Any]] | None = None,
) -> pd.DataFrame:
    """Join claims to the headline estimates that answer them.

    Parameters
    ----------
    claims : mapping of str to mapping
        ``sentence, direction, smallest_effect, smallest_effect_source, scale, analysis, method,
        reason, needs`` by the claim's id.
    estimates : mapping of str to DataFrame
        The estimates of each analysis; the first row is its headline.
    study : mapping
        ``design``, and ``analyses`` with the settings of each.
    needs : mapping of str to sequence of str, optional
        What each fit said this cohort lacks.
    reasons : mapping of str to str, optional
        Why a fit gave no estimate though no variable was absent.
    lacking : collection of str
        Variables that this cohort does not have a single value of.
    methods : collection of str
        The methods that exist.
    grounds : mapping of str to mapping, optional
        Of each analysis ``sufficient`` and ``overlap`` (see `gluteal.ledger.wording.Grounds`).

    Returns
    -------
    DataFrame
        ``COLUMNS``, one row a claim, in the order of the claims. ``p_adj`` adjusts the p values of
        the headlines, Holm within the primary analyses, false discovery rate among the rest.
        ``holds_after_adjustment`` adjusts the verdict's own p in the same families: whether the
        verdict would still be reached with the interval that the family asks for. ``family`` names
        the adjustment, ``family_size`` counts the headlines that share it; those of sensitivity
        analyses ask no new question and belong to none.
    """
    import pandas as pd

    heads: dict[str, Row] = {
        name: {str(k): v for k, v in table.iloc[0].items()}
        for name, table in estimates.items()
        if len(table)
    }
    wants = dict(needs or {})
    absent = {*lacking, *(one for listed in wants.values() for one in listed)}
    judged = {
        name: _judge(claim, heads, study, wants, reasons or {}, absent, methods, grounds or {})
        for name, claim in claims.items()
    }
    p_adj = _adjust({name: number(row, "p") for name, row in heads.items()}, heads)
    own = {name: number(row, "p") for name, row in heads.items()}
    for name, claim in claims.items():
        if judged[name].verdict != "not testable":
            own[claim["analysis"]] = _own_p(judged[name])
    rows: list[dict[str, Any]] = []
    for name, claim in claims.items():
        found, analysis = judged[name], claim.get("analysis")
        said = {key: claim.get(key) for key in COLUMNS}
        said |= {"claim": name, "method": _method(claim, study)}
        said |= {"verdict": found.verdict, "reason": found.reason, "wording": found.wording}
        if found.verdict != "not testable":
            head = heads[str(analysis)]
            said |= {key: head.get(key) for key in HEADLINE}
            said["p_adj"] = p_adj[str(analysis)]
            said["family"] = _family(head)
            said["family_size"] = sum(_family(one) == said["family"] for one in heads.values())
            if not isnan(found.p):
                level = number(head, "level")
                alpha = 1 - (0.95 if isnan(level) else level)
                # Several claims may share an analysis: each is held to its own verdict's p.
                mine = _adjust({**own, str(analysis): found.p}, heads)
                said["holds_after_adjustment"] = mine[str(analysis)] <= alpha
        rows.append(said)
    return _typed(pd.DataFrame(rows, columns=list(COLUMNS)))


def _own_p(found: Verdict) -> float:
    """Return a verdict's p; a claim left open takes part in its family: it was asked."""
    return 1.0 if isnan(found.p) else found.p


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    for name in ("estimate", "low", "high", "smallest_effect", "p", "p_adj"):
        table[name] = pd.to_numeric(table[name]).astype("float64")
    table["family_size"] = pd.to_numeric(table["family_size"]).astype("Int64")
    table["n_people"] = pd.to_numeric(table["n_people"]).astype("Int64")
    table["holds_after_adjustment"] = table["holds_after_adjustment"].astype("boolean")
    return table


def _adjust(p: Mapping[str, float], heads: Mapping[str, Row]) -> dict[str, float]:
    adjusted = dict.fromkeys(p, nan)
    for label, rule in (("Holm", adjust_holm), ("FDR", adjust_fdr)):
        family = [name for name in p if _family(heads[name]) == label]
        adjusted |= dict(zip(family, rule([p[name] for name in family]), strict=True))
    return adjusted


def _family(head: Row) -> str:
    return FAMILIES.get(str(head.get("role")), "")


def _lost_its_control(settings: Row, head: Row) -> bool:
    """Say whether a comparison of arms found one arm alone, and described its change instead."""
    alone = "no control arm" in str(head.get("estimand") or "")
    return settings.get("question") == "programme" and alone


def _method(claim: Row, study: Mapping[str, Any]) -> str | None:
    settings = dict(study.get("analyses") or {}).get(claim.get("analysis")) or {}
    return settings.get("method") or claim.get("method")


def _judge(
    claim: Row,
    heads: Mapping[str, Row],
    study: Mapping[str, Any],
    wants: Mapping[str, Sequence[str]],
    whys: Mapping[str, str],
    absent: Collection[str],
    methods: Collection[str],
    grounds: Mapping[str, Mapping[str, Any]],
) -> Verdict:
    analysis, method = claim.get("analysis"), claim.get("method")
    reasons: list[str] = []
    if analysis is None and claim.get("reason"):
        reason = str(claim["reason"]).rstrip(". ")
        return Verdict("not testable", reason, f"Not testable: {reason}.")
    if analysis is None and method and method not in methods:
        reasons.append(f"method {method} is not built")
    lacks = [name for name in claim.get("needs") or () if name in absent]
    lacks += [name for name in wants.get(str(analysis), ()) if name not in lacks]
    if lacks:
        labels = write_list([write_label(label_of(name)) for name in lacks])
        reasons.append(f"needs {labels}, which this cohort lacks")
    if not reasons and analysis is None:
        reasons.append("no analysis of this study answers it")
    if not reasons and analysis not in heads:
        reasons.append(whys.get(str(analysis)) or f"analysis {analysis} gave no estimate")
    if reasons:
        return untestable("; ".join(reasons))
    settings = dict(study.get("analyses") or {}).get(analysis) or {}
    if _lost_its_control(settings, heads[str(analysis)]):
        return untestable(NO_CONTROL)
    known = grounds.get(str(analysis)) or {}
    found = Grounds(
        design=str(settings.get("design") or study.get("design") or ""),
        randomised=study.get("allocation") == "randomised",
        sufficient=known.get("sufficient"),
        overlap=known.get("overlap"),
    )
    return verdict(heads[str(analysis)], claim, found)
