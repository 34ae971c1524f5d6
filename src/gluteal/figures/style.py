"""How every figure looks, and how it becomes three files with the same bytes on every run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from xml.sax.saxutils import escape

from gluteal.notation import write_plain

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS: dict[str, str] = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "black": "#000000",
    "grey": "#999999",
}
"""Okabe and Ito's palette, told apart with any colour vision; add a marker, colour is not enough.

https://jfly.uni-koeln.de/color/
"""
CYCLE = ("blue", "vermillion", "green", "purple", "orange", "sky")
MARKERS = ("o", "s", "^", "D", "v", "P")
INK, MUTED, FAINT = "#1a1a1a", "#5f6368", "#e3e6ea"
WIDTH_MM: dict[str, float] = {"single": 85.0, "double": 170.0}
MM_PER_INCH = 25.4
SIGNS = re.compile(r" ([=<>×≤≥]) ")
DPI = 300
RC: dict[str, Any] = {
    "font.family": "sans-serif",
    # Liberation Sans has the metrics of Arial; DejaVu Sans comes with matplotlib itself.
    "font.sans-serif": ["Arial", "Liberation Sans", "DejaVu Sans"],
    "font.size": 8.0,
    "axes.labelsize": 8.0,
    "axes.titlesize": 8.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "lines.linewidth": 1.2,
    "lines.markersize": 4.0,
    "patch.linewidth": 0.6,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.transparent": False,
    # Text as outlines: Word, Chromium and Typst then show the same figure, whatever their fonts.
    "svg.fonttype": "path",
    "svg.hashsalt": "gluteal",
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "text.usetex": False,
}


def use_style() -> None:
    """Make the style matplotlib's default in this process; ``figure`` does so by itself."""
    import matplotlib as mpl
    from cycler import cycler

    mpl.rcParams.update(RC)  # pyright: ignore[reportCallIssue, reportArgumentType]
    mpl.rcParams["axes.prop_cycle"] = cycler(color=[COLOURS[name] for name in CYCLE])


def figure(
    width: Literal["single", "double"] = "double",
    height_mm: float = 70.0,
    rows: int = 1,
    cols: int = 1,
    *,
    width_ratios: Sequence[float] | None = None,
    height_ratios: Sequence[float] | None = None,
    sharex: bool | Literal["none", "all", "row", "col"] = False,
    sharey: bool | Literal["none", "all", "row", "col"] = False,
) -> tuple[Figure, np.ndarray[Any, Any]]:
    """Make an empty figure of a journal's width.

    Parameters
    ----------
    width : {"single", "double"}
        One column (85 mm) or the page (170 mm).
    height_mm : float
        Height in millimetres; journals take up to 220.
    rows, cols : int
        Panels.
    width_ratios, height_ratios, sharex, sharey
        As in matplotlib's ``Figure.subplots``.

    Returns
    -------
    figure : Figure
        With constrained layout and no tie to pyplot.
    axes : ndarray of Axes
        Of shape (rows, cols), also for a single panel.

    Examples
    --------
    >>> made, axes = figure("single", 60)
    >>> axes.shape, round(made.get_figwidth() * 25.4)
    ((1, 1), 85)
    """
    from matplotlib.figure import Figure

    use_style()
    size = (WIDTH_MM[width] / MM_PER_INCH, height_mm / MM_PER_INCH)
    made = Figure(figsize=size, layout="constrained")
    axes = made.subplots(
        rows,
        cols,
        squeeze=False,
        width_ratios=width_ratios,
        height_ratios=height_ratios,
        sharex=sharex,
        sharey=sharey,
    )
    return made, axes


def page(height_mm: float, width: Literal["single", "double"] = "double") -> Figure:
    """Make an empty figure without layout, for what is placed in millimetres."""
    from matplotlib.figure import Figure

    use_style()
    return Figure(figsize=(WIDTH_MM[width] / MM_PER_INCH, height_mm / MM_PER_INCH))


