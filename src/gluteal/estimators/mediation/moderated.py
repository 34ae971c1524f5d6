"""Moderated mediation: indirect effects that depend on another variable."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.bootstrap import Equation
from gluteal.estimators.bootstrap.draws import Seed
from gluteal.estimators.bootstrap.intervals import Kind
from gluteal.estimators.bootstrap.moments import column_faults
from gluteal.estimators.inference import Floats
from gluteal.estimators.mediation.paths import as_columns
from gluteal.estimators.mediation.products import Polynomial, times
from gluteal.estimators.mediation.system import Mediation, Resampling, estimate_system

Path = Literal["a", "b", "direct"]
INDEX = "index of moderated mediation"


def mediate_moderated(
    exposure: ArrayLike,
    mediator: ArrayLike,
    outcome: ArrayLike,
    moderator: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    moderated: Collection[Path] = ("a",),
    at: Sequence[float] | None = None,
    names: Sequence[str] | None = None,
    resamples: int = 5000,
    seed: Seed = 1,
    kind: Kind = "percentile",
    level: float = 0.95,
    cluster: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Mediation:
    """Estimate indirect effects at values of a moderator W.

    The mediator's equation has W and exposure times W where "a" is moderated; the outcome's has W
    where "b" or "direct" is, with mediator times W and exposure times W. (Models 7, 14, 58, 5, 8,
    15 and 59 of Hayes's PROCESS.)

    Parameters
    ----------
    exposure, mediator, outcome, moderator : array_like, shape (n,)
    covariates : array_like, shape (n, c), optional
    moderated : some of {"a", "b", "direct"}
        Exposure to mediator, mediator to outcome, exposure to outcome.
    at : sequence of float, optional
        Values of the moderator; without: both values of a binary one, else the mean and one
        standard deviation below and above it.
    names : sequence of str, length 3, optional
        Of the exposure, the mediator and the outcome.
    resamples, seed, kind, level, cluster, strata, weights
        See ``bootstrap_linear``.

    Returns
    -------
    Mediation
        Effects "indirect at w" and "direct at w" for each value (plain "direct" where that path
        is not moderated), "difference of indirect" between the last and the first value, and the
        "index of moderated mediation" (change of the indirect effect per unit of W) where exactly
        one of a and b is moderated, so that it is one number.

    References
    ----------
    Hayes 2015, doi:10.1080/00273171.2014.962683; Preacher, Rucker and Hayes 2007,
    doi:10.1080/00273170701341316.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, w = rng.normal(size=500), rng.integers(0, 2, 500)
    >>> m = (0.2 + 0.6 * w) * x + rng.normal(size=500)
    >>> y = 0.5 * m + rng.normal(size=500)
    >>> found = mediate_moderated(x, m, y, w, resamples=1000)
    >>> found.names[:2], found.effect("index of moderated mediation").low > 0
    (('indirect at 0', 'indirect at 1'), True)
    """
    if unknown := set(moderated) - {"a", "b", "direct"}:
        raise ValueError(f"moderated paths are a, b and direct, found {sorted(unknown)}")
    if not moderated:
        raise ValueError("no path is moderated: use mediate")
    plain, labels, m = as_columns(exposure, mediator, outcome, covariates, names)
    if m != 1:
        raise ValueError("moderated mediation takes one mediator")
    w = np.asarray(moderator, dtype=float)
    if w.shape != (len(plain),):
        raise UserError(f"{len(plain)} rows need a moderator each, found the shape {w.shape}")
    if faults := column_faults(w[:, None], None, ["moderator"]):
        raise UserError("; ".join(faults))
    c = plain.shape[1] - 3
    x, between, y = plain[:, c], plain[:, c + 1], plain[:, c + 2]
    # In causal order: covariates, X, W, XW, M, MW, Y. Only columns that are used are checked.
    columns = [*plain[:, :c].T, x, w]
    titles = [*labels[: c + 1], "moderator"]
    where = {"x": c, "w": c + 1}

    def add(key: str, values: Floats, title: str) -> None:
        where[key] = len(columns)
        columns.append(values)
        titles.append(title)

    def product(values: Floats) -> Floats:
        # What overflows is infinite, which the columns' check names.
        with np.errstate(over="ignore", invalid="ignore"):
            return values * w

    if "a" in moderated or "direct" in moderated:
        add("xw", product(x), f"{labels[c]} × moderator")
    add("m", between, labels[c + 1])
    if "b" in moderated:
        add("mw", product(between), f"{labels[c + 1]} × moderator")
    add("y", y, labels[c + 2])
    common = tuple(range(c))
    first = ["x", "w", "xw"] if "a" in moderated else ["x"]
    second = ["x"]
    second += ["w"] if {"b", "direct"} & set(moderated) else []
    second += ["xw"] if "direct" in moderated else []
    second += ["m", "mw"] if "b" in moderated else ["m"]
    equations = [
        Equation(where["m"], (*common, *(where[k] for k in first))),
        Equation(where["y"], (*common, *(where[k] for k in second))),
    ]

    def line(equation: int, keys: Sequence[str], main: str, product: str, value: float):
        """Return the slope of ``main`` at a value of the moderator."""
        terms: Polynomial = ((1.0, ((equation, 1 + c + keys.index(main)),)),)
        if product in keys:
            terms += ((value, ((equation, 1 + c + keys.index(product)),)),)
        return terms

    values = _values(w) if at is None else [float(value) for value in at]
    if not values or not np.isfinite(values).all():
        raise UserError("values of the moderator must be finite numbers, at least one")
    effects: dict[str, Polynomial] = {}
    called = _called(values)
    for value, name in zip(values, called, strict=True):
        slopes = line(0, first, "x", "xw", value), line(1, second, "m", "mw", value)
        effects[f"indirect at {name}"] = times(*slopes)
    if "direct" in moderated:
        for value, name in zip(values, called, strict=True):
            effects[f"direct at {name}"] = line(1, second, "x", "xw", value)
    else:
        effects["direct"] = line(1, second, "x", "", 0.0)
    if len(values) > 1:
        last, base = effects[f"indirect at {called[-1]}"], effects[f"indirect at {called[0]}"]
        effects["difference of indirect"] = last + tuple((-f, p) for f, p in base)
    if ("a" in moderated) != ("b" in moderated):
        one, zero = (
            times(line(0, first, "x", "xw", v), line(1, second, "m", "mw", v)) for v in (1.0, 0.0)
        )
        effects[INDEX] = one + tuple((-f, p) for f, p in zero)
    how = Resampling(resamples, seed, kind, level, cluster, strata, weights)
    return estimate_system(np.column_stack(columns), titles, equations, effects, how)


def _called(values: Sequence[float]) -> list[str]:
    """Write values with four digits, or as many more as tell them apart."""
    digits = 4
    while len({f"{value:.{digits}g}" for value in values}) < len(set(values)):
        digits += 1
    return [f"{value:.{digits}g}" for value in values]


def _values(w: Floats) -> list[float]:
    low, high = float(w.min()), float(w.max())
    if ((w == low) | (w == high)).all():
        return [low, high]
    middle, spread = float(w.mean()), float(w.std(ddof=1))
    return [middle - spread, middle, middle + spread]
