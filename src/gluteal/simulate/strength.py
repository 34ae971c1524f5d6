"""Hip strength by hand-held dynamometry: lever arms and trials of force."""

from __future__ import annotations

from typing import Any

import numpy as np

from gluteal.simulate.course import Course
from gluteal.simulate.population import MUSCLES, SCALE, Flags, Floats, expit
from gluteal.simulate.sheet import DONE, Sheet, code_of, rounded
from gluteal.simulate.streams import Block
from gluteal.simulate.worlds import LEARNING, SESSION_LOG_SD, TRIAL_LOG_SD, VISITS

SIDES = ("left", "right")
POSITION = {"abd": "side_lying", "ext": "prone_knee_90", "er": "sitting"}
LEVER = {"abd": (0.46, 0.02), "ext": (0.235, 0.012), "er": (0.212, 0.010)}
"""Lever arm: share of body height, and SD in metres."""
RATER_LOG_SD = 0.03
RATER_BIAS = 0.99
RETEST_SHARE = 0.15
RETEST_LEAST = 30


def choose_retest(block: Block) -> Flags:
    """Choose who is measured by a second assessor at baseline: 15 %, at least 30 people."""
    count = min(block.size, max(RETEST_LEAST, round(RETEST_SHARE * block.size)))
    chosen = np.zeros(block.size, dtype=bool)
    chosen[block.rng("retest").permutation(block.size)[:count]] = True
    return chosen


def true_torque(course: Course, muscle: str, visit: int) -> Floats:
    """Torque per body mass of each leg at a visit (people × sides, Nm/kg), without error."""
    base = course.traits.strength[muscle]
    now = base + SCALE[muscle] * (course.state[:, visit] + course.gain[:, visit])
    return np.maximum(now[:, None] + course.traits.offset[muscle], 0.08 * SCALE[muscle])


def measure_torque(course: Course, muscle: str, visit: int, rng: Any) -> Floats:
    """Torque per body mass of three trials (people × sides × trials, Nm/kg), with error."""
    torque = true_torque(course, muscle, visit)
    m = len(torque)
    session = np.exp(rng.normal(0, SESSION_LOG_SD, (m, 1, 1)))
    trial = np.exp(rng.normal(0, TRIAL_LOG_SD, (m, 2, 3)))
    return torque[:, :, None] * session * trial * np.array(LEARNING)


def add_strength(sheet: Sheet, block: Block, course: Course, visit: int) -> None:
    """Add the lever arms and forces of one visit.

    The pad is placed anew at each visit: the lever arm that is recorded is the one that the
    force was measured at, so that torque is exact but for the error of the trial.
    """
    rng = block.rng(f"strength {visit}")
    length = block.rng("levers")
    came, mass = course.attended[:, visit], course.mass[:, visit]
    nprs, lbp = course.nprs[:, visit], course.painful[:, visit]
    for muscle in MUSCLES:
        share, sd = LEVER[muscle]
        lever = length.normal(share * course.traits.people.height[:, None], sd, (block.size, 2))
        lever = rounded(lever + rng.normal(0, 0.003, lever.shape), 3)
        torque = measure_torque(course, muscle, visit, rng)
        # Pain keeps one side from being tested in about 1 % of visits.
        sore = rng.random(block.size) < expit(-4.9 + 0.3 * (nprs - 4))
        side_sore = rng.integers(0, 2, block.size)
        lost = rng.random((block.size, 2, 3)) < 0.02
        hurts = (rng.random((block.size, 2)) < expit(-2.2 + 0.4 * (nprs - 4))[:, None]) & lbp[
            :, None
        ]
        for side in range(2):
            barred = sore & (side_sore == side)
            words = _words("lever_arm", visit, muscle, side, 1, "m", "tape")
            sheet.add(words, lever[:, side], came)
            for trial in range(3):
                force = rounded(torque[:, side, trial] * mass / lever[:, side], 1)
                reason = np.where(lost[:, side, trial], code_of("lost"), DONE)
                reason = np.where(barred, code_of("pain"), reason)
                words = _words("hip_force", visit, muscle, side, trial + 1, "N", "dynamometer")
                sheet.add(words, force, came, reason, pain_during=hurts[:, side])
        if visit == 0:
            _add_second(sheet, block, course, muscle, lever)


def _add_second(sheet: Sheet, block: Block, course: Course, muscle: str, lever: Floats) -> None:
    """Add the trials of the second assessor, who uses the marks of the first."""
    rng = block.rng("second assessor " + muscle)
    chosen = choose_retest(block)
    torque = measure_torque(course, muscle, 0, rng) * RATER_BIAS
    torque *= np.exp(rng.normal(0, RATER_LOG_SD, (block.size, 1, 1)))
    for side in range(2):
        for trial in range(3):
            force = rounded(torque[:, side, trial] * course.mass[:, 0] / lever[:, side], 1)
            words = _words("hip_force", 0, muscle, side, trial + 1, "N", "dynamometer", "B")
            sheet.add(words, force, chosen, pain_during=np.zeros(block.size, dtype=np.int8))


def _words(
    test: str,
    visit: int,
    muscle: str,
    side: int,
    trial: int,
    unit: str,
    device: str,
    assessor: str = "A",
) -> dict[str, str]:
    return {
        "visit": VISITS[visit],
        "test": test,
        "position": POSITION[muscle],
        "muscle": muscle,
        "side": SIDES[side],
        "trial": str(trial),
        "unit": unit,
        "device": device,
        "assessor": assessor,
    }