def measure(text: str, size: float = 8.0, bold: bool = False) -> float:
    """Measure the width of a text in millimetres, as it will be printed."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    use_style()
    font = FontProperties(size=size, weight="bold" if bold else "normal")
    return text_to_path.get_text_width_height_descent(text, font, False)[0] * MM_PER_INCH / 72


def wrap_text(text: str, width_mm: float, size: float = 8.0) -> list[str]:
    """Break a text between words into lines that are no wider than so many millimetres.

    A line counted in letters is too long where they are wide, as in "MMMM", and then its end is
    cut off or runs into the plot. A single word that is too long stays whole.

    Examples
    --------
    >>> wrap_text("wide wide", 8.0)
    ['wide', 'wide']
    """
    lines: list[str] = []
    joined = SIGNS.sub("\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}", text)  # "n = 236" is one word
    for word in filter(None, joined.split(" ")):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure(longer, size) <= width_mm:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines] or [""]


def letter(axes: Sequence[Axes]) -> None:
    """Letter the panels A, B, C ... above their left edge."""
    for index, panel in enumerate(axes):
        label = chr(ord("A") + index)
        panel.set_title(label, loc="left", fontweight="bold", x=-0.02, ha="right")


def save(figure: Figure, stem: Path, alt: str, title: str = "") -> list[Path]:
    """Write ``stem``.svg, .png and .pdf: no date, no version, the same bytes on every run.

    Parameters
    ----------
    figure : Figure
        The finished figure; its layout is frozen here, so that all three files agree.
    stem : Path
        Path without ending.
    alt : str
        What the figure shows, in words; written into each file.
    title : str
        Its title, if it has one.

    Returns
    -------
    list of Path
        The files written.
    """
    import matplotlib as mpl

    from gluteal.cohort.files import replace_file

    use_style()
    alt, title = write_plain(alt), write_plain(title)
    _say_plainly(figure)
    figure.set_dpi(DPI)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    paths = [stem.parent / f"{stem.name}.{form}" for form in ("svg", "png", "pdf")]
    with mpl.rc_context(), replace_file(paths[0]) as svg:
        svg.write_text(write_svg(figure, alt, title), encoding="utf-8", newline="\n")
    with replace_file(paths[1]) as png:
        _save_png(figure, png, alt, title)
    words = {"Title": title or alt[:80], "Subject": alt}
    nothing = {"CreationDate": None, "Creator": None, "Producer": None}
    with replace_file(paths[2]) as pdf:
        figure.savefig(pdf, format="pdf", metadata={**words, **nothing})  # pyright: ignore[reportArgumentType]
    return paths


def _say_plainly(figure: Figure) -> None:
    """Put words where a label holds a code of the data ("week04", "0-10")."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_text(write_plain(text.get_text()))
    for panel in figure.axes:
        for axis in (panel.xaxis, panel.yaxis):
            named = [tick.get_text() for tick in axis.get_ticklabels()]
            plain = [write_plain(name) for name in named]
            if plain != named:
                axis.set_ticks(axis.get_majorticklocs(), plain)


def write_svg(figure: Figure, alt: str, title: str = "") -> str:
    """Write a figure as SVG text, to show it in a notebook or a page.

    Parameters
    ----------
    figure : Figure
        The figure.
    alt : str
        What it shows, in words: the text that stands in for it.
    title : str
        Its title, if it has one.
    """
    from io import StringIO

    stream = StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(stream, format="svg", metadata=nothing)  # pyright: ignore[reportArgumentType]
    text = stream.getvalue()
    start = text.index("<svg")
    end = text.index(">", start)
    name = f"<title>{escape(title)}</title>\n" if title else ""
    head = text[start:end] + f' role="img">\n {name}<desc>{escape(alt)}</desc>'
    return '<?xml version="1.0" encoding="utf-8"?>\n' + head + text[end + 1 :]


def _save_png(figure: Figure, path: Path, alt: str, title: str) -> None:
    from io import BytesIO

    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    stream = BytesIO()
    figure.savefig(stream, format="rgba", dpi=DPI)
    width, height = figure.canvas.get_width_height(physical=True)
    raw = Image.frombuffer("RGBA", (width, height), stream.getvalue(), "raw", "RGBA", 0, 1)
    notes = PngInfo()
    if title:
        notes.add_itxt("Title", title)
    notes.add_itxt("Description", alt)
    # Journals refuse transparency: a flat RGB picture is what they print.
    raw.convert("RGB").save(path, format="PNG", dpi=(DPI, DPI), pnginfo=notes, optimize=False)
