"""Lagged paths recover the truth of the simulated worlds, with and without a programme.

People are followed as the simulator makes them; only files and their derivation are left out, so
that many cohorts can be seen in little time.
"""

import numpy as np
import pytest

from gluteal.frames.lagged import fit_lagged
from gluteal.frames.panel import Panel, Schedule
from gluteal.simulate.course import draw_course
from gluteal.simulate.streams import blocks, settle
from gluteal.simulate.strength import RATER_LOG_SD, measure_torque
from gluteal.simulate.worlds import PROGRAMME_GAIN_NM_KG, SESSION_LOG_SD, TRIAL_LOG_SD, WORLDS

SCHEDULE = Schedule(("baseline", "week04", "week08", "week12"), (0.0, 4.0, 8.0, 12.0))
LOG_ERROR = SESSION_LOG_SD**2 + TRIAL_LOG_SD**2 / 6


def follow(n, seed, world, design):
    """Simulate people with pain; return their panel and the mean of squared strength."""
    strength, pain, facts = [], [], []
    for block in blocks(settle(n, seed, world, design)):
        course = draw_course(block)
        case, came = course.traits.people.lbp, course.attended[:, :4]
        rngs = [block.rng(f"strength {visit}") for visit in range(4)]
        torque = np.stack(
            [measure_torque(course, "abd", k, rng).mean((1, 2)) for k, rng in enumerate(rngs)], 1
        )
        dose = course.gain[:, 3] / PROGRAMME_GAIN_NM_KG
        strength.append(np.where(came, torque, np.nan)[case])
        pain.append(np.where(came, course.nprs[:, :4], np.nan)[case])
        facts.append(np.column_stack([dose > 0, dose])[case])
    strength, pain, facts = (np.concatenate(part) for part in (strength, pain, facts))
    treated = design in ("full", "programme")
    names = ("arm=programme", "adherence") if treated else ()
    fixed = facts if treated else np.zeros((len(facts), 0))
    made = Panel(SCHEDULE, np.arange(len(facts)), strength, pain, fixed, names, 0)
    return made, float(np.nanmean(strength**2))


def paths(n, seeds, world, design="repeated", log_error=LOG_ERROR):
    found = []
    for seed in seeds:
        panel, square = follow(n, seed, world, design)
        made = fit_lagged(panel, "equal", (log_error * square, 1 / 12))
        found.append([made.path(arrow) for arrow in "cb"] if made.admissible else None)
    return found


def means(found):
    values = np.array([[path.estimate for path in row] for row in found if row])
    return values.mean(0), values.std(0, ddof=1) / np.sqrt(len(values))


def test_both_paths_come_back_from_a_few_large_cohorts():
    found, error = means(paths(4500, range(10), "evidence"))
    world = WORLDS["evidence"]
    truth = np.array([world.strength_to_pain, world.pain_to_strength])
    assert np.all(np.abs(found - truth) < 0.1 * np.abs(truth) + 2.5 * error)


def test_nothing_is_found_where_pain_alone_weakens():
    found, error = means(paths(4500, range(10), "reverse"))
    assert abs(found[0]) < 0.09 + 2.5 * error[0]
    assert abs(found[1] + 0.016) < 0.0016 + 2.5 * error[1]


@pytest.mark.nightly
@pytest.mark.parametrize(("design", "n"), [("repeated", 4500), ("full", 7500)])
@pytest.mark.parametrize("world", ["evidence", "reverse", "null"])
def test_paths_are_within_a_tenth_of_the_truth(world, design, n):
    found, error = means(paths(n, range(100), world, design))
    truth = np.array([WORLDS[world].strength_to_pain, WORLDS[world].pain_to_strength])
    bound = 0.1 * np.array([0.9, 0.016 if world == "reverse" else 0.010])
    assert np.all(np.abs(found - truth) < bound + 2 * error)


@pytest.mark.nightly
def test_error_from_two_assessors_corrects_nearly_as_well():
    """Assessors differ in a person too, so that the correction is up to a fifth too large."""
    found, error = means(
        paths(4500, range(100), "evidence", log_error=LOG_ERROR + RATER_LOG_SD**2 / 2)
    )
    assert np.all(np.abs(found - [-0.9, -0.010]) < 0.2 * np.array([0.9, 0.010]) + 2 * error)


@pytest.mark.nightly
@pytest.mark.parametrize("world", ["null", "reverse"])
def test_false_positives_and_coverage_hold_in_four_hundred_people(world):
    found = [row for row in paths(400, range(300), world) if row]
    assert len(found) > 290
    rejected = np.mean([row[0].p < 0.05 for row in found])
    assert rejected < 0.09
    truth = WORLDS[world].pain_to_strength
    covered = np.mean([row[1].low <= truth <= row[1].high for row in found])
    assert 0.91 <= covered <= 0.99
