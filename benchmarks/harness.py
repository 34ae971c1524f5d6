"""Our engines beside their peers in one run: CPU seconds, ratios, and that the answer is the same.

A module of this folder offers ``rows()``, which yields what ``compare`` returns, and ``GROWTH``, a
dict of ``name: make`` where ``make(n)`` prepares data of n people and returns the work as a
function without arguments. ``run.py`` and ``growth.py`` call them.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

# Before numpy is imported anywhere: one thread, so that CPU time is what a core was busy.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
os.environ.update(ONE_THREAD)

import numpy as np

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    work: str
    peer: str
    size: str
    ours_s: float
    peer_s: float
    ratio: float
    promised: float
    difference: float
    """Largest difference between both answers, by the measure that ``agreement`` names."""
    agreement: str
    floor_s: float
    """What the machine needs for the reads, products and draws that the work can't do without."""
    floor: str


def spend(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of one call, and what it returned; short work is repeated until 0.2 s pass."""
    start = time.process_time()
    result = work()
    once = time.process_time() - start
    if once > 0.1:
        return once, result
    repeats = max(1, int(0.2 / max(once, 1e-6)))
    start = time.process_time()
    for _ in range(repeats):
        work()
    return (time.process_time() - start) / repeats, result


def run_r(script: str, data: Mapping[str, Any], **settings: Any) -> dict[str, Any]:
    """Run ``peers/<script>.R``; return the JSON that it printed.

    Arrays are handed over as one CSV file (all columns of one length), settings as JSON. The script
    reads them by ``commandArgs(TRUE)``: folder, then settings. It times its own work by
    ``proc.time()`` (user.self + sys.self), so that R's start does not count, and prints one JSON
    object with ``cpu_s`` and its answers.
    """
    with tempfile.TemporaryDirectory() as folder:
        columns = {name: np.asarray(values) for name, values in data.items()}
        table = np.column_stack([columns[name].astype(float) for name in columns])
        path = Path(folder) / "data.csv"
        np.savetxt(path, table, delimiter=",", header=",".join(columns), comments="", fmt="%.17g")
        words = ["Rscript", "--vanilla", str(HERE / "peers" / f"{script}.R"), folder]
        done = subprocess.run(
            [*words, json.dumps(settings)], capture_output=True, text=True, env=os.environ
        )
        if done.returncode:
            raise RuntimeError(f"{script}.R: {done.stderr[-2000:]}")
        return json.loads(done.stdout)


def compare(
    work: str,
    peer: str,
    size: str,
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    difference: Callable[[Any, Any], float],
    *,
    promised: float,
    tolerance: float,
    agreement: str,
    floor_s: float = float("nan"),
    floor: str = "",
    rounds: int = 3,
    peer_rounds: int | None = None,
    ours_scale: float = 1.0,
    peer_scale: float = 1.0,
) -> Row:
    """Time both in turns, take the least of each, and assert that they answer alike.

    Parameters
    ----------
    theirs : callable
        Returns the answer of the peer; a dict with ``cpu_s`` has timed itself (R).
    difference : callable
        Of both answers; must stay within ``tolerance``.
    ours_scale, peer_scale : float
        Factors to the same amount of work, where a peer is run on less (fewer resamples); the
        work's name must say so.
    """
    mine, other, apart = [], [], []
    for turn in range(rounds):
        seconds, answer = spend(ours)
        mine.append(seconds * ours_scale)
        if turn < (peer_rounds or rounds):
            seconds, said = spend_peer(theirs)
            other.append(seconds * peer_scale)
            apart.append(float(difference(answer, said)))
    if not max(apart) <= tolerance:
        raise AssertionError(f"{work} v {peer}, {size}: {agreement} {max(apart)} > {tolerance}")
    return Row(
        work,
        peer,
        size,
        min(mine),
        min(other),
        min(other) / min(mine),
        promised,
        max(apart),
        agreement,
        floor_s * ours_scale,
        floor,
    )


def spend_peer(theirs: Callable[[], Any]) -> tuple[float, Any]:
    """As ``spend``, but once, and by the peer's own clock where it has one."""
    start = time.process_time()
    said = theirs()
    seconds = time.process_time() - start
    return (said["cpu_s"], said) if isinstance(said, dict) and "cpu_s" in said else (seconds, said)


@cache
def machine() -> dict[str, float]:
    """Measure what this machine can do on one thread: reads, products, draws."""
    rng = np.random.default_rng(1)
    big = rng.normal(size=20_000_000)
    a, b = rng.normal(size=(800, 800)), rng.normal(size=(800, 800))

    def least(work: Callable[[], Any]) -> float:
        return min(spend(work)[0] for _ in range(3))

    read = least(lambda: big.sum())
    product = least(lambda: a @ b)
    integers = least(lambda: rng.integers(0, 10_000, 2_000_000, dtype=np.int32))
    normals = least(lambda: rng.standard_normal(2_000_000))
    return {
        "read_bytes_per_s": big.nbytes / read,
        "flops_per_s": 2 * 800**3 / product,
        "integers_per_s": 2_000_000 / integers,
        "normals_per_s": 2_000_000 / normals,
    }


def floor_of(
    *, read_bytes: float = 0, flops: float = 0, integers: float = 0, normals: float = 0
) -> float:
    """CPU seconds that this machine needs at least for so much reading, computing and drawing."""
    rates = machine()
    return (
        read_bytes / rates["read_bytes_per_s"]
        + flops / rates["flops_per_s"]
        + integers / rates["integers_per_s"]
        + normals / rates["normals_per_s"]
    )


def as_json(row: Row) -> str:
    """Write a row on one line."""
    return json.dumps(asdict(row))
