"""All questionnaire items of a block, and which of them are left blank (notes 7.2 and 7.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from gluteal.simulate import answers
from gluteal.simulate.course import Course, draw_course
from gluteal.simulate.people import painful_side
from gluteal.simulate.population import Flags, Ints
from gluteal.simulate.sheet import CODES, DONE, code_of, coded, ids
from gluteal.simulate.streams import Block, Settings, blocks
from gluteal.simulate.worlds import VISITS

BLANK = 0.02
BLANK_ODI_8 = 0.12
BLANK_IPAQ = 0.003
PAGE, BLANK_PAGE = 5, 0.005
SITES = (
    "central",
    "left_lumbar",
    "right_lumbar",
    "left_si",
    "right_si",
    "buttock",
    "leg_above",
    "leg_below",
)
TSK11 = (1, 2, 3, 6, 7, 9, 11, 13, 14, 15, 17)
ITEMS: dict[str, tuple[str, ...]] = {
    "nprs": ("avg", "now", "worst", "best"),
    "vas": ("mm",),
    "aggravation": ("stand", "walk", "sit_to_stand", "stand_min", "walk_min", "sit_to_stand_min"),
    "odi": tuple(f"item_{j}" for j in range(1, 11)),
    "rmdq24": tuple(f"item_{j}" for j in range(1, 25)),
    "pain_sites": SITES,
    "gpe7": ("change",),
    "phq9": tuple(f"item_{j}" for j in range(1, 10)),
    "tsk11": tuple(f"item_{j}" for j in TSK11),
    "fabq": tuple(f"item_{j}" for j in range(1, 17)),
    "ipaq_sf": (
        "vig_days",
        "vig_min",
        "mod_days",
        "mod_min",
        "walk_days",
        "walk_min",
        "sit_min",
    ),
}
_LARGEST = 1440


@dataclass
class _Pile:
    """Slots of questionnaire items: parallel lists, one entry an instrument and visit."""

    visit: list[int] = field(default_factory=list[int])
    instrument: list[str] = field(default_factory=list[str])
    value: list[Any] = field(default_factory=list[Any])
    reason: list[Any] = field(default_factory=list[Any])
    there: list[Flags] = field(default_factory=list[Flags])

    def add(
        self, visit: int, instrument: str, value: Ints, there: Flags, reason: Any = None
    ) -> None:
        self.visit.append(visit)
        self.instrument.append(instrument)
        self.value.append(value)
        blank = np.full(value.shape, DONE, dtype=np.int8) if reason is None else reason
        self.reason.append(blank.astype(np.int8))
        self.there.append(np.broadcast_to(there[:, None], value.shape))


def make_responses(settings: Settings) -> Iterator[pa.Table]:
    """Make the answers, block by block."""
    for block in blocks(settings):
        course, pile = draw_course(block), _Pile()
        for visit in range(settings.visits):
            _ask_always(pile, block, course, visit)
            if visit == 0:
                _ask_once(pile, block, course)
        yield _write(pile, block)


def _ask_always(pile: _Pile, block: Block, course: Course, visit: int) -> None:
    rng, came = block.rng(f"answers {visit}"), course.attended[:, visit]
    holes = block.rng(f"blanks {visit}")
    for instrument, value in (
        ("nprs", answers.rate_pain(course, visit, rng)),
        ("vas", answers.rate_mm(course, visit, rng)),
    ):
        pile.add(visit, instrument, value, came, _blanks(value, holes))
    value, none = answers.rate_activities(course, visit, rng)
    reason = np.where(none, code_of("not_applicable"), _blanks(value, holes))
    reason[:, 3:] = np.where(reason[:, :3] == DONE, reason[:, 3:], reason[:, :3])
    pile.add(visit, "aggravation", value, came, reason)
    theta = answers.disability(block, course, visit)
    odi = answers.answer_odi(theta, course.painful[:, visit], rng)
    reason = _skip_page(_blanks(odi, holes, odi_8=True), holes)
    pile.add(visit, "odi", odi, came, reason)
    rmdq = answers.answer_rmdq(theta, rng)
    pile.add(visit, "rmdq24", rmdq, came, _skip_page(_blanks(rmdq, holes), holes))
    if visit in (0, 3):
        side = painful_side(block, course)
        sites = answers.mark_sites(course, visit, side, rng)
        pile.add(visit, "pain_sites", sites, came)
    if visit > 0:
        change = answers.rate_change(course, visit, rng)
        pile.add(visit, "gpe7", change, came & course.traits.people.lbp, _blanks(change, holes))


def _ask_once(pile: _Pile, block: Block, course: Course) -> None:
    """Ask about mood, fear and activity, at baseline only."""
    rng, holes = block.rng("mood"), block.rng("mood blanks")
    came, people = course.attended[:, 0], course.traits.people
    d = people.distress
    phq, tsk = answers.answer_phq(d, rng), answers.answer_tsk(d, rng)
    fabq = answers.answer_fabq(d, rng)
    for name, value in (("phq9", phq), ("tsk11", tsk), ("fabq", fabq)):
        pile.add(0, name, value, came, _blanks(value, holes))
    ipaq = answers.answer_ipaq(people.log_met, rng)
    blank = np.where(holes.random(ipaq.shape) < BLANK_IPAQ, code_of("no_answer"), DONE)
    pile.add(0, "ipaq_sf", ipaq, came, blank)


def _blanks(value: Ints, rng: Any, *, odi_8: bool = False) -> Any:
    """Leave items blank at random; item 8 of the Oswestry index (sex life) most often."""
    chance = np.full(value.shape[1], BLANK)
    if odi_8:
        chance[7] = BLANK_ODI_8
    return np.where(rng.random(value.shape) < chance, code_of("no_answer"), DONE)


def _skip_page(reason: Any, rng: Any) -> Any:
    """Leave a run of five items blank: a page turned too fast."""
    m, items = reason.shape
    first = rng.integers(0, items - PAGE + 1, m)
    skipped = (np.arange(items) >= first[:, None]) & (np.arange(items) < first[:, None] + PAGE)
    skipped &= (rng.random(m) < BLANK_PAGE)[:, None]
    return np.where(skipped, code_of("no_answer"), reason)


def _write(pile: _Pile, block: Block) -> pa.Table:
    """Give the answers the columns of the package."""
    there = np.concatenate(pile.there, axis=1)
    value = np.concatenate(pile.value, axis=1)[there]
    reason = np.concatenate(pile.reason, axis=1)[there].astype(np.int32)
    names = list(ITEMS)
    keys = list(dict.fromkeys(key for items in ITEMS.values() for key in items))
    width = [len(ITEMS[name]) for name in pile.instrument]
    slots = {
        "visit": np.repeat(pile.visit, width),
        "instrument": np.repeat([names.index(name) for name in pile.instrument], width),
        "item": np.array([keys.index(k) for name in pile.instrument for k in ITEMS[name]]),
    }
    words = {"visit": VISITS, "instrument": names, "item": keys}
    person = np.broadcast_to(np.arange(block.size)[:, None], there.shape)[there]
    cells = [*map(str, range(_LARGEST + 1)), *CODES]
    return pa.table(
        {
            "participant_id": coded(person, ids(block.start, block.size, block.settings.n)),
            **{
                name: coded(np.broadcast_to(codes, there.shape)[there], words[name])
                for name, codes in slots.items()
            },
            "value": coded(np.where(reason == DONE, value, _LARGEST + 1 + reason), cells),
            "reason_missing": coded(np.where(reason == DONE, len(CODES), reason), [*CODES, "na"]),
        }
    )
