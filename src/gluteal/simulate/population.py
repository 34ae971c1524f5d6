"""The source population, and who of it enters the cohort (domain note 7.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.simulate.streams import Block
from gluteal.simulate.worlds import STRENGTH_SD_NM_KG, TILT_TO_LORDOSIS, World

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

ABD_MEAN_NM_KG = {"f": 1.20, "m": 1.50}
MUSCLES = ("abd", "ext", "er")
SCALE = {"abd": 1.0, "ext": 1.05, "er": 0.42}
"""Size of a muscle group's torque beside abduction."""
SHARED = {"abd": 1.0, "ext": 0.7, "er": 0.6}
"""Correlation of its trait with abduction's."""
_Z_SD = 0.95


def expit(x: ArrayLike) -> Floats:
    """Inverse of the logit."""
    return 1.0 / (1.0 + np.exp(-np.asarray(x, dtype=np.float64)))


@dataclass
class People:
    """Fixed facts of people, one array entry each; ``z`` is trait strength in SD given sex."""

    female: Flags
    age: Floats
    height: Floats
    bmi: Floats
    log_met: Floats
    occ: Ints
    distress: Floats
    hip_oa: Flags
    prior: Flags
    lld_mm: Floats
    z: Floats
    lbp: Flags

    def take(self, rows: Ints) -> People:
        """Keep some people, in a given order."""
        return People(**{name: values[rows] for name, values in vars(self).items()})

    def __len__(self) -> int:
        return len(self.age)


@dataclass
class Traits:
    """What a block's people carry through the whole study.

    ``strength`` holds Nm/kg by muscle; ``offset`` (people × 2 sides) too, left first.
    """

    people: People
    strength: dict[str, Floats]
    offset: dict[str, Floats]
    tilt: Floats
    lordosis: Floats
    pain: Floats
    arm: Flags
    adherence: Floats


def draw_source(n: int, rng: Any, world: World) -> People:
    """Draw people of the source population, cases and others as they come."""
    female = rng.random(n) < 0.55
    age = np.round(np.clip(rng.normal(43, 13, n), 18, 70))
    height = np.where(female, rng.normal(1.64, 0.065, n), rng.normal(1.77, 0.07, n))
    height = np.round(np.clip(height, 1.35, 2.15), 2)
    bmi = np.exp(rng.normal(np.log(26.0) + 0.0025 * (age - 43), 0.16, n))
    log_met = rng.normal(7.5 - 0.008 * (age - 43) - 0.02 * (bmi - 26.4), 0.8, n)
    draw = rng.random(n)
    occ = (draw > np.where(female, 0.60, 0.45)).astype(np.int64)
    occ += draw > np.where(female, 0.88, 0.75)
    distress = rng.normal(0, 1, n) + 0.15 * female - 0.10 * (log_met - 7.5)
    hip_oa = rng.random(n) < expit(-3.1 + 0.06 * (age - 43) + 0.05 * (bmi - 26.4))
    prior = rng.random(n) < expit(-0.4 + 0.015 * (age - 43) + 0.35 * occ + 0.35 * distress)
    z = -0.25 * (age - 43) / 13 + 0.22 * (log_met - 7.5) / 0.8 - 0.22 * (bmi - 26.4) / 4.3
    z += -0.5 * hip_oa - 0.10 * distress + rng.normal(0, 0.85, n)
    risk = -1.6 + world.ln_or_case * z + 0.010 * (age - 43) + 0.045 * (bmi - 26.4)
    risk += 0.45 * distress + 0.25 * occ + 0.9 * prior + 0.3 * hip_oa - 0.10 * (log_met - 7.5)
    lbp = rng.random(n) < expit(risk)
    lld_mm = np.abs(rng.normal(0, 5, n))
    return People(female, age, height, bmi, log_met, occ, distress, hip_oa, prior, lld_mm, z, lbp)


def sample_people(block: Block) -> People:
    """Sample a block's cases and controls; their order says nothing about their group."""
    rng = block.rng("people")
    wanted = {True: block.cases, False: block.size - block.cases}
    found: dict[bool, list[People]] = {True: [], False: []}
    while any(sum(map(len, found[group])) < wanted[group] for group in wanted):
        source = draw_source(3 * block.size + 50, rng, block.settings.world)
        for group, kept in found.items():
            need = wanted[group] - sum(map(len, kept))
            kept.append(source.take(np.flatnonzero(source.lbp == group)[:need]))
    parts = [part for kept in found.values() for part in kept]
    names = vars(parts[0])
    people = People(**{k: np.concatenate([getattr(p, k) for p in parts]) for k in names})
    return people.take(rng.permutation(block.size))


def draw_traits(block: Block) -> Traits:
    """Draw what the people of a block carry: strength, posture, pain, arm and adherence."""
    people = sample_people(block)
    world, rng, m = block.settings.world, block.rng("traits"), block.size
    mean = np.where(people.female, ABD_MEAN_NM_KG["f"], ABD_MEAN_NM_KG["m"])
    strength: dict[str, Floats] = {}
    offset: dict[str, Floats] = {}
    for muscle in MUSCLES:
        r = SHARED[muscle]
        own = r * people.z + np.sqrt(1 - r * r) * rng.normal(0, _Z_SD, m)
        effect = world.lbp_on_strength_sd * people.lbp
        strength[muscle] = SCALE[muscle] * (mean + STRENGTH_SD_NM_KG * (own + effect))
        offset[muscle] = SCALE[muscle] * (rng.normal(0, 0.06, (m, 2)) + np.array([0.0, 0.02]))
    tilt = 9 + world.strength_to_tilt * people.z + 1.5 * people.female + rng.normal(0, 4.2, m)
    lordosis = 42 + TILT_TO_LORDOSIS * (tilt - 9) + 3 * people.female + rng.normal(0, 9, m)
    pain = 4.9 + 0.45 * people.distress + world.lordosis_to_pain * (lordosis - 42)
    pain += rng.normal(0, 1.2, m)
    arm = (rng.random(m) < 0.5) & people.lbp & block.settings.randomised
    adherence = expit(rng.normal(0.9 - 0.35 * people.distress, 0.8))
    return Traits(
        people,
        strength,
        offset,
        tilt,
        lordosis,
        np.where(people.lbp, pain, 0.0),
        arm,
        np.where(arm, adherence, 0.0),
    )
