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
    names = [structure.names[k] for k in structure.s.parameter[own]]
    values = full[structure.s.parameter[own]]
    if negative := [n for n, v in zip(names, values, strict=True) if v < 0]:
        notes.append(f"negative variance: {', '.join(dict.fromkeys(negative))}")
    s = structure.matrices(state.full)[1][0]
    size = np.sqrt(np.maximum(np.diag(s), 0))
    if not negative and size.any():
        live = size > 0
        corr = s[np.ix_(live, live)] / np.outer(size[live], size[live])
        if float(np.linalg.eigvalsh(corr)[0]) < -1e-10:
            notes.append("covariances exceed what the variances allow: a correlation beyond 1")
    outcomes = {t.left for t in model.terms if t.op == "~"}
    load = [t.left for t in model.terms if t.op == "=~"]
    for latent in model.latent:
        k = structure.variables.index(latent)
        at = np.flatnonzero(own & (structure.s.row == k))
        if latent in outcomes or load.count(latent) < 2 or not at.size:
            continue
        which = int(structure.s.parameter[at[0]])
        se = float(np.sqrt(max(cov[which, which], 0))) if which < structure.free else 0.0
        value = float(full[which])
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
