"""Programme sessions: what was done over what was prescribed (domain note 4.4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gluteal.constants import constant
from gluteal.measures.trials import Floats, require_positive, summarise_trials


def volume(sets: ArrayLike, reps: ArrayLike, load_kg: ArrayLike | None = None) -> Floats:
    """Dose of a session: sets × repetitions, times load where load is part of the dose.

    Examples
    --------
    >>> volume([3], [10]), volume([3], [10], [20.0])
    (array([30.]), array([600.]))
    """
    dose = require_positive(sets, "sets", zero=True) * require_positive(reps, "reps", zero=True)
    return dose if load_kg is None else dose * require_positive(load_kg, "load_kg", zero=True)


def adherence(
    done: ArrayLike, prescribed: ArrayLike, group: ArrayLike, groups: int | None = None
) -> Floats:
    """Dose done over dose prescribed, summed over each person's sessions, capped at 1.2.

    Parameters
    ----------
    done, prescribed : array_like, shape (n,)
        Doses of the sessions. A session that was prescribed and not done has ``done`` 0; one
        whose dose is not known (NaN in either) is left out of both sums, since counting it as
        not done would be a guess.
    group : array_like of int, shape (n,)
        Person of each session, from 0.
    groups : int, optional
        Number of people; those without a session get NaN.

    Returns
    -------
    array, shape (groups,)
        0 to 1.2; NaN where nothing was prescribed.

    Examples
    --------
    >>> adherence([30.0, 0.0, 90.0], [30.0, 30.0, 30.0], [0, 0, 1])
    array([0.5, 1.2])
    """
    did = require_positive(done, "done dose", zero=True)
    asked = require_positive(prescribed, "prescribed dose", zero=True)
    known = ~np.isnan(did) & ~np.isnan(asked)
    top = summarise_trials(np.where(known, did, np.nan), group, groups)
    base = summarise_trials(np.where(known, asked, np.nan), group, groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(base.mean > 0, top.mean / base.mean, np.nan)
    return np.minimum(ratio, constant("cap_adherence").value)


def adherence_to_date(
    done: ArrayLike, prescribed: ArrayLike, group: ArrayLike, order: ArrayLike, person: ArrayLike
) -> Floats:
    """Dose done over dose prescribed from the start until each visit, capped at 1.2.

    Parameters
    ----------
    done, prescribed : array_like, shape (n,)
        Doses of the sessions, as for `adherence`.
    group : array_like of int, shape (n,)
        The visit that each session comes before.
    order : array_like of int, shape (visits,)
        The visits person by person, in the order of time.
    person : array_like of int, shape (visits,)
        Person of each visit in ``order``, from 0 and never falling.

    Returns
    -------
    array, shape (visits,)
        NaN until something was prescribed.

    Examples
    --------
    >>> adherence_to_date([30.0, 0.0], [30.0, 30.0], [1, 2], [0, 1, 2], [0, 0, 0])
    array([nan, 1. , 0.5])
    """
    did = require_positive(done, "done dose", zero=True)
    asked = require_positive(prescribed, "prescribed dose", zero=True)
    known = ~np.isnan(did) & ~np.isnan(asked)
    at, codes = np.asarray(order, dtype=np.int64), np.asarray(group, dtype=np.int64)[known]
    owner = np.asarray(person, dtype=np.int64)
    first = np.searchsorted(owner, owner)
    sums: list[Floats] = []
    for dose in (did[known], asked[known]):
        total = np.bincount(codes, weights=dose, minlength=len(at))[at].cumsum()
        before = np.concatenate([[0.0], total])[first]
        sums.append(total - before)
    found = np.full(len(at), np.nan)
    # Differences of running sums: a dose below their rounding is none.
    some = sums[1] > 1e-9
    found[at[some]] = sums[0][some] / sums[1][some]
    return np.minimum(found, constant("cap_adherence").value)


def sessions_done(done: ArrayLike, group: ArrayLike, groups: int | None = None) -> Floats:
    """Count the sessions of each person in which anything was done.

    Examples
    --------
    >>> sessions_done([30.0, 0.0, 10.0], [0, 0, 1])
    array([1., 1.])
    """
    did = require_positive(done, "done dose", zero=True)
    codes = np.asarray(group, dtype=np.int64)
    size = groups if groups is not None else (int(codes.max()) + 1 if codes.size else 0)
    return np.bincount(codes[did > 0], minlength=size).astype(np.float64)
