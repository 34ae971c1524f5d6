"""From long rows of text to one table of numbers a questionnaire, every wrong answer named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gluteal.errors import Fault, suggest
from gluteal.instruments.scale import Codes, allows, describe

if TYPE_CHECKING:
    import pandas as pd

FILE = "responses"
MISSING = "NA:"
"""Missing answers carry their reason: ``NA:refused``."""


@dataclass(frozen=True)
class Rows:
    """All responses as integer codes: cheap to select from, however many there are.

    ``who`` is the place of each row in ``index`` (participant × visit, sorted), ``item`` and
    ``value`` the places in ``items`` and ``texts``; -1 stands for a cell without content.
    """

    index: pd.MultiIndex
    who: Any
    instrument: Any
    instruments: list[str]
    item: Any
    items: list[str]
    value: Any
    texts: list[str]


def encode(responses: pd.DataFrame) -> Rows:
    """Encode the long table; the order of its rows leaves no trace."""
    import numpy as np
    import pandas as pd

    people, names = pd.factorize(responses["participant_id"], sort=True)
    visits, labels = pd.factorize(responses["visit"], sort=True)
    pair = people.astype(np.int64) * max(len(labels), 1) + visits
    used, who = np.unique(pair, return_inverse=True)
    width = max(len(labels), 1)
    index = pd.MultiIndex.from_arrays(
        [names.take(used // width), labels.take(used % width)], names=["participant_id", "visit"]
    )
    instrument, instruments = pd.factorize(responses["instrument"])
    item, items = pd.factorize(responses["item"])
    value, texts = pd.factorize(responses["value"])
    return Rows(
        index=index,
        who=who,
        instrument=instrument,
        instruments=[str(name) for name in instruments],
        item=item,
        items=[str(key) for key in items],
        value=value,
        texts=[str(text).strip() for text in texts],
    )


def number(text: str, recode: dict[str, float] | None) -> float | None:
    """Read one answer: a number, NaN if it is a missing value, None if it is neither.

    Where a recode is declared, only what it lists is an answer: a code that it does not name
    must not slip through unchanged.

    Examples
    --------
    >>> number("3", None), number("3", {"3": 2.0}), number("yes", None)
    (3.0, 2.0, None)
    """
    if text == "" or text.startswith(MISSING):
        return float("nan")
    try:
        value = float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        value = None
    if value is not None and abs(value) == float("inf"):
        value = None
    if recode is not None:
        key = f"{value:g}" if value is not None and value == value else text
        return recode.get(text, recode.get(key))
    return value if value == value else None


def arrange(
    rows: Rows, name: str, codes: dict[str, Codes], recode: dict[str, float] | None
) -> tuple[pd.DataFrame, list[Fault]]:
    """Return one instrument's answers, one row a questionnaire and one column an item.

    Faults name unknown items, answers that are not allowed, and items answered twice.
    """
    import numpy as np
    import pandas as pd

    here = rows.instrument == rows.instruments.index(name)
    who, item, value = rows.who[here], rows.item[here], rows.value[here]
    keys = list(codes)
    column = np.array([keys.index(key) if key in codes else -1 for key in rows.items] + [-1])
    at = column[item]
    strange = {rows.items[i] if i >= 0 else "" for i in np.unique(item[at < 0])}
    faults = [_unknown(name, key, keys) for key in sorted(strange)]
    who, value, at = who[at >= 0], value[at >= 0], at[at >= 0]

    read = [number(text, recode) for text in rows.texts] + [float("nan")]
    numbers = np.array([np.nan if x is None else x for x in read])
    # Few answers differ, however many rows there are: each pair of item and answer is looked at
    # once, and rows only where a pair is wrong.
    value = np.where(value < 0, len(rows.texts), value)
    pair = at * len(read) + value
    for code in np.flatnonzero(np.bincount(pair, minlength=1)):
        key, answer = keys[code // len(read)], read[code % len(read)]
        if answer is None or not (answer != answer or allows(codes[key], np.array([answer]))[0]):
            hits = who[pair == code]
            person = rows.index[int(hits.min())]
            text = rows.texts[code % len(read)]
            faults.append(_refused(name, key, codes[key], text, len(hits), person))

    flat = who * len(keys) + at
    size = len(rows.index) * len(keys)
    counts = np.bincount(flat, minlength=size)
    for spot in np.flatnonzero(counts > 1):
        person = rows.index[int(spot // len(keys))]
        faults.append(_twice(name, keys[int(spot % len(keys))], int(counts[spot]), person))
    table = np.full(size, np.nan)
    table[flat] = numbers[value]
    table = table.reshape(len(rows.index), len(keys))
    asked = np.flatnonzero(counts.reshape(table.shape).any(axis=1))
    return pd.DataFrame(table[asked], index=rows.index[asked], columns=keys), faults


def _unknown(name: str, key: str, keys: list[str]) -> Fault:
    advice = f"{suggest(key, keys)}Known: {', '.join(keys)}."
    return Fault(FILE, f"{name} has no item {key!r}", advice, column="item", value=key)


def _refused(name: str, key: str, codes: Codes, text: str, count: int, first: Any) -> Fault:
    many = f"{count} answers, the first" if count > 1 else "given"
    return Fault(
        FILE,
        f"{name} item {key} allows {describe(codes)}; {many} by {first[0]} at {first[1]}",
        "Correct it, or give its reason as NA:...; if the whole file codes its answers "
        f"otherwise, declare {name}.recode.",
        column=f"{name}.{key}",
        value=text,
    )


def _twice(name: str, key: str, count: int, person: Any) -> Fault:
    return Fault(
        FILE,
        f"{person[0]} at {person[1]} has {count} rows of {name} item {key}",
        "Keep one; a correction replaces the row.",
        column=f"{name}.{key}",
    )
