"""The design matrix of a model, built from variables of the dictionary, with its faults named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.splines import spline_basis
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

WHERE = "the derived tables"


@dataclass(frozen=True)
class Design:
    """A design matrix with the memory of where its columns come from.

    Attributes
    ----------
    matrix : ndarray, shape (n, p)
        Intercept first.
    names : tuple of str
        One name a column: ``age_years``, ``sex=m``, ``hip_abd_nm_kg'`` for a spline term.
    terms : dict
        Columns of each variable.
    rows : ndarray, shape (n,)
        Positions of the complete rows in the frame.
    n_missing : int
        Rows left out because a value is missing.
    """

    matrix: Floats
    names: tuple[str, ...]
    terms: dict[str, tuple[int, ...]]
    rows: NDArray[np.intp]
    n_missing: int


def numeric_column(frame: pd.DataFrame, name: str) -> Floats:
    """Return a number or 0/1 variable as floats, NaN where missing.

    Raises
    ------
    UserError
        If its values are categories or text.
    """
    import pandas as pd

    known = variables().get(name)
    column: Any = frame[name]
    if (known and known.kind in ("category", "text")) or column.dtype.name in ("category", "str"):
        rule = "is not a number and cannot be used as one"
        raise UserError(Fault(WHERE, rule, "Name a numeric or yes/no variable.", column=name))
    return pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan)


def level_of(name: str, code: int) -> str:
    """Write a level of a yes/no variable in the words of the dictionary.

    Examples
    --------
    >>> level_of("lbp", 0)
    'the level "no low back pain"'
    """
    known = variables().get(name)
    return f'the level "{known.levels.get(str(code), code) if known else code}"'


def _levels(frame: pd.DataFrame, name: str) -> tuple[Any, list[str]]:
    """Return the column as text and its observed levels in the dictionary's order."""
    column: Any = frame[name]
    text = column.astype("str").where(column.notna())
    seen = set(text.dropna())
    known = variables().get(name)
    order = list(known.levels) if known else []
    return text, [x for x in order if x in seen] + sorted(seen - set(order))


def _is_category(frame: pd.DataFrame, name: str) -> bool:
    known = variables().get(name)
    kind = known.kind if known else ""
    if kind == "text":
        rule = "is free text and cannot be a covariate"
        raise UserError(Fault(WHERE, rule, "Remove it from adjust.", column=name))
    return kind == "category" or (not kind and str(frame[name].dtype) in ("category", "str"))


def complete_rows(frame: pd.DataFrame, names: Sequence[str]) -> NDArray[np.intp]:
    """Return the positions of the rows that have a value of every variable.

    Raises
    ------
    UserError
        If a variable has no value at all, or no row has all values; the columns are named.
    """
    present: Any = frame[list(dict.fromkeys(names))].notna()
    empty = [str(n) for n in present.columns if not present[n].any()]
    if empty:
        rule, remedy = "all values are missing", "Leave the variable out."
        raise CannotTest([Fault(WHERE, rule, remedy, column=name) for name in empty])
    rows = np.flatnonzero(present.all(axis=1).to_numpy())
    if len(rows) == 0:
        worst = min(present.columns, key=lambda n: int(present[n].sum()))
        rule = "no row has a value of every variable of the model"
        raise CannotTest(Fault(WHERE, rule, f"{worst} is missing most often.", column=str(worst)))
    return rows


def build_design(
    frame: pd.DataFrame,
    names: Sequence[str],
    *,
    complete: Sequence[str] = (),
    splines: Mapping[str, Floats] | None = None,
    logs: Sequence[str] = (),
) -> Design:
    """Build the design matrix of complete cases.

    Parameters
    ----------
    frame : DataFrame
        One row an observation.
    names : sequence of str
        Variables, in the order of the columns. Categories become dummies against the first
        observed level, yes/no becomes 0/1.
    complete : sequence of str
        Other variables, such as the outcome, that must be present.
    splines : mapping of str to ndarray
        Knots of the variables that enter as a restricted cubic spline.
    logs : sequence of str
        Variables that enter as their natural logarithm.

    Raises
    ------
    UserError
        Naming the column that has no values, one value only, or follows from the others; or if
        there are not more rows than parameters.
    """
    names = list(dict.fromkeys(names))
    rows = complete_rows(frame, [*names, *complete])
    used = frame.iloc[rows]
    columns: list[Floats] = [np.ones(len(rows))]
    labels, terms, faults = ["(intercept)"], {}, []
    for name in names:
        start = len(columns)
        if _is_category(used, name):
            text, levels = _levels(used, name)
            columns += [(text == level).to_numpy(dtype=float) for level in levels[1:]]
            labels += [f"{name}={level}" for level in levels[1:]]
            constant = len(levels) < 2
        else:
            values = numeric_column(used, name)
            constant = bool(np.ptp(values) == 0)
            if name in logs:
                columns.append(np.log(values))
                labels.append(f"ln {name}")
            elif splines and name in splines:
                basis = spline_basis(values, splines[name])
                columns += list(basis.T)
                labels += [name + "'" * k for k in range(basis.shape[1])]
            else:
                columns.append(values)
                labels.append(name)
        if constant:
            rule = "has one value only in the rows analysed"
            faults.append(Fault(WHERE, rule, "Leave the variable out.", column=name))
        terms[name] = tuple(range(start, len(columns)))
    if faults:
        raise CannotTest(faults)
    matrix = np.column_stack(columns)
    _refuse_shape(matrix, terms)
    return Design(matrix, tuple(labels), terms, rows, len(frame) - len(rows))


def _refuse_shape(matrix: Floats, terms: Mapping[str, tuple[int, ...]]) -> None:
    n, p = matrix.shape
    if n <= p:
        rule = f"{n} complete rows for {p} parameters"
        last = list(terms)[-1] if terms else ""
        raise CannotTest(Fault(WHERE, rule, "Use fewer covariates.", column=last))
    spread = matrix - matrix.mean(0)
    spread[:, 0] = 1.0
    size = np.sqrt((spread**2).sum(0))
    left = np.abs(np.diag(np.linalg.qr(spread / np.where(size > 0, size, 1.0), mode="r")))
    faults = [
        Fault(WHERE, "follows exactly from the variables before it", "Leave it out.", column=name)
        for name, at in terms.items()
        if np.any(left[list(at)] < 1e-9)
    ]
    if faults:
        raise CannotTest(faults)
