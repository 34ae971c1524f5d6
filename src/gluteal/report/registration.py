"""The frozen plan and what was changed after it, each change with its date and reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gluteal.report.document import Block, Callout, Facts, Paragraph, Row, Section, Table
from gluteal.report.products import Products

NO_REASON = "no reason given"


def build_registration(products: Products) -> Section:
    """Say when the plan was frozen, under which hash, and list the deviations."""
    found = products.study.get("registration")
    blocks = tuple(_tell(found) if found else _warn(products))
    return Section("registration", "Pre-registration and deviations", blocks)


def _warn(products: Products) -> Iterator[Block]:
    if not products.ledger:
        return
    yield Callout(
        "No plan was frozen before the outcomes were looked at",
        "These analyses were chosen with the data at hand, and a reader cannot tell which of them "
        "came first.",
    )


def _tell(found: Mapping[str, Any]) -> Iterator[Block]:
    changes = list(found.get("changes") or ())
    silent = [one for one in changes if not one.get("reason")]
    if found.get("estimates_existed"):
        text = "Estimates of this study existed when the plan was frozen."
        yield Callout("The plan was frozen late", text, "warning")
    if silent:
        places = ", ".join(str(one["place"]) for one in silent[:6])
        more = f" and {len(silent) - 6} more" if len(silent) > 6 else ""
        text = f"The config differs from the frozen plan without a stated reason: {places}{more}."
        yield Callout("Deviations without a reason", text, "warning")
    facts = (("Frozen on", str(found["frozen_on"])), ("SHA-256", str(found["sha256"])))
    yield Facts(facts)
    if not changes:
        yield Paragraph("Nothing was changed after the plan was frozen.")
        return
    rows = tuple(
        Row(
            (
                str(one["place"]),
                str(one["was"]),
                str(one["now"]),
                str(one["date"]),
                str(one["reason"] or NO_REASON),
            )
        )
        for one in changes
    )
    yield Table(
        "Deviations from the frozen plan.",
        ("What", "Frozen", "Now", "Date", "Reason"),
        rows,
        numeric=(False,) * 5,
    )
