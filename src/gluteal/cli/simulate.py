"""Write a cohort with known truth."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "write a synthetic cohort package with known truth"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the folder and what decides the cohort."""
    parser.add_argument("out", type=Path, help="folder of the package")
    parser.add_argument("--n", type=int, default=400, help="number of participants (400)")
    parser.add_argument("--seed", type=int, default=1, help="seed; the same seed, the same bytes")
    parser.add_argument(
        "--world", default="evidence", help="evidence (default), seed, reverse or null"
    )
    parser.add_argument("--form", default="csv", help="csv (default) or parquet")
    parser.add_argument(
        "--design",
        default="full",
        help="full (default: 60 %% cases, 40 %% controls, all visits), case_control, cohort, "
        "repeated or programme",
    )
    parser.add_argument(
        "--dirt", action="store_true", help="add errors of real files, logged in dirt_log.csv"
    )
    parser.add_argument(
        "--mnar", action="store_true", help="let drop-out depend on pain that is not seen"
    )


def run(args: argparse.Namespace) -> int:
    """Simulate and say what was written."""
    from gluteal.simulate import simulate

    simulate(
        args.out,
        args.n,
        args.seed,
        args.world,
        form=args.form,
        design=args.design,
        dirt=args.dirt,
        mnar=args.mnar,
    )
    print(f"{args.out}: synthetic cohort, {args.n} people, {args.world} world, seed {args.seed}")
    return 0
