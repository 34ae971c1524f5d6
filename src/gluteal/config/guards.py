"""Pairs of variables that no model may relate, whatever its method: mistakes of the field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

from gluteal.analyses.group_difference import MASS, needs_mass
from gluteal.constants import constants
from gluteal.spec import ModelSpec
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.config.parts import Claim

GLUTEAL = ("emg_gmax", "emg_gmed")
DONE = ("adherence", "sessions_done")
"""How the names of what people did of a programme begin."""
CITED = re.compile(r"constant (\w+)")
Found = tuple[str, str, str, str]
Named = tuple[str, str]


def find_misuses(place: str, spec: ModelSpec) -> Iterator[Found]:
    """Yield (place, value, rule, remedy) for each mistake; ``override_reason`` lets it pass.

    Mediators, and the other outcomes and exposures of methods that take several, are held to the
    same rules as the outcome and the exposure.

    Examples
    --------
    >>> from gluteal.spec import ModelSpec
    >>> pair = {"outcome": "emg_gmax_pct_mvic", "exposure": "hip_ext_nm_kg", "adjust": ()}
    >>> [rule for _, _, rule, _ in find_misuses("analyses.a", ModelSpec(**pair))]
    ['relates % MVIC of a gluteal muscle to its own maximal effort, which is its denominator']
    """
    if spec.override_reason is not None:
        return
    outcomes = [("outcome", spec.outcome), *_listed(spec, "also"), *_listed(spec, "outcomes")]
    between = [*_listed(spec, "mediators"), *_listed(spec, "mediator")]
    exposures = [("exposure", spec.exposure), *_listed(spec, "exposures")]
    yield from _mass(place, spec)
    yield from _raw(place, spec, [*outcomes, *exposures, *between])
    yield from _after_the_lot(place, spec)
    for first, second in [*product([*outcomes, *between], exposures), *product(outcomes, between)]:
        yield from _coupled(place, first, second)
        yield from _parts(place, first, second)


def find_claim_misuse(place: str, claim: Claim) -> Iterator[Found]:
    """Yield a smallest effect that is a person's minimal important change as it stands.

    Every headline compares means, or shares, or risks; what a person must change by to notice it
    is another thing. A stated part of it may serve.
    """
    for name in CITED.findall(claim.smallest_effect_source):
        known = constants().get(name)
        if known is None or not name.startswith("mic_") or claim.scale != "difference":
            continue
        if known.value == claim.smallest_effect:
            rule = "is the minimal important change of one person, not of a difference of means"
            remedy = "State how much groups must differ on average; responders are counted by MIC."
            yield f"{place}.smallest_effect", f"{known.value:g} ({name})", rule, remedy


def _listed(spec: ModelSpec, key: str) -> Iterator[Named]:
    """Yield what a method names under a key, if it has that key; "auto" names nothing."""
    found: Any = getattr(spec, key, ())
    for name in (found,) if isinstance(found, str) else found:
        if name != "auto":
            yield key, str(name)


def _raw(place: str, spec: ModelSpec, names: list[Named]) -> Iterator[Found]:
    """Refuse raw microvolts across people: skin, fat and electrodes differ more than muscles."""
    if getattr(spec, "method", "") == "emg_compensation":
        return
    for key, name in names:
        if name.startswith("emg_") and name.endswith("_rms_uv"):
            rule = "is raw EMG, which cannot be compared between people"
            remedy = "Use emg_compensation, which shows raw, maximal and % MVIC side by side."
            yield f"{place}.{key}", name, rule, remedy


def _after_the_lot(place: str, spec: ModelSpec) -> Iterator[Found]:
    """Refuse arms that are compared at the same adherence: nobody was allocated to that."""
    if spec.exposure != "arm":
        return
    for key, names in (("adjust", spec.named), ("only", tuple(spec.only))):
        for name in names:
            if name.startswith(DONE):
                rule = "is what people did after they were given an arm: it is not drawn by lot"
                remedy = "Leave it out; rehab_response has a question for adherence."
                yield f"{place}.{key}", name, rule, remedy


def _mass(place: str, spec: ModelSpec) -> Iterator[Found]:
    for key, name in (("outcome", spec.outcome), ("exposure", spec.exposure)):
        if needs_mass(name) and MASS not in spec.named:
            rule = "is strength not set against body size: it is mostly body mass"
            remedy = f"Use a measure per kg, or name the covariates and {MASS} among them."
            yield f"{place}.{key}", name, rule, remedy


def _coupled(place: str, *pair: Named) -> Iterator[Found]:
    """Refuse % MVIC of a gluteal muscle against strength: a weak effort raises it by itself."""
    known = variables()
    for (key, share), (_, other) in (pair, pair[::-1]):
        own = share.startswith(GLUTEAL) and share.endswith("pct_mvic")
        strength = other in known and known[other].node == "Str"
        if own and (strength or other.endswith("_mvic_uv")):
            rule = (
                "relates % MVIC of a gluteal muscle to its own maximal effort, which is its "
                "denominator"
            )
            remedy = "Use emg_compensation, which shows raw, maximal and % MVIC side by side."
            yield f"{place}.{key}", share, rule, remedy


def _parts(place: str, *pair: Named) -> Iterator[Found]:
    """Refuse two measures of one thing, such as the same torque on two scales."""
    first, second = (variables().get(name) for _, name in pair)
    if first is None or second is None or not first.muscle:
        return
    if first.node == second.node == "Str" and first.muscle == second.muscle:
        key, name = pair[1]
        rule = "outcome and exposure measure the same strength"
        yield f"{place}.{key}", name, rule, "A model needs two different things."
