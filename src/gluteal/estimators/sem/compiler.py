"""Turn a specification into index arrays."""

from __future__ import annotations

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.sem.specification import Specification, Term
from gluteal.estimators.sem.structure import Structure, degrees_of_freedom, split_places


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
    seen = set(model.observed)
    if lacking := [v for v in model.observed if v not in names]:
        raise UserError(f"the data have no column {', '.join(lacking)}")
    observed = [v for v in names if v in seen]
    order = (*observed, *model.latent)
    at = {v: k for k, v in enumerate(order)}
    p, v = len(observed), len(order)
    fixed_x = set(model.fixed_x)
    x = tuple(at[n] for n in observed if n in fixed_x)
    terms = [t for t in model.terms if not (t.op == "~~" and {t.left, t.right} <= fixed_x)]
    if means is False and model.has_means:
        raise ValueError("the model has intercepts")
    if means or model.has_means:
        said = {t.left for t in terms if t.op == "~1"} | fixed_x
        terms += [Term(n, "~1") for n in observed if n not in said]
    given = tuple(n for rule in model.constraints for n in rule.names)
    called = ["" if t.value is not None else t.name for t in terms]
    free = [n for n in dict.fromkeys(called) if n and n not in given]
    known = (*free, *given)
    derived = (*model.constraints, *model.defined)
    reported = {*known, *(n for rule in model.defined for n in rule.names)}
    if strange := sorted({n for rule in derived for n in rule.inputs} - reported):
        raise UserError(f"no parameter is labelled {', '.join(strange)}")
    number = {name: k for k, name in enumerate(known)}
    places: dict[str, list[tuple[int, int, int]]] = {"~": [], "~~": [], "~1": []}
    fixed = {"~": np.zeros((v, v)), "~~": np.zeros((v, v)), "~1": np.zeros((v, 1))}
    for (left, op, right, _, value, _), name in zip(terms, called, strict=True):
        i, j = at[left], at[right] if right else 0
        if op == "=~":
            op, i, j = "~", j, i
        if value is None:
            places[op].append((i, j, number[name]))
        else:
            fixed[op][i, j] = value
            if op == "~~":
                fixed[op][j, i] = value
    found = Structure(
        order, p, known, len(free), *split_places(*places.values()),
        fixed["~"], fixed["~~"], fixed["~1"][:, 0], model.constraints, x,
    )  # fmt: skip
    if degrees_of_freedom(found) < 0:
        raise UserError(f"{len(free)} parameters are more than the observed moments can carry")
    return found
