"""The study: ``config.yaml`` as one strict model, every name in it checked, all faults at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from gluteal.analyses import METHODS, any_spec
from gluteal.config.imputation import Imputation
from gluteal.config.parts import Claim, Deviation, Simulated
from gluteal.config.reading import find_lines, read_yaml
from gluteal.errors import Fault, UserError, suggest
from gluteal.spec import Design, Strict

NAME = r"^[a-z][a-z0-9_]*$"
AnySpec = any_spec()


class Study(Strict):
    """A study: its data, design, claims and analyses, and the folder of its products."""

    title: str
    study: str = Field("example", pattern=NAME, description="Short name, used in paths")
    question: str = ""
    design: Design
    allocation: Literal["randomised", "not randomised"] | None = Field(
        None, description="How people came into the arms of a programme; decides what may be said"
    )
    definition: str = Field("", description="Who counts as having low back pain, in words")
    mapping: Path | None = Field(None, description="mapping.yaml, where raw files are ingested")
    simulated: Simulated | None = Field(
        None, description="Make a simulated cohort with known truth, instead of reading one"
    )
    cohort: Path = Field(description="The cohort package: read, or written by ingest")
    products: Path = Path("reports")
    processed: Path = Path("data/processed")
    dag: Path = Path("config/dag.yaml")
    derive: dict[str, Any] = Field(
        default_factory=dict, description="Settings of derive: strength_summary, instruments ..."
    )
    imputation: Imputation = Field(
        default_factory=lambda: Imputation.model_validate({}),
        description="How missing values are imputed; by default not",
    )
    min_cell: int = Field(5, ge=1, description="Smaller counts are not shown")
    registered: Path | None = Field(
        None, description="The frozen plan (gluteal plan --freeze); without it nothing is fitted"
    )
    deviations: tuple[Deviation, ...] = Field(
        (), description="Changes after the plan was frozen, each with date and reason"
    )
    claims: dict[str, Claim] = Field(default_factory=dict)
    analyses: dict[str, AnySpec] = Field(min_length=1)  # pyright: ignore[reportInvalidTypeForm]

    @model_validator(mode="after")
    def _choose_one_source(self) -> Study:
        if self.mapping is not None and self.simulated is not None:
            raise ValueError("mapping and simulated both write the cohort: keep one of them")
        return self


def _place(path: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in path)


def _known(location: Sequence[int | str], method: str | None) -> list[str]:
    """Name the keys that may stand where an unknown one was written."""
    if location[0] == "imputation" and len(location) == 2:
        return list(Imputation.model_fields)
    if location[0] == "claims" and len(location) == 3:
        return list(Claim.model_fields)
    if location[0] == "analyses" and len(location) > 2 and method in METHODS:
        from gluteal.analyses import method as module

        return list(module(str(method)).Spec.model_fields)
    return list(Study.model_fields)


def _type_faults(error: ValidationError, raw: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Turn pydantic's findings into (place, value, rule, remedy)."""
    found: list[tuple[str, str, str, str]] = []
    for item in error.errors():
        location = list(item["loc"])
        method = None
        if location and location[0] == "analyses" and len(location) > 2:
            entry = dict(raw.get("analyses", {})).get(location[1], {})
            method = entry.get("method") if isinstance(entry, Mapping) else None
            location = [*location[:2], *(part for part in location[2:] if part != method)]
        place, kind = _place(location), item["type"]
        value = "" if kind == "missing" else str(item.get("input", ""))[:60]
        if kind == "extra_forbidden":
            known = _known(location, method)
            rule = f"no such key {str(location[-1])!r}"
            remedy = f"{suggest(str(location[-1]), known)}Known keys: {', '.join(known)}."
            value = ""
        elif kind in ("union_tag_invalid", "union_tag_not_found"):
            entry = dict(raw.get("analyses", {})).get(location[1], {})
            value = str(entry.get("method", "")) if isinstance(entry, Mapping) else ""
            rule = "no such method" if value else "the analysis names no method"
            remedy = f"{suggest(value, METHODS)}Methods: {', '.join(METHODS)}."
            place = _place([*location[:2], "method"])
        elif kind == "missing":
            rule, remedy = "a required key is missing", "Add it."
        else:
            rule, remedy = item["msg"], "Correct the value."
        found.append((place, value, rule, remedy))
    return found


def parse_study(raw: Mapping[str, Any], file: Path = Path("config/config.yaml")) -> Study:
    """Validate a config: types first, then every name against dictionary and claims.

    Raises
    ------
    UserError
        With one fault for everything that is wrong, each with its line.
    """
    from gluteal.config.names import check_names

    if not raw:
        raise UserError(Fault(str(file), "the config holds no settings", "See config/README.md."))
    study: Study | None = None
    try:
        study = Study.model_validate(raw)
    except ValidationError as error:
        found = _type_faults(error, raw)
    else:
        found = check_names(study)
    if study is None or found:
        lines = find_lines(file)
        raise UserError([_fault(file, lines, *entry) for entry in found])
    return study


def _fault(
    file: Path, lines: dict[str, int], place: str, value: str, rule: str, remedy: str
) -> Fault:
    row, near = None, place
    while near and row is None:
        row, near = lines.get(near), near.rpartition(".")[0]
    return Fault(str(file), rule, remedy, row=row, column=place, value=value)


def read_study(file: Path) -> Study:
    """Read and validate a ``config.yaml``."""
    return parse_study(read_yaml(file), file)
