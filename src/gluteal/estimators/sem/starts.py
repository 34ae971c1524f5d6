"""Where the search begins: from the variances of the data, so that units do not matter."""

from __future__ import annotations

from math import sqrt

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.specification import Specification
from gluteal.estimators.sem.structure import Structure

LAG, FACTOR_SHARE = 0.0, 0.5


def start_values(model: Specification, structure: Structure, mean: Floats, cov: Floats) -> Floats:
    """Choose starting values for the free parameters.

    Parameters
    ----------
    mean, cov : ndarray, shapes (p,) and (p, p)
        Of the data, in the order of ``structure.variables``.

    Returns
    -------
    ndarray, shape (free,)
        Half of an indicator's variance goes to its latent variables, paths begin at 0, loadings
        at the ratio of standard deviations with the sign of the covariance with the marker.
    """
    at = {name: k for k, name in enumerate(structure.variables)}
    p, sd = structure.p, np.sqrt(cov.diagonal()).tolist()
    of: dict[str, list[tuple[str, float | None]]] = {}
    for t in model.terms:
        if t.op == "=~":
            of.setdefault(t.left, []).append((t.right, t.value))
    sharing: dict[str, int] = {}
    for pairs in of.values():
        for name, _ in pairs:
            sharing[name] = sharing.get(name, 0) + 1
    spread = dict(zip(structure.variables, sd, strict=False))
    marker: dict[str, str] = {}
    for latent, pairs in of.items():
        fixed = [(n, w) for n, w in pairs if w and n in spread]
        if chosen := fixed or [(n, 1.0) for n, _ in pairs if n in spread]:
            name, weight = chosen[0]
            marker[latent] = name
            share = FACTOR_SHARE if sharing[name] == 1 else 1 / sharing[name]
            spread[latent] = spread[name] * sqrt(share) / abs(weight or 1.0)
    unit = {t.left for t in model.terms if t.op == "~~" and t.left == t.right and t.value}
    number = {name: k for k, name in enumerate(structure.names[: structure.free])}
    found = [float(mean[at[name.split()[0]]]) if name.endswith("~1") else 0.0 for name in number]
    for t in model.terms:
        if t.value is not None and not t.label:
            continue
        k = number.get(t.name)
        if k is None:
            continue
        if t.start is not None:
            found[k] = t.start
        elif t.op == "~1":
            found[k] = float(mean[at[t.left]]) if at[t.left] < p else 0.0
        elif t.op == "=~" and t.right in spread and t.left in spread:
            scale = 1.0 if t.left in unit else spread[t.left]
            i, j = at[t.right], at[marker.get(t.left, t.right)]
            sign = -1.0 if cov[i, j] < 0 else 1.0
            found[k] = sign * spread[t.right] * sqrt(FACTOR_SHARE) / scale
        elif t.op == "~~" and t.left == t.right:
            size = spread.get(t.left, 1.0) ** 2
            found[k] = size * (1 - FACTOR_SHARE) if at[t.left] < p else size
        elif t.op == "~~" and at[t.left] < p and at[t.right] < p:
            found[k] = _shared(t.left, t.right, at, cov, model)
    return np.array(found)


def _shared(left: str, right: str, at: dict[str, int], cov: Floats, model: Specification) -> float:
    """Start covariances of covariates at what was seen, halved like variances."""
    outcomes = {t.left for t in model.terms if t.op == "~"}
    outcomes |= {t.right for t in model.terms if t.op == "=~"}
    if {left, right} & outcomes:
        return 0.0
    return float(cov[at[left], at[right]]) * (1 - FACTOR_SHARE)


def scatter(start: Floats, spread: Floats, seed: int, tries: int) -> Floats:
    """Move a start at random, for searches from several places; shape (tries, free)."""
    rng = np.random.default_rng([seed, 77])
    factor = np.exp(rng.normal(0, 0.5, (tries, len(start))))
    return start * factor + spread * rng.normal(0, 0.3, (tries, len(start)))
