"""Write the document as one HTML page: no script, no other file, no request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from importlib.resources import files

from gluteal.report.document import (
    Block,
    Bullets,
    Callout,
    Document,
    Facts,
    Folded,
    Paragraph,
    Picture,
    Said,
    Section,
    Table,
    Verdicts,
)

SHAPES = {
    "supported": "\N{BLACK CIRCLE}",
    "contradicted": "\N{BLACK DIAMOND}",
    "negligible": "\N{BLACK SQUARE}",
    "inconclusive": "\N{WHITE CIRCLE}",
    "not testable": "\N{EN DASH}",
}
TONES = {"note": "remark"}
ENLARGE = 1.25 * 4 / 3
"""Pixels of a page for a point of a figure: its 8-point type should be read beside 17 pixels."""
MANY = 20
"""More items than these stand in columns."""
MOST_ROWS = 24
"""A table with more rows scrolls in its own window, under its header."""
DOI = re.compile(r"\bdoi:(10\.\S+)")
SVG_WIDTH = re.compile(r'<svg[^>]*?\bwidth="([\d.]+)pt"')


def write_html(document: Document) -> str:
    """Set the whole page.

    Returns
    -------
    str
        The page; style and figures stand in it.
    """
    style = files("gluteal").joinpath("report/style.css").read_text(encoding="utf-8")
    banner = f'<p class="banner">{escape(document.warning)}</p>\n' if document.warning else ""
    question = f'<p class="question">{escape(document.question)}</p>\n' if document.question else ""
    body = "".join(_section(section, 2) for section in document.sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{escape(document.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">Skip to the report</a>\n'
        f"<header>\n{banner}<h1>{escape(document.title)}</h1>\n{question}</header>\n"
        f'<div class="page">\n{_contents(document)}<main id="main" tabindex="-1">\n{body}</main>\n'
        "</div>\n<footer>\n<p>For research; not clinical advice. Made by gluteal.</p>\n</footer>\n"
        "</body>\n</html>\n"
    )


def _contents(document: Document) -> str:
    """List the sections, and the analyses below theirs."""

    def entry(section: Section, deep: bool) -> str:
        inner = "".join(entry(part, False) for part in section.sections) if deep else ""
        inner = f"\n<ol>\n{inner}</ol>\n" if inner else ""
        return f'<li><a href="#{section.name}">{escape(section.title)}</a>{inner}</li>\n'

    entries = "".join(entry(one, one.name == "analyses") for one in document.sections)
    return f'<nav aria-label="Contents">\n<ol>\n{entries}</ol>\n</nav>\n'


def _section(section: Section, level: int) -> str:
    blocks = "".join(f"{_block(block)}\n" for block in section.blocks)
    inner = "".join(_section(part, level + 1) for part in section.sections)
    title = f'<h{level} id="{section.name}">{escape(section.title)}</h{level}>\n'
    return f'<section aria-labelledby="{section.name}">\n{title}{blocks}{inner}</section>\n'


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            opening = f"<strong>{escape(block.opening)}</strong> " if block.opening else ""
            kind = f' class="{TONES.get(block.tone, block.tone)}"' if block.tone != "plain" else ""
            return f"<p{kind}>{opening}{_text(block.text)}</p>"
        case Bullets():
            kind = ' class="many"' if len(block.items) > MANY else ""
            items = "".join(f"<li>{_text(item)}</li>" for item in block.items)
            return f"<ul{kind}>\n{items}\n</ul>"
        case Facts():
            rows = (f"<div><dt>{escape(a)}</dt><dd>{_text(b)}</dd></div>\n" for a, b in block.items)
            return f'<dl class="facts">\n{"".join(rows)}</dl>'
        case Callout():
            items = "".join(f"<li>{_text(item)}</li>" for item in block.items)
            text = f"<p><strong>{escape(block.title)}.</strong> {_text(block.text)}</p>"
            text += f"<ul>{items}</ul>" if items else ""
            return f'<div class="callout {block.tone}">{text}</div>'
        case Verdicts():
            return f'<ol class="claims">\n{"".join(map(_said, block.items))}</ol>'
        case Table():
            return _table(block)
        case Picture():
            return _picture(block)
        case Folded():
            inner = "".join(f"{_block(one)}\n" for one in block.blocks)
            return f"<details>\n<summary>{escape(block.title)}</summary>\n{inner}</details>"


def _text(text: str) -> str:
    """Escape a text, and make its DOIs links."""

    def link(found: re.Match[str]) -> str:
        tail = ""
        doi = found[1]
        while doi and (doi[-1] in ".,;" or (doi[-1] == ")" and doi.count(")") > doi.count("("))):
            doi, tail = doi[:-1], doi[-1] + tail
        return f'<a href="https://doi.org/{doi}">doi:{doi}</a>{tail}'

    return DOI.sub(link, escape(text))


def chip(verdict: str) -> str:
    """Set a verdict as a chip: its shape is that of the figure."""
    kind = verdict.replace(" ", "-")
    shape = f'<span aria-hidden="true">{SHAPES.get(verdict, "")}</span>'
    return f'<span class="chip {kind}">{shape} {escape(verdict)}</span>'


def _said(said: Said) -> str:
    details = f'<p class="details">{_text(said.details)}</p>\n' if said.details else ""
    link = f' <a href="#{said.place}">How this was found</a>' if said.place else ""
    return (
        f'<li class="{said.verdict.replace(" ", "-")}">\n<p class="claim">{chip(said.verdict)} '
        f"<b>{escape(said.claim)}</b> {escape(said.sentence)}</p>\n"
        f"<p>{_text(said.wording)}{link}</p>\n{details}</li>\n"
    )


def _table(table: Table) -> str:
    numeric = (*table.numeric, *(False for _ in table.head))

    def cell(index: int, text: str) -> str:
        kind = ' class="n"' if numeric[index] else ""
        inner = chip(text) if text in SHAPES else _mark(text)
        if index == 0 and text:
            return f'<th scope="row">{inner}</th>'
        return f"<td{kind}>{inner}</td>"

    def head() -> Iterator[str]:
        for index, text in enumerate(table.head):
            kind = ' class="n"' if numeric[index] else ""
            yield f'<th scope="col"{kind}>{escape(text)}</th>' if text else "<td></td>"

    columns = "".join(f'<col style="width:{100 * share:.1f}%">' for share in table.shares)
    bodies: list[str] = []
    for row in table.rows:
        if row.group or not bodies:
            bodies.append("")
        if row.group:
            span = f'colspan="{len(table.head)}" scope="rowgroup"'
            bodies[-1] += f'<tr class="group"><th {span}>{escape(row.cells[0])}</th></tr>\n'
        else:
            bodies[-1] += f"<tr>{''.join(cell(i, text) for i, text in enumerate(row.cells))}</tr>\n"
    caption = f"<b>{table.label}.</b> {escape(table.caption)}"
    scroll = "scroll long" if len(table.rows) > MOST_ROWS else "scroll"
    notes = "".join(f'<p class="remark">{_text(note)}</p>\n' for note in table.notes)
    return (
        f'<div class="table"><div class="{scroll}" role="region" tabindex="0" '
        f'aria-labelledby="{table.name}-caption">\n<table id="{table.name}">\n'
        f'<caption id="{table.name}-caption"><span>{caption}</span></caption>\n'
        f"<colgroup>{columns}</colgroup>\n<thead><tr>{''.join(head())}</tr></thead>\n"
        f"{''.join(f'<tbody>{body}</tbody>' for body in bodies)}\n</table>\n</div>\n{notes}</div>"
    )


def _mark(text: str) -> str:
    """Set a cell; what needs attention is marked, indentation is kept."""
    if text == "needs attention":
        return f'<span class="flag">{text}</span>'
    inner = _text(text.lstrip(" "))
    return f'<span class="in">{inner}</span>' if text.startswith(" ") else inner


def _picture(picture: Picture) -> str:
    caption = f"<b>{picture.label}.</b> {escape(picture.caption)}"
    drawing = embed_svg(picture.svg.read_text(encoding="utf-8"), picture.name, picture.alt)
    return (
        f'<figure id="{picture.name}">\n<div class="scroll" role="region" tabindex="0" '
        f'aria-label="{picture.label}">\n{drawing}</div>\n'
        f"<figcaption>{caption}</figcaption>\n</figure>"
    )


def embed_svg(text: str, name: str, alt: str) -> str:
    """Prepare a figure for its place in the page.

    Names inside of it are made unique, its style is left to the page, its words come from ``alt``.
    """
    width = SVG_WIDTH.search(text)
    style = f"max-width:{float(width[1]) * ENLARGE:.0f}px" if width else ""
    body = text[text.index(">", text.index("<svg")) + 1 :]
    for drop in (r"<!--.*?-->", r"<title>.*?</title>", r"<desc>.*?</desc>", r"<style.*?</style>",
                 r"<metadata.*?</metadata>"):  # fmt: skip
        body = re.sub(drop, "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = re.sub(r'href="#', f'href="#{name}-', body)
    body = re.sub(r"url\(#", f"url(#{name}-", body)
    body = re.sub(r"\n\s*", "\n", body)
    box = re.search(r'viewBox="[^"]*"', text)
    return (
        f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" {box[0] if box else ""} role="img" '
        f'aria-labelledby="{name}-words" style="{style}">\n'
        f'<title id="{name}-words">{escape(alt)}</title>{body}'
    )
