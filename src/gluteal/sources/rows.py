"""Rows of the package's tables from the rows of one raw file, by the rules of its mapping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gluteal.cohort.tables import TABLES, factor
from gluteal.errors import Fault, suggest
from gluteal.sources.identifiers import names_a_person, shows_a_person
from gluteal.sources.mapping import Cell, Long, Participant, RawFile, Rule, Source, Visit
from gluteal.sources.raw import Raw
from gluteal.sources.review import MADE, used
from gluteal.sources.values import Converter, Misfit, Target, words_of
from gluteal.variables import variables


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, with the file and line it came from."""

    cells: dict[str, str]
    file: str
    line: int


@dataclass
class Harvest:
    """What one file gave: rows by table, faults, and how many rows were left out by which word."""

    rows: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])
    faults: list[Fault] = field(default_factory=list[Fault])
    skipped: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])


def find_columns(raw: Raw, file: RawFile) -> list[Fault]:
    """Name the columns that the mapping expects and the file lacks, and those it does not name."""
    faults: list[Fault] = []
    wanted = dict.fromkeys([*used(file), *file.ignore])
    loose = [column for column in raw.columns if column not in wanted]
    for column in wanted:
        if column not in raw.columns:
            remedy = f"{suggest(column, loose or raw.columns)}Correct the mapping."
            faults.append(Fault(raw.path, "no such column", remedy, 1, column))
    for column in loose:
        rule = "the column is neither mapped nor ignored"
        if names_a_person(column):
            rule = "names what identifies a person, and may not enter a cohort"
        faults.append(Fault(raw.path, rule, "List it under ignore, or map it.", 1, column))
    return faults


Words = list[str | None]
Values = list[tuple[str, str] | None]
NOT_DONE = "NA:"


