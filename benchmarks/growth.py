"""How time and memory of each engine grow with people: measured, fitted, plotted.

    python benchmarks/growth.py [NAME ...]

Each point runs in its own process, so that peak memory is its own. Writes ``results/growth.json``,
the table of ``docs/growth.md`` and ``docs/growth.svg``.
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


def slope(points: list[dict[str, float]], key: str) -> float:
    """Growth exponent over the largest decade measured: 1 is linear."""
    from math import log

    last = points[-1]
    first = next(p for p in points if p["n"] * 10 >= last["n"])
    if first is last or first[key] <= 0 or last[key] <= 0:
        return float("nan")
    return log(last[key] / first[key]) / log(last["n"] / first["n"])


def draw(found: dict[str, list[dict[str, float]]]) -> None:
    """Plot CPU seconds and memory against people, on log scales, with the slope of a line."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams.update({"svg.hashsalt": "gluteal", "font.size": 8})
    figure, axes = plt.subplots(1, 2, figsize=(10, 5.2), layout="constrained")
    shades = plt.get_cmap("tab20")
    for k, (name, points) in enumerate(found.items()):
        n = [p["n"] for p in points]
        for axis, key in zip(axes, ("cpu_s", "added_mb"), strict=True):
            axis.loglog(
                n,
                [max(p[key], 1e-3) for p in points],
                "o-",
                ms=3,
                lw=1,
                color=shades(k % 20),
                label=name,
            )
    for axis, title in zip(axes, ("CPU seconds", "memory added, MB"), strict=True):
        axis.set(xlabel="people", ylabel=title)
        low, high = axis.get_ylim()
        axis.plot([1e3, 1e6], [low * 2, low * 2000], "k:", lw=1)
        axis.annotate("linear", (1e6, low * 2000), ha="right", va="bottom", fontsize=7)
        axis.set_ylim(low, high)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside right center", fontsize=7)
    figure.savefig(DOCS / "growth.svg", metadata={"Date": None})


def table(found: dict[str, list[dict[str, float]]]) -> str:
    """Write the largest size of each engine and its exponents."""
    lines = [
        "| engine | people | CPU s | memory added, MB | exponent of time | of memory |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, points in found.items():
        last = points[-1]
        lines.append(
            f"| {name} | {last['n']:,} | {last['cpu_s']:.3g} | {last['added_mb']:.0f} | "
            f"{slope(points, 'cpu_s'):.2f} | {slope(points, 'added_mb'):.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure every engine of the named modules at every size."""
    from run import NAMES

    if len(sys.argv) == 5 and sys.argv[1] == "--point":
        point(sys.argv[2], sys.argv[3], int(sys.argv[4]))
        return
    kept = HERE / "results" / "growth.json"
    found = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    others = tuple(p.stem for p in sorted(HERE.glob("growth_*.py")))
    for module in sys.argv[1:] or (*NAMES, *others):
        for name in getattr(__import__(module), "GROWTH", {}):
            points: list[dict[str, float]] = []
            for n in SIZES:
                words = [sys.executable, str(HERE / "growth.py"), "--point", module, name, str(n)]
                done = subprocess.run(
                    words,
                    cwd=HERE,
                    env={**os.environ, **ONE_THREAD},
                    capture_output=True,
                    text=True,
                )
                if done.returncode:
                    sys.exit(f"{name} at {n}: {done.stderr[-2000:]}")
                points.append(json.loads(done.stdout.splitlines()[-1]))
                print(name, points[-1], flush=True)
                if points[-1]["cpu_s"] * 4 > MOST_S:
                    break
            found[name] = points
            kept.parent.mkdir(exist_ok=True)
            kept.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    page = DOCS / "growth.md"
    text = page.read_text(encoding="utf-8")
    new = f"{BEGIN}\n{table(found)}\n{END}"
    page.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: new, text, flags=re.S), encoding="utf-8")
    draw(found)


if __name__ == "__main__":
    main()
