"""The words of a mapping, one by one, against the dictionary, the tables and the instruments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gluteal.cohort.tables import REASONS, Column, Table
from gluteal.errors import suggest
from gluteal.instruments import INSTRUMENTS
from gluteal.sources.mapping import Rule
from gluteal.sources.values import Misfit, Target, fit, units_of, words_of
from gluteal.variables import Variable, variables

NEEDS_MUSCLE = ("hip_force", "lever_arm")
"""Tests whose dictionary variable leaves the muscle open: the mapping has to say it."""
Found = tuple[str, str, None, str, str]
"""Rule, remedy, no row, place in the mapping, value."""


def say(place: str, rule: str, remedy: str, value: str = "") -> Found:
    """Make one finding: rule, remedy, place, value."""
    return rule, remedy, None, place, value


def check_reasons(codes: Mapping[str, str], place: str) -> Iterator[Found]:
    """Check that missing codes give a reason there is."""
    for code, reason in codes.items():
        if reason not in REASONS:
            remedy = f"{suggest(reason, REASONS)}Choose one of {', '.join(REASONS)}."
            yield say(f"{place}.missing.{code}", "is no reason for a missing value", remedy, reason)


def check_codes(codes: Mapping[str, str], skip: Mapping[str, str], place: str) -> Iterator[Found]:
    """Check that no code is both taken and left out."""
    for both in sorted(set(codes) & set(skip)):
        yield say(f"{place}.skip", "is in codes and in skip", "Do one of both.", both)


def check_items(rule: Rule, place: str) -> Iterator[Found]:
    """Check item keys where the mapping fixes the instrument."""
    asked = [({**rule.set, **cell.set}, cell.item or "") for cell in rule.columns.values()]
    if rule.long:
        asked += [(rule.set, name) for name in rule.long.name.codes.values()]
    for fixed, item in asked:
        instrument = fixed.get("instrument")
        if instrument is None:
            continue
        if instrument not in INSTRUMENTS:
            remedy = f"{suggest(instrument, INSTRUMENTS)}Choose one of {', '.join(INSTRUMENTS)}."
            yield say(f"{place}.set.instrument", "is no instrument", remedy, instrument)
            return
        items: Mapping[str, object] = INSTRUMENTS[instrument].ITEMS
        if item and item not in items:
            remedy = f"{suggest(item, items)}It has {', '.join(items)}."
            yield say(place, f"{instrument} has no such item", remedy, item)


def with_muscles(column: Column) -> Column:
    """Give the column ``muscle`` the muscles of the dictionary as its words."""
    if column.name != "muscle":
        return column
    muscles = dict.fromkeys(v.muscle for v in variables().values() if v.muscle)
    return Column("muscle", words=(*muscles, "na"), required=False)


def check_words(codes: Mapping[str, str], known: Variable | Column, place: str) -> Iterator[Found]:
    """Check what codes become against the words that a variable or a column may hold."""
    for code, word in codes.items():
        if word in REASONS and isinstance(known, Variable):
            yield say(f"{place}.{code}", "is a reason, not a value", "Put it into missing.", word)
            continue
        try:
            fit(word, Target(known.kind, words_of(known)))
        except Misfit as misfit:
            yield say(f"{place}.{code}", str(misfit), misfit.remedy, word)


def check_variable(
    name: str, units: Iterable[str], table: Table, muscle: bool, place: str
) -> Iterator[Found]:
    """Check that a variable lives in the table, in a unit that it accepts, with its muscle."""
    known = variables().get(name)
    homes = [v.name for v in variables().values() if table.name in v.tables]
    if known is None:
        remedy = f"{suggest(name, homes)}See docs/data-dictionary.md."
        yield say(place, "is not in the dictionary", remedy, name)
        return
    if table.name not in known.tables:
        where = f"It belongs to {', '.join(known.tables)}." if known.tables else "It is derived."
        yield say(place, f"does not live in {table.name}", f"{where} {suggest(name, homes)}", name)
        return
    accepted = units_of(known)
    given = tuple(units)
    wanted = table.name == "measurements" or bool(known.unit)
    if wanted and not given:
        yield say(place, "a unit is required", f"Write unit: {' or '.join(accepted)}.", name)
    for unit in given:
        if unit not in accepted:
            remedy = f"It accepts {', '.join(accepted)}."
            yield say(place, f"the unit {unit!r} is not accepted", remedy, name)
    if table.name != "measurements":
        return
    if muscle and known.test not in NEEDS_MUSCLE:
        yield say(place, "takes no muscle from the mapping", "Make a rule of its own.", name)
    if not muscle and known.test in NEEDS_MUSCLE:
        remedy = "Add muscle: abd, ext or er under set, or under fields."
        yield say(place, "a muscle is required", remedy, name)
