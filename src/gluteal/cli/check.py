"""Check a cohort package: every error at once, and the list of queries for a person."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "check a cohort package: name every fault at once, list what to look up"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the package and where its lists go."""
    parser.add_argument("package", type=Path, help="folder that holds datapackage.json")
    parser.add_argument("--queries", type=Path, help="CSV file for all that was found (values!)")
    parser.add_argument("--summary", type=Path, help="JSON file for the counts by rule (no values)")
    parser.add_argument("--settings", help="settings of derive as JSON: its questionnaires' codes")


def run(args: argparse.Namespace) -> int:
    """Check, write the lists, and end with all errors if there are any."""
    import json

    from gluteal.cohort.check import check_package
    from gluteal.cohort.files import write_text
    from gluteal.cohort.package import open_package
    from gluteal.cohort.queries import summarise, write_queries
    from gluteal.errors import UserError

    try:
        settings = json.loads(args.settings or "{}")
    except json.JSONDecodeError as error:
        raise UserError(f"--settings is not JSON ({error.msg})") from error
    if not isinstance(settings, dict):
        raise UserError("--settings is not a JSON object")
    package = open_package(args.package)
    faults = check_package(package, settings.get("instruments"))
    errors = [fault for fault in faults if fault.severity == "error"]
    queries = [fault for fault in faults if fault.severity == "query"]
    rows = {name: table.num_rows for name, table in package.tables.items()}
    if args.queries is not None:
        write_queries(args.queries, faults)
    if args.summary is not None:
        people = package.tables.get("participants")
        counts = {
            "people": people.num_rows if people is not None else 0,
            "rows": rows,
            "errors": len(errors),
            "queries": len(queries),
            "by_rule": summarise(faults),
        }
        write_text(args.summary, json.dumps(counts, indent=2, ensure_ascii=False) + "\n")
    if errors:
        raise UserError(errors)
    where = f" (listed in {args.queries})" if args.queries is not None and queries else ""
    people = f"{rows.get('participants', 0)} people, {sum(rows.values())} rows"
    print(f"{people}: no errors, {len(queries)} queries{where}")
    return 0
