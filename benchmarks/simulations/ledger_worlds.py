"""Does the ledger say of each simulated world what is true there?

    python benchmarks/simulations/ledger_worlds.py [SEEDS] [PEOPLE]

Every claim of the default config, in the four worlds, through every step: simulate, read, derive,
fit the headline of the claim's analysis, judge. What is true in a world is known; the page says how
often each verdict was given and whether the truth allows it. Complete cases stand for imputations
here: the headline of one imputed run costs twenty of these.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "simulations" / "ledger_worlds.md"
WORLDS = ("evidence", "seed", "reverse", "null")
SEEDS, PEOPLE = 20, 4500
ORDER = ("supported", "contradicted", "negligible", "inconclusive", "not testable")
SHORT = {"supported": "s", "contradicted": "c", "negligible": "n", "inconclusive": "i"}


def judge(world: str, seed: int, people: int) -> list[dict[str, Any]]:
    """Simulate one cohort and return the ledger's rows, shortened."""
    os.chdir(ROOT)
    from gluteal.analyses import method
    from gluteal.cohort.derive import derive
    from gluteal.cohort.package import read_package
    from gluteal.config.plan import settle
    from gluteal.config.study import read_study
    from gluteal.errors import UserError
    from gluteal.estimates import Fit, tabulate
    from gluteal.ledger import build_ledger
    from gluteal.simulate import simulate

    study = read_study(ROOT / "config" / "config.yaml")
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "package"
        simulate(package, people, seed, world, form="parquet")
        cohort = derive(read_package(package), dict(study.derive))
    tables: dict[str, pd.DataFrame] = {}
    grounds: dict[str, dict[str, Any]] = {}
    spent: dict[str, float] = {}
    for claim in study.claims.values():
        name = claim.analysis
        if name is None or name in tables:
            continue
        settings, advice = settle(study, name)
        module = method(settings["method"])
        spec = module.Spec.model_validate({**settings, "seed": seed})
        grounds[name] = {"sufficient": (advice or {}).get("sufficient")}
        start = time.process_time()
        part = cohort.only(spec.only) if spec.only else cohort
        try:
            row = None if part.lacks(module.needs(spec)) else module.headline(part, spec)
        except UserError as error:
            print(world, seed, name, error, flush=True)
            row = None
        spent[name] = time.process_time() - start
        tables[name] = tabulate(Fit(estimates=[row] if row else []), name, spec, "", "")
    claims = {key: claim.model_dump(mode="json") for key, claim in study.claims.items()}
    table = build_ledger(claims, tables, study.model_dump(mode="json"), grounds=grounds)
    keep = ["claim", "verdict", "estimate", "low", "high", "analysis"]
    rows = table[keep].to_dict("records")
    return [
        {**row, "world": world, "seed": seed, "cpu": spent.get(row["analysis"])} for row in rows
    ]


def _one(job: tuple[str, int, int]) -> list[dict[str, Any]]:
    return judge(*job)


def main() -> None:
    """Run all worlds and seeds on two cores and write the page."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    people = int(sys.argv[2]) if len(sys.argv) > 2 else PEOPLE
    jobs = [(world, seed, people) for seed in range(seeds) for world in WORLDS]
    rows: list[dict[str, Any]] = []
    with ProcessPoolExecutor(2) as pool:
        for done, found in enumerate(pool.map(_one, jobs), start=1):
            rows += found
            print(f"{done} of {len(jobs)}", flush=True)
    table = pd.DataFrame(rows)
    write(table, seeds, people)


def write(table: pd.DataFrame, seeds: int, people: int) -> None:
    """Write the page; fail where a verdict is given that the truth forbids too often."""
    truth = json.loads((Path(__file__).parent / "ledger_worlds.json").read_text())
    lines, faults = [], []
    false = asked = 0
    for claim in dict.fromkeys(table["claim"]):
        for world in WORLDS:
            part = table[(table["claim"] == claim) & (table["world"] == world)]
            counts = Counter(part["verdict"])
            entry = truth[claim][world]
            cells = " | ".join(f"{100 * counts[word] / len(part):.0f}" for word in ORDER)
            mean = "" if part["estimate"].isna().all() else f"{part['estimate'].mean():.3g}"
            allowed = entry["allowed"]
            good = sum(counts[word] for word in allowed) / len(part)
            lines.append(
                f"| {claim} | {world} | {entry['truth']} | {mean} | {cells} | "
                f"{', '.join(allowed)} | {100 * good:.0f} |"
            )
            if good < entry.get("least", 0.9):
                faults.append(f"{claim} in {world}: {dict(counts)}, allowed {allowed}")
            if world == "null" and "supported" not in allowed:
                asked += len(part)
                false += counts["supported"]
    share = 100 * false / asked
    head = (
        "# What the ledger says of worlds whose truth is known\n\n"
        f"Every claim of the default config, {people:,} people, {seeds} seeds a world, through "
        "every step: simulate, derive, fit, judge (complete cases; the headline of each claim). "
        "Shares in % of the seeds. *Truth* is what holds in that world; *allowed* are the verdicts "
        "that do not contradict it: where the truth lies beyond the smallest effect, the ledger "
        "may say supported; where it lies between zero and the smallest effect, no verdict but "
        "inconclusive or negligible is right; zero may be negligible or inconclusive.\n\n"
        f'**False "supported" in the null world: {false} of {asked} ({share:.1f} %; at most 5 '
        "% wanted).**\n\n"
        "| claim | world | truth | mean estimate | "
        + " | ".join(ORDER)
        + " | allowed | allowed, % |\n|---|---|---|---:|"
        + "---:|" * len(ORDER)
        + "---|---:|\n"
    )
    cpu = table.groupby("analysis")["cpu"].mean().sort_values(ascending=False)
    foot = "\n\nCPU seconds of a headline: " + ", ".join(f"{k} {v:.2f}" for k, v in cpu.items())
    again = "\n\nMade by `python benchmarks/simulations/ledger_worlds.py`.\n"
    PAGE.write_text(head + "\n".join(lines) + foot + "." + again)
    print("\n".join(lines))
    if share > 5:
        faults.append(f"false supported in the null world: {share:.1f} %")
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
