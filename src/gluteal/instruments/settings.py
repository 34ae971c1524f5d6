"""The settings of questionnaire scoring: defaults, and what may be declared instead."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from gluteal.errors import Fault, UserError, suggest

RECODE = "recode"
"""Every instrument takes it: each answer of the file → the instrument's own code."""


def settle(
    instruments: Mapping[str, ModuleType], given: Mapping[str, Any] | None
) -> dict[str, dict[str, Any]]:
    """Complete the given settings by the defaults of every instrument.

    Parameters
    ----------
    instruments : mapping of str to module
        All instruments by name.
    given : mapping, optional
        Settings by instrument, as written in the study's config: ``{"odi": {"max_missing": 2}}``.

    Raises
    ------
    UserError
        Naming every unknown instrument, unknown setting and value that is not allowed.
    """
    given = given or {}
    faults = [
        _fault(name, f"no instrument is called {name!r}", suggest(name, instruments), instruments)
        for name in given
        if name not in instruments
    ]
    settled: dict[str, dict[str, Any]] = {}
    for name, module in instruments.items():
        own: Any = given.get(name) or {}
        if not isinstance(own, Mapping):
            faults.append(_fault(name, "settings are written as 'name: value'", "", (RECODE,)))
            continue
        faults += _wrong(name, module, own)
        settled[name] = {**module.SETTINGS, RECODE: None, **own}
    if faults:
        raise UserError(faults)
    return settled


def _wrong(name: str, module: ModuleType, own: Mapping[str, Any]) -> list[Fault]:
    faults: list[Fault] = []
    known = [*module.SETTINGS, RECODE]
    for key, value in own.items():
        place = f"{name}.{key}"
        allowed = module.OPTIONS.get(key)
        if key not in known:
            faults.append(_fault(place, "no such setting", suggest(str(key), known), known))
        elif key == RECODE:
            if value is not None and not _is_recode(value):
                remedy = 'Write for instance {"1": 0, "2": 1}.'
                faults.append(_fault(place, "answers are recoded to numbers", remedy, ()))
        elif allowed is not None and not any(
            value == choice and type(value) is type(choice) for choice in allowed
        ):
            faults.append(_fault(place, f"{value!r} is not allowed", "", allowed))
    return faults


def _is_recode(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(code, int | float) and not isinstance(code, bool) for code in value.values()
    )


def _fault(place: str, rule: str, remedy: str, known: Any) -> Fault:
    choices = ", ".join(str(word) for word in known)
    advice = f"{remedy}Known: {choices}." if choices else remedy
    return Fault("settings of instruments", rule, advice, column=place)
