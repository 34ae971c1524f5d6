"""Sessions of the programme: stages, prescribed and done, effort, pain, form (note 4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from gluteal.simulate.course import NEVER, Course, draw_course
from gluteal.simulate.population import Flags, Floats, Ints, expit
from gluteal.simulate.sheet import DONE, code_of, coded, ids, numbers
from gluteal.simulate.streams import Block, Settings, blocks
from gluteal.simulate.worlds import WEEKS

SESSIONS = 24
"""Two a week for twelve weeks."""
LEAST = (6, 8)
"""Good sessions in activation before progressive load, and in that before compound lifts."""
SETS = (3, 3, 4)
REPS = (15, 12, 8)
LOAD = (0.0, 0.15, 0.40)
"""Starting load of each stage as a share of body mass, to be raised by 4 % a good session."""
PAIN_ALLOWED = 4


@dataclass
class _Log:
    """What happened in each session (people × sessions)."""

    stage: Ints
    load: Floats
    done: Flags
    pain: Floats
    form: Flags


def make_sessions(settings: Settings) -> Iterator[pa.Table]:
    """Make the sessions of the programme's arm, block by block."""
    for block in blocks(settings):
        yield _sessions(block)


def _follow(block: Block, course: Course, rows: Ints) -> _Log:
    """Go from session to session: a stage ends after enough sessions with little pain and form."""
    rng, k = block.rng("sessions"), len(rows)
    traits = course.traits
    weeks = (np.arange(SESSIONS) + 1) / 2
    place = np.clip(np.searchsorted(WEEKS, weeks) - 1, 0, 2)
    pain = course.pain[np.ix_(rows, place)] + rng.normal(0, 1.0, (k, SESSIONS))
    pain = np.clip(np.round(pain), 0, 10)
    done = rng.random((k, SESSIONS)) < traits.adherence[rows, None]
    form = rng.random((k, SESSIONS)) < expit(0.8 + 0.05 * np.arange(SESSIONS))
    stage, good = np.zeros(k, dtype=np.int64), np.zeros((k, 3))
    able = course.mass[rows, 0] * np.exp(0.2 * traits.people.z[rows])
    stages, loads = [stage], [np.zeros(k)]
    for session in range(SESSIONS):
        if session:
            stages.append(stage)
            raised = np.array(LOAD)[stage] * able * 1.04 ** good[np.arange(k), stage]
            loads.append(np.where(stage > 0, 2.5 * np.round(raised / 2.5), 0.0))
        well = done[:, session] & form[:, session] & (pain[:, session] <= PAIN_ALLOWED)
        good[np.arange(k), stage] += well
        enough = np.array([*LEAST, np.inf])[stage]
        stage = np.where(good[np.arange(k), stage] >= enough, stage + 1, stage)
    return _Log(np.stack(stages, axis=1), np.stack(loads, axis=1), done, pain, form)


def _sessions(block: Block) -> pa.Table:
    course = draw_course(block)
    rows = np.flatnonzero(course.traits.arm)
    log, rng = _follow(block, course, rows), block.rng("doses")
    shape = log.stage.shape
    day = np.broadcast_to(3 + np.floor(3.5 * np.arange(SESSIONS)).astype(np.int64), shape)
    last = np.where(course.left[rows] == NEVER, 7 * WEEKS[-1], course.left_day[rows])
    here = day < last[:, None]
    sets, reps = np.array(SETS)[log.stage], np.array(REPS)[log.stage]
    did_sets = sets - (rng.random(shape) < 0.08)
    did_reps = reps - rng.binomial(3, 0.05, shape)
    did_load = np.where(rng.random(shape) < 0.1, 2.5 * np.round(0.36 * log.load), log.load)
    effort = 4 + log.stage + 0.2 * log.pain + rng.normal(0, 1, shape)
    reason = np.where(log.done, DONE, code_of("not_applicable"))[here]

    def done(values: Floats | Ints) -> pa.DictionaryArray:
        return numbers(np.where(log.done, values, 0.0)[here])

    person = np.broadcast_to(rows[:, None], shape)[here]
    session = np.broadcast_to(np.arange(SESSIONS, dtype=np.float64) + 1, shape)[here]
    formed = np.where(reason == DONE, log.form[here], 2)
    return pa.table(
        {
            "participant_id": coded(person, ids(block.start, block.size, block.settings.n)),
            "session": numbers(session),
            "study_day": numbers(day[here].astype(np.float64)),
            "stage": coded(log.stage[here], ["1", "2", "3"]),
            "rx_sets": numbers(sets[here].astype(np.float64)),
            "rx_reps": numbers(reps[here].astype(np.float64)),
            "rx_load_kg": numbers(log.load[here]),
            "done_sets": done(did_sets),
            "done_reps": done(did_reps),
            "done_load_kg": done(did_load),
            "srpe_0_10": numbers(np.clip(np.round(effort), 0, 10)[here], reason),
            "pain_during_0_10": numbers(log.pain[here], reason),
            "neutral_spine_ok": coded(formed, ["0", "1", "NA:not_applicable"]),
        }
    )
