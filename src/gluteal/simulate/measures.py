"""All measurements of a block: strength, self-tests, posture, EMG, provocation, pain days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from gluteal.cohort.tables import CENSORED, STATUS
from gluteal.simulate.course import Course, draw_course
from gluteal.simulate.performance import TESTED, add_chair, add_signs, add_stance, words
from gluteal.simulate.sheet import CODES, DONE, Sheet, code_of, coded, ids, numbers, rounded
from gluteal.simulate.streams import Block, Settings, blocks
from gluteal.simulate.strength import SIDES, add_strength

ACTIVITY = {
    "gmax": (25.0, 150.0, 20.0, 90.0),
    "gmed": (22.0, 200.0, 30.0, 90.0),
    "bf": (35.0, 250.0, -15.0, 80.0),
    "st": (35.0, 250.0, -20.0, 80.0),
    "es_ipsi": (30.0, 180.0, 5.0, 80.0),
    "es_contra": (30.0, 180.0, -10.0, 80.0),
}
"""Prone hip extension: mean % MVIC, mean MVIC (µV), onset and its SD (ms)."""
ES_WITH_LBP = 1.3
_PCT_LOG_SD = 0.3853  # a coefficient of variation of 0.4
_MVIC_LOG_SD = 0.3401  # of 0.35


def make_measurements(settings: Settings) -> Iterator[pa.Table]:
    """Make the measurements, block by block."""
    for block in blocks(settings):
        sheet, course = Sheet(block.size), draw_course(block)
        for visit in range(settings.visits):
            add_strength(sheet, block, course, visit)
            if visit in TESTED:
                add_stance(sheet, block, course, visit)
                add_signs(sheet, block, course, visit)
                add_chair(sheet, block, course, visit)
                _add_posture(sheet, block, course, visit)
            if visit == 0:
                _add_emg(sheet, block, course)
            _add_pain(sheet, block, course, visit)
        yield _write(sheet, block)


def _add_posture(sheet: Sheet, block: Block, course: Course, visit: int) -> None:
    """Add tilt by side and lordosis; the sides differ by shape, and their mean is the tilt."""
    m, came = block.size, course.attended[:, visit]
    stable, rng = block.rng("posture"), block.rng(f"posture {visit}")
    shape = stable.normal(0, 0.8, m)
    for sign, name in zip((1, -1), SIDES, strict=True):
        angle = course.traits.tilt + sign * shape + rng.normal(0, 0.7, m)
        slot = words("pelvic_tilt_asis_psis", visit, name, "deg", device="inclinometer")
        sheet.add(slot, rounded(np.clip(angle, -29, 44), 1), came)
    angle = np.clip(course.traits.lordosis + rng.normal(0, 1.5, m), -19, 109)
    slot = words("lumbar_lordosis_surface", visit, unit="deg", device="inclinometer")
    sheet.add(slot, rounded(angle, 1), came)


def _add_emg(sheet: Sheet, block: Block, course: Course) -> None:
    """Add EMG in prone hip extension: amplitude, amplitude in maximal contraction, onset.

    Amplitude is the share of the maximum times the maximum, so that % MVIC comes out as
    specified; stronger people have a larger maximum.
    """
    m, people, rng = block.size, course.traits.people, block.rng("emg")
    came, z = course.attended[:, 0], people.z
    skin = rng.normal(0, 0.24, m)
    habit = rng.normal(0, 0.24, m)
    for muscle, (share, maximum, onset, onset_sd) in ACTIVITY.items():
        pct = share * np.where(people.lbp & muscle.startswith("es"), ES_WITH_LBP, 1.0)
        own = rng.normal(0, 0.20, m)
        for side in SIDES:
            log_pct = habit + own + rng.normal(0, 0.2244, m) - _PCT_LOG_SD**2 / 2
            log_mvic = skin + 0.08 * z + rng.normal(0, 0.2276, m) - _MVIC_LOG_SD**2 / 2
            mvic = rounded(maximum * np.exp(log_mvic), 1)
            rms = rounded(mvic * pct / 100 * np.exp(log_pct), 2)
            start = np.round(onset + rng.normal(0, onset_sd, m))
            unseen = np.where(rng.random(m) < 0.06, code_of("unable"), DONE)
            for test, values, unit, reason in (
                ("emg_rms", rms, "µV", None),
                ("emg_mvic", mvic, "µV", None),
                ("emg_onset", start, "ms", unseen),
            ):
                slot = words(
                    test, 0, side, unit, muscle=muscle, device="emg", position="prone_straight"
                )
                sheet.add(slot, values, came, reason)


def _add_pain(sheet: Sheet, block: Block, course: Course, visit: int) -> None:
    """Add days with pain, and the sacroiliac tests of the people with pain at baseline."""
    rng, m = block.rng(f"pain days {visit}"), block.size
    came, nprs = course.attended[:, visit], course.nprs[:, visit]
    often = np.clip(4.2 * course.pain[:, visit] + rng.normal(0, 5, m), 0, 28)
    days = np.where(nprs > 0, np.maximum(np.round(often), 1), 0.0)
    sheet.add(words("days_with_pain", visit, unit="days"), days, came)
    if visit == 0:
        positive = rng.binomial(5, np.where(rng.random(m) < 0.2, 0.7, 0.15)).astype(np.float64)
        sheet.add(words("sij_tests", visit), positive, came & course.traits.people.lbp)


def _write(sheet: Sheet, block: Block) -> pa.Table:
    """Give the rows the columns of the package."""
    rows: Any = sheet.flatten(["censored", "pain_during"])
    person, reason = rows["person"].to_numpy(), rows["reason"].to_numpy().astype(np.int32)
    done, hurts = reason == DONE, rows["pain_during"].to_numpy()
    hurts = np.where(done, hurts, -1)
    asked = np.where(hurts >= 0, hurts, 2 + code_of("not_asked"))
    count = len(rows)

    def fixed(word: str) -> pa.DictionaryArray:
        return coded(np.zeros(count), [word])

    plain = {name: rows[name] for name in sheet.words[0]}
    return pa.table(
        {
            "participant_id": coded(person, ids(block.start, block.size, block.settings.n)),
            **{name: plain[name] for name in ("visit", "test", "position", "muscle", "side")},
            "trial": plain["trial"],
            "value": numbers(rows["value"].to_numpy(), reason),
            "unit": plain["unit"],
            "status": coded(np.where(done, 0, 1), STATUS),
            "reason_not_done": coded(np.where(done, len(CODES), reason), [*CODES, "na"]),
            "censored": coded(np.maximum(rows["censored"].to_numpy(), 0), CENSORED),
            "pain_during": coded(asked, ["0", "1", *CODES]),
            "device": plain["device"],
            "assessor": plain["assessor"],
            "version": fixed("0"),
            "correction_reason": fixed("na"),
        }
    )
