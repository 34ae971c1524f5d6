"""The frozen plan as a document that a person reads and a registry keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gluteal.analyses import method
from gluteal.notation import write_label
from gluteal.variables import variables

COMMON = ("method", "claim", "role", "caption", "outcome", "exposure", "adjust", "visit", "only")
PLAIN = (None, "", [], {}, ())


def write_document(frozen: Mapping[str, Any]) -> str:
    """Write the frozen plan as Markdown."""
    return "\n".join(_lines(frozen)) + "\n"


def _lines(frozen: Mapping[str, Any]) -> Iterator[str]:
    plan = frozen["plan"]
    yield f"# Analysis plan: {plan['title']}"
    yield ""
    yield f"Frozen on {frozen['frozen_on']}. SHA-256 of the plan: `{frozen['sha256']}`."
    if frozen["estimates_existed"]:
        yield ""
        yield (
            "**Estimates of this study existed when the plan was frozen.** It is no "
            "pre-registration in the strict sense."
        )
    yield ""
    if plan.get("question"):
        yield f"Question: {plan['question'].strip()}"
        yield ""
    yield f"- Design: {plan['design'].replace('_', ' ')}"
    if plan.get("allocation"):
        yield f"- Allocation: {plan['allocation']}"
    if plan.get("definition"):
        yield f"- Low back pain: {plan['definition'].strip()}"
    yield f"- Counts under {plan['min_cell']} are not shown"
    for key, value in (plan.get("derive") or {}).items():
        yield f"- Derived with {key}: {value}"
    yield f"- Missing values: {_missing(plan.get('imputation') or {})}"
    yield (
        "- Multiplicity: p values of primary analyses by Holm's method, those of secondary and "
        "exploratory analyses for the false discovery rate"
    )
    yield from _claims(plan["claims"])
    yield ""
    yield "## Analyses"
    for name, spec in plan["analyses"].items():
        yield from _analysis(name, spec)
    if plan.get("arrows"):
        yield ""
        yield "## Causal graph"
        yield ""
        yield "; ".join(plan["arrows"])


def _missing(settings: Mapping[str, Any]) -> str:
    m = settings.get("m") or 0
    if not m:
        return "complete cases of each analysis; likelihood methods use every visit"
    return f"{m} imputations by chained equations, pooled by Rubin's rules, beside complete cases"


def _claims(claims: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield ""
    yield "## Claims"
    yield ""
    yield "| claim | sentence | claimed sign | smallest effect of interest | answered by |"
    yield "|---|---|---|---|---|"
    for name, claim in claims.items():
        smallest = claim.get("smallest_effect")
        amount = "" if smallest is None else f"{smallest:g} ({claim['smallest_effect_source']})"
        answer = claim.get("analysis") or claim.get("reason") or claim.get("method") or ""
        yield f"| {name} | {claim['sentence']} | {claim['direction']} | {amount} | {answer} |"


def _analysis(name: str, spec: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield f"### {name}"
    yield ""
    if spec.get("caption"):
        yield str(spec["caption"])
        yield ""
    summary = (method(spec["method"]).__doc__ or "").strip().splitlines()[0]
    yield f"- Method: {spec['method']}. {summary}"
    yield f"- Role: {spec['role']}" + (f", claim {spec['claim']}" if spec.get("claim") else "")
    for key in ("outcome", "exposure"):
        if spec.get(key):
            yield f"- {key.capitalize()}: {_label(spec[key])}"
    if "adjust" in spec:
        names = "; ".join(_label(one) for one in spec["adjust"])
        yield f"- Adjusted for: {names or 'nothing'}"
    if spec.get("only"):
        kept = "; ".join(f"{key} = {', '.join(map(str, v))}" for key, v in spec["only"].items())
        yield f"- People: {kept}"
    rest = {k: v for k, v in spec.items() if k not in COMMON and v not in PLAIN}
    yield f"- Settings: {', '.join(f'{key} {value}' for key, value in rest.items())}"


def _label(name: str) -> str:
    known = variables().get(name)
    return f"{write_label(known.label)} (`{name}`)" if known else f"`{name}`"
