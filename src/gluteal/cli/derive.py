"""``gluteal derive``: make the analysis tables from a cohort package."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from gluteal.errors import Fault, UserError

HELP = "make the analysis tables from a cohort package"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("package", type=Path, help="the folder of the cohort package")
    parser.add_argument("out", type=Path, help="the folder that the tables go to")
    parser.add_argument(
        "--settings", default="{}", help='as JSON, such as {"strength_summary": "max"}'
    )
    parser.add_argument(
        "--check", type=Path, help="summary written by gluteal check, for the audit of the data"
    )


def _queries(summary: Path | None) -> list[dict[str, Any]]:
    """Take the query counts by rule: no person and no value is in them."""
    if summary is None:
        return []
    if not summary.is_file():
        raise UserError(f"{summary}: no such file. Run gluteal check with --summary first.")
    rules = json.loads(summary.read_text(encoding="utf-8"))["by_rule"]
    return [
        {"column": f"{one['table']}.{one['column']}", "rule": one["rule"], "n": one["n"]}
        for one in rules
        if one["severity"] == "query"
    ]


def read_settings(text: str) -> dict[str, Any]:
    """Read the settings of a command, a JSON object.

    Raises
    ------
    UserError
        If the text is something else.
    """
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        rule = f"is not JSON ({error.msg})"
        raise UserError(Fault("--settings", rule, 'Write {"name": value}.')) from error
    if not isinstance(found, dict):
        raise UserError(Fault("--settings", "is not a JSON object", 'Write {"name": value}.'))
    return found


def run(args: argparse.Namespace) -> None:
    """Derive, and write the tables; none is written if anything is wrong."""
    settings = read_settings(args.settings)
    if args.out.exists() and not args.out.is_dir():
        raise UserError(f"{args.out}: is a file, a folder was to be written here")
    from gluteal.cohort.derive import derive
    from gluteal.cohort.derived import write_cohort
    from gluteal.cohort.package import read_package

    queries = _queries(args.check)
    cohort = derive(read_package(args.package), settings)
    cohort.meta["queries"] = queries
    write_cohort(cohort, args.out)
    meta = cohort.meta
    counts = ", ".join(f"{n} rows of {name}" for name, n in meta["rows"].items())
    print(f"{args.out}: {meta['n_analysed']} of {meta['n_participants']} people, {counts}")
