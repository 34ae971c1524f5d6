"""Random-intercept cross-lagged panels: one fit and the bootstrap, beside lavaan and semopy."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np
from harness import Row, compare, floor_of, run_r

from gluteal.estimators.sem import SemFit, Specification, bootstrap_sem, fit_sem, riclpm

Data = dict[str, np.ndarray]
SIZES = (400, 5000)
RESAMPLES, PEER_RESAMPLES = 2000, 60
PER = "one resample"


def names(waves: int) -> tuple[list[str], list[str]]:
    """Columns of both variables."""
    return [f"x{t}" for t in range(1, waves + 1)], [f"y{t}" for t in range(1, waves + 1)]


def make(n: int, waves: int, missing: float = 0.0) -> Data:
    """Traits, within-person lags; whole later waves are missed, so that patterns are few."""
    # A seed on which semopy finds the optimum; simulations/riclpm_optimum.py counts how often.
    rng = np.random.default_rng([n, waves, 2])
    traits = rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], n).T
    now = rng.normal(size=(2, n))
    lag = np.array([[0.35, 0.15], [0.2, 0.3]])
    root = np.linalg.cholesky(np.array([[0.7, 0.2], [0.2, 0.7]]))
    table: Data = {}
    for t in range(1, waves + 1):
        if t > 1:
            now = lag @ now + root @ rng.normal(size=(2, n))
        lost = rng.random(n) < (missing if t > 1 else 0)
        table[f"x{t}"], table[f"y{t}"] = np.where(lost, np.nan, traits + now)
    return table


def model(waves: int) -> Specification:
    return riclpm(*names(waves))


def stack(d: Data) -> tuple[np.ndarray, tuple[str, ...]]:
    return np.column_stack(list(d.values())), tuple(d)


def lags(fit: SemFit, said: dict[str, Any]) -> list[int]:
    """Where lavaan's paths are among ours."""
    own = lambda name: f"within_{name[1:]}"  # noqa: E731
    pairs = zip(said["left"], said["right"], strict=True)
    return [fit.names.index(f"{own(left)} ~ {own(right)}") for left, right in pairs]


def apart(fit: SemFit, said: dict[str, Any]) -> float:
    """Compare lags in standard errors, standard errors, and chi-square: the largest difference."""
    at, se = lags(fit, said), np.array(said["se"])
    shift = np.abs(fit.model.coef[at] - said["estimate"]) / se
    spread = np.abs(np.sqrt(np.diag(fit.model.cov))[at] / se - 1)
    return float(max(shift.max(), spread.max(), abs(fit.test.statistic - said["chisq"])))


def apart_boot(fit: SemFit, resamples: int, found: Any, said: dict[str, Any]) -> float:
    """Compare bootstrap standard errors, as a share of four Monte-Carlo errors."""
    may = 4 * np.sqrt(1 / (2 * RESAMPLES) + 1 / (2 * resamples))
    # Heavy tails of some draws make their spread less certain than that of a normal.
    return float(np.median(np.abs(found.se[lags(fit, said)] / said["se"] - 1)) / may)


def lavaan(d: Data, **how: Any) -> Callable[[], dict[str, Any]]:
    return lambda: run_r("sem", d, **how)


def semopy(d: Data, waves: int, *, objective: bool = False) -> Callable[[], Any]:
    """Fit by semopy with its standard errors, the same restrictions written out.

    With ``objective`` return what it reached and whether it says that it succeeded.
    """
    import pandas as pd
    import semopy as peer

    x, y = names(waves)
    lines = [
        f"RIx =~ {' + '.join(f'1*{v}' for v in x)}",
        f"RIy =~ {' + '.join(f'1*{v}' for v in y)}",
    ]
    for one, two in zip(x, y, strict=True):
        lines += [f"w{one} =~ 1*{one}", f"w{two} =~ 1*{two}", f"w{one} ~~ w{one}"]
        lines += [
            f"w{two} ~~ w{two}",
            f"w{one} ~~ w{two}",
            f"{one} ~~ 0*{one}",
            f"{two} ~~ 0*{two}",
        ]
    for t in range(1, waves):
        past = f"w{x[t - 1]} + w{y[t - 1]}"
        lines += [f"w{x[t]} ~ {past}", f"w{y[t]} ~ {past}"]
    lines += ["RIx ~~ RIx", "RIy ~~ RIy", "RIx ~~ RIy"]
    lines += [f"RI{a} ~~ 0*w{b}1" for a in "xy" for b in "xy"]
    text, frame = "\n".join(lines), pd.DataFrame(d)

    def work() -> Any:
        fitted = peer.Model(text)
        result = fitted.fit(frame)
        return (float(result.fun), bool(result.success)) if objective else fitted.inspect()

    return work


