"""Body mass and posture angles that cannot be right together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gluteal.cohort.grid import Codes, Floats, Grid, number_groups
from gluteal.cohort.measured import Measured
from gluteal.cohort.ranges import outside
from gluteal.errors import Fault
from gluteal.variables import variable

LB_PER_KG = 1 / 0.45359237
JUMP = 1.6
"""A person does not weigh 1.6 times as much at another visit; pounds are 2.2 times kilograms."""
ANGLE_TOLERANCE_DEG = 1.0


def check_mass(grids: Mapping[str, Grid]) -> list[Fault]:
    """Query a mass far from the same person's others, or implausible for the height."""
    visits, people = grids.get("visits"), grids.get("participants")
    if visits is None or any(c not in visits for c in ("participant_id", "body_mass_kg")):
        return []
    numbering: dict[str, int] = {}
    who = visits.column("participant_id").shared(numbering)
    mass = visits.column("body_mass_kg").numbers
    usual = others(who, mass)
    with np.errstate(invalid="ignore"):
        heavy = mass > JUMP * usual
        light = (usual > JUMP * mass) & ~_settled(who, heavy)
    rule = f"is over {JUMP:g} times this person's mass at other visits: pounds?"
    remedy = "Look it up; convert pounds to kg (x 0.4536)."
    found = visits.faults(heavy, "body_mass_kg", rule, remedy, "query")
    rule = f"is under 1/{JUMP:g} of this person's mass at other visits"
    found += visits.faults(light, "body_mass_kg", rule, "Look it up.", "query")
    if people is None or any(c not in people for c in ("participant_id", "height_m")):
        return found
    place = people.column("participant_id").shared(numbering)
    height = np.full(len(numbering), np.nan)
    height[place] = people.column("height_m").numbers
    height[height == 0] = np.nan
    bmi = mass / height[who] ** 2
    known = variable("bmi_kg_m2")
    low, high = known.soft_low or 0.0, known.soft_high or np.inf
    odd = outside(bmi, low, high) & ~heavy & ~light
    pounds = odd & ~outside(bmi / LB_PER_KG, low, high) & (bmi > high)
    rule = "gives an implausible body-mass index: pounds, or a wrong height?"
    remedy = "Look mass and height up."
    found += visits.faults(pounds, "body_mass_kg", rule, remedy, "query")
    rule = f"gives a body-mass index outside {low:g} to {high:g} kg/m²"
    found += visits.faults(odd & ~pounds, "body_mass_kg", rule, remedy, "query")
    return found


def others(who: Codes, values: Floats, lean: float = 0.5) -> Floats:
    """Return for each row the median of the same person's other values; NaN if there are none.

    Of an even number it is the mean of the two in the middle; ``lean`` 0 takes the lower, 1 the
    upper of them, where wild values are known to lie on one side.

    Examples
    --------
    >>> others(np.array([7, 7, 7, 8]), np.array([1.0, 2.0, 10.0, 5.0])).tolist()
    [6.0, 5.5, 1.5, nan]
    """
    found = np.full(len(values), np.nan)
    rows = np.flatnonzero(~np.isnan(values))
    rows = rows[np.lexsort((values[rows], who[rows]))]
    if not len(rows):
        return found
    _, start, size = np.unique(who[rows], return_index=True, return_counts=True)
    sizes, starts = np.repeat(size, size), np.repeat(start, size)
    place = np.arange(len(rows)) - starts
    left = sizes - 1  # how many others
    sorted_values = values[rows]

    def other(rank: Codes) -> Floats:
        # The rank-th of the others: the row itself is passed over.
        at = np.minimum(rank + (rank >= place), np.maximum(sizes - 1, 0))
        return sorted_values[starts + at]

    low, high = np.maximum(left - 1, 0) // 2, left // 2
    median = (1 - lean) * other(low) + lean * other(high)
    found[rows] = np.where(left > 0, median, np.nan)
    return found


def _settled(who: Codes, flagged: np.ndarray) -> np.ndarray:
    """Say whose rows include a flagged one: then the light value is the right one."""
    hit = np.zeros(int(who.max(initial=-1)) + 1, dtype=bool)
    hit[who[flagged]] = True
    return hit[who]


def check_angles(measured: Measured) -> list[Fault]:
    """Query pelvic incidence that is not pelvic tilt (radiographic) plus sacral slope.

    The three are one geometry: PI = PT + SS in every person (Legaye 1998,
    doi:10.1007/s005860050038).
    """
    tests = ("pelvic_incidence", "pelvic_tilt_radiographic_pt", "sacral_slope")
    if any(test not in measured.test.words for test in tests):
        return []
    width = len(measured.visit.words) + 1
    group, first = number_groups(measured.who.codes * width + measured.visit.codes)
    angle: list[Floats] = []
    for test in tests:
        here = measured.of(test)
        total = np.bincount(group, np.where(here, np.nan_to_num(measured.value), 0.0), len(first))
        count = np.bincount(group, here, len(first))
        angle.append(np.divide(total, count, np.full(len(first), np.nan), where=count > 0))
    with np.errstate(invalid="ignore"):
        wrong = np.abs(angle[0] - angle[1] - angle[2]) > ANGLE_TOLERANCE_DEG
    rows = np.flatnonzero(measured.of(tests[0]))
    row_of = dict(zip(group[rows][::-1].tolist(), rows[::-1].tolist(), strict=True))
    where = np.zeros(measured.grid.n, dtype=bool)
    where[[row_of[int(place)] for place in np.flatnonzero(wrong)]] = True
    rule = f"pelvic incidence is not tilt + slope within {ANGLE_TOLERANCE_DEG:g} deg"
    remedy = "Look the three angles up; a tilt of the other sign convention does this."
    return measured.grid.faults(where, "value", rule, remedy, "query")
