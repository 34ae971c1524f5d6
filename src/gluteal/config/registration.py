"""The plan frozen before outcomes are looked at, and what was changed after it.

``gluteal plan --freeze`` writes two files: the plan as data with its hash, and the same plan as a
document to be deposited. From then on every difference between it and the config is a deviation;
the report prints each with the date and the reason that the config gives, or says that none is
given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluteal.errors import Fault, UserError
from gluteal.provenance import hash_text, versions

if TYPE_CHECKING:
    from gluteal.config.study import Study

PLACES = ("mapping", "cohort", "products", "processed", "dag", "registered", "deviations")
"""Settings that say where things lie, and what is said about the plan: no part of it."""
REMEDY = "Freeze the plan with gluteal plan --freeze, before anybody looks at outcomes."


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between the frozen plan and the config, in words."""

    place: str
    was: str
    now: str
    date: str = ""
    reason: str = ""


def content_of(study: Study) -> dict[str, Any]:
    """Return what a frozen plan holds: questions, claims, models and rules, but no paths.

    Covariates are named, not "dag": a later change of the causal graph is a deviation too.
    """
    from gluteal.causal.reading import read_graph
    from gluteal.config.plan import settle

    content = study.model_dump(mode="json", exclude=set(PLACES))
    content["analyses"] = {name: settle(study, name)[0] for name in study.analyses}
    if study.dag.is_file():
        content["arrows"] = sorted(str(arrow) for arrow in read_graph(study.dag).arrows)
    return content


def write_canonical(content: dict[str, Any]) -> str:
    """Lay content out so that the same plan always has the same hash."""
    return json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def freeze(study: Study, file: Path, day: str) -> dict[str, Any]:
    """Write the frozen plan and its document; say whether estimates were there already.

    Raises
    ------
    UserError
        If the config names no file for it, or another plan was frozen there before.
    """
    from gluteal.cohort.files import write_text
    from gluteal.config.registration_text import write_document

    if study.registered is None:
        rule = "names no file for the frozen plan"
        remedy = "Add 'registered: config/registered/plan.json', or another path."
        raise UserError(Fault(str(file), rule, remedy, column="registered"))
    content = content_of(study)
    sha = hash_text(write_canonical(content))
    if study.registered.is_file():
        before = read_frozen(study.registered)
        if before["sha256"] == sha:
            return before
        rule = f"holds another plan, frozen on {before['frozen_on']}"
        remedy = "A later change is a deviation: name it under deviations, with date and reason."
        raise UserError(Fault(str(study.registered), rule, remedy))
    made = sorted((study.products / "estimates").glob("*.csv"))
    frozen = {
        "frozen_on": day,
        "sha256": sha,
        "estimates_existed": bool(made),
        "versions": versions(),
        "plan": content,
    }
    text = json.dumps(frozen, indent=1, ensure_ascii=True) + "\n"
    write_text(study.registered.with_suffix(".md"), write_document(frozen))
    write_text(study.registered, text)
    return frozen


def read_frozen(path: Path) -> dict[str, Any]:
    """Read a frozen plan.

    Raises
    ------
    UserError
        If there is none, it cannot be read, or it does not have the hash that it states.
    """
    try:
        frozen = json.loads(path.read_text(encoding="utf-8"))
        stated, plan, _ = frozen["sha256"], frozen["plan"], frozen["frozen_on"]
    except FileNotFoundError as error:
        rule = "no frozen plan, so outcomes stay locked"
        raise UserError(Fault(str(path), rule, REMEDY, column="registered")) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(Fault(str(path), "is no frozen plan", REMEDY)) from error
    if hash_text(write_canonical(plan)) != stated:
        rule = "was changed after it was frozen: its content does not have the hash that it states"
        remedy = "Bring back the file as it was deposited."
        raise UserError(Fault(str(path), rule, remedy))
    return frozen


def check_unlocked(study: Study) -> None:
    """Refuse to fit anything while the study wants a frozen plan and has none."""
    if study.registered is not None:
        read_frozen(study.registered)


def compare(frozen: dict[str, Any], study: Study) -> list[Change]:
    """List what differs from the frozen plan, with the date and reason that the config gives."""
    found = [
        Change(place, *(_write(value) for value in pair))
        for place, *pair in _differences(frozen["plan"], content_of(study))
    ]
    said: list[Change] = []
    used: set[int] = set()
    for change in found:
        fits = [
            (index, one)
            for index, one in enumerate(study.deviations)
            if change.place == one.what or change.place.startswith(f"{one.what}.")
        ]
        if not fits:
            said.append(change)
            continue
        index, one = max(fits, key=lambda pair: len(pair[1].what))
        used.add(index)
        said.append(Change(change.place, change.was, change.now, one.date, one.reason))
    for index, one in enumerate(study.deviations):
        if index not in used:  # what happened outside the config: recruitment, instruments ...
            said.append(Change(one.what, "", "", one.date, one.reason))
    return said


def describe(study: Study) -> dict[str, Any] | None:
    """Return what the report says of the registration; None where the study has none."""
    if study.registered is None:
        return None
    frozen = read_frozen(study.registered)
    return {
        "frozen_on": frozen["frozen_on"],
        "sha256": frozen["sha256"],
        "estimates_existed": frozen["estimates_existed"],
        "changes": [asdict(change) for change in compare(frozen, study)],
    }


def _differences(was: Any, now: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Walk through both; a place that only one of them has differs as a whole."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in dict.fromkeys((*was, *now)):
            here = f"{place}.{key}" if place else str(key)
            yield from _differences(was.get(key), now.get(key), here)
    elif was != now:
        yield place, was, now


def _write(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, dict):
        return str(value.get("method") or value.get("sentence") or "set")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)
