"""How latent class growth grows with people: five visits, three classes, 50 starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gluteal.estimators.trajectories import fit_trajectories, regress_classes


def make(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw outcome, time, person, and a covariate of people."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=n)
    which = (rng.random(n)[:, None] > np.array([0.5, 0.8])).sum(1)
    time, person = np.tile(np.arange(5.0), n), np.repeat(np.arange(n), 5)
    y = np.array([1.5, 4.0, 6.5])[which][person] - 0.3 * which[person] * time
    return y + rng.normal(size=5 * n), time, person, x


def _fit(n: int) -> Callable[[], Any]:
    y, time, person, _ = make(n)
    return lambda: fit_trajectories(y, time, person, 3, degree=1)


def _regress(n: int) -> Callable[[], Any]:
    y, time, person, x = make(n)
    found = fit_trajectories(y, time, person, 3, degree=1, starts=5, refined=1)
    design = np.column_stack([np.ones(n), x])
    return lambda: regress_classes(found, design)


GROWTH = {"trajectories, 3 classes": _fit, "trajectories, class on covariate": _regress}
