"""How wrong one score of a visit is: from second assessors, repeated trials and rounding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan, sqrt
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gluteal.errors import UserError
from gluteal.notation import write_number
from gluteal.variables import variable

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

FEWEST = 15
Source = Literal["assessors", "trials", "rounding", "stated", "none"]


@dataclass(frozen=True)
class ScoreError:
    """Variance of the error of the score that one visit gives.

    Attributes
    ----------
    variance : float
        In squared units of the score.
    low, high : float
        Its interval; NaN where it was not estimated.
    df : float
        Degrees of freedom of the estimate; NaN where it was not estimated.
    people : int
        Who it was estimated from.
    source : str
        ``assessors``: two assessors at one visit, so that what changes from session to session
        counts too; ``trials``: trials of one session only, which is too little; ``rounding``:
        whole numbers, 1/12; ``stated``: by the settings; ``none``.
    trials : float
        The part of trials alone, NaN if unknown.
    """

    variance: float
    low: float
    high: float
    df: float
    people: int
    source: Source
    trials: float = nan

    @property
    def sd(self) -> float:
        """Standard error of measurement."""
        return sqrt(self.variance)

    def describe(self, unit: str) -> str:
        """Say how large it is and where it comes from."""
        size = f"{write_number(self.sd)} {unit}".strip()
        return {
            "assessors": f"{size}, from {self.people} people whom two assessors measured at one "
            "visit (consistency; what assessors disagree on in a person is in it, so that the "
            "correction may be somewhat too large)",
            "trials": f"{size}, from trials within a session; what changes between sessions is not "
            "in it, so that the correction is too small",
            "rounding": f"{size}, that of whole numbers (variance 1/12)",
            "stated": f"{size}, as stated in the settings",
            "none": "0: scores are taken as free of error",
        }[self.source]


NOTHING = ScoreError(0.0, nan, nan, nan, 0, "none")


def rounding_variance(name: str) -> float:
    """Return the variance that whole numbers add: 1/12 of an integer variable, else 0.

    Examples
    --------
    >>> round(rounding_variance("nprs_avg"), 4), rounding_variance("hip_abd_nm_kg")
    (0.0833, 0.0)
    """
    return 1 / 12 if variable(name).kind == "integer" else 0.0


def stated_error(name: str, sem: float) -> ScoreError:
    """Take a standard error of measurement as given, the rounding of whole numbers added."""
    return ScoreError(sem**2 + rounding_variance(name), nan, nan, nan, 0, "stated")


def estimate_error(cohort: Cohort, name: str, level: float = 0.95) -> ScoreError:
    """Estimate the error of a visit's score (the mean of sides and trials) from this cohort.

    Two assessors of at least 15 people at one visit give half the variance of their difference:
    trials, session and the disagreement of assessors in a person, but not the constant distance
    between assessors, which does not change within a person whom one assessor follows. Failing
    that, trials of one session give what they can. A whole-number variable has at least the
    error of rounding.

    Examples
    --------
    See ``tests/frames/test_score_error.py``.

    References
    ----------
    de Vet et al. 2006, doi:10.1016/j.jclinepi.2005.10.015.
    """
    least = rounding_variance(name)
    found = _repeated(cohort, name, level)
    if found is not None and found.variance > least:
        return found
    if least:
        return ScoreError(least, nan, nan, nan, 0, "rounding")
    return found or NOTHING


def _repeated(cohort: Cohort, name: str, level: float) -> ScoreError | None:
    """Estimate from the trials table; None where it has no repeats of this variable."""
    from gluteal.estimators.reliability import reliability

    table = cohort.trials
    if "variable" not in table or not (table["variable"] == name).any():
        return None
    rows: Any = table[(table["variable"] == name) & table["value"].notna()]
    keys = ["participant_id", "visit", "assessor", "side"]
    rows = rows.astype(dict.fromkeys(keys, "str"))
    cells = rows.groupby(keys)["value"].agg(["mean", "var", "count"]).reset_index()
    inner = _trial_variance(cells)
    for visit, part in cells.groupby("visit", sort=False):
        del visit
        scores = _pair(part)
        if scores is None or len(scores) < FEWEST:
            continue
        try:
            sem = reliability(scores, level).sem_consistency
        except UserError:  # too few scores there: trials may still tell
            continue
        ends = (float(sem.low) ** 2, float(sem.high) ** 2)
        df = float(sem.df) if sem.df == sem.df else float(len(scores) - 1)
        return ScoreError(float(sem.value) ** 2, *ends, df, len(scores), "assessors", inner)
    if inner != inner:
        return None
    people = int(cells.loc[cells["count"] > 1, "participant_id"].nunique())
    return ScoreError(inner, nan, nan, nan, people, "trials", inner)


def _pair(cells: Any) -> Any:
    """Lay out the mean of sides, a column an assessor; people seen by two on the same sides."""
    wide = cells.pivot_table("mean", "participant_id", ["side", "assessor"], "mean")
    names = list(dict.fromkeys(wide.columns.get_level_values("assessor")))
    if len(names) < 2:
        return None
    counts = {n: cells[cells["assessor"] == n]["participant_id"].nunique() for n in names}
    two = sorted(sorted(names), key=lambda n: -counts[n])[:2]
    sides = list(dict.fromkeys(wide.columns.get_level_values("side")))
    blocks = [wide.reindex(columns=[(s, n) for s in sides]).to_numpy(dtype=float) for n in two]
    both = np.isfinite(blocks[0]).all(1) & np.isfinite(blocks[1]).all(1)
    return np.column_stack([block[both].mean(1) for block in blocks])


def _trial_variance(cells: Any) -> float:
    """Variance of a score that trials alone give: the mean over visits, sides averaged."""
    again = cells[cells["count"] > 1]
    if again.empty:
        return nan
    pooled = float((again["var"] * (again["count"] - 1)).sum() / (again["count"] - 1).sum())
    per = (pooled / cells["count"]).groupby(
        [cells[k] for k in ("participant_id", "visit", "assessor")]
    )
    return float((per.sum() / per.count() ** 2).mean())


def settle_error(
    cohort: Cohort, name: str, asked: Literal["estimated", "none"] | Mapping[str, float], key: str
) -> ScoreError:
    """Follow the setting: estimate the error, take it as stated, or take scores as exact."""
    if asked == "none":
        return NOTHING
    if not isinstance(asked, str) and key in asked:
        return stated_error(name, asked[key])
    return estimate_error(cohort, name)
