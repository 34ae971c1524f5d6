"""What every engine asks of its arrays, with all faults in one message."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats

SUSPECT, DEPENDENT = 1e-8, 1e-9
MOST_NAMED = 5
WIDE = 8


def as_design(
    x: ArrayLike, y: ArrayLike, *, names: tuple[str, ...] | None = None, least_df: int = 0
) -> tuple[Floats, Floats]:
    """Turn a design and an outcome into finite arrays that a model can be fitted to.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design with its intercept; without missing values.
    y : array_like, shape (n,)
    names : tuple of str, optional
        Names of the columns, for the message; else their positions from 0.
    least_df : int
        Rows that must be left beyond the columns.

    Returns
    -------
    x, y : ndarray
        C-ordered float64.

    Raises
    ------
    UserError
        Naming every fault: shapes, values that are not finite, columns that are combinations of
        the ones before them, too few rows.

    Examples
    --------
    >>> as_design([[1, 2], [1, 2], [1, 2]], [1, 2, 3])
    Traceback (most recent call last):
    gluteal.errors.UserError: column 1 of the design is a combination of the columns before it
    """
    matrix = np.ascontiguousarray(x, dtype=float)
    outcome = np.ascontiguousarray(y, dtype=float)
    faults: list[str] = []
    if matrix.ndim != 2 or outcome.ndim != 1 or len(matrix) != len(outcome):
        raise UserError(
            f"a design of shape {matrix.shape} does not fit an outcome of shape {outcome.shape}"
        )
    n, p = matrix.shape
    labels = names or tuple(str(j) for j in range(p))
    faults += [f"the outcome {text}" for text in _not_finite(outcome)]
    sick = [j for j in range(p) if not np.isfinite(matrix[:, j]).all()]
    faults += [f"column {labels[j]} of the design {_not_finite(matrix[:, j])[0]}" for j in sick]
    if n < p + least_df:
        faults.append(f"{n} rows cannot carry {p} coefficients")
    elif not sick:
        said = "of the design is a combination of the columns before it"
        faults += [f"column {labels[j]} {said}" for j in dependent_columns(matrix)]
    if faults:
        raise UserError("; ".join(faults))
    return matrix, outcome


def _not_finite(values: Floats) -> list[str]:
    """Say in which rows a column is missing or infinite; nothing where it is sound."""
    at = np.flatnonzero(~np.isfinite(values))
    if not at.size:
        return []
    if at.size == values.size:
        return ["has no finite value"]
    rows = ", ".join(str(i) for i in at[:MOST_NAMED])
    more = f" and {at.size - MOST_NAMED} more" if at.size > MOST_NAMED else ""
    return [f"is missing or infinite in row {rows}{more}"]


def dependent_columns(x: Floats) -> list[int]:
    """Name the columns that are combinations of the ones before them (or all zero).

    Examples
    --------
    >>> dependent_columns(np.array([[1.0, 0, 1], [1, 1, 2], [1, 2, 3]]))
    [2]
    """
    size = np.sqrt(np.einsum("ij,ij->j", x, x))
    empty = [int(j) for j in np.flatnonzero(size == 0)]
    scale = np.where(size > 0, size, 1.0)
    # Cross-products answer at once for most designs; where they are in doubt, QR decides.
    gram = (x.T @ x) / np.outer(scale, scale)
    if not empty and _smallest_pivot(gram) > SUSPECT:
        return []
    found, kept = list(empty), [j for j in range(x.shape[1]) if j not in empty]
    basis: list[int] = []
    for j in kept:
        r = np.asarray(np.linalg.qr(x[:, [*basis, j]] / scale[[*basis, j]], mode="r"))
        if r.shape[0] <= len(basis) or abs(r[len(basis), len(basis)]) < DEPENDENT:
            found.append(j)
        else:
            basis.append(j)
    return sorted(found)


def _smallest_pivot(gram: Floats) -> float:
    try:
        return float((np.diag(np.linalg.cholesky(gram)) ** 2).min())
    except np.linalg.LinAlgError:
        return 0.0


def as_groups(cluster: ArrayLike, n: int, what: str = "person") -> tuple[NDArray[np.intp], int]:
    """Give the clusters of rows the numbers 0, 1, 2 ...

    Parameters
    ----------
    cluster : array_like, shape (n,)
        Who each row belongs to: numbers or text.
    n : int
        Rows there must be.
    what : str
        What a cluster is called in messages.

    Returns
    -------
    codes : ndarray of int, shape (n,)
    count : int

    Raises
    ------
    UserError
        If the length is wrong or a row has no cluster.

    Examples
    --------
    >>> as_groups(["b", "a", "b"], 3)
    (array([1, 0, 1]), 2)
    """
    who = np.asarray(cluster)
    if who.shape != (n,):
        raise UserError(f"{n} rows need a {what} each, found the shape {who.shape}")
    if who.dtype.kind == "f" and not np.isfinite(who).all():
        raise UserError(f"{int((~np.isfinite(who)).sum())} rows have no {what}")
    if who.dtype.kind == "O" and any(one is None or one != one for one in who):
        raise UserError(f"some rows have no {what}")
    if who.dtype.kind in "iuf" and n and not (who[1:] < who[:-1]).any():
        # Rows in order need no sort.
        codes = np.concatenate([[0], np.cumsum(who[1:] != who[:-1])]).astype(np.intp)
        return codes, int(codes[-1]) + 1
    if who.dtype.kind in "iu" and n and int(who.max()) - int(who.min()) <= WIDE * n:
        # Numbers close together are counted off on a table: linear, where a sort is not.
        wide = who.astype(np.int64) if who.dtype.kind == "i" else who
        at = (wide - wide.min()).astype(np.intp)
        seen = np.zeros(int(at.max()) + 1, dtype=bool)
        seen[at] = True
        number = np.cumsum(seen) - 1
        return number[at].astype(np.intp), int(number[-1]) + 1
    levels, codes = np.unique(
        who.astype(str) if who.dtype.kind == "O" else who, return_inverse=True
    )
    return codes.astype(np.intp), len(levels)


def as_column(values: ArrayLike, n: int, what: str) -> Floats:
    """Turn a number for each row into a finite array.

    Parameters
    ----------
    values : array_like, shape (n,)
    n : int
        Rows there must be.
    what : str
        What the numbers are called in messages.

    Raises
    ------
    UserError

    Examples
    --------
    >>> as_column([0.0, np.nan], 2, "offset")
    Traceback (most recent call last):
    gluteal.errors.UserError: the offset is missing or infinite in row 1
    """
    found = np.ascontiguousarray(values, dtype=float)
    if found.shape != (n,):
        article = "an" if what[0] in "aeiou" else "a"
        raise UserError(f"{n} rows need {article} {what} each, found the shape {found.shape}")
    if faults := _not_finite(found):
        raise UserError(f"the {what} {faults[0]}")
    return found


def as_weights(weights: ArrayLike | None, n: int) -> Floats | None:
    """Check the weights of rows; None stays None.

    Parameters
    ----------
    weights : array_like, shape (n,), optional
        Not negative, not all zero.

    Raises
    ------
    UserError

    Examples
    --------
    >>> as_weights([1, -1], 2)
    Traceback (most recent call last):
    gluteal.errors.UserError: the weight of row 1 is negative
    """
    if weights is None:
        return None
    found = as_column(weights, n, "weight")
    if (found < 0).any():
        raise UserError(f"the weight of row {int(np.argmax(found < 0))} is negative")
    if not found.any():
        raise UserError("all weights are zero")
    return found


def check_weighted(x: Floats, weights: Floats | None) -> None:
    """Check that rows of positive weight alone carry every column.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        A design of full rank over all rows.
    weights : ndarray, shape (n,), optional

    Raises
    ------
    UserError
        Naming the columns that rows of positive weight do not tell apart.

    Examples
    --------
    >>> check_weighted(np.array([[1.0], [0]]), np.array([0.0, 1.0]))
    Traceback (most recent call last):
    gluteal.errors.UserError: column 0 is a combination of others in the 1 rows of positive weight
    """
    if weights is None or weights.all():
        return
    rows = x[weights > 0]
    n, p = rows.shape
    if n < p:
        raise UserError(f"{n} rows of positive weight cannot carry {p} coefficients")
    if bad := dependent_columns(rows):
        named = ", ".join(str(j) for j in bad)
        raise UserError(
            f"column {named} is a combination of others in the {n} rows of positive weight"
        )
