"""Draw one figure: of an analysis, of its threats, of the claims, or of the participant flow."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HELP = "draw one figure as svg, png and pdf, with its description"
KINDS = ("analysis", "threats", "claims", "flow")
TITLES = {"claims": "What this cohort says, claim by claim", "flow": "Flow of participants"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the products that the figure is drawn from."""
    parser.add_argument("--kind", choices=KINDS, default="analysis")
    parser.add_argument("--plan", type=Path, help="plan of the analysis")
    parser.add_argument("--fit", type=Path, help="what the fit left for its figure (fits/*.json)")
    parser.add_argument("--estimates", type=Path, help="estimates of the analysis")
    parser.add_argument(
        "--answers",
        type=Path,
        nargs="+",
        help="estimates of all analyses of a claim, its headline's first, for --kind threats",
    )
    parser.add_argument(
        "--smallest-effect", type=float, help="smallest effect of interest, for --kind threats"
    )
    parser.add_argument("--ledger", type=Path, help="ledger.csv, for --kind claims")
    parser.add_argument("--flow", type=Path, help="flow.csv, for --kind flow")
    parser.add_argument("--min-cell", type=int, default=5, help="smaller counts are not shown")
    parser.add_argument("--out", type=Path, required=True, help="path without ending")


def run(args: argparse.Namespace) -> int:
    """Draw, describe, and write the files, each whole or not at all."""
    if args.kind == "analysis":
        _draw_analysis(args)
    elif args.kind == "threats":
        _draw_threats(args)
    else:
        rows = _read_rows(_given(args, args.kind if args.kind == "flow" else "ledger"))
        plan = {"min_cell": args.min_cell}
        _write(args.kind, {args.kind: rows}, None, plan, TITLES[args.kind], args.out)
    return 0


def _given(args: argparse.Namespace, name: str) -> Path:
    """Return the path of an argument that this kind of figure cannot do without."""
    from gluteal.errors import UserError

    path: Path | None = getattr(args, name)
    if path is None:
        raise UserError(f"--kind {args.kind} needs --{name}")
    return _there(path)


def _there(path: Path) -> Path:
    from gluteal.errors import Fault, UserError

    if not path.is_file():
        raise UserError(Fault(str(path), "no such file", "Run the step that writes it first."))
    return path


def _read_rows(path: Path) -> list[dict[str, str]]:
    import csv

    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _read_json(path: Path) -> dict[str, Any]:
    from gluteal.errors import Fault, UserError

    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        remedy = "Remove it and run the step that writes it again."
        raise UserError(Fault(str(path), "is not JSON", remedy)) from error


def _draw_analysis(args: argparse.Namespace) -> None:
    from gluteal.figures import absent

    plan = _read_json(_given(args, "plan"))
    fit = _read_json(_given(args, "fit"))
    title = plan.get("spec", {}).get("caption") or plan.get("title") or plan["analysis"]
    if fit.get("needs") or fit.get("reason"):
        panels = {"needs": [{"name": name} for name in fit.get("needs") or ()]}
        panels["reason"] = [{"text": text} for text in [fit.get("reason")] if text]
        _write(absent.__name__.rpartition(".")[2], panels, None, plan, title, args.out)
        return
    import pandas as pd

    from gluteal.estimates import COLUMNS

    table = pd.read_csv(_given(args, "estimates"), dtype=dict.fromkeys(_texts(), "str"))
    table = table.reindex(columns=list(COLUMNS))
    _write(fit["figure"], fit["panels"], table, plan, title, args.out)


def _draw_threats(args: argparse.Namespace) -> None:
    from gluteal.errors import UserError

    plan = _read_json(_given(args, "plan"))
    if not args.answers:
        raise UserError("--kind threats needs --answers")
    tables = [_read_rows(_there(path)) for path in args.answers]
    panels: dict[str, list[dict[str, str]]] = {str(i): rows for i, rows in enumerate(tables)}
    if args.smallest_effect is not None:
        panels["band"] = [{"smallest_effect": str(args.smallest_effect)}]
    caption = plan.get("spec", {}).get("caption") or plan["analysis"]
    title = f"One effect, one row per threat: {caption}"
    _write("threats", panels, None, plan, title, args.out)


def _texts() -> list[str]:
    """Name the columns of estimates that hold words, so that "1" stays a unit."""
    from gluteal.estimates import COLUMNS, COUNTS, NUMBERS

    return [name for name in COLUMNS if name not in (*NUMBERS, *COUNTS, "converged")]


def _write(
    kind: str,
    panels: Mapping[str, Sequence[Mapping[str, Any]]],
    estimates: Any,
    plan: Mapping[str, Any],
    title: str,
    stem: Path,
) -> None:
    """Let the module of this kind draw and describe; its name decides, so none is imported idly."""
    from importlib import import_module

    from gluteal.cohort.files import write_text
    from gluteal.figures import style

    module = import_module(f"gluteal.figures.{kind}")
    words = " ".join(module.describe(panels, estimates, plan).split())
    style.save(module.draw(panels, estimates, plan), stem, words, title)
    write_text(stem.parent / f"{stem.name}.txt", f"{title}\n\n{words}\n")
