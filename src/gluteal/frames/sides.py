"""One painful side a person, and what the strength of that leg has to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault
from gluteal.estimators.inference import Estimate, Floats, Model
from gluteal.frames.design import WHERE, numeric_column
from gluteal.notation import write_count

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.estimators.families import FamilyName

PER = 0.1
"""A tenth on the log scale: one leg about 10 % stronger than the other."""
FEWEST_PAIRS = 10
DOMINANT = "dominant_side"


def other_leg(name: str) -> str | None:
    """Name the variable of the other leg; None where a name has no side.

    Examples
    --------
    >>> other_leg("pain_site_left_si"), other_leg("pain_side")
    ('pain_site_right_si', None)
    """
    if "_left_" in name:
        return name.replace("_left_", "_right_")
    if "_right_" in name:
        return name.replace("_right_", "_left_")
    return None


def read_side(frame: pd.DataFrame, outcome: str) -> NDArray[np.object_]:
    """Say where each person hurts: left, right, bilateral, central, none, or "" where unknown.

    Parameters
    ----------
    outcome : str
        ``pain_side``, or one of two marks such as ``pain_site_left_si`` and its other side.
    """
    other = other_leg(outcome)
    if other is None:
        column: Any = frame[outcome]
        return column.astype("str").where(column.notna(), "").to_numpy(dtype=object)
    left, right = sorted((outcome, other), key=lambda name: "_right_" in name)
    marks = [numeric_column(frame, name) for name in (left, right)]
    known = np.isfinite(marks[0]) & np.isfinite(marks[1])
    words = np.array(["none", "left", "right", "bilateral"], dtype=object)
    code = np.where(known, np.nan_to_num(marks[0]) + 2 * np.nan_to_num(marks[1]), 0).astype(int)
    return np.where(known, words[code], "")


@dataclass(frozen=True)
class OneSided:
    """People with one painful side, and the differences of their legs, right minus left.

    Attributes
    ----------
    right : ndarray
        1 where the right side hurts, 0 where the left does.
    asymmetry : ndarray
        ln(right / left) of strength.
    x : ndarray, shape (n, p)
        A column of ones (the right side itself), asymmetry per ``PER``, then the covariates.
    names : tuple of str
        What the covariates are.
    where : ndarray
        The painful side of everybody, in the order of the frame.
    n_missing : int
        One-sided people without asymmetry or a covariate.
    """

    right: Floats
    asymmetry: Floats
    x: Floats
    names: tuple[str, ...]
    where: NDArray[np.object_]
    n_missing: int


def take_one_sided(
    frame: pd.DataFrame, outcome: str, exposure: str, covariates: Sequence[str] = ()
) -> OneSided:
    """Take the people whose pain is on one side.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    outcome : str
        As in ``read_side``.
    exposure : str
        ln(right / left) of strength.
    covariates : sequence of str
        Of legs: ``dominant_side`` alone. What two legs share cannot confound their difference.

    Raises
    ------
    UserError
        With fewer than ten such people, or all on the same side; the column is named.
    """
    where = read_side(frame, outcome)
    asymmetry = numeric_column(frame, exposure)
    one = np.isin(where, ("left", "right"))
    columns = [asymmetry / PER]
    names = tuple(name for name in covariates if name == DOMINANT)
    if names:
        words: Any = frame[DOMINANT]
        text = words.astype("str").where(words.notna(), "")
        better = {"right": 1.0, "left": -1.0, "both": 0.0}
        columns.append(text.map(better).to_numpy(dtype=float, na_value=np.nan))
    x = np.column_stack([np.ones(len(frame)), *columns])
    kept = one & np.isfinite(x).all(1)
    n = int(kept.sum())
    if n < FEWEST_PAIRS:
        few = write_count(n, FEWEST_PAIRS)
        rule = f"{few} people have pain on one side and both legs measured"
        remedy = f"At least {FEWEST_PAIRS} are needed; bilateral and central pain tells no side."
        raise CannotTest(Fault(WHERE, rule, remedy, column=outcome))
    right = (where[kept] == "right").astype(float)
    if right.min() == right.max():
        rule = "everybody with one-sided pain has it on the same side"
        raise CannotTest(Fault(WHERE, rule, "A comparison needs both.", column=outcome))
    if np.ptp(asymmetry[kept]) == 0:
        rule = "has one value only in the people analysed"
        raise CannotTest(Fault(WHERE, rule, "Choose a measure that varies.", column=exposure))
    x = x[kept]
    if names and np.ptp(x[:, 2]) == 0:
        x, names = x[:, :2], ()
    return OneSided(right, asymmetry[kept], x, names, where, int(one.sum()) - n)


def fit_side(found: OneSided, *, side: bool = True) -> tuple[Model, Floats, int]:
    """Fit the conditional logit of the painful leg: a logistic model of the differences.

    Two legs make a matched pair; its conditional likelihood is that of a logistic regression of
    "right" on right minus left without an intercept. ``side`` adds one: right legs are stronger
    in most people, and may hurt more often, whatever their strength.

    Returns
    -------
    model : Model
        HC3 errors; Firth's penalty where the legs are separated.
    x : ndarray
        The design fitted.
    index : int
        The column of asymmetry.

    References
    ----------
    Breslow & Day (1980), Statistical Methods in Cancer Research 1, chapter 7; Firth (1993),
    doi:10.1093/biomet/80.1.27.
    """
    from gluteal.estimators.families import fit_family
    from gluteal.estimators.glm import fit_glm

    if side:
        return fit_family("logistic", found.x, found.right), found.x, 1
    x = found.x[:, 1:]
    return fit_glm(x, found.right, "logistic", "HC3"), x, 0


def slope_of(
    model: Model, family: FamilyName, x: Floats, y: Floats, index: int, level: float, column: str
) -> Estimate:
    """Estimate one coefficient, as a ratio where the link is a log.

    Raises
    ------
    UserError
        If a penalised likelihood has no profile: a handful of people, and the legs separate them.
    """
    from gluteal.estimators.families import slope

    try:
        return slope(model, family, x, y, index, 1.0, level)
    except ValueError as error:
        rule = "too few people: the penalised likelihood has no interval"
        remedy = "Use fewer covariates, or more people."
        raise CannotTest(Fault(WHERE, rule, remedy, column=column)) from error


def count_sides(found: OneSided) -> dict[str, int]:
    """Count people by painful side, in the order none, left, right, bilateral, central, unknown."""
    names = ("none", "left", "right", "bilateral", "central")
    counts = {name: int((found.where == name).sum()) for name in names}
    return counts | {"unknown": int((found.where == "").sum())}


def matched_share(found: OneSided) -> tuple[int, int]:
    """Count people whose painful leg is the weaker one, among those whose legs differ."""
    differ = found.asymmetry != 0
    weaker_right = found.asymmetry < 0
    same = weaker_right == (found.right == 1)
    return int((same & differ).sum()), int(differ.sum())


def painful_deficit(found: OneSided) -> Floats:
    """Return ln(other leg / painful leg): above zero where the painful leg is weaker."""
    return np.where(found.right == 1, -found.asymmetry, found.asymmetry)
