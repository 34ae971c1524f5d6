"""The mapping of raw files to a cohort package, as a person writes it in ``mapping.yaml``."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from gluteal.errors import Fault, UserError, suggest
from gluteal.spec import Strict

Codes = dict[str, str]


class Source(Strict):
    """A structural field that is read from a column."""

    column: str
    codes: Codes = Field({}, description="Word of the file -> word of the package; all of them")
    skip: Codes = Field({}, description="Word of the file -> why its rows are left out")


class Visit(Strict):
    """The visit: fixed, or from a column whose every word is declared."""

    fixed: str | None = None
    column: str | None = None
    codes: Codes = Field({})
    skip: Codes = Field({})

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.fixed is None) == (self.column is None):
            raise ValueError("give either 'fixed' or 'column'")
        return self


class Participant(Strict):
    """The participant id: a column, or the number of the row where the table has none."""

    column: str | None = None
    row_number: str | None = Field(None, description="Prefix of ids made from the row number")
    digits: int = Field(4, ge=1, le=9, description="Digits of an id made from the row number")

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.column is None) == (self.row_number is None):
            raise ValueError("give either 'column' or 'row_number' (a prefix such as P)")
        return self


class Cell(Strict):
    """What the cells of one column hold: a variable, or an item of an instrument."""

    variable: str | None = None
    item: str | None = None
    unit: str | None = None
    codes: Codes = Field({})
    missing: Codes = Field({}, description="Missing codes of this column, beside the file's")
    censored: dict[str, Literal["right", "left"]] = Field(
        {}, description="Mark before the number -> side: {'>': right}"
    )
    decimal: Literal[".", ","] | None = None
    set: Codes = Field({}, description="Fixed fields of this column's rows: {side: left}")

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.variable is None) == (self.item is None):
            raise ValueError("give either 'variable' or 'item'")
        return self


class Long(Strict):
    """A long table: one column names the variable (or item), another holds the value."""

    name: Source = Field(description="Column that names the variable; codes -> dictionary names")
    value: str = Field(description="Column of the values")
    units: Codes = Field({}, description="Dictionary name -> unit of its values")
    unit_column: Source | None = Field(None, description="Column of the units, if they vary by row")
    codes: dict[str, Codes] = Field({}, description="Dictionary name -> codes of its values")
    missing: Codes = Field({})
    censored: dict[str, Literal["right", "left"]] = Field({})
    decimal: Literal[".", ","] | None = None


class Rule(Strict):
    """How rows of one table of the package are made from rows of the file."""

    table: str
    fields: dict[str, Source] = Field({}, description="Structural field -> column")
    set: Codes = Field({}, description="Field -> fixed value")
    columns: dict[str, Cell] = Field({}, description="Column -> what it holds (wide)")
    long: Long | None = Field(None, description="Instead of columns: a long table")
    count_trials: bool = Field(
        False, description="Number the repeats of one measurement in the order of the file"
    )


class RawFile(Strict):
    """One raw file: how it is written and which rows it gives."""

    path: str
    delimiter: str = Field(min_length=1, max_length=1)
    encoding: str
    decimal: Literal[".", ","]
    strip: bool = Field(False, description="Drop blanks around cells")
    missing: Codes = Field({}, description="Missing code -> its reason")
    participant: Participant
    visit: Visit | None = None
    ignore: tuple[str, ...] = Field((), description="Columns that are not taken")
    rows: tuple[Rule, ...] = Field(min_length=1)


class Mapping(Strict):
    """The whole mapping: which column of which file is which variable, in which unit."""

    title: str = Field(min_length=1)
    synthetic: bool = False
    files: tuple[RawFile, ...] = Field(min_length=1)


MODELS: tuple[type[BaseModel], ...] = (
    Mapping,
    RawFile,
    Participant,
    Visit,
    Rule,
    Long,
    Cell,
    Source,
)


class _TextLoader(yaml.SafeLoader):
    """YAML whose scalars stay text: ``no``, ``1.0`` and ``None`` are what was written.

    The anchors and the merge of YAML stay; a key given twice is a fault, not the last one.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        self.flatten_mapping(node)
        keys = [str(getattr(key, "value", "")) for key, _ in node.value]
        for twice in {key for key in keys if keys.count(key) > 1}:
            raise yaml.MarkedYAMLError(
                problem=f"the key {twice!r} is given twice", problem_mark=node.start_mark
            )
        return super().construct_mapping(node, deep)


_TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:merge"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _shared(first: tuple[Any, ...], second: tuple[Any, ...]) -> int:
    return next(
        (n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), len(second)
    )


def _faults(error: ValidationError, name: str) -> Iterator[Fault]:
    known = sorted({field for model in MODELS for field in model.model_fields})
    items = error.errors(include_url=False)
    for item in items:
        inner = any(
            len(o["loc"]) > len(item["loc"]) == _shared(o["loc"], item["loc"]) for o in items
        )
        if item["type"] == "too_short" and inner:
            continue  # its entries are faulty, not absent
        place = ".".join(str(part + 1) if isinstance(part, int) else part for part in item["loc"])
        last = str(item["loc"][-1]) if item["loc"] else ""
        if item["type"] == "extra_forbidden":
            near = suggest(last, [word for word in known if word != last])
            yield Fault(name, f"unknown key {last!r}", f"{near}Correct or remove it.", column=place)
        elif item["type"] == "missing":
            yield Fault(name, f"{last!r} is required", "Add it.", column=place)
        else:
            text = item["msg"].removeprefix("Value error, ")
            value = item["input"] if isinstance(item["input"], str) else ""
            yield Fault(name, text, "See docs/how-to-map-csv.md.", column=place, value=value)


def read_mapping(path: Path) -> Mapping:
    """Read ``mapping.yaml``; name every fault of its form at once.

    Whether the words fit the dictionary is the next question: ``review.review``.

    Raises
    ------
    UserError
        If the file cannot be read, is not YAML, or does not have the form of a mapping.
    """
    name = path.name
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(Fault(name, "is not UTF-8 text", "Save it as UTF-8.")) from error
    except OSError as error:
        fault = Fault(str(path), f"cannot be read ({error.strerror})", "Give a mapping.yaml.")
        raise UserError(fault) from error
    try:
        loaded = yaml.load(text, _TextLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        fault = Fault(name, f"is not valid YAML: {error.problem}", "Mend that line.", row=line)
        raise UserError(fault) from error
    except yaml.YAMLError as error:
        raise UserError(Fault(name, "is not valid YAML", "Save it as plain text.")) from error
    if not isinstance(loaded, dict):
        raise UserError(Fault(name, "holds no settings", "Begin with title: and files:."))
    try:
        return Mapping.model_validate(loaded)
    except ValidationError as error:
        raise UserError(list(_faults(error, name))) from error
