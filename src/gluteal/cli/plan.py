"""Write the plan of one analysis, or of the whole study, to a file."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "write the plan of one analysis (the settings and the meaning of its code), or freeze all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a ready text from the workflow, or a config and the name of an analysis."""
    parser.add_argument("out", type=Path, nargs="?", help="file to write")
    parser.add_argument(
        "--freeze",
        action="store_true",
        help="write the whole plan with its hash to the file that the config calls registered",
    )
    parser.add_argument("--text", help="the plan as the workflow computed it")
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    parser.add_argument("--analysis", help="an analysis of the config; without it: the study")


def run(args: argparse.Namespace) -> int:
    """Write the plan."""
    from gluteal.cohort.files import write_text
    from gluteal.errors import UserError, suggest

    text = args.text
    if args.freeze:
        return _freeze(args.config)
    if args.out is None:
        raise UserError("gluteal plan needs a file to write, or --freeze")
    if text is None:
        from gluteal.config.plan import plan_text, study_text
        from gluteal.config.registration import check_unlocked
        from gluteal.config.study import read_study

        study = read_study(args.config)
        check_unlocked(study)
        if args.analysis is not None and args.analysis not in study.analyses:
            near = suggest(args.analysis, study.analyses)
            raise UserError(f"{args.config}: no analysis {args.analysis!r}. {near}".strip())
        text = plan_text(study, args.analysis) if args.analysis else study_text(study)
    write_text(args.out, text + "\n")
    return 0


def _freeze(config: Path) -> int:
    from datetime import date

    from gluteal.config.registration import freeze
    from gluteal.config.study import read_study

    study = read_study(config)
    frozen = freeze(study, config, date.today().isoformat())
    print(f"{study.registered}: frozen on {frozen['frozen_on']}, SHA-256 {frozen['sha256']}")
    if frozen["estimates_existed"]:
        print("Estimates existed already; the plan says so.")
    return 0
