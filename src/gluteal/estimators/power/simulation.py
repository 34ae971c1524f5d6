"""Simulate a study many times and analyse it each time as it will be analysed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate
from gluteal.estimators.power.designs import Design
from gluteal.estimators.power.performance import Performance, summarise_replicates

MOST_NAMED = 3


def simulate_power(
    make: Callable[[Any], Any],
    fit: Callable[[Any], Estimate | None],
    truth: float,
    *,
    replicates: int = 1000,
    seed: int = 1,
    null: float = 0.0,
    level: float = 0.95,
) -> Performance:
    """Make data, fit, and see how often the estimate finds the truth.

    Parameters
    ----------
    make : callable
        Takes a random generator, returns the data of one study.
    fit : callable
        Takes the data, returns an `Estimate` (its interval at ``level``), or None where the fit
        did not converge. A `UserError` counts as no result too.
    truth : float
        What the estimate should be.
    replicates, seed : int
        Replicate k draws from ``default_rng([seed, k])``, so that any one can be made again.
    null : float
        Value that the interval must leave out to reject.
    level : float

    Returns
    -------
    Performance

    Examples
    --------
    >>> from gluteal.estimators.linear import fit_linear
    >>> def make(rng):
    ...     x = rng.normal(size=50)
    ...     return np.column_stack([np.ones(50), x]), 0.4 * x + rng.normal(size=50)
    >>> found = simulate_power(make, lambda d: fit_linear(*d).coefficient(1), 0.4, replicates=100)
    >>> found.used, found.power.value > 0.6
    (100, True)
    """
    if replicates < 1:
        raise ValueError("at least one replicate is needed")
    found = np.full((4, replicates), np.nan)
    faults: Counter[str] = Counter()
    for k in range(replicates):
        data = make(np.random.default_rng([seed, k]))
        try:
            one = fit(data)
        except (UserError, np.linalg.LinAlgError) as error:
            faults[str(error)] += 1
            continue
        if one is None:
            faults["the fit did not converge"] += 1
            continue
        if abs(one.level - level) > 1e-12:
            raise ValueError(f"the fit's interval is at {one.level:g}, not at {level:g}")
        found[:, k] = one.estimate, one.se, one.low, one.high
    notes = tuple(f"{count} times: {text}" for text, count in faults.most_common(MOST_NAMED))
    b, se, low, high = found
    return summarise_replicates(b, se, low, high, truth, null=null, level=level, warnings=notes)


def simulate_design(
    design: Design,
    n: int,
    *,
    replicates: int = 1000,
    seed: int = 1,
    null: float = 0.0,
    level: float = 0.95,
) -> Performance:
    """Simulate a ready-made design with n people.

    Designs that can draw all replicates at once do so; the others take one after the other.

    Parameters
    ----------
    design : Design
    n : int
        People, or as the design says.
    replicates, seed : int
    null, level : float

    Returns
    -------
    Performance

    Examples
    --------
    >>> from gluteal.estimators.power import group_difference
    >>> found = simulate_design(group_difference(0.5), 128, replicates=2000)
    >>> abs(found.power.value - 0.801) < 4 * found.power.se
    True
    """
    if n < design.least:
        raise UserError(f"{design.name} needs at least {design.least} people, not {n}")
    if replicates < 1:
        raise ValueError("at least one replicate is needed")
    if design.batch is not None:
        rng = np.random.default_rng([seed, n])
        b, se, low, high = design.batch(rng, n, replicates, level)
        return summarise_replicates(b, se, low, high, design.truth, null=null, level=level)
    return simulate_power(
        lambda rng: design.make(rng, n),
        lambda data: design.fit(data, level),
        design.truth,
        replicates=replicates,
        seed=seed,
        null=null,
        level=level,
    )
