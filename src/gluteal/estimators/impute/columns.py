"""What is known of each column before imputation, and the faults that data can have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats

Kind = Literal["continuous", "binary", "ordinal", "nominal"]
Method = Literal["pmm", "norm", "logistic", "ordinal", "nominal"]
Level = Literal["row", "person"]

DEFAULT: dict[Kind, Method] = {
    "continuous": "pmm",
    "binary": "logistic",
    "ordinal": "ordinal",
    "nominal": "nominal",
}
ALLOWED: dict[Kind, tuple[Method, ...]] = {
    "continuous": ("pmm", "norm"),
    "binary": ("logistic", "pmm"),
    "ordinal": ("ordinal", "nominal"),
    "nominal": ("nominal",),
}
MOST_LEVELS = 50
LEAST_REPEATED = 3


@dataclass(frozen=True, slots=True)
class Column:
    """How one column is imputed and how it predicts others.

    Attributes
    ----------
    name : str
        For messages; else its position.
    kind : {"continuous", "binary", "ordinal", "nominal"}
        Columns that are not continuous predict others by one dummy a category.
    method : {"pmm", "norm", "logistic", "ordinal", "nominal"}, optional
        Predictive mean matching (imputed values are values that were observed, so bounds and
        rounding are kept), Bayesian linear regression, or a draw from the logistic,
        proportional-odds or multinomial model. By default pmm, logistic, ordinal or nominal.
    level : {"row", "person"}, optional
        Whether it changes within people, where rows have a person. By default what was observed
        tells.
    delta : float or ndarray of shape (n,), optional
        Added to imputed values (log odds for binary and ordinal columns): the missing differ by so
        much from what was predicted. One value a row lets it differ between groups.
    """

    name: str = ""
    kind: Kind = "continuous"
    method: Method | None = None
    level: Level | None = None
    delta: float | Floats | None = None


@dataclass(frozen=True, slots=True)
class Passive:
    """A column that is a function of others and is computed again whenever they change.

    Attributes
    ----------
    column : int
    parts : tuple of int
        Columns that the function takes, in its order; they may be passive themselves.
    function : callable
        Of one array for each part, element by element (all of one shape, which is not always
        (n,)); returns an array of that shape.
    """

    column: int
    parts: tuple[int, ...]
    function: Callable[..., Floats]


def name_of(columns: Sequence[Column], at: int) -> str:
    """Name a column for a message."""
    return columns[at].name or str(at)


def method_of(column: Column) -> Method:
    """Return the method asked for, or the default of the kind."""
    return column.method or DEFAULT[column.kind]


def as_columns(data: ArrayLike, columns: Sequence[Column] | None) -> tuple[Floats, list[Column]]:
    """Check the data and what is said of its columns.

    Parameters
    ----------
    data : array_like, shape (n, p)
        NaN where missing; categories as numbers.
    columns : sequence of Column, optional
        One for each column; else all are continuous.

    Returns
    -------
    data : ndarray
        A copy.
    columns : list of Column

    Raises
    ------
    UserError
        Naming every fault: infinite values, nothing observed at all, too few rows, a binary
        column with more than two values, too many categories, a method that does not fit the kind.
    """
    values = np.array(data, dtype=float)
    if values.ndim != 2:
        raise ValueError(f"data must have rows and columns, found the shape {values.shape}")
    n, p = values.shape
    known = list(columns) if columns is not None else [Column() for _ in range(p)]
    if len(known) != p:
        raise ValueError(f"{p} columns of data, but {len(known)} described")
    faults: list[str] = []
    if n < 2 or p < 1:
        faults.append(f"{n} rows and {p} columns leave nothing to learn from")
    elif np.isnan(values).all():
        faults.append("no column has an observed value")
    for j, column in enumerate(known):
        named, seen = name_of(known, j), values[:, j][~np.isnan(values[:, j])]
        if (many := int(np.isinf(seen).sum())) > 0:
            faults.append(f"column {named} has {many} infinite values")
        if method_of(column) not in ALLOWED[column.kind]:
            allowed = " or ".join(ALLOWED[column.kind])
            faults.append(f"column {named} is {column.kind}: its method can be {allowed}")
        if column.kind != "continuous":
            levels = len(np.unique(seen))
            if column.kind == "binary" and levels > 2:
                faults.append(f"column {named} is binary but has {levels} different values")
            elif levels > MOST_LEVELS:
                faults.append(f"column {named} has {levels} categories, more than {MOST_LEVELS}")
        faults += _delta_faults(column, named, n)
    if faults:
        raise UserError("; ".join(faults))
    return values, known


def _delta_faults(column: Column, named: str, n: int) -> list[str]:
    if column.delta is None:
        return []
    delta = np.asarray(column.delta, dtype=float)
    if method_of(column) == "nominal":
        return [f"column {named}: categories without an order take no delta"]
    if delta.shape not in ((), (n,)):
        return [f"column {named}: delta needs one value or {n}, found the shape {delta.shape}"]
    if not np.isfinite(delta).all():
        return [f"column {named}: delta must be finite"]
    return []


def fill_passive(
    values: Floats, columns: Sequence[Column], passive: Sequence[Passive]
) -> tuple[dict[int, set[int]], list[str]]:
    """Compute passive columns where their parts are observed; leave the rest missing.

    Returns
    -------
    roots : dict of int to set of int
        For each passive column the columns with data that it comes from.
    events : list of str
        Recorded values that the function overrules.

    Raises
    ------
    UserError
        If a function gives values that are not finite.
    """
    roots: dict[int, set[int]] = {}
    events: list[str] = []
    listed = {one.column for one in passive}
    for one in passive:
        if one.column in one.parts or any(i in listed and i not in roots for i in one.parts):
            raise ValueError("a passive column must come after the passive columns it is made of")
        roots[one.column] = set().union(*(roots.get(i, {i}) for i in one.parts))
        named, before = name_of(columns, one.column), values[:, one.column].copy()
        whole = ~np.isnan(values[:, one.parts]).any(1)
        found = compute(one, [values[whole, i] for i in one.parts], named)
        values[:, one.column] = np.nan
        values[whole, one.column] = found
        recorded = ~np.isnan(before)
        if lost := int((recorded & ~whole).sum()):
            events.append(f"column {named}: {lost} recorded values give way to those of its parts")
        both = before[whole & recorded]
        gap = np.abs(both - values[whole & recorded, one.column])
        if off := int((gap > 0.01 * np.abs(both) + 1e-9).sum()):
            events.append(f"column {named}: {off} recorded values are not what its parts give")
    return roots, events


def compute(one: Passive, parts: Sequence[Floats], named: str) -> Floats:
    """Call a passive function and check what it returns."""
    with np.errstate(all="ignore"):
        found = np.asarray(one.function(*parts), dtype=float)
    if parts and found.shape != parts[0].shape:
        raise ValueError(f"the function of column {named} must keep the shape of its parts")
    if not np.isfinite(found).all():
        raise UserError(
            f"column {named}: its function gives values that are not finite; look at its parts "
            "(a division by zero?), or impute them by matching (pmm), which stays in their range"
        )
    return found


def is_constant_within(values: Floats, codes: NDArray[np.intp], count: int) -> bool:
    """Say whether all observed values of each person are equal."""
    seen = ~np.isnan(values)
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, codes[seen], values[seen])
    np.maximum.at(high, codes[seen], values[seen])
    known = low <= high
    return bool((low[known] == high[known]).all())


def seems_constant_within(values: Floats, codes: NDArray[np.intp], count: int) -> bool:
    """Say whether a column is one of people, not of visits, as far as what was observed tells.

    At least three people (or all with several rows) must have two observed values, and nobody two
    different ones: one value a person would tell nothing.
    """
    twice = np.bincount(codes[~np.isnan(values)], minlength=count) > 1
    several = int((np.bincount(codes, minlength=count) > 1).sum())
    enough = max(1, min(LEAST_REPEATED, several))
    return int(twice.sum()) >= enough and is_constant_within(values, codes, count)