def apart_semopy(fit: SemFit, table: Any) -> float:
    """Compare lags in our standard errors; semopy stops early, so only two digits are asked."""
    worst = 0.0
    for _, line in table[table["op"] == "~"].iterrows():
        name = f"within_{line['lval'][1:]} ~ within_{line['rval'][1:]}"
        if name in fit.names and line["lval"].startswith("w"):
            ours = fit.estimate(name)
            worst = max(worst, abs(ours.estimate - float(line["Estimate"])) / ours.se)
    return worst


def rows() -> Iterator[Row]:
    """Yield all comparisons."""
    for n in SIZES:
        d = make(n, 3)
        data, columns = stack(d)
        spec = model(3)
        fit = fit_sem(spec, data, columns)
        moments = len(columns) * (len(columns) + 1) / 2
        read = floor_of(read_bytes=data.nbytes, flops=2.0 * n * moments)
        anew = lambda d=(data, columns): fit_sem(model(3), *d)  # noqa: E731
        again = lambda d=(spec, data, columns): fit_sem(*d)  # noqa: E731
        for text, work, promised in (
            # lavaan reads its model each time: the first row is like for like.
            ("model built and compiled anew", anew, 50),
            ("model compiled once", again, 50),
        ):
            yield compare(
                f"RI-CLPM, 3 waves, complete, with standard errors and test, {text}", "lavaan",
                f"n = {n:,}", work, lavaan(d, waves=3, kind="fit", times=5), apart,
                promised=promised, tolerance=1e-4, agreement="lags in SE, SE, chi2",
                floor_s=read, floor="one read and its products",
            )  # fmt: skip
        if find_spec("semopy"):
            yield compare(
                "RI-CLPM, 3 waves, complete, with standard errors, model compiled once", "semopy",
                f"n = {n:,}",
                again, semopy(d, 3), apart_semopy,
                promised=5, tolerance=0.25, agreement="lags in SE",
                floor_s=read, floor="one read and its products",
            )  # fmt: skip
        else:
            print("semopy is not installed: its rows are left out", file=sys.stderr)
        yield compare(
            f"RI-CLPM, 3 waves, bootstrap, {PER}", "lavaan", f"n = {n:,}",
            lambda f=fit: bootstrap_sem(f, resamples=RESAMPLES),
            lavaan(d, waves=3, kind="boot", resamples=PEER_RESAMPLES),
            lambda mine, said, f=fit: apart_boot(f, PEER_RESAMPLES, mine, said),
            promised=75, tolerance=1.0, agreement="share of 4 Monte-Carlo errors of the SE",
            floor_s=RESAMPLES * floor_of(integers=n / 4, flops=2.0 * n * (moments + 7)),
            floor="draws and products", peer_rounds=1,
            ours_scale=1 / RESAMPLES, peer_scale=1 / PEER_RESAMPLES,
        )  # fmt: skip
    for kind, robust, work in (("fiml", False, "FIML"), ("mlr", True, "FIML and robust errors")):
        d = make(1000, 3, missing=0.15)
        data, columns = stack(d)
        spec = model(3)
        yield compare(
            f"RI-CLPM, 3 waves, 15 % of visits missed, {work}", "lavaan", "n = 1,000",
            lambda d=(spec, data, columns), r=robust: fit_sem(*d, robust=r),
            lavaan(d, waves=3, kind=kind, times=5),
            apart, promised=5, tolerance=1e-3, agreement="lags in SE, SE, chi2",
            floor_s=floor_of(read_bytes=data.nbytes, flops=2.0 * 1000 * 27),
            floor="one read and its products",
        )  # fmt: skip
    d = make(400, 5)
    fit = fit_sem(model(5), *stack(d))
    yield compare(
        f"RI-CLPM, 5 waves, bootstrap, {PER}", "lavaan", "n = 400",
        lambda f=fit: bootstrap_sem(f, resamples=RESAMPLES),
        lavaan(d, waves=5, kind="boot", resamples=25),
        lambda mine, said, f=fit: apart_boot(f, 25, mine, said),
        promised=10, tolerance=1.0, agreement="share of 4 Monte-Carlo errors of the SE",
        floor_s=RESAMPLES * floor_of(integers=100, flops=2.0 * 400 * 66),
        floor="draws and products", peer_rounds=1,
        ours_scale=1 / RESAMPLES, peer_scale=1 / 25,
    )  # fmt: skip


def _fiml(n: int) -> Callable[[], Any]:
    data, columns = stack(make(n, 3, missing=0.15))
    return lambda: fit_sem(model(3), data, columns, robust=True)


def _bootstrap(n: int) -> Callable[[], Any]:
    fit = fit_sem(model(3), *stack(make(n, 3)))
    return lambda: bootstrap_sem(fit, resamples=200)


GROWTH = {"RI-CLPM, FIML, robust": _fiml, "RI-CLPM, bootstrap (200)": _bootstrap}
