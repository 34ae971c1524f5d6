"""Put the document together: which section follows which."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from gluteal.notation import write_plain
from gluteal.report.analyses import build_analyses
from gluteal.report.document import Document, number_document
from gluteal.report.front import build_front, build_ledger
from gluteal.report.methods import build_methods
from gluteal.report.participants import build_participants
from gluteal.report.products import Products
from gluteal.report.provenance import build_provenance
from gluteal.report.quality import build_quality
from gluteal.report.registration import build_registration

PLACES = ("name", "place", "label")
SYNTHETIC = "Synthetic data: these people were simulated. Nothing here is evidence."


def build_document(products: Products) -> Document:
    """Make the neutral document of a study from its products."""
    sections = (
        build_front(products),
        build_participants(products),
        build_quality(products),
        build_analyses(products),
        build_ledger(products),
        build_methods(products),
        build_registration(products),
        build_provenance(products),
    )
    filled = tuple(one for one in sections if one.blocks or one.sections)
    return number_document(
        Document(
            title=str(products.study.get("title", "Report")),
            question=str(products.study.get("question", "")).strip(),
            warning=SYNTHETIC if products.synthetic else "",
            sections=tuple(map(say_plainly, filled)),
        )
    )


T = TypeVar("T")


def say_plainly(part: T) -> T:
    """Put words for codes ("week04", "0-10") in all texts of a part; names of places stay."""
    changed: Any = part
    if isinstance(part, str):
        changed = write_plain(part)
    elif isinstance(part, tuple):
        parts = cast("tuple[Any, ...]", part)
        changed = tuple(say_plainly(one) for one in parts)
    elif is_dataclass(part) and not isinstance(part, type):
        known = {one.name: getattr(part, one.name) for one in fields(part)}
        said = {name: say_plainly(value) for name, value in known.items() if name not in PLACES}
        changed = replace(part, **said)
    return changed
