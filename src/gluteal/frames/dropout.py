"""Who does not come back: missing the next visit, by how much it hurt at the last one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.glm import fit_glm
from gluteal.estimators.inference import Floats, Model
from gluteal.frames.completeness import order_visits

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Steps:
    """From one visit to the next: who attended the first, and whether they missed the second.

    Attributes
    ----------
    missed : ndarray, shape (n,)
        1 if the next visit was missed.
    value : ndarray, shape (n,)
        The score at the visit before.
    visit : ndarray of str, shape (n,)
        The next visit.
    person : ndarray of str, shape (n,)
    n_missing : int
        Steps left out because the score at the visit before is missing.
    """

    missed: Floats
    value: Floats
    visit: NDArray[Any]
    person: NDArray[Any]
    n_missing: int


def pair_visits(visits: pd.DataFrame, name: str) -> Steps:
    """Pair each attended visit with the next planned one of the same person.

    Visits that everybody attended, or nobody, tell nothing about who stays away: left out.
    """
    order = {visit: i for i, visit in enumerate(order_visits(visits))}
    table = visits[["participant_id", "visit", "attended", name]].copy()
    table["place"] = table["visit"].astype("str").map(order)
    table = table.sort_values(["participant_id", "place"], kind="stable")
    came = table["attended"].fillna(False).to_numpy(dtype=bool)
    person = table["participant_id"].astype("str").to_numpy()
    column: Any = table[name]
    value = column.to_numpy(dtype=float, na_value=np.nan)
    here = np.flatnonzero((person[:-1] == person[1:]) & came[:-1])
    missed = (~came[here + 1]).astype(float)
    visit = table["visit"].astype("str").to_numpy()[here + 1]
    known = ~np.isnan(value[here])
    informative = np.zeros(len(here), dtype=bool)
    for one in set(visit[known]):
        at = (visit == one) & known
        informative |= at & (0 < missed[at].mean() < 1)
    keep = informative & known
    lost = int((~known).sum())
    return Steps(missed[keep], value[here][keep], visit[keep], person[here][keep], lost)


def fit_dropout(steps: Steps) -> Model:
    """Fit a logistic regression of a missed visit on the score before it, and the visit.

    Standard errors are robust to clusters of people (CR2), with Satterthwaite's degrees of
    freedom. Coefficient 1 is the log odds ratio per point of the score.

    Examples
    --------
    >>> steps = Steps(np.array([0., 1, 0, 1, 0, 1, 1, 0]), np.array([1., 5, 2, 6, 6, 7, 3, 4]),
    ...               np.array(["w4"] * 8), np.arange(8).astype(str), 0)
    >>> bool(fit_dropout(steps).coef[1] > 0)
    True
    """
    later = sorted(set(steps.visit))[1:]
    columns = [np.ones(len(steps.missed)), steps.value]
    columns += [(steps.visit == one).astype(float) for one in later]
    return fit_glm(np.column_stack(columns), steps.missed, "logistic", "CR2", steps.person)
