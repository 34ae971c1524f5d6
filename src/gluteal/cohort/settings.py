"""The settings of ``derive``: strict, so that a misspelt one is an error and not a default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError

from gluteal.errors import Fault, UserError, suggest
from gluteal.spec import Strict


class Derivation(Strict):
    """How trials become values."""

    strength_summary: Literal["mean", "max"] = Field(
        "mean", description="Trials of one side: their mean (smaller error) or the best"
    )
    positions: dict[str, str] = Field(
        {}, description="Muscle -> test position; by default the one measured most often"
    )
    sls_cap_s: float | None = Field(
        None, gt=0, description="Stance times at or over it are censored, where not marked"
    )
    mass_within_weeks: float = Field(8, ge=0, description="How old a carried body mass may be")
    allometric_exponent: float | None = Field(
        None, gt=0, lt=3, description="Fixed exponent of body mass; by default estimated"
    )
    instruments: dict[str, Any] = Field({}, description="Settings of questionnaires, by name")
    min_cell: int = Field(5, ge=1, description="Smaller counts are not shown by the report")


def settle(given: Mapping[str, Any] | None) -> Derivation:
    """Complete the given settings by the defaults.

    Raises
    ------
    UserError
        Naming every setting that does not exist or has a wrong value.

    Examples
    --------
    >>> settle({"strength_summary": "max"}).strength_summary
    'max'
    """
    try:
        return Derivation.model_validate(dict(given or {}))
    except ValidationError as error:
        known = Derivation.model_fields
        faults: list[Fault] = []
        for item in error.errors(include_url=False):
            name = ".".join(str(part) for part in item["loc"])
            unknown = item["type"] == "extra_forbidden"
            rule = "no such setting" if unknown else item["msg"]
            near = suggest(name, known) if unknown else ""
            remedy = f"{near}Known: {', '.join(known)}."
            faults.append(Fault("settings of derive", rule, remedy, column=name))
        raise UserError(faults) from error
