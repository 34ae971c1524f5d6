"""``gluteal ingest``: make a cohort package from raw files by a mapping."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "make a cohort package from raw files, as a mapping.yaml says"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("mapping", type=Path, help="the mapping.yaml")
    parser.add_argument("package", type=Path, help="the folder of the cohort package to write")
    parser.add_argument(
        "--raw",
        type=Path,
        default=Path(),
        help="the folder that paths in the mapping are relative to (default: this one)",
    )


def run(args: argparse.Namespace) -> None:
    """Read, and write the package whole or not at all."""
    from gluteal.cohort.package import write_package
    from gluteal.provenance import versions
    from gluteal.sources.csv import ingest

    found = ingest(args.mapping, args.raw)
    write_package(
        args.package,
        found.tables,
        title=found.title,
        synthetic=found.synthetic,
        provenance={**found.provenance, "versions": versions(())},
    )
    for name, table in found.tables.items():
        print(f"{args.package / name}: {table.num_rows} rows")
