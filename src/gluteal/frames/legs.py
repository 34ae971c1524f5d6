"""The two legs of a person side by side, and how exactly their difference was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.cohort.conditions import as_numbers
from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.inference import Floats
from gluteal.frames.design import WHERE
from gluteal.variables import variable

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort

SIDES = ("left", "right")
PERSON = "participant_id"
FEWEST = 10
"""People without whom an error of measurement would be a guess."""


def find_one_sided(cohort: Cohort, names: Sequence[str], visit: str) -> list[str]:
    """Say which measures were taken on one leg only, in words for ``Fit.needs``."""
    here = cohort.sides[cohort.sides["visit"].astype("str") == visit]
    sides = here["side"].astype("str")
    return [
        f"{name} of both legs"
        for name in names
        if any(not here.loc[sides == side, name].notna().any() for side in SIDES)
    ]


def pair_legs(cohort: Cohort, names: Sequence[str], visit: str) -> pd.DataFrame:
    """Put the legs of each person into one row: ``name_left``, ``name_right``, as numbers.

    A leg that has no row is missing: who was tested on one leg only is counted, not forgotten.

    Parameters
    ----------
    names : sequence of str
        Variables of the derived table ``sides``: numbers, yes/no, or ordered categories.

    Raises
    ------
    UserError
        If a variable lives at a coarser grain, or its categories have no order.
    """
    if strange := [name for name in names if name not in cohort.sides]:
        # What could have been measured so is lacking; the rest was named by mistake.
        kind = CannotTest if all("sides" in variable(n).derived for n in strange) else UserError
        rule = "is not measured leg by leg"
        raise kind([Fault(WHERE, rule, "Name a variable of legs.", column=n) for n in strange])
    frame = cohort.frame(list(names), "side", visit)
    side = frame["side"].astype("str")
    columns = {name: as_numbers(frame[name], variable(name)) for name in names}
    frame = frame[[PERSON]].assign(**columns)
    left, right = (frame[side == one] for one in SIDES)
    both = left.merge(right, on=PERSON, how="outer", suffixes=("_left", "_right"))
    return both.reset_index(drop=True)


def log_asymmetry(pairs: pd.DataFrame, strength: str) -> Floats:
    """Return ln(right / left) of a strength, NaN where a leg is missing.

    Raises
    ------
    UserError
        If a strength is zero or below.
    """
    right, left = (pairs[f"{strength}_{side}"].to_numpy(dtype=float) for side in SIDES[::-1])
    if np.any(right <= 0) or np.any(left <= 0):
        remedy = "Leave out tests without effort; zero has no ratio."
        raise UserError(Fault(WHERE, "has values of zero or below", remedy, column=strength))
    return np.log(right) - np.log(left)


@dataclass(frozen=True)
class AsymmetryError:
    """How exactly ln(right / left) was measured.

    Attributes
    ----------
    sem : float
        Standard error of measurement of ln(right / left), as it was analysed.
    how : str
        What was repeated.
    people : int
    """

    sem: float
    how: str
    people: int

    @property
    def leg_pct(self) -> float:
        """SEM of one leg in %, errors of both legs taken as independent and alike."""
        return 100 * self.sem / sqrt(2)

    @property
    def mdc(self) -> float:
        """Smallest ln(right / left) that is no measurement error: 1.96 √2 SEM of one leg."""
        return 1.959963984540054 * self.sem

    def shrink(self, asymmetry: Floats) -> float:
        """Return the reliability of the asymmetry in these people, 0 to 1."""
        total = float(np.var(asymmetry, ddof=1))
        return max(0.0, 1 - self.sem**2 / total) if total > 0 else 0.0


def stated_error(mdc_pct: float, source: str) -> AsymmetryError:
    """Take a published minimal detectable asymmetry instead of own repeats."""
    return AsymmetryError(log(1 + mdc_pct / 100) / 1.959963984540054, f"stated ({source})", 0)


def measure_error(cohort: Cohort, strength: str, visit: str) -> AsymmetryError | None:
    """Estimate the error of ln(right / left) from the cohort's own repeats; None without any.

    Two assessors come first: their error holds what changes from session to session. Without
    them it is the trials of the first assessor, whose mean is the more exact the more there are.
    Body mass and lever arms that both legs share cancel, so that any torque or force will do.
    """
    for name in _names(strength):
        rows = cohort.trials[
            (cohort.trials["variable"].astype("str") == name)
            & (cohort.trials["visit"].astype("str") == visit)
            & (cohort.trials["value"] > 0)
        ]
        if len(rows):
            found = _between(rows, "assessor") or _between(rows, "trial")
            if found:
                return found
    return None


def _names(strength: str) -> list[str]:
    """Name the trials that a strength was made of: any of force and torque."""
    parts = strength.split("_")
    return [strength, *(f"{parts[0]}_{parts[1]}{end}" for end in ("_nm_kg", "_nm", "_n"))]


def _between(rows: pd.DataFrame, facet: str) -> AsymmetryError | None:
    from gluteal.estimators.reliability import reliability

    table: Any = rows.astype({PERSON: "str", "assessor": "str", "side": "str"})
    if facet == "trial":
        first = table.groupby(PERSON)["assessor"].transform("min")
        table = table[table["assessor"] == first]
    wide = table.pivot_table("value", [PERSON, facet], "side", "mean")
    if not set(SIDES) <= set(wide.columns):
        return None
    wide["ratio"] = np.log(wide["right"] / wide["left"])
    ratio = wide.pivot_table("ratio", PERSON, facet)
    ratio = ratio[ratio.notna().sum(axis=1) >= 2].dropna(axis=1, how="all")
    people = len(ratio)
    if people < FEWEST or ratio.shape[1] < 2:
        return None
    found = reliability(ratio.to_numpy(dtype=float))
    if facet == "assessor":
        return AsymmetryError(found.sem_agreement.value, "between two assessors", people)
    trials = float(ratio.notna().sum(axis=1).mean())
    sem = found.sem_consistency.value / sqrt(trials)
    return AsymmetryError(sem, f"between {trials:.3g} trials, of their mean", people)
