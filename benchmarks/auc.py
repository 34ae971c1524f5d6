"""Bootstrap of areas under ROC curves beside R's pROC, and how areas grow with people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from harness import Row, compare, floor_of, run_r

from gluteal.estimators.auc import areas
from gluteal.estimators.auc_bootstrap import bootstrap_area, bootstrap_areas, bootstrap_difference

RESAMPLES = 2000


def make_data(n: int) -> dict[str, np.ndarray]:
    """Two tests of n people, rounded as a device would, four in ten positive."""
    rng = np.random.default_rng([41, n])
    y = (rng.uniform(size=n) < 0.4).astype(float)
    true = rng.normal(size=n) + y
    a, b = (np.round(true + spread * rng.normal(size=n), 3) for spread in (0.3, 0.8))
    return {"y": y, "a": a, "b": b}


def _area(data: dict[str, np.ndarray]) -> tuple[float, float]:
    drawn = bootstrap_area(data["y"], data["a"], resamples=RESAMPLES, seed=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    # Both sides derive their error from percentile limits, so that it is the same measure.
    return float(areas(data["y"], data["a"]).values[0]), float(high - low) / (2 * 1.959963985)


def _difference(data: dict[str, np.ndarray]) -> tuple[float, float]:
    found, _ = bootstrap_difference(data["y"], data["a"], data["b"], resamples=RESAMPLES, seed=1)
    return found.value, found.se


def _apart(resamples: int, wide: float) -> Callable[[Any, Any], float]:
    """Say how far errors differ, in standard errors of the Monte Carlo; inf if areas do."""
    spread = wide * np.sqrt(1 / (2 * RESAMPLES) + 1 / (2 * resamples))

    def apart(ours: tuple[float, float], theirs: dict[str, float]) -> float:
        if abs(ours[0] - theirs["area"]) > 1e-12:
            return float("inf")
        return abs(np.log(ours[1] / theirs["se"])) / spread

    return apart


def rows() -> Iterator[Row]:
    """Compare one area and a paired difference at 400 and at 20 000 people."""
    kinds = {
        # Limits vary more than a standard deviation: about 1.9 times.
        "area": ("AUC bootstrap, stratified, 2000 resamples", _area, 1.9, {400: 80, 20_000: 22}),
        "difference": (
            "paired AUC difference, bootstrap, 2000 resamples",
            _difference,
            1.0,
            {400: 80, 20_000: 22},
        ),
    }
    for what, (work, ours, wide, promises) in kinds.items():
        for n, promised in promises.items():
            data = make_data(n)
            resamples = RESAMPLES if n == 400 else 200
            curves = 1 if what == "area" else 2
            yield compare(
                work,
                f"pROC{'' if resamples == RESAMPLES else f' ({resamples} resamples, scaled)'}",
                f"n={n:,}",
                lambda data=data, ours=ours: ours(data),
                lambda data=data, what=what, resamples=resamples: run_r(
                    "auc", data, what=what, resamples=resamples
                ),
                _apart(resamples, wide),
                promised=promised,
                tolerance=4,
                agreement="area equal; standard error apart, in its Monte Carlo errors",
                # A byte of randomness a person; weights written once, read for sums and products.
                floor_s=RESAMPLES * floor_of(integers=n / 4, read_bytes=8 * n * (1 + 2 * curves)),
                floor="a random byte a person, weights written once and read twice a curve",
                peer_scale=RESAMPLES / resamples,
            )


def _make_areas(n: int) -> Callable[[], Any]:
    data = make_data(n)
    return lambda: areas(data["y"], data["a"], data["b"])


def _make_clustered(n: int) -> Callable[[], Any]:
    data = make_data(n)
    return lambda: areas(data["y"], data["a"], data["b"], person=np.arange(n) // 2)


def _make_bootstrap(n: int) -> Callable[[], Any]:
    data = make_data(n)
    return lambda: bootstrap_areas(data["y"], data["a"], data["b"], resamples=50)


def _make_levels(n: int) -> Callable[[], Any]:
    data = make_data(n)
    return lambda: bootstrap_area(data["y"], np.round(data["a"]), resamples=2000)


GROWTH = {
    "AUC, DeLong, two tests": _make_areas,
    "AUC, clustered, two tests": _make_clustered,
    "AUC bootstrap, two tests, 50 resamples": _make_bootstrap,
    "AUC bootstrap, 10 levels, 2000 resamples": _make_levels,
}
