"""Self-tests and functional tests: stance, drop, Trendelenburg, squeeze, chair (note 7.2)."""

from __future__ import annotations

import numpy as np

from gluteal.simulate.course import Course
from gluteal.simulate.population import ABD_MEAN_NM_KG, Floats
from gluteal.simulate.sheet import DONE, Sheet, code_of, rounded
from gluteal.simulate.streams import Block
from gluteal.simulate.strength import SIDES, choose_retest, true_torque
from gluteal.simulate.worlds import STANCE_CAP_S, STRENGTH_SD_NM_KG, VISITS

TESTED = (0, 3)
"""Visits of the self-tests and of posture: baseline and week 12."""
_BEST_OF_3 = 0.846  # mean of the largest of three standard normal draws
STANCE_TRIAL_SD_S = 2.5
DROP_SIGN_DEG = 6.0
SIGN_PERSON_SD, SIGN_SIDE_SD, SIGN_LOOK_SD = 3.8, 2.5, 1.5
"""Error of seeing a drop: what is stable in a person and a leg, and what is new at each look."""
SQUEEZE_CUTS = (-2.6, -1.8, -0.85, 0.35)
SQUEEZE_LEG_SD, SQUEEZE_LOOK_SD = 0.40, 0.75


def words(
    test: str,
    visit: int,
    side: str = "na",
    unit: str = "1",
    trial: int = 1,
    muscle: str = "na",
    device: str = "na",
    assessor: str = "A",
    position: str = "na",
) -> dict[str, str]:
    """Return the structural words of one slot."""
    return {
        "visit": VISITS[visit],
        "test": test,
        "position": position,
        "muscle": muscle,
        "side": side,
        "trial": str(trial),
        "unit": unit,
        "device": device,
        "assessor": assessor,
    }


def stance_mean(age: Floats) -> Floats:
    """Mean stance time before the cap, by age (seconds)."""
    return np.select([age < 40, age < 50, age < 60, age < 70], [48.0, 44.0, 39.0, 27.0], 15.0)


def add_stance(sheet: Sheet, block: Block, course: Course, visit: int) -> None:
    """Add three trials a leg of single-leg stance, stopped at the cap."""
    people, m = course.traits.people, block.size
    stable, rng = block.rng("stance"), block.rng(f"stance {visit}")
    leg = stance_mean(people.age) + 2 * people.z + stable.normal(0, 7.6, m)
    legs = leg[:, None] + stable.normal(0, 3.5, (m, 2)) + rng.normal(0, 2.5, (m, 2))
    trials = legs[:, :, None] + rng.normal(0, STANCE_TRIAL_SD_S, (m, 2, 3))
    trials -= _BEST_OF_3 * STANCE_TRIAL_SD_S
    for side, name in enumerate(SIDES):
        for trial in range(3):
            time = rounded(np.maximum(trials[:, side, trial], 0.3), 1)
            capped = time >= STANCE_CAP_S
            sheet.add(
                words("sls_time", visit, name, "s", trial + 1, device="stopwatch"),
                np.minimum(time, STANCE_CAP_S),
                course.attended[:, visit],
                censored=capped.astype(np.int8),
            )


def pelvic_drop(block: Block, course: Course, visit: int) -> Floats:
    """Contralateral drop of the pelvis in stance on each leg (people × sides, degrees)."""
    m = block.size
    stable, rng = block.rng("drop"), block.rng(f"drop {visit}")
    person = 4 - 0.8 * course.traits.people.z + stable.normal(0, 1.6, m)
    return person[:, None] + stable.normal(0, 0.9, (m, 2)) + rng.normal(0, 1.2, (m, 2))


def see_drop(block: Block, drop: Floats, look: str) -> Floats:
    """Say which legs look positive to a rater (people × sides, 0 or 1)."""
    m = len(drop)
    stable, rng = block.rng("sign"), block.rng(f"sign {look}")
    error = stable.normal(0, SIGN_PERSON_SD, (m, 1)) + stable.normal(0, SIGN_SIDE_SD, (m, 2))
    error = error + rng.normal(0, SIGN_LOOK_SD, (m, 2))
    return (drop + error > DROP_SIGN_DEG).astype(np.float64)


