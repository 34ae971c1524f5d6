"""How time and memory of each engine grow with people: measured, fitted, plotted.

    python benchmarks/growth.py [NAME ...]

Each point runs in its own process, so that peak memory is its own. Writes ``results/growth.json``,
the table
of ``docs/growth.md``, ``docs/growth-time.svg`` and ``docs/growth-memory.svg``.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

from harness import ONE_THREAD

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
MOST_S = 120.0
COLUMNS = 4
TITLES = {
    "bootstrap": "bootstrap and mediation",
    "lmm": "mixed models",
    "gee": "estimating equations",
    "growth_glm": "generalised linear models",
    "sem": "structural models",
    "impute": "imputation",
    "auc": "areas under curves",
    "growth_clinical": "accuracy, reliability, survival",
    "growth_causal": "causal effects",
    "growth_sensitivity": "sensitivity",
    "growth_power": "power",
    "growth_trajectories": "trajectories",
}
Found = dict[str, dict[str, list[dict[str, float]]]]
"""Points of each engine of each module."""
BEGIN, END = "<!-- table -->", "<!-- end -->"


def point(module: str, name: str, n: int) -> None:
    """Measure one engine at one size and print it."""
    work = __import__(module).GROWTH[name](n)
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.process_time()
    work()
    spent = time.process_time() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    peak, held = after.ru_maxrss / 1024, before.ru_maxrss / 1024
    print(json.dumps({"n": n, "cpu_s": spent, "peak_mb": peak, "added_mb": peak - held}))


def exponent(points: list[dict[str, float]], key: str) -> str:
    """Write the growth exponent over the largest decade measured: 1 is linear."""
    from math import log

    last = points[-1]
    first = next(p for p in points if p["n"] * 10 >= last["n"])
    if first is last or first[key] <= 0 or last[key] <= 0:
        return "none"
    return f"{log(last[key] / first[key]) / log(last['n'] / first['n']):.2f}"


def draw(found: Found) -> None:
    """Plot CPU seconds and memory against people, a panel for each engine, beside linear growth."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams.update({"svg.hashsalt": "gluteal", "font.size": 7, "axes.spines.top": False})
    mpl.rcParams.update({"axes.spines.right": False, "axes.titlesize": 8})
    labels = {"cpu_s": "CPU seconds", "added_mb": "memory added, MB"}
    for key, name, floor in (("cpu_s", "growth-time", 1e-3), ("added_mb", "growth-memory", 0.1)):
        rows = -(-len(found) // COLUMNS)
        figure, axes = plt.subplots(
            rows, COLUMNS, figsize=(11, 3.9 * rows), sharey=True, layout="constrained"
        )
        for axis in axes.flat[len(found) :]:
            axis.set_axis_off()
        for axis, (module, engines) in zip(axes.flat, found.items(), strict=False):
            axis.set_title(TITLES.get(module, module), loc="left")
            for k, (label, points) in enumerate(engines.items()):
                n, found_at = [p["n"] for p in points], [max(p[key], floor) for p in points]
                axis.loglog(n, found_at, "o-" if k < 10 else "s--", ms=2, lw=1, label=label)
            for start in (floor * 10.0**k for k in range(-3, 6)):
                axis.plot([1e3, 1e6], [start, start * 1e3], color="0.8", ls=":", lw=0.8, zorder=0)
            axis.set_ylim(floor, floor * 1e5)
            axis.tick_params(labelleft=True)
            axis.legend(fontsize=6, frameon=False, loc="upper left", bbox_to_anchor=(-0.1, -0.08))
        for axis in axes[:, 0]:
            axis.set_ylabel(labels[key])
        figure.supxlabel("people (dotted: linear growth)", fontsize=8)
        figure.savefig(DOCS / f"{name}.svg", metadata={"Date": None})
        plt.close(figure)


def table(found: Found) -> str:
    """Write the largest size of each engine and its exponents."""
    lines = [
        "| engine | people | CPU s | memory added, MB | exponent of time | of memory |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, points in (one for engines in found.values() for one in engines.items()):
        last = points[-1]
        lines.append(
            f"| {name} | {last['n']:,} | {last['cpu_s']:.3g} | {last['added_mb']:.0f} | "
            f"{exponent(points, 'cpu_s')} | {exponent(points, 'added_mb')} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure every engine of the named modules at every size."""
    from run import NAMES

    if len(sys.argv) == 5 and sys.argv[1] == "--point":
        point(sys.argv[2], sys.argv[3], int(sys.argv[4]))
        return
    kept = HERE / "results" / "growth.json"
    found: Found = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    others = tuple(p.stem for p in sorted(HERE.glob("growth_*.py")))
    for module in sys.argv[1:] or (*NAMES, *others):
        engines = getattr(__import__(module), "GROWTH", {})
        if engines:
            found[module] = {name: measure(module, name) for name in engines}
            kept.parent.mkdir(exist_ok=True)
            kept.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    page = DOCS / "growth.md"
    text = page.read_text(encoding="utf-8")
    new = f"{BEGIN}\n{table(found)}\n{END}"
    page.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: new, text, flags=re.S), encoding="utf-8")
    draw(found)


def measure(module: str, name: str) -> list[dict[str, float]]:
    """Run one engine at every size that takes no more than minutes."""
    points: list[dict[str, float]] = []
    for n in SIZES:
        words = [sys.executable, str(HERE / "growth.py"), "--point", module, name, str(n)]
        done = subprocess.run(
            words, cwd=HERE, env={**os.environ, **ONE_THREAD}, capture_output=True, text=True
        )
        if done.returncode:
            sys.exit(f"{name} at {n}: {done.stderr[-2000:]}")
        points.append(json.loads(done.stdout.splitlines()[-1]))
        print(name, points[-1], flush=True)
        if points[-1]["cpu_s"] * 4 > MOST_S:
            break
    return points


if __name__ == "__main__":
    main()
