"""The design of an early prediction: first values, and what changed until an early visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.inference import Floats
from gluteal.frames.design import WHERE, Design, build_design, numeric_column
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

LEAST_EVENTS = 10
"""People with the outcome, and without it, from which on anything is predicted."""


@dataclass(frozen=True)
class Signs:
    """Complete cases of a prediction.

    Attributes
    ----------
    design : Design
        Intercept, first values, early changes.
    outcome : ndarray, shape (n,)
        0 or 1.
    lacking : tuple of str
        Predictors of which the cohort has no value: left out.
    n_missing : int
        People with a known outcome who lack a predictor.
    """

    design: Design
    outcome: Floats
    lacking: tuple[str, ...]
    n_missing: int

    @property
    def events_a_parameter(self) -> float:
        """Rarer outcome for each coefficient but the intercept."""
        rare = min(self.outcome.sum(), (1 - self.outcome).sum())
        return float(rare / max(self.design.matrix.shape[1] - 1, 1))


def write_sign(name: str, first: str, early: str) -> str:
    """Say what a column of the design is.

    Examples
    --------
    >>> write_sign("change of nprs_avg", "baseline", "week04")
    'Pain (NPRS), average of the last week: change from baseline to week04'
    """
    changed, later = name.startswith("change of "), name.startswith("early ")
    stem, _, level = name.removeprefix("change of ").removeprefix("early ").partition("=")
    known = variables().get(stem)
    label = known.label if known else stem
    if level and known:
        label = f"{label}: {known.levels.get(level, level)}"
    if later:
        return f"{label} at {early}"
    return f"{label}: change from {first} to {early}" if changed else label


def gather_signs(
    cohort: Cohort,
    outcome: Floats,
    known: NDArray[np.bool_],
    first_values: Sequence[str],
    changes: Sequence[str],
    first: str,
    early: str,
    early_values: Sequence[str] = (),
) -> Signs:
    """Lay out what is known early of the people whose outcome is known later.

    Parameters
    ----------
    cohort : Cohort
    outcome : ndarray, shape (people,)
        0 or 1 in the order of ``cohort.people``.
    known : ndarray of bool
        Whose outcome is known; nobody else is used.
    first_values, changes : sequence of str
        Variables at ``first``, and those whose change until ``early`` enters.
    first, early : str
        Visits.
    early_values : sequence of str
        Numbers whose value at ``early`` enters.

    Raises
    ------
    UserError
        If there are too few people with or without the outcome, or the design has a fault.
    """
    lacking = set(cohort.lacks([*first_values, *changes, *early_values]))
    values = [name for name in first_values if name not in lacking]
    changed = [name for name in changes if name not in lacking]
    late = [name for name in early_values if name not in lacking]
    names = list(dict.fromkeys([*values, *changed]))
    if not (names or late):
        rule = "the cohort has no value of any predictor"
        raise CannotTest(Fault(WHERE, rule, "Name others.", column=", ".join(sorted(lacking))))
    frame = cohort.frame(names, "person", first)
    columns: list[str] = list(values)
    later = cohort.frame(list(dict.fromkeys([*changed, *late])), "person", early)
    for name in changed:
        frame[f"change of {name}"] = numeric_column(later, name) - numeric_column(frame, name)
        columns.append(f"change of {name}")
    for name in late:
        frame[f"early {name}"] = numeric_column(later, name)
        columns.append(f"early {name}")
    frame["outcome"] = np.where(known, outcome, np.nan)
    used: Any = frame[known].reset_index(drop=True)
    full = used[columns].notna().all(axis=1).to_numpy()
    events = used["outcome"].to_numpy(dtype=float)[full]
    counts = int(events.sum()), int((1 - events).sum())
    if min(counts) < LEAST_EVENTS:
        raise UserError(
            f"fewer than {LEAST_EVENTS} people who meet the rule, or who do not, have values of "
            f"{', '.join(columns)}: too few to predict anything"
        )
    # What is one value here (a sample of women) tells nothing and is left out.
    flat = [name for name in columns if len(used.loc[full, name].unique()) < 2]
    columns = [name for name in columns if name not in flat]
    if not columns:
        raise UserError(f"{', '.join(flat)}: one value only in these people: nothing predicts")
    design = build_design(used, columns, complete=["outcome"])
    y = used["outcome"].to_numpy(dtype=float)[design.rows]
    return Signs(design, y, (*sorted(lacking), *flat), design.n_missing)
