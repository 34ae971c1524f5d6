"""Estimates from the same people joined: what each person does to every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.sem.influence import influences
from gluteal.frames.lagged import Lagged, labels_of
from gluteal.frames.panel import Panel


@dataclass(frozen=True)
class Influenced:
    """An estimate and what each person does to it; the squares sum to its robust variance."""

    name: str
    value: float
    influence: Floats
    n: int
    df: float


@dataclass(frozen=True)
class Joint:
    """Several estimates with their joint covariance.

    Attributes
    ----------
    names : tuple of str
    values : ndarray, shape (p,)
    cov : ndarray, shape (p, p)
    """

    names: tuple[str, ...]
    values: Floats
    cov: Floats

    def at(self, name: str) -> int:
        """Return the place of an estimate."""
        return self.names.index(name)


def influence_of(name: str, y: Floats, columns: Sequence[Floats], at: int = 1) -> Influenced:
    """Regress by least squares and keep what each person does to one coefficient (HC3).

    Parameters
    ----------
    y : ndarray, shape (n,)
        NaN where missing; such people, and those who lack a column, do nothing to it.
    columns : sequence of ndarray, shape (n,)
        Without the intercept.
    at : int
        The coefficient, counted from the intercept, 0.

    References
    ----------
    MacKinnon and White 1985, doi:10.1016/0304-4076(85)90158-7.
    """
    x = np.column_stack([np.ones(len(y)), *columns])
    used = np.isfinite(y) & np.isfinite(x).all(1)
    model = fit_linear(x[used], y[used], "HC3")
    weights = np.linalg.pinv(x[used])[at]
    left = np.maximum(1 - model.leverage, 1e-12)
    own = np.zeros(len(y))
    own[used] = weights * (y[used] - model.fitted) / left
    return Influenced(name, float(model.coef[at]), own, int(used.sum()), float(model.df_of(own)))


def join(parts: Sequence[Influenced]) -> Joint:
    """Join estimates from regressions of the same people."""
    own = np.column_stack([part.influence for part in parts])
    values = np.array([part.value for part in parts])
    return Joint(tuple(part.name for part in parts), values, own.T @ own)


def join_panel(
    parts: Sequence[Influenced],
    people: NDArray[Any],
    found: Lagged,
    panel: Panel,
    used: NDArray[np.bool_] | None = None,
) -> Joint:
    """Join estimates of regressions with the lagged paths of a panel model.

    Parameters
    ----------
    parts : sequence of Influenced
        Over ``people``.
    people : ndarray, shape (n,)
    found : Lagged
    panel : Panel
        The people of the model, all of them among ``people``.
    used : ndarray of bool, optional
        Which of them the model used; left out: all.
    """
    labels = list(dict.fromkeys(
        label for arrow in "cd" for label in labels_of(found.gaps, found.lags, arrow)
    ))  # fmt: skip
    own = influences(found.fit, labels)
    who = panel.people if used is None else panel.people[used]
    place = {person: k for k, person in enumerate(people)}
    wide = np.zeros((len(people), len(labels)))
    wide[[place[person] for person in who]] = own
    alone = join(parts)
    every = np.hstack([np.column_stack([part.influence for part in parts]), wide])
    values = [found.fit.model.coef[found.fit.names.index(label)] for label in labels]
    return Joint((*alone.names, *labels), np.array([*alone.values, *values]), every.T @ every)
