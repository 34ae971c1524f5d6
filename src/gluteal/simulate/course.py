"""What happens to people over the visits: strength, pain, new pain, absence (domain note 7.2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from gluteal.simulate.population import Flags, Floats, Ints, Traits, draw_traits, expit
from gluteal.simulate.streams import Block
from gluteal.simulate.worlds import (
    ADHERENCE_OF_GAIN,
    PAIN_TO_PAIN,
    PROGRAMME_GAIN_NM_KG,
    STATE_SD_NM_KG,
    STATE_SD_NPRS,
    STRENGTH_TO_STRENGTH,
    WEEKS,
    World,
)

NEVER = -1


@dataclass
class Course:
    """A block's people over the scheduled visits; arrays are people × visits.

    ``state`` is the within-person deviation of abduction strength, ``gain`` the programme's
    (both Nm/kg); ``pain`` the latent pain, ``nprs`` its rating. ``painful`` says whether the
    person has low back pain by then. ``onset`` is the visit by which new pain came, ``left`` the
    first visit after dropping out (`NEVER` if neither). ``day`` is the study day.
    """

    traits: Traits
    state: Floats
    gain: Floats
    pain: Floats
    nprs: Floats
    painful: Flags
    mass: Floats
    attended: Flags
    day: Ints
    onset: Ints
    onset_day: Ints
    left: Ints
    left_day: Ints


def transition(world: World, weeks: float) -> Floats:
    """Matrix that carries the states (strength, pain) over an interval.

    The 4-week matrix is the world's; any other interval is its power, as in continuous time.

    Examples
    --------
    >>> from gluteal.simulate.worlds import WORLDS
    >>> transition(WORLDS["null"], 4).round(2).tolist()
    [[0.55, 0.0], [0.0, 0.4]]
    """
    four = np.array(
        [
            [STRENGTH_TO_STRENGTH, world.pain_to_strength],
            [world.strength_to_pain, PAIN_TO_PAIN],
        ]
    )
    roots, vectors = np.linalg.eig(four)
    return np.real(vectors @ np.diag(roots ** (weeks / 4)) @ np.linalg.inv(vectors))


def stationary(world: World) -> Floats:
    """Covariance of the within-person states at any visit."""
    cross = world.state_correlation * STATE_SD_NM_KG * STATE_SD_NPRS
    return np.array([[STATE_SD_NM_KG**2, cross], [cross, STATE_SD_NPRS**2]])


def natural_course(week: float) -> float:
    """Mean change of pain since entry without any programme."""
    return float(-1.9 * (1 - np.exp(-week / 5.1)))


@lru_cache(maxsize=2)
def draw_course(block: Block) -> Course:
    """Follow a block's people over their visits."""
    traits = draw_traits(block)
    people, world = traits.people, block.settings.world
    m, visits = block.size, block.settings.visits
    strength_state, pain_state = _states(block, visits)
    ramp = np.minimum(np.array(WEEKS[:visits]) / 12, 1.0)
    dose = (traits.adherence / ADHERENCE_OF_GAIN)[:, None] * ramp
    gain = PROGRAMME_GAIN_NM_KG * dose
    onset, onset_day = _onset(block, traits, visits)
    reached = (onset != NEVER)[:, None] & (np.arange(visits) >= onset[:, None])
    natural = np.array([natural_course(week) for week in WEEKS[:visits]])
    pain = traits.pain[:, None] + natural + pain_state
    pain += world.gain_to_pain * gain + world.programme_direct * dose
    free = np.where(reached, 4 + pain_state, 0.25 * np.abs(pain_state))
    pain = np.where(people.lbp[:, None], pain, free)
    nprs: Floats = np.clip(np.round(pain), 0.0, 10.0)  # pyright: ignore[reportAssignmentType]
    rng = block.rng("mass")
    mass = (people.bmi * people.height**2)[:, None] + rng.normal(0, 0.6, (m, visits))
    left, left_day, attended = _absence(block, traits, nprs)
    day = 7 * np.array(WEEKS[:visits]) + np.clip(
        np.round(block.rng("day").normal(0, 2.5, (m, visits))), -6, 6
    )
    day[:, 0] = 0
    return Course(
        traits=traits,
        state=strength_state,
        gain=gain,
        pain=pain,
        nprs=nprs,
        painful=people.lbp[:, None] | reached,
        mass=np.round(np.clip(mass, 35, 200), 1),
        attended=attended,
        day=day.astype(np.int64),
        onset=onset,
        onset_day=onset_day,
        left=left,
        left_day=left_day,
    )


def _states(block: Block, visits: int) -> tuple[Floats, Floats]:
    world, rng = block.settings.world, block.rng("states")
    omega = stationary(world)
    now = rng.normal(size=(block.size, 2)) @ np.linalg.cholesky(omega).T
    kept = [now]
    for before, week in pairwise(WEEKS[:visits]):
        step = transition(world, week - before)
        noise = np.linalg.cholesky(omega - step @ omega @ step.T)
        now = now @ step.T + rng.normal(size=(block.size, 2)) @ noise.T
        kept.append(now)
    both = np.stack(kept, axis=1)
    return both[..., 0], both[..., 1]


def _within(rng: Any, visit: int, m: int) -> Ints:
    """Draw days between two visits; a week's distance, as visits are up to 6 days off."""
    first, last = 7 * WEEKS[visit - 1] + 7, 7 * WEEKS[visit] - 7
    return first + np.floor(rng.random(m) * (last - first + 1)).astype(np.int64)


def _onset(block: Block, traits: Traits, visits: int) -> tuple[Ints, Ints]:
    """Draw the interval and day of new low back pain in people without it."""
    people, rng, m = traits.people, block.rng("onset"), block.size
    onset, day = np.full(m, NEVER), np.full(m, NEVER)
    risk = block.settings.world.ln_hr_incident * people.z + 0.30 * people.distress
    risk += 0.02 * (people.bmi - 26.4) + 0.6 * people.prior + 0.15 * people.occ
    for visit in range(1, visits):
        weeks = WEEKS[visit] - WEEKS[visit - 1]
        hazard = 0.0042 * weeks * np.exp(risk)
        new = rng.random(m) < 1 - np.exp(-hazard)
        when = _within(rng, visit, m)
        new &= (onset == NEVER) & ~people.lbp
        onset, day = np.where(new, visit, onset), np.where(new, when, day)
    return onset, day


def _absence(block: Block, traits: Traits, nprs: Floats) -> tuple[Ints, Ints, Flags]:
    """Draw who drops out and who misses single visits (domain note 7.5)."""
    people, rng = traits.people, block.rng("absence")
    m, visits = nprs.shape
    left, day = np.full(m, NEVER), np.full(m, NEVER)
    attended = np.ones((m, visits), dtype=bool)
    last = nprs[:, 0]
    for visit in range(1, visits):
        logit = -2.75 + 0.25 * np.where(people.lbp, last - 4, -1.0) + 0.25 * people.distress
        logit += -0.02 * (people.age - 43) - 1.0 * traits.adherence
        if block.settings.mnar:
            logit += 0.25 * np.where(people.lbp, nprs[:, visit] - 4, 0.0)
        gone = (rng.random(m) < expit(logit)) & (left == NEVER)
        when = _within(rng, visit, m)
        left, day = np.where(gone, visit, left), np.where(gone, when, day)
        missed = rng.random(m) < 0.03
        attended[:, visit] = (left == NEVER) & ~missed
        last = np.where(attended[:, visit], nprs[:, visit], last)
    return left, day, attended
