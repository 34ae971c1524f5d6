"""What the pipeline costs beyond its work: CPU seconds, all children counted.

    python benchmarks/startup.py [CONFIG]

Four things in one run: a cold whole run of the pipeline; the same commands in one process (imports
counted once); a run that has nothing to do; Snakemake's own start. And ``gluteal check``.
"""

from __future__ import annotations

import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def cpu(words: list[str], folder: Path, rounds: int = 1) -> float:
    """CPU seconds of a command with all its children, the least of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(words, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(words)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = min(best, spent)
    return best


def commands(folder: Path, config: str) -> list[list[str]]:
    """The shell lines of the whole run, as Snakemake would call them."""
    words = [str(BIN / "snakemake"), "--forceall", "--dry-run", "--printshellcmds"]
    done = subprocess.run(
        [*words, "--configfile", config],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    text = done.stdout + done.stderr
    # A plan is text of many lines inside quotes, so a command ends where its log begins.
    return [shlex.split(one) for one in re.findall(r"gluteal (.*?) 2?> logs/", text, re.S)]


def main() -> None:
    """Measure and print one table."""
    config = sys.argv[1] if len(sys.argv) > 1 else "config/config.yaml"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in ("workflow", "config", "notebooks"):
            shutil.copytree(ROOT / name, folder / name)
        shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("processed"))
        shutil.copy(ROOT / "requirements.lock", folder)
        snakemake = [str(BIN / "snakemake"), "--cores", "2", "--configfile", config]
        start = cpu([str(BIN / "snakemake"), "--version"], folder, 3)
        cold = cpu(snakemake, folder)
        nothing = cpu(snakemake, folder, 3)
        (folder / "words.py").write_text(f"WORDS = {commands(folder, config)!r}\n")
        one = (
            "import sys; from words import WORDS; from gluteal.cli.commands import run;"
            "sys.exit(max(run(words) for words in WORDS))"
        )
        floor = cpu([sys.executable, "-c", one], folder)
        jobs = len(commands(folder, config))
        cohort = folder / "data" / "example"
        check = cpu([str(BIN / "gluteal"), "check", str(cohort)], folder, 3)
    print(f"| {'what':<52} | CPU s |\n|{'-' * 54}|------:|")
    rows = {
        "snakemake --version (least of 3)": start,
        f"cold whole run, {jobs} jobs": cold,
        "the same commands in one process": floor,
        "a run that has nothing to do (least of 3)": nothing,
        "gluteal check on the example (least of 3)": check,
    }
    for name, value in rows.items():
        print(f"| {name:<52} | {value:5.2f} |")
    print(f"\n(cold - start) / one process = {(cold - start) / floor:.2f} (at most 1.5)")
    print(f"nothing to do / --version = {nothing / start:.2f} (at most 2)")


if __name__ == "__main__":
    main()
