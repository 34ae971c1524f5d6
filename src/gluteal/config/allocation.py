"""Who came into which arm, and how: the study says it once, its analyses follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gluteal.spec import Spec

if TYPE_CHECKING:
    from gluteal.config.study import Study

ARM = "arm"
KEY = "randomised"
Found = tuple[str, str, str, str]


def settle_allocation(study: Study, spec: Spec) -> dict[str, bool]:
    """Return ``randomised`` as the study's ``allocation`` has it, where a method asks for it.

    Nothing but the arm is allocated: a method that compares something else is told nothing, nor
    is one where the study does not say how people came into the arms.
    """
    if study.allocation is None or not _asks(spec):
        return {}
    return {KEY: study.allocation == KEY}


def check_allocation(study: Study) -> Iterator[Found]:
    """Yield (place, value, rule, remedy) of each analysis that contradicts the study."""
    for name, spec in study.analyses.items():
        stated = getattr(spec, KEY, None)
        if stated is None or not _asks(spec):
            continue
        if stated != (study.allocation == KEY):
            rule = f"the study's allocation is {study.allocation or 'not stated'}"
            remedy = f"Leave {KEY} out here, and state allocation for the study."
            yield f"analyses.{name}.{KEY}", str(stated).lower(), rule, remedy


def _asks(spec: Spec) -> bool:
    return KEY in type(spec).model_fields and getattr(spec, "exposure", "") == ARM
