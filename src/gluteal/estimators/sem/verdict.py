"""What is suspect about a solution: negative variances, absent traits, too few people."""

from __future__ import annotations

from math import sqrt

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.likelihood import State
from gluteal.estimators.sem.moments import Moments
from gluteal.estimators.sem.roots import inverse_root
from gluteal.estimators.sem.specification import Specification
from gluteal.estimators.sem.structure import Structure

SLACK = 1e-10
ONE_SIDED = 1.6448536269514722  # 5 % quantile: a variance can only be above zero


def cautions(
    model: Specification, structure: Structure, state: State, cov: Floats, moments: Moments
) -> list[str]:
    """List what a reader must know before a fit is believed."""
    notes: list[str] = []
    full, s = state.full[0].tolist(), structure.s
    elements = zip(s.row.tolist(), s.col.tolist(), s.parameter.tolist(), strict=True)
    variance = {row: k for row, col, k in elements if row == col}
    if negative := [structure.names[k] for k in variance.values() if full[k] < 0]:
        notes.append(f"negative variance: {', '.join(dict.fromkeys(negative))}")
    elif _beyond_one(state.within[0]):
        notes.append("covariances exceed what the variances allow: a correlation beyond 1")
    for latent in model.factors:
        which = variance.get(structure.variables.index(latent), structure.free)
        if which >= structure.free:
            continue
        value, se = full[which], sqrt(max(float(cov[which, which]), 0))
        if 0 <= value < ONE_SIDED * se:
            notes.append(
                f"the variance of {latent} is not clearly above zero (z = {value / se:.2f})"
            )
    if moments.n < structure.free:
        notes.append(f"{moments.n} people are fewer than {structure.free} parameters")
    if moments.dropped:
        notes.append(f"{moments.dropped} people had no values that could be used")
    if model.experimental:
        notes.append(model.experimental)
    return notes


def _beyond_one(s: Floats) -> bool:
    """Whether a covariance matrix, apart from what has no variance, is not one."""
    live = np.flatnonzero(s.diagonal() > 0)
    if not live.size:
        return False
    own = s[live][:, live]
    size = np.sqrt(own.diagonal())
    corr = own / (size[:, None] * size)
    # A factor shows that all roots are above zero, without an eigenvalue problem.
    return inverse_root(corr) is None and float(np.linalg.eigvalsh(corr)[0]) < -SLACK
