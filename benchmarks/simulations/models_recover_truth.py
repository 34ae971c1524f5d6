"""Do the analyses find what is true in the simulated cohort?

    python benchmarks/simulations/models_recover_truth.py [MODEL ...]

Every model of the programme, through every step: simulate, read, derive, fit the headline. At a
large n its bias against a stated tolerance; at n = 400 how often the 95 % interval covers. A
headline that takes over 50 ms has 400 seeds, any other 1,000. With names (``M3``) only the models
that begin so are run anew; the others keep their rows.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from math import log
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "models_recover_truth.json"
PAGE = ROOT / "docs" / "simulations" / "models_recover_truth.md"
SEEDS, SLOW_SEEDS, PEOPLE = 1000, 400, 400
SLOW_S = 0.05
STRENGTH_ERROR = 0.0619
"""Nm/kg: SD of a visit's mean of two sides and three trials around true torque. Log errors of 0.045
a session and 0.05 a trial (simulate/worlds.py), times the root mean square torque of cases, 1.252.
"""
NPRS_ERROR = 0.2887  # points: rounding to whole numbers, the root of 1/12
CASES, FREE = {"lbp": ("1",)}, {"lbp": ("0",)}
CONFOUNDERS = (
    "age_years", "sex", "bmi_kg_m2", "log_met", "occ_lifting", "phq9", "prior_lbp", "hip_oa",
)  # fmt: skip


@dataclass(frozen=True)
class Model:
    """One model: its settings, the design it is shown on, what is true, and the tolerance.

    ``truth`` takes the world's truths by name. ``large`` is the size at which its bias is measured;
    ``tolerance`` the share of the truth that it may be off, or the amount where ``absolute``.
    ``pick`` names another row than the headline, by columns and their values.
    """

    name: str
    method: str
    settings: Mapping[str, Any]
    truth: Callable[[Mapping[str, float]], float]
    says: str
    tolerance: float
    design: str = "full"
    world: str = "evidence"
    large: int = 60_000
    absolute: bool = False
    pick: tuple[str, ...] = ()
    ratio: bool = False


def _m(name: str, scale: float = 1.0) -> Callable[[Mapping[str, float]], float]:
    return lambda truths: scale * truths[name]


MODELS = (
    Model(
        "M1 group difference", "group_difference",
        {"outcome": "hip_abd_nm_kg", "exposure": "lbp", "adjust": CONFOUNDERS},
        _m("m1_adjusted_abd_observed_nm_kg"), "-0.118 Nm/kg, given what is measured", 0.01,
        design="case_control", absolute=True,
    ),
    Model(
        "M2 incident pain", "incident_lbp",
        {"outcome": "incident_lbp", "exposure": "hip_abd_nm_kg", "adjust": CONFOUNDERS,
         "only": FREE, "per": 0.25},
        lambda t: t["m2_ln_hr_observed_fitted"], "ln HR per 0.25 Nm/kg as measured", 0.03,
        design="cohort", absolute=True, ratio=True,
    ),
    Model(
        "M3 strength, then pain", "cross_lagged",
        {"outcome": "nprs_avg", "exposure": "hip_abd_nm_kg", "adjust": (), "only": CASES,
         "errors": {"exposure": STRENGTH_ERROR, "outcome": NPRS_ERROR}},
        _m("m3_strength_to_pain_4wk", 0.1), "NPRS per 0.1 Nm/kg in 4 weeks, error known", 0.10,
        design="repeated",
    ),
    Model(
        "M3 pain, then strength", "cross_lagged",
        {"outcome": "hip_abd_nm_kg", "exposure": "nprs_avg", "adjust": (), "only": CASES,
         "errors": {"exposure": NPRS_ERROR, "outcome": STRENGTH_ERROR}},
        _m("m3_pain_to_strength_4wk"), "Nm/kg per NPRS in 4 weeks, error known", 0.10,
        design="repeated",
    ),
    Model(
        "M3 strength, then pain, own error", "cross_lagged",
        {"outcome": "nprs_avg", "exposure": "hip_abd_nm_kg", "adjust": (), "only": CASES},
        _m("m3_strength_to_pain_4wk", 0.1),
        "the same, error from two assessors, who differ: the correction is too large", 0.40,
        design="repeated",
    ),
    Model(
        "M3 with arms, strength, then pain", "cross_lagged",
        {"outcome": "nprs_avg", "exposure": "hip_abd_nm_kg", "adjust": (), "only": CASES,
         "errors": {"exposure": STRENGTH_ERROR, "outcome": NPRS_ERROR}},
        _m("m3_strength_to_pain_4wk", 0.1), "the same where half train, error known", 0.10,
        design="programme",
    ),
    Model(
        "M4 programme", "rehab_response",
        {"outcome": "nprs_avg", "adjust": (), "only": CASES},
        _m("m4_arm_week12_nprs"), "-0.544 NPRS between arms at week 12", 0.05,
        design="programme",
    ),
    Model(
        "M5 tilt to lordosis", "dose_response",
        {"outcome": "lumbar_lordosis_surface_deg", "exposure": "pelvic_tilt_asis_psis_deg",
         "adjust": ("sex",), "per": 1.0},
        lambda t: t["tilt_to_lordosis"] * t["tilt_reliability"],
        "0.75 deg per deg, attenuated by the error of the angle", 0.03,
        design="case_control",
    ),
    Model(
        "M5 strength to tilt", "dose_response",
        {"outcome": "pelvic_tilt_asis_psis_deg", "exposure": "hip_abd_nm_kg",
         "adjust": ("sex",), "per": 0.25},
        _m("m5_tilt_per_measured_sd"), "deg per 0.25 Nm/kg as measured, given sex", 0.08,
        design="case_control", absolute=True,
    ),
    Model(
        "M2 incident pain, error corrected", "incident_lbp",
        {"outcome": "incident_lbp", "exposure": "hip_abd_nm_kg", "adjust": CONFOUNDERS,
         "only": FREE, "per": 0.25},
        _m("m2_ln_hr_latent"), "ln HR per SD of the trait", 0.10,
        design="cohort", ratio=True, world="seed", pick=("threat", "exposure error"),
    ),
    Model(
        "M5 whole chain", "mechanism_mediation",
        {"outcome": "nprs_avg", "exposure": "hip_abd_nm_kg", "adjust": ("sex",), "per": 0.25,
         "mediators": ("pelvic_tilt_asis_psis_deg", "lumbar_lordosis_surface_deg"),
         "form": "serial", "through": "chain", "only": CASES},
        _m("m5_chain_per_measured_sd"), "NPRS per 0.25 Nm/kg as measured", 0.10,
        design="case_control", world="seed",
    ),
    Model(
        "M6 error of a trial", "test_reliability", {},
        _m("m6_trial_sd_nm_kg"), "SD of a trial within a session, Nm/kg", 0.10,
        design="case_control", large=20_000,
        pick=("contrast", "SEM, agreement", "model", "between trials, right side"),
    ),
    Model(
        "M8 responders", "rehab_response",
        {"outcome": "nprs_avg", "adjust": (), "only": CASES},
        _m("m8_risk_difference"), "difference of shares at week 12", 0.02,
        design="programme", absolute=True,
        pick=("estimand", "difference in the share of responders at week12"),
    ),
    Model(
        "M7 sign of Trendelenburg", "self_test_accuracy",
        {"test": "trendelenburg_pos", "reference": "hip_abd_nm_kg", "resamples": 100},
        lambda t: t["m7_sensitivity"] + t["m7_specificity"] - 1,
        "Youden's J of the weakest third of legs", 0.01,
        design="case_control", absolute=True, large=20_000,
    ),
)  # fmt: skip


def known(world: str) -> dict[str, float]:
    """Return all truths of a world by name, with those that follow from them."""
    from gluteal.simulate.truth import exact, truths
    from gluteal.simulate.worlds import find_world

    found = exact(find_world(world)) | {k: v for k, (v, _) in truths(world).items()}
    found["tilt_to_lordosis"] = 0.75
    # The mean of two sides of an angle with an error of 0.7 deg each; its variance given sex.
    slope = find_world(world).strength_to_tilt
    signal = 4.2**2 + slope**2 * 0.95**2
    found["tilt_reliability"] = signal / (signal + 0.7**2 / 2)
    return found


def exact_truths(world: str) -> dict[str, float]:
    """Return all truths of a world, those that take a large sample included."""
    return known(world) | surveyed(world)


@cache
def surveyed(world: str, people: int = 200_000) -> dict[str, float]:
    """Take truths that have no closed form from a large sample's arrays, not from the pipeline."""
    from gluteal.simulate.estimands import least_squares
    from gluteal.simulate.survey import survey

    rng = np.random.default_rng(7)
    slopes, chains = [], []
    for s in survey(world, people, 20261124):
        slopes.append(0.25 * least_squares(s["tilt"], [s["abd"], s["female"]])[1])
        case, n = s["lbp"], int(s["lbp"].sum())
        strength, sex = s["abd"][case], s["female"][case]
        tilt = s["tilt"][case] + rng.normal(0, 0.7 / np.sqrt(2), n)
        lordosis = s["lordosis"][case] + rng.normal(0, 1.5, n)
        path = [
            least_squares(tilt, [strength, sex])[1],
            least_squares(lordosis, [tilt, strength, sex])[1],
            least_squares(s["nprs"][case, 0], [lordosis, tilt, strength, sex])[1],
        ]
        chains.append(0.25 * float(np.prod(path)))
    return {
        "m5_tilt_per_measured_sd": float(np.mean(slopes)),
        "m5_chain_per_measured_sd": float(np.mean(chains)),
    }


