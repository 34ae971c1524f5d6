"""What of an asymmetry is noise, who tells a side, and what the figure and the table show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.estimates import diagnostic
from gluteal.estimators.suppression import suppress_counts
from gluteal.frames.asymmetry_panels import smooth_pairs, summarise_levels
from gluteal.frames.asymmetry_rows import AsymmetrySpec, SideRows, SizeRows
from gluteal.frames.design import numeric_column
from gluteal.frames.legs import find_one_sided, pair_legs
from gluteal.frames.sides import count_sides, read_side
from gluteal.frames.uneven import noise_alone, noise_beyond, share_beyond
from gluteal.notation import HIDDEN, write_count, write_interval, write_number
from gluteal.variables import variable

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.cohort.derived import Cohort
    from gluteal.frames.legs import AsymmetryError

SMALLEST = 5
FEW_PAIRS = 50
SIDE_WORDS = ("none", "left", "right", "bilateral", "central")
KEYS = ("estimate", "low", "high")


def check_asymmetry(
    spec: AsymmetrySpec,
    frame: pd.DataFrame,
    questions: Sequence[SideRows | SizeRows | None],
    error: AsymmetryError | None,
) -> Iterator[dict[str, Any]]:
    """Say what of the asymmetry is noise, and how many people tell a side."""
    for made in questions:
        if isinstance(made, SideRows):
            n, counts = len(made.found.right), count_sides(made.found)
            text = "people whose pain is on one side and whose legs were measured"
            yield diagnostic("Pairs of legs", n, n >= FEW_PAIRS, text, f">= {FEW_PAIRS}")
            left_out = ", ".join(
                f"{name} {write_count(counts[name], SMALLEST)}"
                for name in ("bilateral", "central", "none", "unknown")
            )
            yield diagnostic("Without a painful side", left_out, None, "people who tell no side")
    seen = numeric_column(frame, spec.exposure)
    seen = seen[np.isfinite(seen)]
    size = float(np.abs(seen).mean())
    if error is None:
        text = "no leg was measured twice: how much of the asymmetry is noise cannot be told"
        yield diagnostic("Error of the asymmetry", "unknown", False, text)
    else:
        yield diagnostic("MDC of the asymmetry, log scale", round(error.mdc, 4), None,
                         f"1.96 √2 SEM of one leg, {error.leg_pct:.2g} %, {error.how}")  # fmt: skip
        share, low, high, _n = share_beyond(seen, error.mdc, spec.level)
        text = f"share of people beyond the MDC, {write_interval(share, low, high)}; noise: 0.05"
        yield diagnostic("Asymmetry beyond its MDC", round(share, 3), low > 0.05, text, "> 0.05")
        noise = noise_alone(error.sem)
        text = f"mean |ln(right/left)|; error alone makes {write_number(noise, 3)} of equal legs"
        yield diagnostic("Mean size of the asymmetry", round(size, 4), size > 1.5 * noise, text,
                         f"> {1.5 * noise:.3f}")  # fmt: skip
        real = error.shrink(seen)
        text = "share of the variance of the asymmetry that is no measurement error"
        yield diagnostic("Reliability of the asymmetry", round(real, 3), real >= 0.5, text,
                         ">= 0.5")  # fmt: skip
    if spec.cutoff_pct is not None:
        share, low, high, _n = share_beyond(seen, float(np.log1p(spec.cutoff_pct / 100)),
                                            spec.level)  # fmt: skip
        text = f"share beyond {spec.cutoff_pct:g} % ({spec.cutoff_source})"
        if error:
            text += f"; error alone puts {noise_beyond(error.sem, spec.cutoff_pct):.2g} there"
        yield diagnostic("Cut-off of asymmetry", round(share, 3), False, text)


def lay_panels(
    cohort: Cohort,
    spec: AsymmetrySpec,
    frame: pd.DataFrame,
    rows: list[dict[str, Any]],
    error: AsymmetryError | None,
) -> dict[str, list[dict[str, Any]]]:
    """Return what the figure draws: groups of ten people or more, and a smoothed cloud."""
    head, seen = rows[0], numeric_column(frame, spec.exposure)
    where = _where(spec, frame)
    groups = [(name, seen[where == name]) for name in SIDE_WORDS] if where is not None else []
    forest = [
        {"label": row["model"], "n": row["n_people"]} | {k: row[k] for k in KEYS}
        for row in rows
        if all(row.get(key) == head[key] for key in ("scale", "estimand", "unit"))
        and row.get("converged", True)
        and row.get("contrast") == head["contrast"]
    ]
    cloud: list[dict[str, float]] = []
    if spec.strength in cohort.sides and not find_one_sided(cohort, [spec.strength], spec.visit):
        pairs = pair_legs(cohort, [spec.strength], spec.visit)
        legs = [pairs[f"{spec.strength}_{one}"].to_numpy(float) for one in ("left", "right")]
        cloud = smooth_pairs(*legs)
    label = variable(spec.strength).label
    unit = f" ({head['unit']})" if head["unit"] else ""
    words = {"levels": f"{label}, right over left (%)", "groups": "Painful side",
             "forest": f"{head['estimand'].capitalize()}{unit}, {head['contrast']}",
             "ratio": head["scale"] == "ratio"}  # fmt: skip
    return {
        "levels": summarise_levels(groups or [("all people", seen)], spec.level),
        "forest": forest,
        "words": [words],
        "mdc": [{"log": error.mdc}] if error else [],
        "density": cloud,
        "legs": [{"axis": variable(spec.strength).axis}],
    }


def _where(spec: AsymmetrySpec, frame: pd.DataFrame) -> Any:
    """Say where people hurt, by the outcome that tells a side; None without one."""
    name = spec.outcomes[0] or "pain_side"
    return read_side(frame, name) if name in frame else None


def tabulate_sides(spec: AsymmetrySpec, frame: pd.DataFrame) -> list[dict[str, str]]:
    """Describe the asymmetry by painful side; small groups stay hidden."""
    where, seen = _where(spec, frame), numeric_column(frame, spec.exposure)
    if where is None:
        return []
    counts = [[int((where == name).sum())] for name in SIDE_WORDS]
    marks = suppress_counts(counts, SMALLEST)
    rows: list[dict[str, str]] = []
    for name, (count,), mark in zip(SIDE_WORDS, counts, marks, strict=True):
        shown = summarise_levels([(name, seen[where == name])], spec.level)
        text = write_interval(*(shown[0][k] for k in ("mean", "low", "high"))) if shown else ""
        size = HIDDEN if mark[0] == HIDDEN else write_count(count, SMALLEST)
        rows.append({"Painful side": name, "People": size, "100 ln(right/left), mean": text or "-"})
    return rows
