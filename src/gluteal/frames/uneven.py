"""The size of the asymmetry beside pain, apart from what noise and weakness do to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erf, pi, sqrt
from typing import TYPE_CHECKING, Literal

import numpy as np

from gluteal.errors import CannotTest, Fault
from gluteal.estimators.families import FamilyName, fit_family
from gluteal.estimators.inference import Estimate, Floats, Model
from gluteal.frames.design import WHERE, Design, build_design, numeric_column
from gluteal.frames.dose import code_outcome
from gluteal.frames.sides import slope_of

if TYPE_CHECKING:
    import pandas as pd

SIZE = "size of the asymmetry"
Family = Literal["linear", "logistic", "poisson"]


@dataclass(frozen=True)
class Uneven:
    """A model of pain on the size of the asymmetry."""

    model: Model
    design: Design
    outcome: Floats
    size: Floats
    family: FamilyName
    people: tuple[int, int]

    def slope(self, level: float) -> Estimate:
        """Estimate the slope per unit of the size."""
        x = self.design.matrix
        return slope_of(self.model, self.family, x, self.outcome, 1, level, SIZE)


def fit_uneven(
    frame: pd.DataFrame,
    outcome: str,
    size: Floats,
    covariates: Sequence[str],
    family: Family,
    also: Sequence[str] = (),
) -> Uneven:
    """Fit pain on the size of the asymmetry.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    size : ndarray
        The absolute asymmetry of each row, NaN where unknown.
    covariates : sequence of str
        The mean strength among them: the weak differ more in per cent.
    also : sequence of str
        Variables that must be present, so that models compare the same people.

    Raises
    ------
    UserError
        If the outcome does not suit the family, or the design has a fault.
    """
    table = frame.assign(**{SIZE: size})
    made = build_design(table, [SIZE, *covariates], complete=[outcome, *also])
    y = code_outcome(table.iloc[made.rows], outcome, family)
    if np.ptp(y) == 0:
        rule = "has one value only in the people analysed"
        raise CannotTest(Fault(WHERE, rule, "Choose an outcome that varies.", column=outcome))
    model = fit_family(family, made.matrix, y)
    return Uneven(model, made, y, made.matrix[:, 1], family, (len(y), made.n_missing))


def fold(mean: Floats, sd: float) -> Floats:
    """Return the mean of |X| for normal X.

    Examples
    --------
    >>> round(float(fold(np.zeros(1), 1.0)[0]), 4)
    0.7979
    """
    from scipy.special import ndtr

    if sd <= 0:
        return np.abs(mean)
    bell = np.exp(-(mean**2) / (2 * sd**2)) * sd * sqrt(2 / pi)
    return bell + mean * (1 - 2 * ndtr(-mean / sd))


def expect_size(asymmetry: Floats, sem: float) -> Floats:
    """Replace each measured |asymmetry| by what the true one is expected to be.

    Regression calibration: with normal asymmetry and error the true value, given the measured
    one, is normal, and the size of it folded normal.

    References
    ----------
    Carroll et al. (2006), Measurement Error in Nonlinear Models, chapter 4.
    """
    known = asymmetry[np.isfinite(asymmetry)]
    total, mean = float(np.var(known, ddof=1)), float(known.mean())
    share = max(0.0, 1 - sem**2 / total)
    return fold(mean + share * (asymmetry - mean), sem * sqrt(share))


def noise_alone(sem: float) -> float:
    """Return the mean |ln(right / left)| that error alone makes in people with equal legs.

    Examples
    --------
    >>> round(noise_alone(0.05), 4)
    0.0399
    """
    return sem * sqrt(2 / pi)


def noise_beyond(sem: float, cutoff_pct: float) -> float:
    """Return the share of people with equal legs whom error alone puts beyond a cut-off in %."""
    limit = float(np.log1p(cutoff_pct / 100))
    return 1 - erf(limit / (sem * sqrt(2))) if sem > 0 else 0.0


def share_beyond(asymmetry: Floats, limit: float, level: float) -> tuple[float, float, float, int]:
    """Return the share of people beyond a limit with Wilson's interval, and how many they are."""
    from gluteal.estimators.intervals import wilson

    known = asymmetry[np.isfinite(asymmetry)]
    count = int((np.abs(known) > limit).sum())
    found = wilson(count, len(known), level)
    return found.value, found.low, found.high, count


def index_of(frame: pd.DataFrame, name: str) -> Floats:
    """Return the size of another index of asymmetry in its SDs, so that indices compare."""
    values = np.abs(numeric_column(frame, name))
    spread = float(np.nanstd(values, ddof=1))
    return values / spread if spread > 0 else values
