"""Whether the words of a mapping fit the dictionary and the tables: all faults at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gluteal.cohort.tables import TABLES, Column, Table
from gluteal.errors import Fault, suggest
from gluteal.sources.identifiers import names_a_person
from gluteal.sources.mapping import Cell, Long, RawFile, Rule, Source
from gluteal.sources.mapping import Mapping as Study
from gluteal.sources.words import (
    Found,
    check_codes,
    check_items,
    check_reasons,
    check_variable,
    check_words,
    say,
    with_muscles,
)
from gluteal.variables import variables

MADE = {
    "measurements": ("test", "value", "unit", "status", "reason_not_done", "censored"),
    "responses": ("item", "value", "reason_missing"),
}
"""Columns that ingest fills itself; a mapping may not set them."""


def review(study: Study, name: str) -> list[Fault]:
    """Name every fault of a mapping's words.

    Parameters
    ----------
    study : Mapping
        The mapping.
    name : str
        Its file, for the messages.
    """
    faults: list[Fault] = []
    for number, file in enumerate(study.files, start=1):
        place = f"files.{number}"
        found = [*_file(file, place)]
        for index, rule in enumerate(file.rows, start=1):
            found += _rule(rule, file, f"{place}.rows.{index}")
        faults += [Fault(name, *rest) for rest in found]
    tables = {rule.table for file in study.files for rule in file.rows}
    for table in TABLES.values():
        if table.required and table.name not in tables:
            rule = f"no rule makes rows of the table {table.name}"
            faults.append(Fault(name, rule, f"Add a rule with table: {table.name}."))
    return faults


def used(file: RawFile) -> Iterator[str]:
    """Name every column of a file that its mapping reads."""
    for source in (file.participant, file.visit):
        if source is not None and source.column is not None:
            yield source.column
    for rule in file.rows:
        yield from (source.column for source in rule.fields.values())
        yield from rule.columns
        if rule.long is not None:
            yield from (rule.long.name.column, rule.long.value)
            if rule.long.unit_column is not None:
                yield rule.long.unit_column.column


def _file(file: RawFile, place: str) -> Iterator[Found]:
    try:
        "".encode(file.encoding)
    except LookupError:
        remedy = "Write utf-8, utf-8-sig, cp1252, latin-1 ..."
        yield say(f"{place}.encoding", "is no encoding", remedy, file.encoding)
    if file.delimiter == file.decimal:
        yield say(place, "delimiter and decimal are the same", "Look at the file again.")
    yield from check_reasons(file.missing, place)
    columns = sorted(set(used(file)))
    for column in columns:
        if column in file.ignore:
            yield say(f"{place}.ignore", "is mapped and ignored", "Do one of both.", column)
        if names_a_person(column):
            rule = "names what identifies a person"
            yield say(place, rule, "It may not enter a cohort: list it under ignore.", column)
    if file.visit is not None:
        yield from check_codes(file.visit.codes, file.visit.skip, f"{place}.visit")
        if file.visit.column is not None and not file.visit.codes:
            yield say(f"{place}.visit", "codes are required", "Say which word is which visit.")


def _rule(rule: Rule, file: RawFile, place: str) -> Iterator[Found]:
    if rule.table not in TABLES:
        remedy = f"{suggest(rule.table, TABLES)}Choose one of {', '.join(TABLES)}."
        yield say(f"{place}.table", "is no table of a cohort package", remedy, rule.table)
        return
    table = TABLES[rule.table]
    takes = table.open_to_dictionary or table.name in MADE
    if (rule.columns or rule.long) and not takes:
        remedy = "Use fields and set."
        yield say(place, f"the table {table.name} takes no columns of the dictionary", remedy)
        return
    if rule.long and (rule.columns or table.name not in MADE):
        remedy = "Use long for measurements or responses, and two rules for two forms."
        yield say(f"{place}.long", "does not go with this rule", remedy)
    if not (rule.columns or rule.long) and table.name in MADE:
        yield say(place, "says no values", "Add columns or long.")
    if rule.count_trials and table.name != "measurements":
        yield say(f"{place}.count_trials", "belongs to measurements", "Remove it.")
    structural = {column.name: column for column in table.columns}
    for key, source in rule.fields.items():
        yield from _field(key, source, structural, table, f"{place}.fields.{key}")
    yield from _set(rule.set, structural, table, f"{place}.set")
    for column, cell in rule.columns.items():
        muscle = "muscle" in {*rule.fields, *rule.set, *cell.set}
        yield from _cell(cell, table, file.missing, muscle, f"{place}.columns.{column}")
        yield from _set(cell.set, structural, table, f"{place}.columns.{column}.set")
        yield from _covered(rule, file, table, set(cell.set), f"{place}.columns.{column}")
    if table.name == "responses":
        yield from check_items(rule, place)
    if not rule.columns:
        yield from _covered(rule, file, table, set(), place)
    if rule.long:
        muscle = "muscle" in {*rule.fields, *rule.set}
        yield from _long(rule.long, table, file.missing, muscle, f"{place}.long")


def _known_field(key: str, structural: Mapping[str, Column], table: Table) -> str:
    made = (*MADE.get(table.name, ()), "participant_id", "visit")
    if key in made:
        return "is filled by ingest itself"
    return "" if key in structural else f"is no column of the table {table.name}"


def _field(
    key: str, source: Source, structural: Mapping[str, Column], table: Table, place: str
) -> Iterator[Found]:
    if wrong := _known_field(key, structural, table):
        remedy = f"{suggest(key, structural)}Dictionary variables go under columns."
        yield say(place, wrong, remedy, key)
        return
    yield from check_codes(source.codes, source.skip, place)
    yield from check_words(source.codes, with_muscles(structural[key]), f"{place}.codes")


def _set(
    fixed: Mapping[str, str], structural: Mapping[str, Column], table: Table, place: str
) -> Iterator[Found]:
    for key, word in fixed.items():
        known = variables().get(key) if table.open_to_dictionary else None
        if key == "visit" and "visit" in structural:
            continue
        if key not in structural and known is not None and table.name in known.tables:
            yield from check_words({key: word}, known, place)
        elif wrong := _known_field(key, structural, table):
            yield say(f"{place}.{key}", wrong, f"{suggest(key, structural)}Correct it.", key)
        else:
            yield from check_words({key: word}, with_muscles(structural[key]), place)


def _covered(
    rule: Rule, file: RawFile, table: Table, more: set[str], place: str
) -> Iterator[Found]:
    there = {*rule.fields, *rule.set, *more, *MADE.get(table.name, ()), "participant_id"}
    there |= {"visit"} if file.visit is not None else set()
    there |= {"trial"} if rule.count_trials else set()
    for column in table.columns:
        if column.required and column.name not in there:
            remedy = "Add it under set (fixed) or fields (from a column)."
            if column.name == "visit":
                remedy = "Add visit: to the file."
            yield say(place, f"{column.name} is required", remedy, column.name)


def _cell(
    cell: Cell, table: Table, missing: Mapping[str, str], muscle: bool, place: str
) -> Iterator[Found]:
    yield from check_reasons(cell.missing, place)
    for both in sorted(set(cell.codes) & {**missing, **cell.missing}.keys()):
        yield say(f"{place}.codes", "is a code and a missing code", "Do one of both.", both)
    if cell.item is not None:
        if table.name != "responses":
            yield say(f"{place}.item", "belongs to responses", "Name a variable.", cell.item)
        return
    name = cell.variable or ""
    if table.name == "responses":
        yield say(f"{place}.variable", "responses hold items", "Write item: instead.", name)
        return
    units = () if cell.unit is None else (cell.unit,)
    yield from check_variable(name, units, table, muscle, f"{place}.variable")
    if (known := variables().get(name)) is not None:
        yield from check_words(cell.codes, known, f"{place}.codes")
    if cell.censored and table.name != "measurements":
        yield say(f"{place}.censored", "belongs to measurements", "Remove it.")


def _long(
    long: Long, table: Table, missing: Mapping[str, str], muscle: bool, place: str
) -> Iterator[Found]:
    yield from check_reasons(long.missing, place)
    yield from check_codes(long.name.codes, long.name.skip, f"{place}.name")
    names = list(dict.fromkeys(long.name.codes.values()))
    if not names:
        yield say(f"{place}.name.codes", "is empty", "Say which word is which variable.")
    for name in sorted({*long.units, *long.codes} - set(names)):
        yield say(place, "is no name of this rule", f"{suggest(name, names)}Correct it.", name)
    for name, codes in long.codes.items():
        for both in sorted(set(codes) & {**missing, **long.missing}.keys()):
            yield say(f"{place}.codes.{name}", "is a missing code too", "Do one of both.", both)
        if table.name == "measurements" and (known := variables().get(name)) is not None:
            yield from check_words(codes, known, f"{place}.codes.{name}")
    if table.name != "measurements":
        return
    for name in names:
        units = [long.units[name]] if name in long.units else []
        if long.unit_column is not None:
            units += list(long.unit_column.codes.values())
        yield from check_variable(name, units, table, muscle, f"{place}.name.codes")
