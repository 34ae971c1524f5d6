"""Write the plan of one analysis, or of the whole study, to a file."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "write the plan of one analysis (the settings and the meaning of its code)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a ready text from the workflow, or a config and the name of an analysis."""
    parser.add_argument("out", type=Path, help="file to write")
    parser.add_argument("--text", help="the plan as the workflow computed it")
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    parser.add_argument("--analysis", help="an analysis of the config; without it: the study")


def run(args: argparse.Namespace) -> int:
    """Write the plan."""
    from gluteal.cohort.files import write_text
    from gluteal.errors import UserError, suggest

    text = args.text
    if text is None:
        from gluteal.config.plan import plan_text, study_text
        from gluteal.config.study import read_study

        study = read_study(args.config)
        if args.analysis is not None and args.analysis not in study.analyses:
            near = suggest(args.analysis, study.analyses)
            raise UserError(f"{args.config}: no analysis {args.analysis!r}. {near}".strip())
        text = plan_text(study, args.analysis) if args.analysis else study_text(study)
    write_text(args.out, text + "\n")
    return 0
