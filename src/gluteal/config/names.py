"""Check what a config means: every name against the dictionary, the claims and the graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gluteal.analyses import method
from gluteal.constants import constants
from gluteal.errors import Fault, UserError, suggest
from gluteal.spec import ModelSpec, Spec
from gluteal.variables import CONFIDENTIAL, variables

if TYPE_CHECKING:
    from gluteal.config.study import Claim, Study

Found = tuple[str, str, str, str]


def check_names(study: Study) -> list[Found]:
    """Return (place, value, rule, remedy) for every name that means nothing or the wrong thing."""
    from gluteal.config.allocation import check_allocation
    from gluteal.config.imputation import check_imputation

    found: list[Found] = [*check_imputation(study), *check_allocation(study)]
    for name, claim in study.claims.items():
        found += _claim(study, name, claim)
    for name, spec in study.analyses.items():
        place = f"analyses.{name}"
        if not name.replace("_", "").isalnum() or not name.islower():
            rule = "a name has small letters, digits and underscores"
            found.append((place, name, rule, "Rename the analysis."))
        if name.endswith("_threats"):  # figures/{analysis}_threats.svg belongs to {analysis}
            rule = "a name that ends in _threats is kept for a figure"
            found.append((place, name, rule, "Rename the analysis."))
        if spec.claim is not None and spec.claim not in study.claims:
            remedy = suggest(spec.claim, study.claims) or "Add it under claims."
            found.append((f"{place}.claim", spec.claim, "no such claim", remedy))
        found += _variables(place, spec)
        if isinstance(spec, ModelSpec) and not any(f[0].startswith(place) for f in found):
            found += _model(study, place, spec)
    return found


def _claim(study: Study, name: str, claim: Claim) -> Iterator[Found]:
    place = f"claims.{name}"
    if claim.analysis is None and claim.method is None and not claim.reason:
        rule = "the claim names neither an analysis nor a method nor a reason"
        yield place, "", rule, "Say which analysis answers it, or which method would."
    if claim.analysis is not None:
        if claim.analysis not in study.analyses:
            remedy = suggest(claim.analysis, study.analyses) or "Add it under analyses."
            yield f"{place}.analysis", claim.analysis, "no such analysis", remedy
        elif study.analyses[claim.analysis].claim != name:
            rule = "the analysis does not name this claim"
            yield f"{place}.analysis", claim.analysis, rule, f"Give it 'claim: {name}'."
        if claim.smallest_effect is None:
            rule = "a claim with an analysis needs its smallest effect of interest"
            yield place, "", rule, "Add smallest_effect and smallest_effect_source."
        elif not claim.smallest_effect_source:
            rule = "the smallest effect of interest has no source"
            yield place, str(claim.smallest_effect), rule, "Add smallest_effect_source."
    from gluteal.config.guards import CITED, find_claim_misuse

    yield from find_claim_misuse(place, claim)
    for constant in CITED.findall(claim.smallest_effect_source):
        if constant not in constants():
            remedy = suggest(constant, constants()) or "See docs/constants.md."
            yield f"{place}.smallest_effect_source", constant, "no such constant", remedy
    if claim.scale == "ratio" and claim.smallest_effect is not None and claim.smallest_effect <= 1:
        rule = "the smallest ratio of interest must be above 1"
        yield f"{place}.smallest_effect", str(claim.smallest_effect), rule, "Write 1/x for x < 1."
    for variable in claim.needs:
        if variable not in variables():
            remedy = suggest(variable, variables()) or "See the data dictionary."
            yield f"{place}.needs", variable, "no such variable in the dictionary", remedy


def _variables(place: str, spec: Spec) -> Iterator[Found]:
    known = variables()
    module = method(spec.method)  # pyright: ignore[reportAttributeAccessIssue]
    for name in dict.fromkeys(module.needs(spec)):
        if name in CONFIDENTIAL:
            rule = "is for a clinician alone: no analysis may take it"
            yield place, name, rule, "Leave it out; referral_rule lists whom it concerns."
        elif name not in known:
            where = next(
                (key for key, value in spec if value == name or _holds(value, name)), "outcome"
            )
            remedy = suggest(name, known) or "See the data dictionary."
            yield f"{place}.{where}", name, "no such variable in the dictionary", remedy


def _holds(value: object, name: str) -> bool:
    return isinstance(value, tuple) and name in value


def _model(study: Study, place: str, spec: ModelSpec) -> Iterator[Found]:
    if spec.outcome == spec.exposure:
        rule = "exposure and outcome are the same variable"
        yield f"{place}.exposure", spec.exposure, rule, "A model needs two."
        return
    for name in spec.named:
        if name in (spec.outcome, spec.exposure):
            rule = "a covariate is the exposure or the outcome"
            yield f"{place}.adjust", name, rule, "Remove it."
    from gluteal.config.adjust import advise
    from gluteal.config.guards import find_misuses

    yield from find_misuses(place, spec)
    try:
        advice = advise(study.dag, spec)
    except UserError as error:
        faults = error.faults or (Fault(str(study.dag), str(error), ""),)
        for fault in faults:
            yield "dag", fault.value, f"{study.dag}: {fault.rule}", fault.remedy
        return
    if spec.override_reason is None:
        for name, why in advice.refused:
            rule = f"must not be adjusted for: {why}"
            remedy = "Remove it, or give override_reason, which the report prints."
            yield f"{place}.adjust", name, rule, remedy
