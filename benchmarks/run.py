"""Run the benchmarks and write their table into README.md.

    python benchmarks/run.py [NAME ...]

Each module of this folder that has ``rows()`` runs in its own process; without names, all of them
run. Results are kept in ``results/NAME.json``, so that some can be run again alone. Needs R with
the packages that README.md names, and the packages of the dependency group ``benchmarks``.
"""

from __future__ import annotations

import json
import math
import platform
import re
import subprocess
import sys
from pathlib import Path

from harness import ONE_THREAD, as_json, machine

HERE = Path(__file__).parent
NAMES = ("bootstrap", "lmm", "gee", "glm", "sem", "impute", "multiverse", "auc")
BEGIN, END = "<!-- table -->", "<!-- end -->"


def child(name: str) -> None:
    """Run one module and print its rows; what ``run`` starts."""
    module = __import__(name)
    rows = []
    for row in module.rows():
        print(as_json(row), flush=True)
        rows.append(json.loads(as_json(row)))
    (HERE / "results").mkdir(exist_ok=True)
    text = json.dumps({"machine": machine(), "rows": rows}, indent=1)
    (HERE / "results" / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def number(value: float) -> str:
    """Write three digits, whatever the size."""
    if math.isnan(value):
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table() -> str:
    """Write all results as one table."""
    head = (
        "| work | peer | size | ours, CPU s | peer, CPU s | ratio | at least | same answer | "
        "machine's limit |"
    )
    lines = [head, "|---|---|---|---:|---:|---:|---:|---|---|"]
    for path in [HERE / "results" / f"{name}.json" for name in NAMES]:
        if not path.is_file():
            continue
        for row in json.loads(path.read_text(encoding="utf-8"))["rows"]:
            floor = row["floor_s"]
            share = (
                "" if math.isnan(floor) else f"{100 * floor / row['ours_s']:.2g} % ({row['floor']})"
            )
            missed = "" if row["ratio"] >= row["promised"] else " **missed**"
            cells = (
                row["work"],
                row["peer"],
                row["size"],
                number(row["ours_s"]),
                number(row["peer_s"]),
                number(row["ratio"]) + missed,
                number(row["promised"]),
                f"{row['agreement']} {row['difference']:.1e}",
                share,
            )
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def where() -> str:
    """Say on what it ran."""
    import numpy
    import scipy

    rates = machine()
    return (
        f"Python {platform.python_version()}, numpy {numpy.__version__}, scipy "
        f"{scipy.__version__}, {platform.machine()}, one thread; this machine reads "
        f"{rates['read_bytes_per_s'] / 1e9:.1f} GB/s, multiplies {rates['flops_per_s'] / 1e9:.0f} "
        f"Gflop/s, draws {rates['integers_per_s'] / 1e6:.0f} million integers or "
        f"{rates['normals_per_s'] / 1e6:.0f} million normal values a second."
    )


def main() -> None:
    """Run what was named and rewrite the table."""
    if len(sys.argv) == 3 and sys.argv[1] == "--child":
        child(sys.argv[2])
        return
    failed = []
    for name in sys.argv[1:] or NAMES:
        words = [sys.executable, str(HERE / "run.py"), "--child", name]
        import os

        if subprocess.run(words, cwd=HERE, env={**os.environ, **ONE_THREAD}).returncode:
            failed.append(name)
    path = HERE / "README.md"
    text = path.read_text(encoding="utf-8")
    new = f"{BEGIN}\n{where()}\n\n{table()}\n{END}"
    pattern = re.compile(f"{BEGIN}.*?{END}", re.S)
    path.write_text(pattern.sub(lambda _: new, text), encoding="utf-8")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
