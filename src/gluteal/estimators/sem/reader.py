"""A reader of the model syntax that lavaan made the lingua franca."""

from __future__ import annotations

import re

from gluteal.errors import UserError
from gluteal.estimators.sem.expressions import read_expression
from gluteal.estimators.sem.specification import (
    Derived,
    Operator,
    Specification,
    Term,
    complete,
    variables,
)

_OPERATORS: tuple[Operator, ...] = ("=~", "~~", "~")
_NAME = re.compile(r"[A-Za-z_.][\w.]*$")


def read_model(
    text: str, *, auto: bool = True, fix_first: bool = True, fixed_x: bool = False
) -> Specification:
    """Read a model.

    Parameters
    ----------
    text : str
        Lines with ``f =~ x1 + x2`` (loadings), ``y ~ x`` (paths), ``y ~~ x`` (covariances),
        ``y ~ 1`` (intercepts), ``name := a*b`` (defined parameters) and ``c == a*b`` (constraints
        on a label). A number before ``*`` fixes a term (``0*x``), a word labels it (``a*x``);
        ``start(0.5)*x`` tells where to begin. ``#`` begins a comment.
    auto : bool
        Add what is unsaid by the rules of lavaan's ``sem`` and ``cfa``; without it the model is
        taken as written, like lavaan's ``lavaan``.
    fix_first : bool
        With ``auto``: fix first loadings, else the variances of latent variables.
    fixed_x : bool
        With ``auto``: take means and covariances of observed covariates from the data. lavaan's
        default; estimates do not change, but people with a missing covariate are lost.

    Raises
    ------
    UserError
        Naming each line that can't be read.

    Examples
    --------
    >>> read_model("m ~ a*x; y ~ b*m + x; ab := a*b").defined[0].names
    ('ab',)
    """
    terms: list[Term] = []
    latent: dict[str, None] = {}
    defined: list[Derived] = []
    constraints: list[Derived] = []
    faults: list[str] = []
    for line in re.split(r"[\n;]", text):
        said = line.split("#")[0].strip()
        if not said:
            continue
        if ":=" in said or "==" in said:
            sign, kept = (":=", defined) if ":=" in said else ("==", constraints)
            name, _, formula = said.partition(sign)
            kept.append(read_expression(name.strip(), formula))
            continue
        op: Operator | None = next((o for o in _OPERATORS if o in said), None)
        if op is None:
            faults.append(f"{said!r} has none of =~ ~~ ~ :=")
            continue
        lefts, rights = (side.split("+") for side in said.split(op, 1))
        for left in (part.strip() for part in lefts):
            if op == "=~":
                latent[left] = None
            for right in rights:
                try:
                    terms.append(_term(left, op, right.strip()))
                except ValueError:
                    faults.append(f"{said!r} has a part {right.strip()!r} that can't be read")
    if faults:
        raise UserError("; ".join(faults))
    kinds = tuple(latent)
    if not auto:
        return Specification(tuple(terms), kinds, tuple(defined), tuple(constraints))
    outcome = {t.left for t in terms if t.op == "~"} | {t.right for t in terms if t.op == "=~"}
    modelled = {n for t in terms if t.op in ("~~", "~1") for n in (t.left, t.right)}
    x = tuple(
        v for v in variables(terms) if v not in outcome and v not in kinds and v not in modelled
    )
    full = complete(terms, kinds, fix_first=fix_first)
    return Specification(full, kinds, tuple(defined), tuple(constraints), x if fixed_x else (), x)


def _term(left: str, op: Operator, right: str) -> Term:
    """Read ``x``, ``0*x``, ``a*x``, ``start(1)*x`` or ``1``."""
    label, value, start = "", None, None
    *before, name = (part.strip() for part in right.split("*"))
    for mark in before:
        if found := re.fullmatch(r"start\(([^)]+)\)", mark):
            start = float(found[1])
        elif _NAME.match(mark):
            label = mark
        else:
            value = float(mark)
    if not _NAME.match(left) or not (_NAME.match(name) or (op == "~" and name in ("0", "1"))):
        raise ValueError(right)
    if op == "~" and name in ("0", "1"):
        return Term(left, "~1", "", label, 0.0 if name == "0" else value, start)
    return Term(left, op, name, label, value, start)
