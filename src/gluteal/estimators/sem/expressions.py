"""Arithmetic on parameter labels, evaluated on real or complex numbers and never by ``eval``."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.specification import Derived

STEP = 1e-30
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt}


def read_expression(name: str, text: str) -> Derived:
    """Turn ``a*b + c`` into a quantity derived from the labels a, b and c.

    Parameters
    ----------
    name : str
        What the quantity is called.
    text : str
        Sums, products, quotients, powers (``^`` or ``**``), ``exp``, ``log`` and ``sqrt`` of
        labels and numbers.

    Raises
    ------
    UserError
        If the text holds anything else.

    Examples
    --------
    >>> indirect = read_expression("ab", "a*b")
    >>> indirect.inputs, indirect.function(np.array([2.0, 3.0]))
    (('a', 'b'), array([6.]))
    """
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval").body
    except SyntaxError as fault:
        raise UserError(f"{name}: {text.strip()!r} is no formula of labels") from fault
    inputs: list[str] = []
    _collect(tree, inputs, f"{name}: {text.strip()!r}")
    at = {label: k for k, label in enumerate(inputs)}

    def function(values: NDArray[np.inexact]) -> NDArray[np.inexact]:
        return np.asarray([_value(tree, values, at)])

    return Derived((name,), tuple(inputs), function)


def _collect(node: ast.AST, inputs: list[str], where: str) -> None:
    match node:
        case ast.Name(id=label):
            if label not in inputs:
                inputs.append(label)
        case ast.Constant(value=int() | float()):
            pass
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            _collect(left, inputs, where)
            _collect(right, inputs, where)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _collect(operand, inputs, where)
        case ast.Call(func=ast.Name(id=called), args=[argument], keywords=[]) if (
            called in _FUNCTIONS
        ):
            _collect(argument, inputs, where)
        case _:
            raise UserError(f"{where} holds more than + - * / ^ exp log sqrt of labels")


def _value(node: ast.AST, values: Any, at: dict[str, int]) -> Any:
    match node:
        case ast.Name(id=label):
            return values[at[label]]
        case ast.Constant(value=value):
            return value
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_value(left, values, at), _value(right, values, at))
        case ast.UnaryOp(op=op, operand=operand):
            inner = _value(operand, values, at)
            return -inner if isinstance(op, ast.USub) else inner
        case ast.Call(func=ast.Name(id=called), args=[argument]):
            return _FUNCTIONS[called](_value(argument, values, at))
        case _:
            raise ValueError("an unchecked expression")


def derivative(derived: Derived, values: Floats) -> Floats:
    """Differentiate a derived quantity by a complex step: no cancellation, so exact to rounding.

    Parameters
    ----------
    values : ndarray, shape (i,)
        Of its inputs.

    Returns
    -------
    ndarray, shape (names, i)

    Examples
    --------
    >>> derivative(read_expression("ab", "a*b"), np.array([2.0, 3.0]))
    array([[3., 2.]])
    """
    columns = []
    for k in range(len(values)):
        moved = values.astype(complex)
        moved[k] += 1j * STEP
        columns.append(np.imag(derived.function(moved)) / STEP)
    shape = (len(derived.names), 0)
    return np.stack(columns, axis=-1).astype(float) if columns else np.zeros(shape)
