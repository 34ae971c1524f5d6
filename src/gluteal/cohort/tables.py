"""The tables of a cohort package: their columns, keys, and how a missing value says why.

A package is a folder: ``datapackage.json`` (Data Package v2), ``dictionary.csv`` and one UTF-8
CSV (or Parquet) file a table. No cell is empty: a value, or a reason of ``REASONS``.
"""

from __future__ import annotations

from dataclasses import dataclass

REASONS: dict[str, str] = {
    "NA:pain": "stopped or not tested for pain",
    "NA:refused": "refused",
    "NA:unable": "unable",
    "NA:equipment": "equipment failed",
    "NA:time": "no time",
    "NA:not_scheduled": "not scheduled",
    "NA:lost": "value lost",
    "NA:absent": "did not attend",
    "NA:not_applicable": "does not apply",
    "NA:not_asked": "not asked",
    "NA:no_answer": "asked, not answered",
    "NA:not_recorded": "not recorded, reason unknown",
}
"""Missing-value codes of the wide tables, with their labels."""

SIDES = ("left", "right", "na")
POSITIONS = (
    "supine",
    "side_lying",
    "standing",
    "sitting",
    "prone_knee_90",
    "prone_straight",
    "prone_standing",
    "na",
)
CENSORED = ("none", "right", "left")
STATUS = ("done", "not_done")
BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Column:
    """One structural column: its type, whether it is required, and the words it may hold."""

    name: str
    kind: str = "text"
    words: tuple[str, ...] = ()
    required: bool = True
    may_miss: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the package; ``open_to_dictionary`` tables take dictionary variables too."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: bool = False
    open_to_dictionary: bool = False


_WHO = Column("participant_id")
_VISIT = Column("visit")
TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "participants",
            (_WHO,),
            ("participant_id",),
            required=True,
            open_to_dictionary=True,
        ),
        Table(
            "visits",
            (_WHO, _VISIT, Column("week_nominal", "number"), Column("attended", "boolean")),
            ("participant_id", "visit"),
            required=True,
            open_to_dictionary=True,
        ),
        Table(
            "measurements",
            (
                _WHO,
                _VISIT,
                Column("test"),
                Column("position", words=POSITIONS, required=False),
                Column("muscle", required=False),
                Column("side", words=SIDES),
                Column("trial", "integer"),
                Column("value", "number", may_miss=True),
                Column("unit"),
                Column("status", words=STATUS),
                Column("reason_not_done", required=False),
                Column("censored", words=CENSORED, required=False),
                Column("pain_during", "boolean", required=False, may_miss=True),
                Column("device", required=False),
                Column("assessor", required=False),
                Column("version", "integer", required=False),
                Column("correction_reason", required=False),
            ),
            (
                "participant_id",
                "visit",
                "test",
                "position",
                "muscle",
                "side",
                "trial",
                "assessor",
                "version",
            ),
        ),
        Table(
            "responses",
            (
                _WHO,
                _VISIT,
                Column("instrument"),
                Column("item"),
                Column("value", may_miss=True),
                Column("reason_missing", required=False),
            ),
            ("participant_id", "visit", "instrument", "item"),
        ),
        Table(
            "sessions",
            (_WHO, Column("session", "integer"), Column("study_day", "integer")),
            ("participant_id", "session"),
            open_to_dictionary=True,
        ),
        Table(
            "events",
            (
                _WHO,
                Column("study_day", "integer"),
                Column(
                    "event",
                    words=("lbp_onset", "care_seeking", "referral", "adverse_event", "dropout"),
                ),
                Column("detail", required=False),
            ),
            ("participant_id", "study_day", "event"),
        ),
        Table(
            "dispositions",
            (
                _WHO,
                Column("stage", words=("screened", "eligible", "enrolled", "allocated")),
                Column("reached", "boolean"),
                Column("reason", required=False),
            ),
            ("participant_id", "stage"),
        ),
    )
}
"""All tables by name. Defaults of absent optional columns: ``na`` (position, muscle, assessor),
``none`` (censored), ``0`` (version, as received; a correction is a row with a higher version)."""

UNITS: dict[str, dict[str, float]] = {
    "N": {"N": 1.0, "kgf": 9.80665, "lbf": 4.4482216152605},
    "m": {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254},
    "kg": {"kg": 1.0, "lb": 0.45359237, "g": 0.001},
    "s": {"s": 1.0, "ms": 0.001, "min": 60.0},
    "ms": {"ms": 1.0, "s": 1000.0},
    "mm": {"mm": 1.0, "cm": 10.0, "m": 1000.0},
    "min": {"min": 1.0, "s": 1 / 60, "h": 60.0},
    "deg": {"deg": 1.0, "rad": 57.29577951308232},
    "µV": {"µV": 1.0, "uV": 1.0, "mV": 1000.0, "V": 1e6},
    "Nm": {"Nm": 1.0, "ftlb": 1.3558179483314004},
    "years": {"years": 1.0},
    "weeks": {"weeks": 1.0, "days": 1 / 7},
    "days": {"days": 1.0},
}
"""Factor from each accepted unit to the dictionary's unit. A unit not listed is its own only."""


def factor(unit: str, to: str) -> float | None:
    """Return what a value in ``unit`` is multiplied by to be in ``to``; None if that is unknown.

    Examples
    --------
    >>> factor("kgf", "N")
    9.80665
    """
    if unit == to:
        return 1.0
    return UNITS.get(to, {}).get(unit)
