"""What is suspect about a solution: negative variances, absent traits, too few people."""

from __future__ import annotations

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.likelihood import State
from gluteal.estimators.sem.moments import Moments
from gluteal.estimators.sem.specification import Specification
from gluteal.estimators.sem.structure import Structure

ONE_SIDED = 1.6448536269514722  # 5 % quantile: a variance can only be above zero


def cautions(
    model: Specification, structure: Structure, state: State, cov: Floats, moments: Moments
) -> list[str]:
    """List what a reader must know before a fit is believed."""
    notes: list[str] = []
    full = state.full[0]
    own = structure.s.row == structure.s.col
    variance = {
        int(r): int(k)
        for r, k in zip(structure.s.row[own], structure.s.parameter[own], strict=True)
    }
    if negative := [structure.names[k] for k in variance.values() if full[k] < 0]:
        notes.append(f"negative variance: {', '.join(dict.fromkeys(negative))}")
    elif _beyond_one(structure.matrices(state.full)[1][0]):
        notes.append("covariances exceed what the variances allow: a correlation beyond 1")
    for latent in model.factors:
        which = variance.get(structure.variables.index(latent), structure.free)
        if which >= structure.free:
            continue
        value, se = float(full[which]), float(np.sqrt(max(cov[which, which], 0)))
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
    size = np.sqrt(np.diag(s))
    live = size > 0
    if not live.any():
        return False
    corr = s[live][:, live] / (size[live][:, None] * size[live])
    return float(np.linalg.eigvalsh(corr)[0]) < -1e-10
