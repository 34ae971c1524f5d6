"""``gluteal impute``: fill in the missing cells of the analysis tables many times over."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from gluteal.cli.derive import read_settings
from gluteal.errors import Fault, UserError

HELP = "impute the missing cells of the analysis tables, beside them"
NEEDED = {"m": 1, "cycles": 1, "seed": 0, "donors": 1}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", type=Path, help="the folder of the derived tables")
    parser.add_argument(
        "--settings", required=True, help="as JSON: m, cycles, seed, donors, variables, models"
    )


def run(args: argparse.Namespace) -> None:
    """Impute, and write the imputed cells and the account of them; both or none."""
    settings = read_settings(args.settings)
    faults = [
        Fault("--settings", f"needs a whole number of at least {least}", "Add it.", column=name)
        for name, least in NEEDED.items()
        if not isinstance(settings.get(name), int) or settings[name] < least
    ]
    names = settings.get("variables")
    if not isinstance(names, list):
        rule = "needs the list of variables to impute"
        faults.append(Fault("--settings", rule, "Add it.", column="variables"))
    else:
        from gluteal.errors import suggest
        from gluteal.variables import variables

        faults += [
            Fault("--settings", "no such variable", suggest(str(name), variables()), value=name)
            for name in names
            if name not in variables()
        ]
    if faults:
        raise UserError(faults)
    from gluteal.cohort.derived import read_cohort
    from gluteal.cohort.files import replace_file
    from gluteal.frames.completed import FILE
    from gluteal.frames.completion import impute_cohort

    cells, account = impute_cohort(read_cohort(args.folder), settings)
    text = json.dumps(account, indent=1, sort_keys=True, ensure_ascii=True, allow_nan=False)
    with (
        replace_file(args.folder / FILE) as table,
        replace_file(args.folder / "imputed.json") as said,
    ):
        cells.to_parquet(table, index=False)
        said.write_text(text + "\n", encoding="utf-8", newline="\n")
    done = len({(one["variable"], one["visit"]) for one in account["variables"]})
    print(
        account["note"]
        or f"{args.folder}: {account['cells']:,} cells of {done} columns, {account['m']} times"
    )
