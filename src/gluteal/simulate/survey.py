"""Look at a large simulated sample without any loss: the arrays behind the numeric truths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gluteal.simulate import answers, performance
from gluteal.simulate.course import NEVER, Course, draw_course
from gluteal.simulate.population import ABD_MEAN_NM_KG, MUSCLES, Floats
from gluteal.simulate.streams import BLOCK, Block, Settings, blocks
from gluteal.simulate.strength import LEVER, RATER_BIAS, RATER_LOG_SD, measure_torque
from gluteal.simulate.worlds import STRENGTH_SD_NM_KG, WORLDS

BATCH = 4 * BLOCK
"""People of one batch: an estimand is the mean over batches, its error comes from their spread."""
Sample = dict[str, Any]


def survey(world: str, n: int, seed: int) -> Iterator[Sample]:
    """Draw batches of the full design, everybody seen at every visit.

    Each batch is a dict of arrays with people along the first axis.
    """
    settings = Settings(n, seed, WORLDS[world])
    waiting: list[Sample] = []
    for block in blocks(settings):
        waiting.append(_look(block))
        if sum(len(part["lbp"]) for part in waiting) >= BATCH:
            yield _join(waiting)
            waiting = []
    if waiting:
        yield _join(waiting)


def _join(parts: list[Sample]) -> Sample:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _look(block: Block) -> Sample:
    course = draw_course(block)
    traits = course.traits
    people = traits.people
    mean = np.where(people.female, ABD_MEAN_NM_KG["f"], ABD_MEAN_NM_KG["m"])
    sample: Sample = {
        **vars(people),
        "sex_mean": mean,
        "tilt": traits.tilt,
        "lordosis": traits.lordosis,
        "arm": traits.arm,
        "adherence": traits.adherence,
        "nprs": course.nprs,
        "state_strength": course.state,
        "onset": course.onset,
        "retained": (course.left[:, None] == NEVER)
        | (np.arange(course.attended.shape[1]) < course.left[:, None]),
        **{f"trait_{muscle}": traits.strength[muscle] for muscle in MUSCLES},
    }
    sample |= _strength(block, course)
    sample |= _signs(block, course, sample["abd_leg"], mean)
    sample |= _answers(block, course)
    return sample


def _strength(block: Block, course: Course) -> Sample:
    """Measure all muscles at baseline, and abduction by a second assessor and at week 12."""
    rng, people = block.rng("survey strength"), course.traits.people
    trials = {muscle: measure_torque(course, muscle, 0, rng) for muscle in MUSCLES}
    log_force: Floats = np.zeros(block.size)
    for muscle in MUSCLES:
        share, sd = LEVER[muscle]
        lever = rng.normal(share * people.height[:, None], sd, (block.size, 2))
        force = trials[muscle].mean(axis=2) * course.mass[:, [0]] / lever
        log_force += np.log(force).mean(axis=1) / len(MUSCLES)
    second = measure_torque(course, "abd", 0, rng) * RATER_BIAS
    second *= np.exp(rng.normal(0, RATER_LOG_SD, (block.size, 1, 1)))
    later = measure_torque(course, "abd", 3, rng).mean(axis=(1, 2))
    return {
        "trials_right": trials["abd"][:, 1],
        "abd_leg": trials["abd"].mean(axis=2),
        "abd_leg_second": second.mean(axis=2),
        "abd_12": later,
        **{muscle: trials[muscle].mean(axis=(1, 2)) for muscle in MUSCLES},
        "log_force": log_force,
        "log_mass": np.log(course.mass[:, 0]),
    }


def _signs(block: Block, course: Course, leg: Floats, mean: Floats) -> Sample:
    drop = performance.pelvic_drop(block, course, 0)
    rng, people = block.rng("survey stance"), course.traits.people
    stance = performance.stance_mean(people.age) + 2 * people.z + rng.normal(0, 9, block.size)
    return {
        "drop": drop,
        "sign": performance.see_drop(block, drop, "0 A"),
        "sign_second": performance.see_drop(block, drop, "0 B"),
        "squeeze": performance.squeeze_grade(block, course, 0, "0 A"),
        "squeeze_second": performance.squeeze_grade(block, course, 0, "0 B"),
        "leg_z": (leg - mean[:, None]) / STRENGTH_SD_NM_KG,
        "stance": np.clip(stance, 0.3, 45.0),
    }


def _answers(block: Block, course: Course) -> Sample:
    rng = block.rng("survey answers")
    theta = answers.disability(block, course, 0)
    people = course.traits.people
    ipaq = answers.answer_ipaq(people.log_met, rng)
    met = np.minimum(ipaq[:, [1, 3, 5]], 180) * ipaq[:, [0, 2, 4]] @ np.array([8.0, 4.0, 3.3])
    return {
        "odi": answers.answer_odi(theta, course.painful[:, 0], rng),
        "rmdq": answers.answer_rmdq(theta, rng),
        "phq": answers.answer_phq(people.distress, rng),
        "tsk": answers.answer_tsk(people.distress, rng),
        "ipaq_log_met": np.log1p(met),
    }