class Harvester:
    """Apply the rules of one file to its rows."""

    def __init__(self, raw: Raw, file: RawFile) -> None:
        self.raw, self.file, self.out = raw, file, Harvest()

    def harvest(self) -> Harvest:
        """Make all rows; faults are gathered, not raised."""
        ids = self._ids(self.file.participant)
        visits = self._words(self.file.visit) if self.file.visit else None
        for rule in self.file.rows:
            fields: dict[str, Words] = {"participant_id": ids}
            if visits is not None and "visit" in {c.name for c in TABLES[rule.table].columns}:
                fields["visit"] = visits
            fields |= {key: self._words(source) for key, source in rule.fields.items()}
            rows = self.out.rows.setdefault(rule.table, [])
            make = self._long if rule.table in MADE else self._wide
            for number, cells in make(rule, fields):
                rows.append(Row(cells, self.raw.path, self.raw.lines[number]))
        return self.out

    def _fault(self, number: int, column: str, value: str, misfit: Misfit) -> None:
        shown = value if misfit.show else ""
        line = self.raw.lines[number]
        self.out.faults.append(
            Fault(self.raw.path, str(misfit), misfit.remedy, line, column, shown)
        )

    def _ids(self, who: Participant) -> Words:
        if who.column is None:
            count = len(self.raw.lines)
            return [f"{who.row_number}{n:0{who.digits}d}" for n in range(1, count + 1)]
        ids = self.raw.columns[who.column]
        for number, text in enumerate(ids):
            if text.strip() == "" or text in self.file.missing:
                misfit = Misfit("the row has no participant", "Fill it, or remove the row.")
            elif text != text.strip():
                misfit = Misfit("the id has blanks around it", "Correct it, or set strip: true.")
            elif shown := shows_a_person(text):
                misfit = Misfit(f"the id holds {shown}", "Give each person a study id.", False)
            else:
                continue
            self._fault(number, who.column, text, misfit)
        return list(ids)

    def _words(self, source: Source | Visit) -> Words:
        """Read a structural field: its words, None where the row is left out."""
        if isinstance(source, Visit) and source.fixed is not None:
            return [source.fixed] * len(self.raw.lines)
        column = source.column or ""
        read = Converter(Target("text", codes=source.codes))
        words: Words = []
        for number, text in enumerate(self.raw.columns[column]):
            words.append(None)
            if text in source.skip:
                self.out.skipped[column, text, source.skip[text]] += 1
                continue
            try:
                words[-1] = read(text)[0]
            except Misfit as misfit:
                self._fault(number, column, text, misfit)
        return words

    def _read(self, number: int, column: str, read: Converter) -> tuple[str, str] | None:
        text = self.raw.columns[column][number]
        try:
            return read(text)
        except Misfit as misfit:
            self._fault(number, column, text, misfit)
            return None

    def _target(self, cell: Cell | Long, name: str, unit: str, codes: Mapping[str, str]) -> Target:
        known = variables().get(name)
        convert_unit = known is not None and "measurements" not in known.tables and bool(unit)
        return Target(
            kind=known.kind if known else "number",  # items of instruments are numbers
            words=words_of(known) if known else (),
            codes=codes,
            missing={**self.file.missing, **cell.missing},
            censored=cell.censored,
            decimal=cell.decimal or self.file.decimal,
            scale=(factor(unit, known.unit) or 1.0) if known and convert_unit else 1.0,
        )

    def _wide(
        self, rule: Rule, fields: Mapping[str, Words]
    ) -> Iterator[tuple[int, dict[str, str]]]:
        """Make one row of an open table from each row of the file."""
        readers = {
            column: Converter(self._target(c, c.variable or "", c.unit or "", c.codes))
            for column, c in rule.columns.items()
        }
        for number, cells in self._kept(rule, fields):
            for column, cell in rule.columns.items():
                found = self._read(number, column, readers[column])
                cells[cell.variable or ""] = found[0] if found else ""
            yield number, cells

    def _kept(
        self, rule: Rule, fields: Mapping[str, Words]
    ) -> Iterator[tuple[int, dict[str, str]]]:
        for number in range(len(self.raw.lines)):
            cells = dict(rule.set)
            for key, words in fields.items():
                word = words[number]
                if word is None:
                    break
                cells[key] = word
            else:
                yield number, cells

    def _long(
        self, rule: Rule, fields: Mapping[str, Words]
    ) -> Iterator[tuple[int, dict[str, str]]]:
        """Make rows of measurements or responses: one a cell that holds a value."""
        wide = [
            (c, column, name, c.unit or "1", Converter(self._target(c, name, "", c.codes)))
            for column, c in rule.columns.items()
            for name in (c.variable or c.item or "",)
        ]
        long = rule.long
        names = self._words(long.name) if long else []
        units = self._words(long.unit_column) if long and long.unit_column else None
        readers = {
            name: Converter(self._target(long, name, "", long.codes.get(name, {})))
            for name in set(names) - {None}
            if long and name
        }
        for number, cells in self._kept(rule, fields):
            for cell, column, name, unit, read in wide:
                if found := self._read(number, column, read):
                    yield number, _value_row(rule.table, {**cells, **cell.set}, name, unit, found)
            if long is None or (name := names[number]) is None:
                continue
            unit = units[number] if units else long.units.get(name, "1")
            found = self._read(number, long.value, readers[name])
            if found and unit is not None:
                yield number, _value_row(rule.table, cells, name, unit, found)


def _value_row(
    table: str, cells: dict[str, str], name: str, unit: str, found: tuple[str, str]
) -> dict[str, str]:
    value, censored = found
    gone = value.startswith(NOT_DONE)
    if table == "responses":
        return {**cells, "item": name, "value": value, "reason_missing": value if gone else "na"}
    known = variables()[name]
    muscle = {"muscle": known.muscle} if known.muscle else {}
    return {
        **cells,
        **muscle,
        "test": known.test,
        "value": value,
        "unit": unit,
        "status": "not_done" if gone else "done",
        "reason_not_done": value if gone else "na",
        "censored": censored,
    }
