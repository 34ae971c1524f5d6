"""The report before it is a page: sections of blocks that every writer can set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

MOST_CHARS = 42
"""A column of text longer than this wraps."""
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
    """What a reader must not overlook."""

    title: str
    text: str
    tone: Literal["warning", "note"] = "note"


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
        numeric = (*self.numeric, *(False for _ in self.head))
        wanted: list[float] = []
        for index, title in enumerate(self.head):
            cells = [row.cells[index] for row in self.rows if not row.group]
            words = [word for text in (title, *cells) for word in text.split()]
            word = max((len(word) for word in words), default=1)
            longest = max((len(text) for text in cells), default=1)
            wanted.append(max(word, longest if numeric[index] else min(longest, MOST_CHARS)) + 3)
        return tuple(round(one / sum(wanted), 4) for one in wanted)


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


Block = Paragraph | Bullets | Facts | Callout | Verdicts | Table | Picture


@dataclass(frozen=True)
class Section:
    """A titled part with blocks, then smaller parts."""

    name: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Document:
    """The whole report; ``warning`` runs over every page of it (synthetic data)."""

    title: str
    question: str
    warning: str
    sections: tuple[Section, ...]

    def blocks(self) -> Iterator[Block]:
        """Walk through all blocks in reading order."""

        def walk(sections: Sequence[Section]) -> Iterator[Block]:
            for section in sections:
                yield from section.blocks
                yield from walk(section.sections)

        return walk(self.sections)


def number_document(document: Document) -> Document:
    """Give tables and figures their numbers, in reading order."""
    counts = {"Table": 0, "Figure": 0}

    def label(kind: str) -> str:
        counts[kind] += 1
        return f"{kind} {counts[kind]}"

    def number(block: Block) -> Block:
        if isinstance(block, Table):
            return replace(block, label=label("Table"))
        if isinstance(block, Picture):
            return replace(block, label=label("Figure"))
        return block

    def walk(section: Section) -> Section:
        blocks = tuple(number(block) for block in section.blocks)
        return replace(section, blocks=blocks, sections=tuple(map(walk, section.sections)))

    return replace(document, sections=tuple(map(walk, document.sections)))
