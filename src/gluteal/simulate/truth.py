"""What is true in a world: its arrows, and what a perfect study would find.

Numeric truths are constants, measured once on a large sample (`measure_truths`) and kept in
``truths.csv``, so that a simulation is quick; a test measures them again.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from gluteal.cohort.files import write_text
from gluteal.simulate import worlds
from gluteal.simulate.course import stationary, transition
from gluteal.simulate.meanings import describe
from gluteal.simulate.mistakes import RATES
from gluteal.simulate.streams import Settings
from gluteal.simulate.worlds import WORLDS, World

TRUTHS = "truths.csv"
PEOPLE, SEED = 1_000_000, 20261122
"""Size and seed of the sample that the constants come from."""
SHARED = (
    "STRENGTH_SD_NM_KG",
    "STATE_SD_NM_KG",
    "STATE_SD_NPRS",
    "SIDE_SD_NM_KG",
    "SIDE_RIGHT_NM_KG",
    "SESSION_LOG_SD",
    "TRIAL_LOG_SD",
    "PROGRAMME_GAIN_NM_KG",
    "ADHERENCE_OF_GAIN",
    "TILT_TO_LORDOSIS",
    "STANCE_CAP_S",
)


def measure_truths(world: str, n: int, seed: int) -> dict[str, tuple[float, float]]:
    """Measure the numeric truths of a world: value and Monte-Carlo standard error by name."""
    from gluteal.simulate.estimands import summarise
    from gluteal.simulate.survey import survey

    batches = [summarise(sample) for sample in survey(world, n, seed)]
    found: dict[str, tuple[float, float]] = {}
    for name in batches[0]:
        values = np.array([batch[name] for batch in batches])
        error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
        found[name] = float(values.mean()), float(error)
    return found


def write_truths(path: Path, n: int = PEOPLE, seed: int = SEED) -> None:
    """Write the constants of all worlds anew; it takes some minutes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["world", "name", "value", "se"])
    for world in WORLDS:
        found = measure_truths(world, n, seed)
        writer.writerows((world, k, f"{v:.6g}", f"{se:.2g}") for k, (v, se) in found.items())
    write_text(path, out.getvalue())


@cache
def truths(world: str) -> dict[str, tuple[float, float]]:
    """Read the numeric truths of a world: value and Monte-Carlo standard error by name."""
    text = files("gluteal.simulate").joinpath(TRUTHS).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {r["name"]: (float(r["value"]), float(r["se"])) for r in rows if r["world"] == world}


def exact(world: World) -> dict[str, float]:
    """Return the truths that follow from the parameters, with the mean adherence."""
    adherence = truths(world.name)["mean_adherence"][0] / worlds.ADHERENCE_OF_GAIN
    through = world.gain_to_pain * worlds.PROGRAMME_GAIN_NM_KG * adherence
    direct = world.programme_direct * adherence
    tilt = world.strength_to_tilt
    found = {
        "m2_ln_hr_latent": world.ln_hr_incident,
        "m3_strength_to_strength_4wk": worlds.STRENGTH_TO_STRENGTH,
        "m3_pain_to_pain_4wk": worlds.PAIN_TO_PAIN,
        "m3_strength_to_pain_4wk": world.strength_to_pain,
        "m3_pain_to_strength_4wk": world.pain_to_strength,
        "m4_arm_week12_latent": through + direct,
        "m4_through_strength_week12": through,
        "m4_direct_week12": direct,
        "m4_strength_gain_week12_nm_kg": worlds.PROGRAMME_GAIN_NM_KG * adherence,
        "m5_strength_tilt_lordosis_deg_per_sd": tilt * worlds.TILT_TO_LORDOSIS,
        "m5_strength_tilt_lordosis_pain_per_sd": tilt
        * worlds.TILT_TO_LORDOSIS
        * world.lordosis_to_pain,
        "m6_side_sd_nm_kg": worlds.SIDE_SD_NM_KG,
    }
    return {name: value + 0.0 for name, value in found.items()}  # no "-0.0"


def tell_truth(settings: Settings) -> dict[str, Any]:
    """Return the content of ``truth.json``."""
    world = settings.world
    four = transition(world, 4)
    omega = stationary(world)
    roots, vectors = np.linalg.eig(four)
    drift = np.real(vectors @ np.diag(np.log(roots)) @ np.linalg.inv(vectors)) / 4
    numeric = truths(world.name)
    every = {name: (value, 0.0) for name, value in exact(world).items()} | numeric
    return {
        "synthetic": True,
        "world": world.name,
        "meaning": world.meaning,
        "settings": {
            "n": settings.n,
            "seed": settings.seed,
            "design": settings.design,
            "dirt": settings.dirt,
            "mnar": settings.mnar,
        },
        "parameters": {
            **{k: v for k, v in asdict(world).items() if k not in ("name", "meaning")},
            "gain_to_pain_nprs_per_nm_kg": world.gain_to_pain,
            "programme_direct_nprs": world.programme_direct,
            **{name.lower(): getattr(worlds, name) for name in SHARED},
        },
        "within_person": {
            "order": ["strength (Nm/kg)", "pain (NPRS)"],
            "transition_4_weeks": _matrix(four),
            "transition_14_weeks": _matrix(transition(world, 14)),
            "drift_per_week": _matrix(drift),
            "stationary_covariance": _matrix(omega),
            "innovation_covariance_4_weeks": _matrix(omega - four @ omega @ four.T),
        },
        "estimands_hold_for": "the full design (60 % cases), everybody seen at every visit",
        "estimands": {
            name: {"value": value, "se_monte_carlo": error, **describe(name)}
            for name, (value, error) in sorted(every.items())
        },
        "dirt_rates": RATES if settings.dirt else {},
    }


def write_truth(path: Path, settings: Settings) -> None:
    """Write ``truth.json``."""
    text = json.dumps(tell_truth(settings), indent=2, ensure_ascii=False)
    write_text(path, text + "\n")


def _matrix(values: Any) -> list[list[float]]:
    rows: Iterable[Any] = values
    return [[float(f"{x:.10g}") + 0.0 for x in row] for row in rows]
