"""Turn a specification into index arrays."""

from __future__ import annotations

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.sem.specification import Specification, Term
from gluteal.estimators.sem.structure import Places, Structure, degrees_of_freedom


def compile_model(
    model: Specification, names: tuple[str, ...], *, means: bool | None = None
) -> Structure:
    """Turn a specification into index arrays.

    Parameters
    ----------
    names : tuple of str
        Columns of the data; the observed variables keep their order.
    means : bool, optional
        Whether to model means: free intercepts of observed variables unless the model has its
        own. Default: as the model says.

    Raises
    ------
    UserError
        Naming variables that the data lack, labels that nothing defines, and more parameters
        than moments.
    """
    key = (names, means)
    if key in model.compiled:
        return model.compiled[key]
    found = _compile(model, names, means)
    model.compiled[key] = found
    return found


def _compile(model: Specification, names: tuple[str, ...], means: bool | None) -> Structure:
    seen = dict.fromkeys(model.observed)
    if lacking := [v for v in seen if v not in names]:
        raise UserError(f"the data have no column {', '.join(lacking)}")
    observed = [v for v in names if v in seen]
    order = (*observed, *model.latent)
    at = {v: k for k, v in enumerate(order)}
    p, v = len(observed), len(order)
    x = tuple(at[n] for n in observed if n in model.fixed_x)
    terms = [t for t in model.terms if not (t.op == "~~" and {t.left, t.right} <= {*model.fixed_x})]
    if means is False and model.has_means:
        raise ValueError("the model has intercepts")
    if means or model.has_means:
        said = {t.left for t in terms if t.op == "~1"} | {*model.fixed_x}
        terms += [Term(n, "~1") for n in observed if n not in said]
    given = tuple(n for rule in model.constraints for n in rule.names)
    free = list(dict.fromkeys(t.name for t in terms if t.value is None and t.name not in given))
    known = (*free, *given)
    derived = (*model.constraints, *model.defined)
    reported = {*known, *(n for rule in model.defined for n in rule.names)}
    if strange := sorted({n for rule in derived for n in rule.inputs} - reported):
        raise UserError(f"no parameter is labelled {', '.join(strange)}")
    number = {name: k for k, name in enumerate(known)}
    places: dict[str, list[tuple[int, int, int]]] = {"A": [], "S": [], "m": []}
    fixed = {"A": np.zeros((v, v)), "S": np.zeros((v, v)), "m": np.zeros((v, 1))}
    for t in terms:
        kind = {"~~": "S", "~1": "m"}.get(t.op, "A")
        ends = (t.right, t.left) if t.op == "=~" else (t.left, t.right)
        i, j = at[ends[0]], at[ends[1]] if ends[1] else 0
        if t.value is None:
            places[kind].append((i, j, number[t.name]))
        else:
            fixed[kind][i, j] = t.value
            if kind == "S":
                fixed[kind][j, i] = t.value
    a, s, m = (Places.of(places[k]) for k in ("A", "S", "m"))
    fixed_m = fixed["m"][:, 0]
    found = Structure(
        order, p, known, len(free), a, s, m, fixed["A"], fixed["S"], fixed_m, model.constraints, x
    )
    if degrees_of_freedom(found) < 0:
        raise UserError(f"{len(free)} parameters are more than the observed moments can carry")
    return found
