"""Questionnaires: one module an instrument, with its items, rule, missing-item rule and source.

A module has ``NAME``; ``ITEMS``, item key → allowed codes; ``SCORES``, the variables it makes;
``SETTINGS``, defaults, and ``OPTIONS``, what else they may be; and ``score(items, settings)``.
No wording of any item is in this package, only keys: several instruments are licensed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from gluteal.errors import Fault, UserError, suggest
from gluteal.instruments import (
    aggravation,
    fabq,
    gpe7,
    hads,
    ipaq_sf,
    nih_impact,
    nprs,
    odi,
    pain_sites,
    pgic7,
    phq9,
    promis_pi4a,
    psfs,
    rmdq24,
    startback9,
    tsk11,
    tsk17,
    vas,
)
from gluteal.instruments.scale import Codes, Scored
from gluteal.instruments.settings import RECODE, settle

if TYPE_CHECKING:
    import pandas as pd

INSTRUMENTS: dict[str, ModuleType] = {
    module.NAME: module
    for module in (
        nprs,
        vas,
        aggravation,
        odi,
        rmdq24,
        promis_pi4a,
        psfs,
        startback9,
        fabq,
        tsk11,
        tsk17,
        phq9,
        hads,
        ipaq_sf,
        gpe7,
        pgic7,
        pain_sites,
        nih_impact,
    )
}
COLUMNS = ("participant_id", "visit", "instrument", "item", "value")


def allowed(name: str, settings: Mapping[str, Any] | None = None) -> dict[str, Codes]:
    """Return the items of an instrument with the codes that its settings allow.

    Examples
    --------
    >>> allowed("vas", {"unit": "cm"})
    {'mm': Interval(low=0, high=10)}
    """
    module = INSTRUMENTS[name]
    own = {**module.SETTINGS, **(settings or {})}
    return module.items(own) if hasattr(module, "items") else module.ITEMS


def score_responses(
    responses: pd.DataFrame, settings: Mapping[str, Any] | None = None
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Score all questionnaires of a cohort.

    Parameters
    ----------
    responses : DataFrame
        Columns participant_id, visit, instrument, item, value (text; ``NA:...`` is missing), one
        row an answer, in any order. Rows of visits that count as one questionnaire share
        participant and visit.
    settings : mapping, optional
        Settings by instrument, such as ``{"odi": {"max_missing": 2}, "vas": {"unit": "cm"}}``.
        Each takes ``recode``, answer in the file → code of the instrument; with it, every answer
        that it does not list is refused.

    Returns
    -------
    scores : DataFrame
        One row a participant × visit, sorted; the dictionary variables of the instruments that
        occur, missing where there is no score.
    notes : list of dict
        instrument, rule, n: how many questionnaires were complete, prorated, not scored, excluded.

    Raises
    ------
    UserError
        Naming, all at once, unknown instruments, items and settings, answers outside the allowed
        codes and items answered twice. No answer is ever recoded silently.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("P1", "baseline", "phq9", f"item_{i}", "1") for i in range(1, 9)]
    >>> scores, notes = score_responses(pd.DataFrame(rows, columns=list(COLUMNS)))
    >>> scores["phq9"].tolist()  # 8 x 9 / 8
    [9.0]
    """
    import numpy as np
    import pandas as pd

    from gluteal.instruments.answers import FILE, arrange, encode

    if absent := [name for name in COLUMNS if name not in responses]:
        raise UserError(
            [Fault(FILE, "the column is missing", "Add it.", column=name) for name in absent]
        )
    empty = [name for name in COLUMNS[:4] if responses[name].isna().any()]
    if empty:
        remedy = "Every answer needs its participant, visit, instrument and item."
        raise UserError([Fault(FILE, "the column has gaps", remedy, column=n) for n in empty])
    settled = settle(INSTRUMENTS, settings)
    rows = encode(responses)
    faults = [
        Fault(
            FILE,
            "no such instrument",
            f"{suggest(name, INSTRUMENTS)}Known: {', '.join(INSTRUMENTS)}.",
            column="instrument",
            value=name,
        )
        for name in rows.instruments
        if name not in INSTRUMENTS
    ]
    columns: dict[str, Any] = {}
    notes: list[dict[str, Any]] = []
    for name, module in INSTRUMENTS.items():
        if name not in rows.instruments:
            continue
        own = settled[name]
        recode = own[RECODE] and {str(key).strip(): float(v) for key, v in own[RECODE].items()}
        items, found = arrange(rows, name, allowed(name, own), recode)
        faults += found
        if found:
            continue
        try:
            scored: Scored = module.score(items, own)
        except UserError as error:
            faults += error.faults
            continue
        place = rows.index.get_indexer(items.index)
        source = np.full(len(rows.index), -1)
        source[place] = np.arange(len(items))
        for variable in module.SCORES:
            values = scored.scores[variable].array
            columns[variable] = pd.api.extensions.take(values, source, allow_fill=True)
        answered = int(items.notna().any(axis=1).sum())
        counts = {"answered": answered, "not answered": len(items) - answered, **scored.notes}
        notes += [{"instrument": name, "rule": rule, "n": n} for rule, n in counts.items()]
    if faults:
        raise UserError(faults)
    table = pd.DataFrame(columns, index=rows.index).reset_index()
    return table, notes
