"""Participants, visits, events and the way into the study of a block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from gluteal.simulate.course import NEVER, Course, draw_course
from gluteal.simulate.population import Ints, expit
from gluteal.simulate.sheet import DONE, code_of, coded, ids, numbers, rounded
from gluteal.simulate.streams import Block, Settings, blocks
from gluteal.simulate.worlds import VISITS, WEEKS

PAIN_SIDES = ("none", "left", "right", "bilateral", "central")
LEAVING = ("withdrew", "lost", "moved", "illness", "pain")
MISSING = ("missed", "no_contact")
NOT_ELIGIBLE = ("red flag", "pregnant", "surgery in the last 12 months", "under 18 or over 70")
SCREENED_PER_ENROLLED = 0.35
_ELIGIBLE = 0.45


def pick(rng: Any, chances: Any, m: int) -> Ints:
    """Draw places in a list with given chances (one row, or a row a person)."""
    edges = np.cumsum(np.broadcast_to(chances, (m, np.shape(chances)[-1])), axis=1)[:, :-1]
    return (rng.random(m)[:, None] > edges).sum(axis=1)


def painful_side(block: Block, course: Course) -> Ints:
    """Place in `PAIN_SIDES` of each person; it does not depend on the weaker side."""
    place = 1 + pick(block.rng("pain side"), [0.28, 0.32, 0.18, 0.22], block.size)
    return np.where(course.painful.any(axis=1), place, 0)


def _flag(values: Any) -> pa.DictionaryArray:
    return coded(np.asarray(values).astype(np.int32), ["0", "1"])


def _who(block: Block) -> list[str]:
    return ids(block.start, block.size, block.settings.n)


def make_participants(settings: Settings) -> Iterator[pa.Table]:
    """Make the participants, block by block."""
    for block in blocks(settings):
        yield _participants(block)


def _participants(block: Block) -> pa.Table:
    course, rng, m = draw_course(block), block.rng("participants"), block.size
    people = course.traits.people
    lbp, age, distress = people.lbp, people.age, people.distress
    weeks = np.maximum(np.round(np.exp(rng.normal(np.log(60), 1.3, m))), 1)
    weeks = np.minimum(weeks, 52 * np.maximum(age - 16, 1))
    none = np.where(lbp, DONE, code_of("not_applicable"))
    side = np.where(lbp, painful_side(block, course), 0)
    episodes = np.where(people.prior, 1 + rng.poisson(2.5, m), 0)
    work = pick(rng, np.array([0.78, 0.06, 0.10, 0.0, 0.06]), m)
    work = np.where(age >= 66, 3, np.where((work == 4) & (age > 35), 0, work))
    allocated = lbp & block.settings.randomised
    table = pa.table(
        {
            "participant_id": coded(np.arange(m), _who(block)),
            "lbp": _flag(lbp),
            "sex": coded(np.where(people.female, 0, 1), ["f", "m"]),
            "age_years": numbers(age),
            "height_m": numbers(people.height),
            "dominant_side": coded(pick(rng, [0.10, 0.88, 0.02], m), ["left", "right", "both"]),
            "recruitment_source": coded(
                pick(rng, np.where(lbp[:, None], [0.7, 0.2, 0.1], [0.1, 0.6, 0.3]), m),
                ["clinic", "community", "workplace"],
            ),
            "arm": coded(
                np.where(allocated, course.traits.arm, 2),
                ["control", "programme", "NA:not_applicable"],
            ),
            "lbp_duration_wk": numbers(weeks, none),
            "pain_side": coded(side, PAIN_SIDES),
            "prior_lbp": _flag(people.prior),
            "prior_lbp_episodes": numbers(episodes.astype(np.float64)),
            "hip_oa": _flag(people.hip_oa),
            "hip_pain": _flag(rng.random(m) < np.where(people.hip_oa, 0.6, 0.06)),
            "leg_length_diff_mm": numbers(np.round(people.lld_mm)),
            "occ_lifting": coded(people.occ, ["0", "1", "2"]),
            "smoking": coded(pick(rng, [0.52, 0.28, 0.20], m), ["never", "former", "current"]),
            "education": coded(pick(rng, [0.15, 0.45, 0.40], m), ["1", "2", "3"]),
            "work_status": coded(
                work, ["working", "sick_leave", "not_working", "retired", "student"]
            ),
            "compensation": _flag((rng.random(m) < expit(-3.2 + 0.3 * distress)) & lbp),
            "red_flag": _flag(np.zeros(m)),
        }
    )
    # A column that applies to nobody in this design is left out.
    idle = [] if block.settings.randomised else ["arm"]
    return table.drop_columns(
        idle + (["lbp_duration_wk"] if block.settings.design == "cohort" else [])
    )


def make_visits(settings: Settings) -> Iterator[pa.Table]:
    """Make the visits, block by block: a row for each that was scheduled."""
    for block in blocks(settings):
        yield _visits(block)


def _visits(block: Block) -> pa.Table:
    course, rng = draw_course(block), block.rng("visits")
    came = course.attended
    m, visits = came.shape
    leaving = pick(rng, [0.35, 0.35, 0.08, 0.08, 0.14], m)[:, None]
    missing = pick(rng, [0.6, 0.4], m * visits).reshape(m, visits)
    gone = (course.left != NEVER)[:, None] & (np.arange(visits) >= course.left[:, None])
    why = np.where(came, 0, np.where(gone, 1 + leaving, 1 + len(LEAVING) + missing))
    absent = np.where(came, DONE, code_of("absent")).ravel()
    tablets = rng.random((m, visits)) < expit(-3 + 0.45 * course.nprs)
    strong = tablets & (rng.random((m, visits)) < 0.15)

    def flag(values: Any) -> pa.DictionaryArray:
        return coded(np.where(came, values, 2).ravel(), ["0", "1", "NA:absent"])

    week = np.broadcast_to(np.array(WEEKS[:visits], dtype=np.float64), (m, visits))
    return pa.table(
        {
            "participant_id": coded(np.repeat(np.arange(m), visits), _who(block)),
            "visit": coded(np.tile(np.arange(visits), m), VISITS),
            "week_nominal": numbers(week.ravel()),
            "attended": _flag(came.ravel()),
            "study_day": numbers(course.day.astype(np.float64).ravel(), absent),
            "reason_absent": coded(why.ravel(), ["not_applicable", *LEAVING, *MISSING]),
            "examiner": coded(np.where(came, 0, 1).ravel(), ["A", "NA:absent"]),
            "body_mass_kg": numbers(rounded(course.mass, 1).ravel(), absent),
            "med_analgesic_24h": flag(tablets),
            "med_opioid": flag(strong),
        }
    )


def make_events(settings: Settings) -> Iterator[pa.Table]:
    """Make the events, block by block: new low back pain that was heard of, and drop-out."""
    for block in blocks(settings):
        course = draw_course(block)
        visits = course.attended.shape[1]
        # New pain is known only of people who were seen afterwards.
        later = np.arange(visits) >= course.onset[:, None]
        heard = (course.onset != NEVER) & (course.attended & later).any(axis=1)
        fell, left = np.flatnonzero(heard), np.flatnonzero(course.left != NEVER)
        person = np.concatenate([fell, left])
        day = np.concatenate([course.onset_day[fell], course.left_day[left]])
        kind = np.repeat([0, 1], [len(fell), len(left)])
        order = np.lexsort((kind, day, person))
        yield pa.table(
            {
                "participant_id": coded(person[order], _who(block)),
                "study_day": numbers(day[order].astype(np.float64)),
                "event": coded(kind[order], ["lbp_onset", "dropout"]),
                "detail": coded(kind[order], ["new low back pain", "left the study"]),
            }
        )


def make_dispositions(settings: Settings) -> Iterator[pa.Table]:
    """Make the way into the study: those screened and not enrolled have ids with an S."""
    out = 0
    for block in blocks(settings):
        m, rng = block.size, block.rng("dispositions")
        lbp = draw_course(block).traits.people.lbp
        allocated = lbp & settings.randomised
        rows: list[tuple[Sequence[str], str, Any, Any]] = []
        who = _who(block)
        for stage in ("screened", "eligible", "enrolled"):
            rows.append((who, stage, np.ones(m, dtype=bool), np.zeros(m, dtype=np.int64)))
        if settings.randomised:
            why = np.where(allocated, 0, 1)
            rows.append((who, "allocated", allocated, why))
        extra = rng.poisson(SCREENED_PER_ENROLLED * m)
        names = ids(out, extra, settings.n, "S")
        out += extra
        fits = rng.random(extra) < _ELIGIBLE
        why = 2 + pick(rng, [0.4, 0.1, 0.2, 0.3], extra)
        willing = np.flatnonzero(fits)
        declined = 6 + pick(rng, [0.7, 0.3], len(willing))
        yes = np.ones(extra, dtype=bool)
        rows.append((names, "screened", yes, np.zeros(extra, dtype=np.int64)))
        rows.append((names, "eligible", fits, np.where(fits, 0, why)))
        kept = [names[i] for i in willing]
        rows.append((kept, "enrolled", np.zeros(len(kept), dtype=bool), declined))
        yield _dispose(rows)


def _dispose(rows: list[tuple[Sequence[str], str, Any, Any]]) -> pa.Table:
    reasons = ["na", "pain-free group, not allocated", *NOT_ELIGIBLE, "declined", "not reached"]
    names = list(dict.fromkeys(name for who, *_ in rows for name in who))
    place = {name: i for i, name in enumerate(names)}
    stages = ["screened", "eligible", "enrolled", "allocated"]
    person = np.array([place[name] for who, *_ in rows for name in who], dtype=np.int64)
    stage = np.repeat([stages.index(s) for _, s, *_ in rows], [len(w) for w, *_ in rows])
    reached = np.concatenate([r for *_, r, _ in rows])
    why = np.concatenate([w for *_, w in rows])
    order = np.lexsort((stage, person))
    return pa.table(
        {
            "participant_id": coded(person[order], names),
            "stage": coded(stage[order], stages),
            "reached": _flag(reached[order]),
            "reason": coded(why[order], reasons),
        }
    )
