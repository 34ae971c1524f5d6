"""What runs through strength in the simulated worlds, by gains and lagged paths.

The estimand follows from a world's parameters: the gains at weeks 4 and 8, the path from strength
to pain over four weeks, and what pain keeps. It is less than all that the world's programme does by
way of strength: there a gain moves pain at once and wholly, and in the world "seed" by more than
passing ups and downs do.
"""

import numpy as np
import pytest

from gluteal.estimators.mediation.lagged import delta_interval
from gluteal.frames.lagged import fit_lagged
from gluteal.frames.lagged_joint import join, join_panel
from gluteal.frames.lagged_mediation import Arms, compare_arms, one_step, through
from gluteal.frames.panel import Panel, Schedule
from gluteal.simulate.course import draw_course
from gluteal.simulate.streams import blocks, settle
from gluteal.simulate.strength import measure_torque
from gluteal.simulate.truth import exact
from gluteal.simulate.worlds import (
    PAIN_TO_PAIN,
    PROGRAMME_GAIN_NM_KG,
    SESSION_LOG_SD,
    TRIAL_LOG_SD,
    WORLDS,
)

SCHEDULE = Schedule(("baseline", "week04", "week08", "week12"), (0.0, 4.0, 8.0, 12.0))
LOG_ERROR = SESSION_LOG_SD**2 + TRIAL_LOG_SD**2 / 6


def truth(world):
    """Return the estimand from the parameters."""
    gain = exact(WORLDS[world])["m4_strength_gain_week12_nm_kg"]
    return WORLDS[world].strength_to_pain * gain * (2 / 3 + PAIN_TO_PAIN / 3)


def follow(n, seed, world, design):
    """Simulate people with pain in two arms: strength, pain, arm and dose."""
    parts = []
    for block in blocks(settle(n, seed, world, design)):
        course = draw_course(block)
        case, came = course.traits.people.lbp, course.attended[:, :4]
        rngs = [block.rng(f"strength {visit}") for visit in range(4)]
        torque = np.stack(
            [measure_torque(course, "abd", k, rng).mean((1, 2)) for k, rng in enumerate(rngs)], 1
        )
        dose = course.gain[:, 3] / PROGRAMME_GAIN_NM_KG
        strength, pain = (np.where(came, v, np.nan) for v in (torque, course.nprs[:, :4]))
        parts.append(np.column_stack([strength, pain, dose > 0, dose])[case])
    return np.concatenate(parts)


def estimate(n, seed, world, design="programme"):
    """Return the indirect part, and one regression's, of simulated people."""
    return trace(follow(n, seed, world, design))


def trace(rows):
    """Return the indirect part, and one regression's."""
    who, none = np.arange(len(rows)), np.zeros((len(rows), 0))
    strength, pain, facts = rows[:, :4], rows[:, 4:8], rows[:, 8:]
    names = ("arm=programme", "adherence")
    panel = Panel(SCHEDULE, who, strength, pain, facts, names, 0)
    arms = Arms(Panel(SCHEDULE, who, strength, pain, none, (), 0), facts[:, 0], 3)
    found = fit_lagged(panel, "equal", (LOG_ERROR * float(np.nanmean(strength**2)), 1 / 12))
    gains, total = compare_arms(arms)
    joint = join_panel([*gains, total], who, found, panel)
    once = join(one_step(arms)).values.prod()
    made = delta_interval(through(joint, arms, found), joint.values, joint.cov)
    return made if found.admissible else None, float(once)


def several(world, design, seeds, n=4500):
    found = [pair for pair in (estimate(n, seed, world, design) for seed in seeds) if pair[0]]
    values = np.array([[made.estimate, made.se, once] for made, once in found])
    return (
        values[:, 0].mean(),
        np.sqrt((values[:, 1] ** 2).sum()) / len(values),
        values[:, 2].mean(),
    )


def test_the_estimand_of_the_worlds():
    assert truth("evidence") == pytest.approx(-0.101, abs=0.002)
    assert truth("seed") == pytest.approx(-0.270, abs=0.004)
    assert truth("reverse") == truth("null") == 0
    for world in ("evidence", "seed"):
        assert abs(truth(world)) < abs(exact(WORLDS[world])["m4_through_strength_week12"])


@pytest.mark.parametrize("design", ["programme", "full"])
@pytest.mark.parametrize("world", list(WORLDS))
def test_the_estimand_comes_back(world, design):
    found, se, once = several(world, design, range(3))
    # Whole points and the ends of the pain scale take a little from the path.
    assert abs(found - truth(world)) < 2.5 * se + 0.1 * abs(truth(world))
    if world in ("evidence", "seed"):
        assert abs(found) > abs(once)


@pytest.mark.nightly
@pytest.mark.parametrize(("n", "seeds"), [(400, 400), (4500, 400)])
@pytest.mark.parametrize("world", ["evidence", "null"])
def test_intervals_hold_the_truth(world, n, seeds):
    found = [made for made, _ in (estimate(n, s, world, "full") for s in range(seeds)) if made]
    assert len(found) > 0.9 * seeds
    covered = np.mean([made.low <= truth(world) <= made.high for made in found])
    # Measured over 1,900 seeds: 91.0 to 97.0 %; the known error of scores is taken as certain.
    assert 0.90 <= covered <= 0.98


@pytest.mark.nightly
@pytest.mark.parametrize(("world", "seed"), [("evidence", 1), ("seed", 2), ("reverse", 4)])
def test_the_standard_error_is_that_of_resampled_people(world, seed):
    """People are drawn with replacement, and everything is fitted again."""
    rows, rng = follow(1000, seed, world, "programme"), np.random.default_rng(seed)
    made = trace(rows)[0]
    again = [trace(rows[rng.integers(0, len(rows), len(rows))])[0] for _ in range(200)]
    found = [one.estimate for one in again if one]
    assert len(found) > 190
    assert np.std(found) == pytest.approx(made.se, rel=0.15)
