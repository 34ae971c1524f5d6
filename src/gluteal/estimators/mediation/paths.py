"""Simple, parallel and serial mediation, and any recursive system of mediators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.bootstrap import Equation
from gluteal.estimators.bootstrap.draws import Seed
from gluteal.estimators.bootstrap.intervals import Kind
from gluteal.estimators.inference import Floats
from gluteal.estimators.mediation.products import Place, Polynomial
from gluteal.estimators.mediation.system import Mediation, Resampling, estimate_system

Arrows = Sequence[Sequence[int]]


def mediate(
    exposure: ArrayLike,
    mediators: ArrayLike,
    outcome: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    arrows: Literal["parallel", "serial"] | Arrows = "parallel",
    names: Sequence[str] | None = None,
    resamples: int = 5000,
    seed: Seed = 1,
    kind: Kind = "percentile",
    level: float = 0.95,
    cluster: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Mediation:
    """Estimate how much of an effect passes through mediators, by products of linear paths.

    Causal only without unmeasured confounding of exposure, mediators and outcome, and without
    interaction between them; see ``rho_sensitivity`` and ``mediate_counterfactual``.

    Parameters
    ----------
    exposure, outcome : array_like, shape (n,)
    mediators : array_like, shape (n,) or (n, m)
        In causal order.
    covariates : array_like, shape (n, c), optional
        In every equation.
    arrows : {"parallel", "serial"} or sequence of m sequences of int
        Which earlier mediators (from 0) point to each mediator: none, all, or as listed.
    names : sequence of str, length m + 2, optional
        Of the exposure, the mediators and the outcome; X, M1, M2 ..., Y without.
    resamples, seed, kind, level, cluster, strata, weights
        See ``bootstrap_linear``. Rows that repeat a person need ``cluster``: without it the
        intervals are too narrow.

    Returns
    -------
    Mediation
        Its effects: "direct", "total", "indirect" (all specific ones together), "X → M1 → Y" and
        so on for each path, and the paths' own coefficients, "X → M1".

    Raises
    ------
    UserError
        For missing or infinite values, constant or collinear columns, too few rows or clusters.

    References
    ----------
    MacKinnon 2008, Introduction to statistical mediation analysis; Preacher and Hayes 2008,
    doi:10.3758/BRM.40.3.879.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> weakness = rng.normal(size=300)
    >>> tilt = 0.5 * weakness + rng.normal(size=300)
    >>> pain = 0.4 * tilt + rng.normal(size=300)
    >>> names = ("weakness", "tilt", "pain")
    >>> found = mediate(weakness, tilt, pain, names=names, resamples=1000)
    >>> found.effect("weakness → tilt → pain").low > 0
    True
    """
    columns, labels, m = as_columns(exposure, mediators, outcome, covariates, names)
    equations, effects = lay_paths(labels, m, arrows)
    how = Resampling(resamples, seed, kind, level, cluster, strata, weights)
    share = ("indirect", "direct", "total")
    return estimate_system(columns, labels, equations, effects, how, share)


def lay_paths(
    labels: Sequence[str], m: int, arrows: Literal["parallel", "serial"] | Arrows
) -> tuple[list[Equation], dict[str, Polynomial]]:
    """Write down the equations of a system of mediators, and its effects as sums of products.

    Parameters
    ----------
    labels : sequence of str
        Of the columns in causal order: covariates, exposure, mediators, outcome.
    m : int
        Number of mediators.
    arrows
        See ``mediate``.
    """
    c = len(labels) - m - 2
    common, x, y = tuple(range(c)), c, c + m + 1
    into = _arrows(arrows, m)
    equations = [Equation(x + 1 + j, (*common, x, *(x + 1 + i for i in into[j]))) for j in range(m)]
    equations.append(Equation(y, (*common, *range(x, y))))

    def place(start: int, end: int) -> Place:
        # Equations are numbered like their outcomes, from the first mediator on.
        return end - x - 1, 1 + equations[end - x - 1].predictors.index(start)

    def routes(start: int) -> Iterator[tuple[int, ...]]:
        for end in range(x + 1, y + 1):
            if start in equations[end - x - 1].predictors:
                if end == y:
                    yield (y,)
                else:
                    yield from ((end, *rest) for rest in routes(end))

    effects: dict[str, Polynomial] = {}
    direct: Polynomial = ((1.0, (place(x, y),)),)
    specific: dict[str, Polynomial] = {}
    for route in routes(x):
        if len(route) > 1:
            stops = (x, *route)
            steps = tuple(place(a, b) for a, b in pairwise(stops))
            specific[" → ".join(labels[k] for k in stops)] = ((1.0, steps),)
    indirect = tuple(term for terms in specific.values() for term in terms)
    effects |= {"direct": direct, "indirect": indirect, "total": direct + indirect, **specific}
    for end, equation in zip(range(x + 1, y + 1), equations, strict=True):
        for start in equation.predictors:
            if start >= x:
                effects[f"{labels[start]} → {labels[end]}"] = ((1.0, (place(start, end),)),)
    return equations, effects


def _arrows(arrows: str | Arrows, m: int) -> list[list[int]]:
    if isinstance(arrows, str):
        if arrows not in ("parallel", "serial"):
            raise ValueError(f"arrows must be parallel, serial or lists, found {arrows!r}")
        return [list(range(j)) if arrows == "serial" else [] for j in range(m)]
    into = [sorted({int(i) for i in one}) for one in arrows]
    if len(into) != m or any(i < 0 or i >= j for j, one in enumerate(into) for i in one):
        raise ValueError("arrows must name, for each mediator, mediators before it")
    return into


def as_columns(
    exposure: ArrayLike,
    mediators: ArrayLike,
    outcome: ArrayLike,
    covariates: ArrayLike | None,
    names: Sequence[str] | None,
) -> tuple[Floats, list[str], int]:
    """Put covariates, exposure, mediators and outcome side by side, and name them.

    Raises
    ------
    UserError
        If they do not have the same number of rows.
    """
    x, y = np.asarray(exposure, dtype=float), np.asarray(outcome, dtype=float)
    between = np.asarray(mediators, dtype=float)
    between = between[:, None] if between.ndim == 1 else between
    more = np.empty((len(y), 0)) if covariates is None else np.asarray(covariates, dtype=float)
    more = more[:, None] if more.ndim == 1 else more
    if x.ndim != 1 or y.ndim != 1 or between.ndim != 2 or not between.shape[1] or more.ndim != 2:
        raise ValueError("exposure and outcome are vectors, mediators and covariates matrices")
    rows = {len(x), len(y), len(between), len(more)}
    if len(rows) > 1:
        found = ", ".join(str(count) for count in sorted(rows))
        raise UserError(f"exposure, mediators, outcome and covariates differ in rows: {found}")
    m = between.shape[1]
    own = list(names) if names else ["X", *(f"M{j + 1}" if m > 1 else "M" for j in range(m)), "Y"]
    if len(own) != m + 2 or len(set(own)) < len(own):
        raise ValueError(f"names must be {m + 2} different ones, found {own}")
    labels = [f"covariate {j + 1}" for j in range(more.shape[1])] + own
    return np.column_stack([more, x, between, y]), labels, m
