"""Judge the claims of a study by the estimates of its analyses."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

OVERLAP = "overlap"
"""The diagnostic that says whether exposed and unexposed overlap."""
HELP = "join the estimates to the study's claims; write the verdicts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the study, the folders of estimates and fits, and the file to write."""
    parser.add_argument("--study", type=Path, required=True, help="plans/study.json")
    parser.add_argument("--estimates", type=Path, required=True, help="folder of estimates/*.csv")
    parser.add_argument("--fits", type=Path, required=True, help="folder of fits/*.json")
    parser.add_argument("--plans", type=Path, help="folder of plans/*.json: what the graph advised")
    parser.add_argument("--diagnostics", type=Path, help="folder of diagnostics/*.csv")
    parser.add_argument("--out", type=Path, required=True, help="ledger.csv")
    parser.add_argument(
        "--cohort", type=Path, help="folder of the derived tables, to tell what the cohort lacks"
    )


def _read_json(path: Path) -> dict[str, Any]:
    from gluteal.errors import UserError

    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise UserError(f"{path}: is not JSON. Make it again with gluteal plan.") from error
    if not isinstance(found, dict):
        raise UserError(f"{path}: holds no settings. Make it again with gluteal plan.")
    return found


def filled_columns(folder: Path) -> set[str]:
    """Name the columns of the derived tables with at least one value, from the files' footers."""
    from gluteal.errors import UserError

    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder. Run gluteal derive first.")
    import pyarrow.parquet as parquet

    filled: set[str] = set()
    for path in sorted(folder.glob("*.parquet")):
        file = parquet.ParquetFile(path)
        about: Any = file.metadata
        for group in range(about.num_row_groups):
            for index in range(about.num_columns):
                chunk = about.row_group(group).column(index)
                name = str(chunk.path_in_schema)
                nulls = chunk.statistics.null_count if chunk.statistics is not None else None
                if nulls is None:  # not every type has statistics
                    nulls = file.read_row_group(group, columns=[name]).column(0).null_count
                if nulls < chunk.num_values:
                    filled.add(name)
    return filled


def read_grounds(analysis: str, plans: Path | None, diagnostics: Path | None) -> dict[str, Any]:
    """Read what lets words go beyond "associated": the adjustment set, and overlap if looked at."""
    import csv

    found: dict[str, Any] = {}
    if plans is not None:
        found["sufficient"] = dict(_read_json(plans / f"{analysis}.json").get("advice") or {}).get(
            "sufficient"
        )
    if diagnostics is not None and (path := diagnostics / f"{analysis}.csv").is_file():
        with path.open(encoding="utf-8", newline="") as stream:
            for line in csv.DictReader(stream):
                if line["name"] == OVERLAP and line["ok"]:
                    found["overlap"] = line["ok"] == "True"
    return found


def run(args: argparse.Namespace) -> int:
    """Write the ledger."""
    study = _read_json(args.study)
    analyses = list(study.get("analyses") or {})
    claims = dict(study.get("claims") or {})

    import pandas as pd

    from gluteal.analyses import METHODS
    from gluteal.cohort.files import replace_file
    from gluteal.errors import UserError
    from gluteal.estimates import COLUMNS, COUNTS, NUMBERS
    from gluteal.ledger import build_ledger

    # Words stay words: a unit "1" is no number.
    words = [name for name in COLUMNS if name not in (*NUMBERS, *COUNTS, "converged")]
    estimates: dict[str, pd.DataFrame] = {}
    needs: dict[str, list[str]] = {}
    reasons: dict[str, str] = {}
    for name in analyses:
        path = args.estimates / f"{name}.csv"
        if not path.is_file():
            raise UserError(f"{path}: no such file. Run gluteal fit for {name} first.")
        estimates[name] = pd.read_csv(path, dtype=dict.fromkeys(words, "str"))
        fit = _read_json(args.fits / f"{name}.json")
        needs[name] = list(fit.get("needs") or ())
        reasons[name] = str(fit.get("reason") or "")
    lacking: set[str] = set()
    if args.cohort is not None:
        asked = {name for claim in claims.values() for name in claim.get("needs") or ()}
        lacking = asked - filled_columns(args.cohort)
    grounds = {name: read_grounds(name, args.plans, args.diagnostics) for name in analyses}
    table = build_ledger(
        claims,
        estimates,
        study,
        needs=needs,
        reasons=reasons,
        lacking=lacking,
        methods=METHODS,
        grounds=grounds,
    )
    with replace_file(args.out) as path:
        table.to_csv(path, index=False, lineterminator="\n")
    return 0
