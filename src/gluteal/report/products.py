"""Read the products of a run: everything that the report is made of."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from gluteal.errors import Fault, UserError
from gluteal.notation import claim_order

Line = Mapping[str, str]
T = TypeVar("T")


@dataclass(frozen=True)
class Analysis:
    """What one analysis left: its plan, results and figure."""

    name: str
    plan: Mapping[str, Any]
    fit: Mapping[str, Any]
    estimates: Sequence[Line]
    diagnostics: Sequence[Line]
    svg: Path
    png: Path
    alt: str

    @property
    def settings(self) -> Mapping[str, Any]:
        """The validated settings."""
        return self.plan.get("spec", {})

    @property
    def method(self) -> str:
        """The method's name."""
        return str(self.settings.get("method", ""))

    @property
    def question(self) -> str:
        """The question in the reader's words; the analysis' name where the config gives none."""
        return str(self.settings.get("caption") or self.name.replace("_", " ").capitalize())


@dataclass(frozen=True)
class Products:
    """All products of one study."""

    folder: Path
    study: Mapping[str, Any]
    ledger: Sequence[Line]
    analyses: Sequence[Analysis]
    derived: Mapping[str, Any] = field(default_factory=dict[str, Any])
    check: Mapping[str, Any] = field(default_factory=dict[str, Any])
    flow: Sequence[Line] = ()
    imputed: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def synthetic(self) -> bool:
        """Whether the people of this cohort were simulated."""
        return bool(self.derived.get("synthetic"))

    @property
    def min_cell(self) -> int:
        """The smallest count that is shown."""
        return int(self.study.get("min_cell", 5))

    def picture(self, name: str) -> tuple[Path, Path, str]:
        """Return the files of a figure and its description."""
        figures = self.folder / "figures"
        svg, png = (figures / f"{name}.{form}" for form in ("svg", "png"))
        return svg, png, describe_svg(svg)


def read_json(path: Path) -> dict[str, Any]:
    """Read one JSON product."""
    return json.loads(path.read_text(encoding="utf-8"))


def read_lines(path: Path) -> list[dict[str, str]]:
    """Read one CSV product as text."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def describe_svg(path: Path) -> str:
    """Take a figure's description from its file; empty where there is none."""
    from html import unescape

    if not path.is_file():
        return ""
    head = path.read_text(encoding="utf-8")[:20_000]
    _, found, rest = head.partition("<desc>")
    return unescape(rest.partition("</desc>")[0]) if found else ""


def _rank(analysis: Analysis) -> tuple[bool, tuple[str, int, str]]:
    """Order analyses: primary ones first, by their claim; the others as they came."""
    primary = analysis.settings.get("role") == "primary"
    return not primary, claim_order(str(analysis.settings.get("claim") or "") if primary else "")


def read_products(folder: Path, processed: Path | None = None) -> Products:
    """Read a folder of products.

    Parameters
    ----------
    folder : Path
        With ``plans/``, ``estimates/``, ``diagnostics/``, ``fits/``, ``figures/`` and
        ``ledger.csv``.
    processed : Path, optional
        The folder of the derived tables; adds flow, exclusions and hashes of the data.

    Raises
    ------
    UserError
        With one fault for every product that is missing or broken.
    """
    faults: list[Fault] = []

    def read(reader: Callable[[Path], T], path: Path, default: T) -> T:
        try:
            return reader(path)
        except FileNotFoundError:
            faults.append(Fault(str(path), "no such file", "Run the step that writes it first."))
        except (OSError, ValueError) as error:
            remedy = "Remove it and run the step that writes it again."
            faults.append(Fault(str(path), f"cannot be read: {error}", remedy))
        return default

    study = read(read_json, folder / "plans" / "study.json", {})
    ledger = read(read_lines, folder / "ledger.csv", [])
    ledger.sort(key=lambda line: claim_order(line.get("claim", "")))
    analyses: list[Analysis] = []
    for name in study.get("analyses") or {}:
        analyses.append(
            Analysis(
                name,
                read(read_json, folder / "plans" / f"{name}.json", {}),
                read(read_json, folder / "fits" / f"{name}.json", {}),
                read(read_lines, folder / "estimates" / f"{name}.csv", []),
                read(read_lines, folder / "diagnostics" / f"{name}.csv", []),
                folder / "figures" / f"{name}.svg",
                folder / "figures" / f"{name}.png",
                describe_svg(folder / "figures" / f"{name}.svg"),
            )
        )
    more: dict[str, Any] = {}
    if processed is not None:
        more["derived"] = read(read_json, processed / "derived.json", {})
        more["flow"] = read(read_lines, processed / "flow.csv", [])
        if (processed / "check.json").is_file():
            more["check"] = read(read_json, processed / "check.json", {})
        # Only where the study asks for it: an account left by an earlier run says nothing now.
        if (study.get("imputation") or {}).get("m"):
            more["imputed"] = read(read_json, processed / "imputed.json", {})
    if faults:
        raise UserError(faults)
    analyses.sort(key=_rank)
    return Products(folder, study, ledger, analyses, **more)
