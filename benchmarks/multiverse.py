"""Specification curves of 1,024 models beside loops of statsmodels on arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from harness import Row, compare, floor_of

from gluteal.estimators.multiverse import Specification, check_joint_null, run_multiverse

COVARIATES, SPECIFICATIONS = 8, 1024


def make(n: int, seed: int = 1) -> tuple[np.ndarray, list[tuple[int, int, tuple[int, ...]]]]:
    """Draw 2 outcomes, 2 exposures and 8 covariates; all 4 x 256 combinations."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, COVARIATES))
    x = rng.normal(size=(n, 2)) + 0.3 * z[:, :2]
    y = 0.2 * x.sum(1, keepdims=True) + 0.3 * z[:, 2:4] + rng.normal(size=(n, 2))
    sets = [tuple(4 + j for j in range(COVARIATES) if i >> j & 1) for i in range(2**COVARIATES)]
    return np.column_stack([y, x, z]), [(a, b, s) for a in (0, 1) for b in (2, 3) for s in sets]


def loop(columns: np.ndarray, cells: list[Any], fit: Callable[[Any, Any], Any]) -> np.ndarray:
    """Fit them one after the other; estimate and standard error of each."""
    one = np.ones(len(columns))
    found = [fit(columns[:, y], np.column_stack([one, columns[:, [x, *z]]])) for y, x, z in cells]
    return np.array([(m.params[1], m.bse[1]) for m in found])


def fit_linear(y: Any, x: Any) -> Any:
    import statsmodels.api as sm

    return sm.OLS(y, x).fit()


def fit_logistic(y: Any, x: Any) -> Any:
    import statsmodels.api as sm

    return sm.Logit(y, x).fit(disp=0, method="newton", tol=1e-10)


def rows() -> Iterator[Row]:
    """Linear and logistic curves at two sizes."""

    def apart(mine: Any, other: np.ndarray) -> float:
        both = np.column_stack([mine.estimate, mine.se])
        return float(np.abs(both[:: len(both) // len(other)] / other - 1).max())

    for n, promised_linear, promised_logistic in ((400, 70, 20), (20_000, 400, 4)):
        columns, cells = make(n)
        m = columns.shape[1]
        specs = [Specification(y, x, z) for y, x, z in cells]
        step = 1 if n < 1000 else 16  # the peer fits every 16th where it takes long
        yield compare(
            "specification curve, 1,024 linear models",
            "statsmodels OLS on arrays",
            f"n={n:,}",
            lambda columns=columns, specs=specs: run_multiverse(columns, specs),
            lambda columns=columns, cells=cells, step=step: loop(
                columns, cells[::step], fit_linear
            ),
            apart,
            promised=promised_linear,
            tolerance=1e-8,
            agreement="relative, b and SE",
            peer_scale=step,
            floor_s=floor_of(read_bytes=columns.nbytes, flops=2 * n * m**2 + 2 * 512 * m**2),
            floor="one read, products, 512 sweeps",
        )
        binary = columns.copy()
        binary[:, :2] = binary[:, :2] > 0
        chances = [Specification(y, x, z, family="logistic") for y, x, z in cells]
        pairs = (m - 1) * m // 2
        yield compare(
            "specification curve, 1,024 logistic models",
            "statsmodels Logit on arrays",
            f"n={n:,}",
            lambda binary=binary, chances=chances: run_multiverse(binary, chances),
            lambda binary=binary, cells=cells, step=step: loop(
                binary,
                cells[::step],
                fit_logistic,
            ),
            apart,
            promised=promised_logistic,
            tolerance=1e-6,
            agreement="relative, b and SE",
            peer_scale=step,
            # Three Newton steps beyond the first, which needs no pass.
            floor_s=floor_of(flops=3 * 2 * n * SPECIFICATIONS * (pairs + 2 * m)),
            floor="products of 3 steps",
        )


def _linear(n: int) -> Callable[[], Any]:
    columns, cells = make(n)
    specs = [Specification(y, x, z) for y, x, z in cells]
    return lambda: run_multiverse(columns, specs)


def _logistic(n: int) -> Callable[[], Any]:
    columns, cells = make(n)
    columns[:, :2] = columns[:, :2] > 0
    specs = [Specification(y, x, z, family="logistic") for y, x, z in cells[::8]]
    return lambda: run_multiverse(columns, specs)


def _joint(n: int) -> Callable[[], Any]:
    columns, cells = make(n)
    specs = [Specification(y, x, z) for y, x, z in cells[::8]]
    return lambda: check_joint_null(columns, specs, resamples=200)


GROWTH = {
    "multiverse, 1,024 linear": _linear,
    "multiverse, 128 logistic": _logistic,
    "multiverse, joint test, 128 linear, 200 curves": _joint,
}
