"""All defensible ways to ask one question, as columns and specifications for the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats
from gluteal.estimators.multiverse.specifications import Specification
from gluteal.frames.column_words import write_labels
from gluteal.frames.multiverse_columns import (
    Store,
    code_covariate,
    code_exposures,
    code_outcomes,
    find_people,
)
from gluteal.notation import write_list

if TYPE_CHECKING:
    import pandas as pd

Names = tuple[str, ...]
AXES = ("outcome", "exposure", "form", "adjustment", "people", "estimator")
MOST_LETTERS = 60
LINEAR, ROBUST = "least squares", "Huber's M-estimator"


@dataclass(frozen=True)
class Choices:
    """What may be chosen; the first of each is the primary choice.

    Attributes
    ----------
    outcomes, exposures : tuple of str
    sets : tuple of tuple of str
        Adjustment sets that the causal graph allows.
    forms : tuple of str
        Of linear, log and spline.
    exclusions : tuple of str
        Yes/no variables whose bearers are left out, each in turn.
    estimators : tuple of str
        Of least_squares and huber.
    """

    outcomes: Names
    exposures: Names
    sets: tuple[Names, ...]
    forms: Names = ("linear",)
    exclusions: Names = ()
    estimators: Names = ("least_squares",)


@dataclass
class Grid:
    """Specifications with the words for their choices.

    Attributes
    ----------
    columns : ndarray, shape (n, m)
        Outcomes in their SD; exposures so that the slope is for one SD around their mean.
    specifications : list of Specification
    subsets : ndarray of bool, shape (s, n)
    words : list of mapping
        The choice on each axis; same order as the specifications, the primary one first.
    robust : list of bool
        Whether Huber's estimator is asked for.
    left_out : list of (choice, reason)
    """

    columns: Floats
    subsets: NDArray[np.bool_]
    specifications: list[Specification] = field(default_factory=list[Specification])
    words: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    robust: list[bool] = field(default_factory=list[bool])
    left_out: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def build_grid(frame: pd.DataFrame, choices: Choices) -> Grid:
    """Lay out every combination of choices that these data can answer.

    Every slope answers one question: by how many of its own SDs does the outcome differ between
    people half an SD above and half an SD below the mean exposure (between yes and no for a yes/no
    exposure), along a line, a logarithm or a spline. A variable whose bearers are left out is not
    adjusted for besides.

    Raises
    ------
    UserError
        If outcome or exposure of the primary specification cannot be used.
    """
    store = Store()
    left: list[tuple[str, str]] = []
    outcomes = code_outcomes(frame, choices.outcomes, store, left)
    exposures = code_exposures(frame, choices.exposures, choices.forms, store, left)
    covariates = {
        name: store.add(*code_covariate(frame, name))
        for name in dict.fromkeys(n for one in choices.sets for n in one)
    }
    masks, people = find_people(frame, choices.exclusions, left)
    grid = Grid(np.column_stack(store.columns), np.array(masks), left_out=left)
    for robust in (name == "huber" for name in choices.estimators):
        for k, (gone, who) in enumerate(people):
            for names in choices.sets:
                z = tuple(j for n in names if n not in gone for j in covariates[n])
                text = _name_set(names, choices.sets[0])
                for (x, more), (exposure, form) in exposures:
                    for y, outcome in outcomes:
                        grid.specifications.append(Specification(y, x, (*z, *more), k))
                        words = (outcome, exposure, form, text, who)
                        kind = ROBUST if robust else LINEAR
                        grid.words.append(dict(zip(AXES, (*words, kind), strict=True)))
                        grid.robust.append(robust)
    return grid


def _name_set(names: Names, main: Names) -> str:
    """Name a set by what it has more or less than the main one."""
    if set(names) == set(main):
        return f"main set ({len(main)})" if main else "nothing"
    more = write_labels(name for name in names if name not in main)
    less = write_labels(name for name in main if name not in names)
    parts = [
        f"with {write_list(more)}" if more else "",
        f"without {write_list(less)}" if less else "",
    ]
    text = ", ".join(part for part in parts if part)
    return text if len(text) <= MOST_LETTERS else f"another set of {len(names)}"


def count_by_choice(
    words: Sequence[Mapping[str, str]], estimate: Floats, clear: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    """Summarise the specifications by each choice: which of them moves the answer."""
    if not np.isfinite(estimate).any():
        return []
    side = np.sign(np.nanmedian(estimate)) or 1.0
    rows: list[dict[str, Any]] = []
    for axis in AXES:
        options = list(dict.fromkeys(one[axis] for one in words))
        for option in options:
            here = np.array([one[axis] == option for one in words]) & np.isfinite(estimate)
            if not here.any() or len(options) < 2:
                continue
            rows.append(
                {
                    "axis": axis,
                    "option": option,
                    "n": int(here.sum()),
                    "median": float(np.median(estimate[here])),
                    "same_sign": float((np.sign(estimate[here]) == side).mean()),
                    "clear": float(clear[here].mean()),
                }
            )
    return rows