def fit_all(
    numbers: tuple[int, ...], seed: int, people: int
) -> dict[int, tuple[float, float, float, float, bool] | str]:
    """Simulate and derive once, and fit some models of one design and world.

    Returns estimate, low, high, CPU seconds and whether it converged, or why there is none.
    """
    from gluteal.cohort.derive import derive
    from gluteal.cohort.package import read_package
    from gluteal.errors import UserError
    from gluteal.simulate import simulate

    first = MODELS[numbers[0]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "package"
        simulate(path, people, seed, first.world, form="parquet", design=first.design)
        cohort = derive(read_package(path), {})
    found: dict[int, tuple[float, float, float, float, bool] | str] = {}
    for number in numbers:
        try:
            found[number] = fit_one(MODELS[number], cohort, seed)
        except UserError as error:
            found[number] = str(error)
    return found


def fit_one(model: Model, cohort: Any, seed: int) -> tuple[float, float, float, float, bool]:
    """Fit one model to a cohort."""
    from gluteal.analyses import method

    module = method(model.method)
    spec = module.Spec.model_validate({**model.settings, "seed": seed})
    part = cohort.only(spec.only) if spec.only else cohort
    start = time.process_time()
    if model.pick:
        wanted = dict(zip(model.pick[::2], model.pick[1::2], strict=True))
        rows = module.fit(part, spec).estimates
        row = next(r for r in rows if all(r.get(k) == v for k, v in wanted.items()))
    else:
        row = module.headline(part, spec)
    spent = time.process_time() - start
    values = [float(row[key]) for key in ("estimate", "low", "high")]
    if model.ratio:
        values = [log(value) if value > 0 else -np.inf for value in values]
    return (*values, spent, bool(row.get("converged", True)))


def _job(job: tuple[tuple[int, ...], int, int]) -> dict[int, Any]:
    return fit_all(*job)


def check(numbers: tuple[int, ...], pool: Any, seeds: int, *, large: bool) -> list[list[str]]:
    """Return the rows of some models that share a design and a world."""
    timed = [fit_all(numbers, seed, PEOPLE) for seed in (1, 2)]
    slow = {
        number: min(one[number][3] for one in timed if not isinstance(one[number], str)) > SLOW_S
        for number in numbers
    }
    jobs = []
    for seed in range(seeds):
        due = tuple(n for n in numbers if seed < SLOW_SEEDS or not slow[n])
        jobs += [(due, seed, PEOPLE)] if due else []
    found = list(pool.map(_job, jobs, chunksize=10))
    wide = {MODELS[number].large for number in numbers} if large else set()
    many = {
        size: fit_all(tuple(n for n in numbers if MODELS[n].large == size), 7, size)
        for size in wide
    }
    return [
        _lay_out(
            MODELS[number],
            [one[number] for one in found if number in one],
            many.get(MODELS[number].large, {}).get(number),
            slow=slow[number],
        )
        for number in numbers
    ]


def _lay_out(model: Model, found: list[Any], big: Any, *, slow: bool) -> list[str]:
    truth = model.truth(exact_truths(model.world))
    kept = [one for one in found if not isinstance(one, str) and one[4]]
    table = np.array([one[:4] for one in kept])
    covered = 100 * float(np.mean((table[:, 1] <= truth) & (truth <= table[:, 2])))
    cells, over = [model.name, model.world, model.says, f"{truth:.4g}"], False
    if big is None:
        cells += ["", ""]
    elif isinstance(big, str):
        cells, over = [*cells, "failed", big], True
    else:
        off, half = big[0] - truth, (big[2] - big[1]) / 3.92
        limit = model.tolerance * (1 if model.absolute else abs(truth))
        cells += [f"{big[0]:.4g} ({half:.2g})", f"{off:.3g} of {limit:.2g}"]
        over = abs(off) > limit + 2 * half  # the sample's own error is no bias
    few, most = (92.0, 98.0) if slow else (93.0, 97.0)
    mean, error = table[:, 0].mean(), table[:, 0].std(ddof=1) / np.sqrt(len(kept))
    cells += [
        f"{mean:.4g} ({error:.2g})",
        f"{covered:.1f} %",
        f"{few:g} to {most:g}",
        f"{len(kept)} of {len(found)}",
        f"{1000 * np.median(table[:, 3]):.0f}",
        "yes" if few <= covered <= most and not over else "**no**",
    ]
    return cells


def groups() -> list[tuple[int, ...]]:
    """Return the models that share a design and a world, together."""
    found: dict[tuple[str, str], list[int]] = {}
    for number, model in enumerate(MODELS):
        found.setdefault((model.design, model.world), []).append(number)
    return [tuple(numbers) for numbers in found.values()]


def main() -> None:
    """Check the models on two cores, keep their rows, and write the page."""
    asked = tuple(sys.argv[1:]) or ("M",)
    kept: dict[str, list[str]] = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    with ProcessPoolExecutor(2) as pool:
        for group in groups():
            numbers = tuple(n for n in group if MODELS[n].name.startswith(asked))
            if not numbers:
                continue
            for row in check(numbers, pool, SEEDS, large=True):
                kept[row[0]] = row
                print(" | ".join(row), flush=True)
    names = [model.name for model in MODELS]
    kept = {name: kept[name] for name in names if name in kept}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")
    write(list(kept.values()))


def write(rows: list[list[str]]) -> None:
    """Write the page."""
    head = ["model", "world", "what is true", "truth", "at large n (SE)", "off, allowed",
            "mean at n = 400 (MC error)", "coverage", "wanted", "fits", "ms", "held"]  # fmt: skip
    lines = [f"| {' | '.join(head)} |", "|---|---|---|" + "---:|" * 8 + "---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    PAGE.write_text(
        "# Do the analyses find what is true?\n\n"
        "Every model through every step (simulate, read, derive, fit the headline) on the "
        "simulated cohort, whose truth is known ([what is true](../simulated-cohort.md)). *At "
        "large n*: one cohort of 60,000 people (of 20,000 where legs are resampled); its own "
        "sampling error, in brackets, is allowed for. *Coverage*: how often the 95 % interval of "
        "n = 400 holds the truth; 1,000 seeds, or 400 where one fit takes over 50 ms of a core. "
        "Monte Carlo error of a coverage of 95 %: 0.7 points with 1,000 seeds, 1.1 with 400. A "
        "fit that did not converge has no interval and is counted under *fits*.\n\n"
        + "\n".join(lines)
        + "\n\nMade by `python benchmarks/simulations/models_recover_truth.py`; the same models "
        "are run by `pytest -m nightly tests/analyses/test_truth_recovery.py`.\n"
    )


if __name__ == "__main__":
    main()
