"""Read the command line, call one command, turn a user's fault into one message."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

from gluteal.errors import UserError, suggest

COMMANDS = (
    "simulate",
    "ingest",
    "check",
    "derive",
    "impute",
    "plan",
    "fit",
    "draw",
    "ledger",
    "report",
    "notebook",
    "document",
    "warm",
)


def _parser(command: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gluteal", description="From cohort to answered claims.")
    parser.add_argument("--version", action="store_true", help="print the version and end")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name in COMMANDS:
        # Only the asked command is imported: start-up is what users feel most.
        module = import_module(f"gluteal.cli.{name}") if command in (name, None) else None
        sub = subparsers.add_parser(name, help=module.HELP if module else "")
        if module:
            module.add_arguments(sub)
    return parser


def run(words: list[str]) -> int:
    """Run one command and return its exit status.

    A fault that the user can mend becomes one message and status 2; anything else is a bug and
    keeps its traceback.
    """
    command = next((word for word in words if not word.startswith("-")), None)
    if command is not None and command not in COMMANDS:
        near = suggest(command, COMMANDS)
        print(f"gluteal: no command {command!r}. {near}Try: gluteal --help", file=sys.stderr)
        return 2
    if command is None and "--version" in words:
        from gluteal import __version__

        print(__version__)
        return 0
    args = _parser(command).parse_args(words)
    if args.command is None:
        _parser(None).print_help()
        return 0
    try:
        return int(import_module(f"gluteal.cli.{args.command}").run(args) or 0)
    except UserError as error:
        print(f"gluteal {args.command}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
