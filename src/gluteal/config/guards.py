"""Pairs of variables that no model may relate, whatever its method: mistakes of the field."""

from __future__ import annotations

from collections.abc import Iterator

from gluteal.analyses.group_difference import MASS, needs_mass
from gluteal.spec import ModelSpec
from gluteal.variables import Variable, variables

GLUTEAL = ("emg_gmax", "emg_gmed")
Found = tuple[str, str, str, str]


def find_misuses(place: str, spec: ModelSpec) -> Iterator[Found]:
    """Yield (place, value, rule, remedy) for each mistake; ``override_reason`` lets it pass.

    Examples
    --------
    >>> from gluteal.spec import ModelSpec
    >>> pair = {"outcome": "emg_gmax_pct_mvic", "exposure": "hip_ext_nm_kg", "adjust": ()}
    >>> [rule for _, _, rule, _ in find_misuses("analyses.a", ModelSpec(**pair))]
    ['relates % MVIC of a gluteal muscle to its own maximal effort, which is its denominator']
    """
    known = variables()
    pair = [known[name] for name in (spec.outcome, spec.exposure) if name in known]
    if spec.override_reason is not None or len(pair) < 2:
        return
    yield from _mass(place, spec, pair)
    yield from _coupled(place, pair)
    yield from _parts(place, pair)


def _mass(place: str, spec: ModelSpec, pair: list[Variable]) -> Iterator[Found]:
    adjust = () if isinstance(spec.adjust, str) else spec.adjust
    for key, one in zip(("outcome", "exposure"), pair, strict=True):
        if needs_mass(one.name) and MASS not in adjust:
            rule = "is strength not set against body size: it is mostly body mass"
            remedy = f"Use a measure per kg, or name the covariates and {MASS} among them."
            yield f"{place}.{key}", one.name, rule, remedy


def _coupled(place: str, pair: list[Variable]) -> Iterator[Found]:
    """Refuse % MVIC of a gluteal muscle against strength: a weak effort raises it by itself."""
    for share, other in (pair, pair[::-1]):
        own = share.name.startswith(GLUTEAL) and share.name.endswith("pct_mvic")
        effort = other.node == "Str" or other.name.endswith("_mvic_uv")
        if own and effort:
            rule = (
                "relates % MVIC of a gluteal muscle to its own maximal effort, which is its "
                "denominator"
            )
            remedy = "Use emg_compensation, which shows raw, maximal and % MVIC side by side."
            yield f"{place}.outcome", share.name, rule, remedy


def _parts(place: str, pair: list[Variable]) -> Iterator[Found]:
    """Refuse two measures of one thing, such as the same torque on two scales."""
    first, second = pair
    same = first.node == second.node == "Str" and first.muscle == second.muscle
    if same and first.muscle:
        rule = "outcome and exposure measure the same strength"
        yield f"{place}.exposure", second.name, rule, "A model needs two different things."
