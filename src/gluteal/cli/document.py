"""Write the pages that the code knows best: dictionary, constants, engines, analyses, config."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "write the reference pages of docs/ and the config schema from the code"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the folder of the project."""
    parser.add_argument("project", type=Path, nargs="?", default=Path())


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _table(head: list[str], rows: list[list[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(c) for c in line) + " |" for line in lines) + "\n"


def _range(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:g}'}"


def dictionary_page() -> str:
    """Write the data dictionary: one row a variable."""
    from gluteal.variables import variables

    rows: list[list[object]] = []
    for v in variables().values():
        levels = "; ".join(f"{code} = {label}" for code, label in v.levels.items())
        sign = f"larger = {v.higher}. " if v.higher else ""
        rows.append(
            [
                f"`{v.name}`",
                v.label,
                v.unit,
                v.kind,
                levels or _range(v.low, v.high),
                _range(v.soft_low, v.soft_high),
                ", ".join((*v.tables, *(f"{d} (derived)" for d in v.derived))),
                f"{sign}{v.note}".strip(),
            ]
        )
    head = ["name", "label", "unit", "kind", "levels or hard range", "query outside", "where"]
    intro = (
        "# Data dictionary\n\nMade from `src/gluteal/variables.csv` by `gluteal document`. Outside "
        "the hard range is an error; outside the query range a value is listed for a person to "
        "look at.\n\n"
    )
    return intro + _table([*head, "note"], rows)


def constants_page() -> str:
    """Write the table of constants, each with source and mark."""
    from gluteal.constants import MEANING, constants

    rows: list[list[object]] = []
    for c in constants().values():
        value = f"{c.value:g}" + (
            f" ({c.low:g}, {c.high:g})" if c.low is not None and c.high else ""
        )
        rows.append([f"`{c.name}`", value, c.unit, c.meaning, c.source, f"{c.mark}", c.checked_on])
    marks = "\n".join(f"- **{mark}**: {meaning}" for mark, meaning in MEANING.items())
    intro = (
        "# Constants\n\nMade from `src/gluteal/constants.csv` by `gluteal document`. Marks:\n\n"
        f"{marks}\n\n"
    )
    return intro + _table(["name", "value", "unit", "meaning", "source", "mark", "checked"], rows)


def analysis_page(name: str) -> str:
    """Write the page of one method from its docstring and settings."""
    import inspect

    from gluteal.analyses import method

    module = method(name)
    rows: list[list[object]] = []
    for key, field in module.Spec.model_fields.items():
        default = (
            "required"
            if field.is_required()
            else f"`{field.get_default(call_default_factory=True)!r}`"
        )
        rows.append([f"`{key}`", default, field.description or ""])
    text = inspect.getdoc(module) or ""
    return f"# {name}\n\n{text}\n\n## Settings\n\n" + _table(
        ["setting", "default", "meaning"], rows
    )


def engines_page() -> str:
    """Write the list of engines: each module with what it offers, first lines only."""
    import inspect
    import pkgutil
    from importlib import import_module

    import gluteal.estimators as home

    parts: list[str] = []
    for found in pkgutil.iter_modules(home.__path__, f"{home.__name__}."):
        module = import_module(found.name)
        names: list[str] = getattr(module, "__all__", None) or [
            name
            for name, value in vars(module).items()
            if not name.startswith("_") and getattr(value, "__module__", "") == found.name
        ]
        rows: list[list[object]] = []
        for name in sorted(names):
            value = getattr(module, name)
            if inspect.isfunction(value):
                rows.append([f"`{name}`", (inspect.getdoc(value) or "").split("\n")[0]])
        text = (inspect.getdoc(module) or "").split("\n\n")[0].replace("\n", " ")
        if rows:
            parts.append(f"## {found.name.rpartition('.')[2]}\n\n{text}\n\n")
            parts.append(_table(["function", "what it does"], rows) + "\n")
    intro = (
        "# Engines\n\nThe numerical core, `gluteal.estimators`: arrays in, numbers out. Made from "
        "the code by `gluteal document`; `help(gluteal.estimators.lmm.fit_lmm)` tells the rest. "
        "What they were held against: [engines beside R and the truth](engine-checks.md).\n\n"
    )
    return intro + "".join(parts).rstrip() + "\n"


def pages() -> dict[str, str]:
    """Return every page by its path in the project."""
    from gluteal.analyses import METHODS
    from gluteal.config.schema import schema_text

    found = {
        "docs/data-dictionary.md": dictionary_page(),
        "docs/constants.md": constants_page(),
        "docs/engines.md": engines_page(),
        "workflow/schemas/config.schema.yaml": schema_text(),
    }
    return found | {f"docs/analyses/{name}.md": analysis_page(name) for name in METHODS}


def run(args: argparse.Namespace) -> int:
    """Write all pages."""
    from gluteal.cohort.files import write_text

    for path, text in pages().items():
        write_text(args.project / path, text)
    return 0
