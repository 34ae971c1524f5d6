"""The squeeze of both legs beside their strength: what one says of the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault
from gluteal.estimators.inference import Estimate, Floats
from gluteal.estimators.intervals import Interval
from gluteal.frames.design import WHERE
from gluteal.frames.legs import PERSON, SIDES, log_asymmetry, pair_legs

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort

FEWEST_PEOPLE = 10


@dataclass(frozen=True)
class Squeezed:
    """People with both legs squeezed and measured.

    Attributes
    ----------
    person : ndarray
    grade : ndarray
        Squeeze grade, right minus left.
    asymmetry : ndarray
        ln(right / left) of strength.
    pairs : DataFrame
        Both measures of both legs.
    n_missing : int
        People seen who lack one of the four values.
    """

    person: NDArray[np.generic]
    grade: Floats
    asymmetry: Floats
    pairs: pd.DataFrame
    n_missing: int

    def keep(self, rows: NDArray[np.bool_]) -> Squeezed:
        """Keep some people."""
        pairs = self.pairs[rows].reset_index(drop=True)
        grade, asymmetry = self.grade[rows], self.asymmetry[rows]
        return Squeezed(self.person[rows], grade, asymmetry, pairs, self.n_missing)


def take_squeeze(cohort: Cohort, squeeze: str, strength: str, visit: str) -> Squeezed:
    """Take the people whose legs were both squeezed and measured.

    Raises
    ------
    UserError
        With fewer than ten of them, or where squeeze or strength never differs between legs.
    """
    pairs = pair_legs(cohort, [squeeze, strength], visit)
    columns = [f"{name}_{side}" for name in (squeeze, strength) for side in SIDES]
    complete = pairs[columns].notna().all(axis=1).to_numpy()
    seen = int(pairs[columns].notna().any(axis=1).sum())
    taken = pairs[complete].reset_index(drop=True)
    if len(taken) < FEWEST_PEOPLE:
        rule = f"{len(taken)} people have {squeeze} and {strength} of both legs at {visit}"
        remedy = f"At least {FEWEST_PEOPLE} are needed."
        raise CannotTest(Fault(WHERE, rule, remedy, column=squeeze))
    grade = (taken[f"{squeeze}_right"] - taken[f"{squeeze}_left"]).to_numpy(dtype=float)
    asymmetry = log_asymmetry(taken, strength)
    for name, values in ((squeeze, grade), (strength, asymmetry)):
        if np.ptp(values) == 0:
            rule = "differs between the legs by the same amount in everybody"
            raise CannotTest(Fault(WHERE, rule, "Choose a measure that varies.", column=name))
    who = taken[PERSON].astype("str").to_numpy()
    return Squeezed(who, grade, asymmetry, taken, seen - len(taken))


def sign_agreement(found: Squeezed, level: float) -> tuple[Interval, int, int]:
    """Share of people whose leg of the better squeeze is the stronger one, ties left out."""
    from gluteal.estimators.intervals import wilson

    uneven = (found.grade != 0) & (found.asymmetry != 0)
    same = int((np.sign(found.grade) == np.sign(found.asymmetry))[uneven].sum())
    n = int(uneven.sum())
    return wilson(same, n, level), same, n


def side_kappa(found: Squeezed, mdc: float, resamples: int, seed: int, level: float) -> Interval:
    """Agreement on the weaker leg: left, neither, right, by squeeze and by strength beyond MDC."""
    from gluteal.estimators.kappa import mean_kappa

    beyond = np.where(np.abs(found.asymmetry) > mdc, np.sign(found.asymmetry), 0.0)
    codes = np.column_stack([np.sign(found.grade), beyond]) + 1
    return mean_kappa(codes, 3, "linear", found.person, resamples, seed, level)


def within_slope(found: Squeezed, level: float) -> Estimate:
    """Ratio of strength per grade between the legs of one person, the right leg's lead apart."""
    from gluteal.estimators.effect_size import log_ratio
    from gluteal.estimators.linear import fit_linear

    x = np.column_stack([np.ones(len(found.grade)), found.grade])
    return log_ratio(fit_linear(x, found.asymmetry, "HC3").coefficient(1, level))


def between_slope(found: Squeezed, squeeze: str, strength: str, level: float) -> Estimate:
    """Ratio of strength per grade among all legs, two of a person clustered (CR2)."""
    from gluteal.estimators.effect_size import log_ratio
    from gluteal.estimators.linear import fit_linear

    legs = [found.pairs[[f"{name}_{side}" for side in SIDES]] for name in (squeeze, strength)]
    grade, torque = (np.concatenate(part.to_numpy(dtype=float)) for part in legs)
    x = np.column_stack([np.ones(len(grade)), grade])
    model = fit_linear(x, np.log(torque), "CR2", np.repeat(found.person, len(SIDES)))
    return log_ratio(model.coefficient(1, level))


def rate_twice(trials: pd.DataFrame, name: str, visit: str) -> tuple[Floats, NDArray[np.generic]]:
    """Return the grades of two assessors, a row a leg, and the person of each row."""
    rows = trials[
        (trials["variable"].astype("str") == name) & (trials["visit"].astype("str") == visit)
    ]
    rows = rows.astype({PERSON: "str", "assessor": "str", "side": "str"})
    if rows["assessor"].nunique() < 2:
        return np.empty((0, 2)), np.empty(0, dtype=str)
    wide = rows.pivot_table("value", [PERSON, "side"], "assessor", "median")
    order = wide.notna().sum().sort_values(ascending=False, kind="stable").index[:2]
    wide = wide[sorted(order)].dropna()
    return wide.to_numpy(dtype=float), wide.index.get_level_values(0).to_numpy().astype(str)


def bands(grade: Floats, asymmetry: Floats) -> Iterator[tuple[str, Floats]]:
    """Group asymmetry by the squeeze difference, its tails together."""
    minus, equal = "\N{MINUS SIGN}", "equal"
    steps: Sequence[tuple[str, NDArray[np.bool_]]] = (
        (f"{minus}2 or less", grade <= -2), (f"{minus}1", grade == -1), (equal, grade == 0),
        ("+1", grade == 1), ("+2 or more", grade >= 2),
    )  # fmt: skip
    for label, rows in steps:
        yield label, asymmetry[rows]


def detect(found: Squeezed, mdc: float, least: int) -> tuple[Floats, Floats]:
    """Return the sign (squeeze uneven by so many grades) and the condition (beyond MDC), as 0/1."""
    test = (np.abs(found.grade) >= least).astype(float)
    return test, (np.abs(found.asymmetry) > mdc).astype(float)
