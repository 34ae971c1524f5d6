"""The report before it is a page: sections of blocks that every writer can set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Literal

MOST_CHARS, GAP_CHARS, PAPER_CHARS = 42, 3, 118
"""A column of text wraps beyond the first; beyond the last, a table does not fit on paper."""
Tone = Literal["plain", "lead", "note", "question"]


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``opening`` is set bold in front of it."""

    text: str
    tone: Tone = "plain"
    opening: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list of short statements."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Terms with their explanations."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Callout:
    """What a reader must not overlook; several things are ``items``, one line each."""

    title: str
    text: str
    tone: Literal["warning", "note"] = "note"
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Said:
    """One claim with what this cohort says of it; ``place`` is the section that shows how."""

    claim: str
    sentence: str
    verdict: str
    wording: str
    details: str = ""
    place: str = ""


@dataclass(frozen=True)
class Verdicts:
    """Claims with their verdicts."""

    items: tuple[Said, ...]


@dataclass(frozen=True)
class Row:
    """A row of a table; a group row heads the rows below it."""

    cells: tuple[str, ...]
    group: bool = False


@dataclass(frozen=True)
class Table:
    """A table: caption above, notes below; columns after the first are aligned as ``numeric`` says.

    ``label`` ("Table 3") is given when the document is put together.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    numeric: tuple[bool, ...] = ()
    label: str = ""

    @property
    def name(self) -> str:
        """Its place in the page, unique by its number."""
        return self.label.lower().replace(" ", "-")

    @property
    def shares(self) -> tuple[float, ...]:
        """Widths of the columns, as shares of one: numbers stay on one line, text may wrap."""
        wanted = [
            max(least, min(longest, MOST_CHARS)) + GAP_CHARS
            for least, longest in map(self._chars, range(len(self.head)))
        ]
        return tuple(round(one / sum(wanted), 4) for one in wanted)

    def _chars(self, column: int) -> tuple[int, int]:
        """Count the characters that a column needs at least, and those of its longest cell."""
        cells = [row.cells[column] for row in self.rows if not row.group]
        bold = [1.35 * len(word) for word in self.head[column].split()]
        word = ceil(
            max((*bold, *(len(word) for text in cells for word in text.split())), default=1)
        )
        longest = max((len(text) for text in cells), default=1)
        numeric = column < len(self.numeric) and self.numeric[column]
        return max(word, longest if numeric else 0), longest

    def parts(self) -> tuple[Table, ...]:
        """Part a table that is wider than paper; each part repeats the columns that name rows."""
        columns = range(len(self.head))
        least = [self._chars(column)[0] + GAP_CHARS for column in columns]
        names = [c for c in columns if not any(self.numeric[: c + 1])][:2] or [0]
        if sum(least) <= PAPER_CHARS or len(names) == len(self.head):
            return (self,)
        sheets: list[list[int]] = [[]]
        room = PAPER_CHARS - sum(least[c] for c in names)
        for column in (c for c in columns if c not in names):
            if sheets[-1] and sum(least[c] for c in (*sheets[-1], column)) > room:
                sheets.append([])
            sheets[-1].append(column)
        return tuple(
            self._pick([*names, *sheet], first=sheet is sheets[0], last=sheet is sheets[-1])
            for sheet in sheets
        )

    def _pick(self, columns: Sequence[int], first: bool, last: bool) -> Table:
        return replace(
            self,
            head=tuple(self.head[c] for c in columns),
            rows=tuple(
                r if r.group else Row(tuple(r.cells[c] for c in columns)) for r in self.rows
            ),
            numeric=tuple(c < len(self.numeric) and self.numeric[c] for c in columns),
            label=self.label if first else f"{self.label}, continued",
            notes=self.notes if last else (),
        )


@dataclass(frozen=True)
class Picture:
    """A figure: its files, its caption, and what it shows in words."""

    caption: str
    alt: str
    svg: Path
    png: Path
    label: str = ""

    @property
    def name(self) -> str:
        """Its place in the page, unique by its number."""
        return self.label.lower().replace(" ", "-")


@dataclass(frozen=True)
class Folded:
    """What few readers open: folded on a page, in a supplement on paper (``supplement``)."""

    title: str
    blocks: tuple[Paragraph | Table, ...]


Block = Paragraph | Bullets | Facts | Callout | Verdicts | Table | Picture | Folded


@dataclass(frozen=True)
class Section:
    """A titled part with blocks, then smaller parts."""

    name: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Document:
    """The whole report; the begin of ``warning`` runs over every page of it (synthetic data)."""

    title: str
    question: str
    warning: str
    sections: tuple[Section, ...]

    @property
    def mark(self) -> str:
        """What stands on every page."""
        return self.warning.partition(":")[0]

    def blocks(self) -> Iterator[Block]:
        """Walk through all blocks in reading order."""

        def walk(sections: Sequence[Section]) -> Iterator[Block]:
            for section in sections:
                for block in section.blocks:
                    yield from block.blocks if isinstance(block, Folded) else (block,)
                yield from walk(section.sections)

        return walk(self.sections)


def number_document(document: Document) -> Document:
    """Give tables and figures their numbers, in reading order; what is folded counts apart."""
    counts = {"Table ": 0, "Figure ": 0, "Table S": 0}

    def label(kind: str) -> str:
        counts[kind] += 1
        return f"{kind}{counts[kind]}"

    def fold(block: Paragraph | Table) -> Paragraph | Table:
        return replace(block, label=label("Table S")) if isinstance(block, Table) else block

    def number(block: Block) -> Block:
        if isinstance(block, Table):
            return replace(block, label=label("Table "))
        if isinstance(block, Picture):
            return replace(block, label=label("Figure "))
        if isinstance(block, Folded):
            return replace(block, blocks=tuple(map(fold, block.blocks)))
        return block

    def walk(section: Section) -> Section:
        blocks = tuple(number(block) for block in section.blocks)
        return replace(section, blocks=blocks, sections=tuple(map(walk, section.sections)))

    return replace(document, sections=tuple(map(walk, document.sections)))
