"""Multiple imputation of numeric columns beside mice, scikit-learn and statsmodels.

All do 20 imputations of 5 cycles. The peers are timed on fewer of these 100 cycles, which cost the
same each, and their time is multiplied; every row says on how many.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from harness import Row, compare, floor_of, run_r

from gluteal.estimators.impute import Column, impute_chained

M, CYCLES, COLUMNS, SHARE = 20, 5, 40, 0.1
PROMISED = {"mice": 35, "scikit-learn": 25, "statsmodels": 200}


@cache
def table(n: int, p: int = COLUMNS) -> Any:
    """Make people with 5 traits behind p columns, a tenth of all cells missing."""
    rng = np.random.default_rng(20_261_124)
    loads = np.random.default_rng(1).normal(size=(5, p))
    data = rng.normal(size=(n, 5)) @ loads + 1.5 * rng.normal(size=(n, p))
    data[rng.random((n, p)) < SHARE] = np.nan
    return data


def ours(n: int, method: Any) -> Callable[[], Any]:
    columns = [Column(method=method) for _ in range(COLUMNS)]
    return lambda: impute_chained(table(n), columns, m=M, cycles=CYCLES, seed=1)


def regression(data: Any) -> Any:
    x = np.column_stack([np.ones(len(data)), data[:, 1:4]])
    return np.linalg.lstsq(x, data[:, 0], rcond=None)[0]


def difference(found: Any, said: Any) -> float:
    """Largest gap of pooled coefficients in Monte Carlo standard errors."""
    mine = np.array([regression(one) for one in found])
    theirs = np.atleast_2d(said["coef"] if isinstance(said, dict) else said)
    spread = mine.var(0, ddof=1) * (1 / len(mine) + 1 / len(theirs))
    return float((np.abs(mine.mean(0) - theirs.mean(0)) / np.sqrt(spread)).max())


def mice(n: int, method: str, m: int, cycles: int) -> Callable[[], Any]:
    named = {f"v{j}": column for j, column in enumerate(table(n).T)}
    return lambda: run_r("impute", named, method=method, m=m, cycles=cycles)


def sklearn(n: int, m: int, cycles: int) -> Callable[[], Any]:
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    def work() -> Any:
        found = []
        for i in range(m):
            one = IterativeImputer(sample_posterior=True, max_iter=cycles, random_state=i)
            found.append(one.fit_transform(table(n)))
        return np.array([regression(data) for data in found])

    return work


def statsmodels(n: int, cycles: int) -> Callable[[], Any]:
    import pandas as pd
    from statsmodels.imputation.mice import MICEData

    frame = pd.DataFrame(table(n), columns=[f"v{j}" for j in range(COLUMNS)])

    def work() -> Any:
        np.random.seed(1)  # noqa: NPY002  (what this peer draws from)
        data = MICEData(frame, k_pmm=5)
        start = time.process_time()  # its preparations, done once, are not multiplied
        data.update_all(cycles)
        spent = time.process_time() - start
        return {"cpu_s": spent, "coef": regression(data.data.to_numpy())}

    return work


def floor(n: int, method: str) -> float:
    """Cross-products of the rows missing; for matching also every row's prediction."""
    missing, q, updates = n * SHARE, COLUMNS + 1, M * CYCLES * COLUMNS
    flops = missing * q * q + (2 * n * q if method == "pmm" else 0)
    draws = missing if method == "norm" else 0
    return floor_of(
        flops=updates * flops, read_bytes=updates * missing * q * 8, normals=updates * draws
    )


def rows() -> Iterator[Row]:
    """Yield every comparison."""
    # Cycles that a peer runs: (imputations, cycles of each).
    plans = {400: {"mice": (4, 5), "sklearn": (4, 5)}, 20_000: {"mice": (1, 3), "sklearn": (1, 5)}}
    for n, plan in plans.items():
        size = f"{n:,} x {COLUMNS}"
        for method in ("pmm", "norm"):
            m, cycles = plan["mice"]
            yield row(n, size, "mice", method, mice(n, method, m, cycles), m * cycles)
        m, cycles = plan["sklearn"]
        yield row(n, size, "scikit-learn", "norm", sklearn(n, m, cycles), m * cycles)
        cycles = 3 if n == 400 else 2
        yield row(n, size, "statsmodels", "pmm", statsmodels(n, cycles), cycles)


def row(n: int, size: str, peer: str, method: str, theirs: Callable[[], Any], ran: int) -> Row:
    total = M * CYCLES
    return compare(
        f"multiple imputation m={M} x {CYCLES} cycles, {method} (peer: {ran} of {total} cycles)",
        peer,
        size,
        ours(n, method),
        theirs,
        difference,
        promised=PROMISED[peer],
        tolerance=5.0,
        agreement="pooled regression, Monte Carlo errors",
        floor_s=floor(n, method),
        floor="cross-products, predictions, draws",
        peer_rounds=2 if n == 400 else 1,
        peer_scale=total / ran,
    )


def growth(method: Any) -> Callable[[int], Callable[[], Any]]:
    def make(n: int) -> Callable[[], Any]:
        data = table(n, 10)
        columns = [Column(method=method) for _ in range(10)]
        return lambda: impute_chained(data, columns, m=5, cycles=5, seed=1)

    return make


def growth_of_visits(n: int) -> Callable[[], Any]:
    """4 visits of n people who have levels of their own, 5 columns."""
    who = np.repeat(np.arange(n), 4)
    data = table(4 * n, 5) + np.random.default_rng(2).normal(size=n)[who][:, None]
    columns = [Column(method="norm") for _ in range(5)]
    return lambda: impute_chained(data, columns, m=5, cycles=5, seed=1, person=who)


GROWTH = {
    "imputation, norm": growth("norm"),
    "imputation, pmm": growth("pmm"),
    "imputation of 4 visits, norm": growth_of_visits,
}
