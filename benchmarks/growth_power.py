"""How simulating a study grows with its people: 20 replicates of each design."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gluteal.estimators.power import (
    Design,
    cohort_cross_lagged,
    cohort_group_difference,
    group_difference,
    simulate_design,
    within_between,
)

REPLICATES = 20


def _of(design: Design) -> Callable[[int], Callable[[], Any]]:
    return lambda n: lambda: simulate_design(design, n, replicates=REPLICATES)


GROWTH = {
    "power, two groups": _of(group_difference(0.1)),
    "power, within-between": _of(within_between(0.1)),
    "power, cohort's group difference": _of(cohort_group_difference()),
    "power, cohort's cross-lags": _of(cohort_cross_lagged()),
}
