"""Columns as a sentence says them: their labels, and what a model is adjusted for."""

from __future__ import annotations

from collections.abc import Iterable

from gluteal.notation import write_label, write_list
from gluteal.variables import variables


def label_of(name: str) -> str:
    """Return the label of a column, with its visit where the column has one.

    Examples
    --------
    >>> label_of("nprs_avg@week12")
    'Pain (NPRS), average of the last week (week12)'
    """
    variable, _, visit = name.partition("@")
    known = variables().get(variable)
    label = known.label if known else variable
    return f"{label} ({visit})" if visit else label


def write_column(name: str) -> str:
    """Return the label of one column as it stands inside a sentence.

    Examples
    --------
    >>> write_column("hip_abd_nm_kg@week04")
    'hip abduction torque per body mass (week04)'
    """
    return write_label(label_of(name))


def write_labels(names: Iterable[str]) -> list[str]:
    """Return labels of columns as they stand inside a sentence.

    Examples
    --------
    >>> write_labels(["hip_abd_nm_kg", "odi_pct"])
    ['hip abduction torque per body mass', 'Oswestry Disability Index']
    """
    return [write_column(name) for name in names]


def write_adjusted(names: Iterable[str], nothing: str = "without adjustment") -> str:
    """Say what a model is adjusted for.

    Examples
    --------
    >>> write_adjusted(["age_years", "sex"]), write_adjusted([])
    ('adjusted for age and sex', 'without adjustment')
    """
    labels = write_labels(names)
    return f"adjusted for {write_list(labels)}" if labels else nothing
