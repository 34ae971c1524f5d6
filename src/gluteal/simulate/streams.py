"""Blocks of people and their streams of random numbers.

A block of people is the unit of seeding: whatever is drawn for a block depends on the seed, the
block's number and the topic alone. So tables can be made one after the other, in chunks, without
keeping anything, and the same seed gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

from gluteal.errors import UserError, suggest
from gluteal.simulate.worlds import VISITS, World, find_world

BLOCK = 5000
DESIGNS: dict[str, str] = {
    "full": "cases and pain-free controls, all visits, cases randomised to a programme",
    "case_control": "cases and pain-free controls, baseline only",
    "cohort": "people without low back pain at baseline, all visits",
    "repeated": "people with low back pain, all visits, no programme",
    "programme": "people with low back pain, all visits, randomised to a programme",
}
_CASES = {"full": 0.6, "case_control": 0.6, "cohort": 0.0, "repeated": 1.0, "programme": 1.0}


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides every byte of a simulated cohort."""

    n: int
    seed: int
    world: World
    design: str = "full"
    mnar: bool = False
    dirt: bool = False

    @property
    def visits(self) -> int:
        """Number of scheduled visits."""
        return 1 if self.design == "case_control" else len(VISITS)

    @property
    def randomised(self) -> bool:
        """Whether cases are allocated to a programme."""
        return self.design in ("full", "programme")


@dataclass(frozen=True, slots=True)
class Block:
    """People ``start`` to ``start + size - 1``, of whom ``cases`` have low back pain at entry."""

    settings: Settings
    number: int
    start: int
    size: int
    cases: int

    def rng(self, topic: str) -> Any:
        """Start this block's stream of one topic anew."""
        key = (self.number, crc32(topic.encode()))
        return np.random.default_rng(np.random.SeedSequence(self.settings.seed, spawn_key=key))


def settle(
    n: int,
    seed: int,
    world: str = "evidence",
    design: str = "full",
    *,
    mnar: bool = False,
    dirt: bool = False,
) -> Settings:
    """Check the settings of a simulation.

    Raises
    ------
    UserError
        If there are no people, the seed is negative, or world or design is unknown.
    """
    if n < 1:
        raise UserError(f"--n {n}: a cohort needs at least one participant")
    if seed < 0:
        raise UserError(f"--seed {seed}: a seed is zero or larger")
    if design not in DESIGNS:
        near = suggest(design, DESIGNS)
        raise UserError(f"no design {design!r}. {near}Designs: {', '.join(DESIGNS)}.")
    return Settings(n, seed, find_world(world), design, mnar, dirt)


def blocks(settings: Settings) -> Iterator[Block]:
    """Cut the cohort into its blocks; the share of cases is exact over the whole cohort."""
    share = _CASES[settings.design]
    for number, start in enumerate(range(0, settings.n, BLOCK)):
        stop = min(start + BLOCK, settings.n)
        cases = round(share * stop) - round(share * start)
        yield Block(settings, number, start, stop - start, cases)
