"""Which analyses answer a claim, and which speak of the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gluteal.config.study import Study


def name_answering(study: Study) -> list[str]:
    """Name the analyses whose headline answers a claim, in the order of the claims."""
    named = (claim.analysis for claim in study.claims.values())
    return list(dict.fromkeys(name for name in named if name in study.analyses))


def name_group(study: Study, analysis: str) -> list[str]:
    """Name the analyses of the claim that an analysis speaks to, that analysis first."""
    claim = study.analyses[analysis].claim
    same = [n for n, spec in study.analyses.items() if claim and spec.claim == claim]
    return [analysis, *(name for name in same if name != analysis)]


def write_smallest_effect(study: Study, analysis: str) -> str:
    """Write the smallest effect of interest of an analysis' claim as an argument."""
    for claim in study.claims.values():
        if claim.analysis == analysis and claim.smallest_effect is not None:
            return f"--smallest-effect {claim.smallest_effect:g}"
    return ""