def squeeze_grade(block: Block, course: Course, visit: int, look: str) -> Floats:
    """Grade a static squeeze 0 to 4 from the strength of the leg (people × sides)."""
    people = course.traits.people
    mean = np.where(people.female, ABD_MEAN_NM_KG["f"], ABD_MEAN_NM_KG["m"])
    z = (true_torque(course, "abd", visit) - mean[:, None]) / STRENGTH_SD_NM_KG
    z = z + block.rng("squeeze").normal(0, SQUEEZE_LEG_SD, z.shape)
    seen = z + block.rng(f"squeeze {look}").normal(0, SQUEEZE_LOOK_SD, z.shape)
    return np.digitize(seen, SQUEEZE_CUTS).astype(np.float64)


def add_signs(sheet: Sheet, block: Block, course: Course, visit: int) -> None:
    """Add pelvic drop, Trendelenburg and squeeze; at baseline some by a second assessor."""
    came, chosen = course.attended[:, visit], choose_retest(block)
    drop = pelvic_drop(block, course, visit)
    hold = block.rng(f"hold {visit}")
    raters = ("A", "B") if visit == 0 else ("A",)
    for side, name in enumerate(SIDES):
        slot = words("pelvic_drop", visit, name, "deg", device="video")
        sheet.add(slot, rounded(drop[:, side], 1), came)
        for rater in raters:
            sign = see_drop(block, drop, f"{visit} {rater}")[:, side]
            there = came if rater == "A" else chosen
            sheet.add(words("trendelenburg", visit, name, assessor=rater), sign, there)
        for rater in raters:
            grade = squeeze_grade(block, course, visit, f"{visit} {rater}")[:, side]
            there = came if rater == "A" else chosen
            sheet.add(words("squeeze_grade", visit, name, assessor=rater), grade, there)
            if rater == "A":
                seconds = np.where(grade < 3, 3 * hold.random(block.size) * (grade > 1), 10.0)
                seconds -= np.where(grade == 3, 6 * hold.random(block.size), 0.0)
                slot = words("squeeze_hold", visit, name, "s", device="stopwatch")
                sheet.add(slot, rounded(seconds, 1), came)


def add_chair(sheet: Sheet, block: Block, course: Course, visit: int) -> None:
    """Add chair stands, trunk lean, and pelvic drop in gait at baseline.

    People with pain lean slightly less (note 1.5); drop in gait does not differ by group.
    """
    people, m = course.traits.people, block.size
    came, nprs = course.attended[:, visit], course.nprs[:, visit]
    stable, rng = block.rng("chair"), block.rng(f"chair {visit}")
    able = 14 - 0.08 * (people.age - 43) + people.z - 0.3 * nprs + stable.normal(0, 2.6, m)
    stands = np.clip(np.round(able + rng.normal(0, 1.5, m)), 0, 40)
    sheet.add(words("cst30", visit, unit="stands"), stands, came)
    time = 135 / (np.maximum(able, 2) + 4) * np.exp(rng.normal(0, 0.08, m))
    unable = np.where(stands < 2, code_of("unable"), DONE)
    sheet.add(words("sts5", visit, unit="s"), rounded(np.clip(time, 3, 60), 1), came, unable)
    lean = 42 - 0.6 * np.where(course.painful[:, visit], nprs, 0.0)
    lean = lean + stable.normal(0, 7, m) + rng.normal(0, 4, m)
    lean = np.clip(lean, 2, 110)
    slot = words("sts_trunk_lean", visit, unit="deg", device="video")
    sheet.add(slot, rounded(lean, 1), came)
    back = rng.random(m) < 1 / (1 + np.exp(1.8 - 0.04 * (lean - 40)))
    sheet.add(words("sts_uses_back_lean", visit), back.astype(np.float64), came)
    if visit == 0:
        walk = rng.normal(4.5, 1.8, m)
        for name in SIDES:
            slot = words("gait_pelvic_drop", visit, name, "deg", device="video")
            sheet.add(slot, rounded(walk + rng.normal(0, 1.0, m), 1), came)
