"""Forces in kgf or lbf entered as newton: found by how far they lie from what is expected.

A value in kgf that is called newton is ``ln(1/9.80665) = -2.283`` too low on the log scale, one in
lbf ``-1.493``. People differ much in strength, so a low force alone says little: it is compared
with the same person's other visits first, and with people of the same sex and body mass where
there are none. Everything found is a query; nothing is mended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from gluteal.cohort.body import others
from gluteal.cohort.grid import Codes, Flags, Floats, Grid, combine, number_groups
from gluteal.cohort.measured import Measured
from gluteal.cohort.tables import UNITS
from gluteal.errors import Fault

FEWEST_PEOPLE = 20
"""With fewer, sex and mass cannot be fitted; a person's own visits still can be compared."""
LEAST_SHIFT = 1.0
"""Units nearer than this (lbf for kgf, 0.79) cannot be told from a weak or a strong person."""
PRIOR_ODDS = 1 / 20
"""Odds of a wrong unit where a person has one visit only: rather ask too often."""


@dataclass(frozen=True)
class Sets:
    """One row a set: a person, visit, muscle, position and declared unit."""

    rows: Codes
    who: Codes
    visit: Codes
    muscle: Codes
    unit: Codes
    log_force: Floats


@cache
def shifts(unit: str) -> dict[str, float]:
    """Return, for each other unit, the log error of a value that is called ``unit`` instead.

    Examples
    --------
    >>> {name: round(shift, 3) for name, shift in shifts("N").items()}
    {'kgf': -2.283, 'lbf': -1.493}
    """
    newton = UNITS["N"]
    found = {other: np.log(newton[unit] / newton[other]) for other in newton if unit in newton}
    return {other: float(x) for other, x in found.items() if abs(x) >= LEAST_SHIFT}


def check_force_units(measured: Measured, grids: Mapping[str, Grid]) -> list[Fault]:
    """Query the visits, or single muscles of a visit, whose forces look like another unit."""
    sets = _collect(measured)
    if sets is None:
        return []
    residual = _residual(sets, *_body(measured, sets, grids))
    visit_key = combine_codes(sets.who, sets.visit, sets.unit)
    group, first = number_groups(visit_key)
    middle = _median(group, residual)
    found = _verdicts(measured, sets, sets.who[first], middle, sets.unit[first])
    faults = _say(measured, sets, first, found, whole=True)
    # A visit that is fine as a whole may still hold one muscle in another unit.
    rest = ~np.array([bool(word) for word in found])[group]
    single = _singles(measured, sets, residual, rest)
    return faults + _say(measured, sets, np.arange(len(sets.rows)), single, whole=False)


def combine_codes(*codes: Codes) -> Codes:
    """Return one number a combination of codes."""
    key = np.zeros(len(codes[0]), dtype=np.int64)
    for code in codes:
        key = key * (int(code.max(initial=0)) + 1) + code
    return key


def _collect(measured: Measured) -> Sets | None:
    rows = np.flatnonzero(measured.of("hip_force") & (measured.value > 0))
    if not len(rows):
        return None
    parts = (measured.who, measured.visit, measured.muscle, measured.position, measured.unit)
    group, first = number_groups(combine(*parts)[rows])
    log_force = np.bincount(group, np.log(measured.value[rows])) / np.bincount(group)
    at = rows[first]
    muscle, _ = number_groups(combine(measured.muscle, measured.position)[at])
    return Sets(
        rows=at,
        who=measured.who.codes[at],
        visit=measured.visit.codes[at],
        muscle=muscle,
        unit=measured.unit.codes[at],
        log_force=log_force,
    )


def _body(measured: Measured, sets: Sets, grids: Mapping[str, Grid]) -> tuple[Floats, Floats]:
    """Return female (0, 1) and log body mass of each set; the sample's middle where unknown."""
    female = np.full(len(sets.rows), np.nan)
    mass = np.full(len(sets.rows), np.nan)
    people, visits = grids.get("participants"), grids.get("visits")
    if people is not None and "sex" in people and "participant_id" in people:
        is_female = dict(
            zip(
                (people.column("participant_id").text(i).strip() for i in range(people.n)),
                np.where(people.column("sex").missing, np.nan, people.column("sex").among(["f"])),
                strict=True,
            )
        )
        words = measured.who.words
        female = np.array([is_female.get(word, np.nan) for word in words])[sets.who]
    if visits is not None and "body_mass_kg" in visits and "participant_id" in visits:
        ids = {word: place for place, word in enumerate(measured.who.words)}
        who = visits.column("participant_id").shared(ids)
        kg = visits.column("body_mass_kg").numbers
        known = ~np.isnan(kg) & (kg > 0)
        group = who[known]
        # The person's usual mass: one visit's in pounds must not hide one visit's in kgf.
        usual = np.full(len(ids), np.nan)
        people_group, first = number_groups(group)
        usual[group[first]] = _median(people_group, np.log(kg[known]))
        mass = usual[sets.who]
    return _filled(female), _filled(mass)


def _filled(values: Floats) -> Floats:
    known = values[~np.isnan(values)]
    middle = float(np.median(known)) if len(known) else 0.0
    return np.where(np.isnan(values), middle, values)


def _residual(sets: Sets, female: Floats, log_mass: Floats) -> Floats:
    """Fit log force on sex and log mass within each muscle, and return what is left over."""
    left = np.empty(len(sets.rows))
    for muscle in range(int(sets.muscle.max()) + 1):
        here = sets.muscle == muscle
        y = sets.log_force[here]
        design = np.column_stack([np.ones(len(y)), female[here], log_mass[here]])
        if len(np.unique(sets.who[here])) < FEWEST_PEOPLE:
            design = design[:, :1]
        left[here] = y - design @ fit_robust(design, y)
    return left


def fit_robust(design: Floats, y: Floats, rounds: int = 30) -> Floats:
    """Fit a line that a minority of wild values does not move (Tukey's biweight).

    Parameters
    ----------
    design : array, shape (n, k)
        The first column is the constant.
    y : array, shape (n,)
        The outcome.

    Returns
    -------
    array, shape (k,)
        Coefficients.

    Notes
    -----
    It starts from the shortest half, so that wild values carry no weight from the first round on:
    Beaton and Tukey 1974, doi:10.1080/00401706.1974.10489171.

    Examples
    --------
    >>> x = np.arange(20.0)
    >>> y = np.where(x == 3, -100.0, 1 + 2 * x + np.cos(x) / 9)
    >>> [round(float(b), 1) for b in fit_robust(np.column_stack([np.ones(20), x]), y)]
    [1.0, 2.0]
    """
    weight = np.ones(len(y))
    beta: Floats = np.zeros(design.shape[1])
    beta[0], _ = shortest_half(y)
    for step in range(rounds):
        off = y - design @ beta
        _, scale = shortest_half(off)
        if scale == 0:
            break
        near = np.abs(off) / (4.685 * scale)
        weight = np.where(near < 1, (1 - near**2) ** 2, 0.0)
        root = np.sqrt(weight)
        new = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0].astype(np.float64)
        done = step > 1 and np.abs(new - beta).max() < 1e-8
        beta = new
        if done:
            break
    return beta


def _median(group: Codes, values: Floats) -> Floats:
    order = np.lexsort((values, group))
    _, start, size = np.unique(group[order], return_index=True, return_counts=True)
    low, high = values[order][start + (size - 1) // 2], values[order][start + size // 2]
    return (low + high) / 2


def shortest_half(values: Floats) -> tuple[float, float]:
    """Return the middle of the shortest half of some values, and the spread that it implies.

    Up to half of the values may be wild without moving either, on one side too: Rousseeuw and
    Leroy 1988, doi:10.1111/j.1467-9574.1988.tb01224.x.

    Examples
    --------
    >>> shortest_half(np.array([0.0, 1.0, 2.0, 3.0, 90.0, 99.0]))[0]
    1.5
    """
    ordered = np.sort(values)
    size = len(ordered) // 2 + 1
    width = ordered[size - 1 :] - ordered[: len(ordered) - size + 1]
    start = int(np.argmin(width))
    middle = (ordered[start] + ordered[start + size - 1]) / 2
    return float(middle), float(width[start]) / 2 / 0.6745


def _verdicts(measured: Measured, sets: Sets, who: Codes, middle: Floats, unit: Codes) -> list[str]:
    """Return the unit that each visit looks like; empty where the declared one is fine."""
    people, _ = number_groups(who)
    usual = _usual(measured, people, middle, unit)
    _, between = shortest_half(_median(people, middle))
    enough = len(np.unique(people)) >= FEWEST_PEOPLE
    found: list[str] = []
    for value, own, code in zip(middle, usual, unit, strict=True):
        candidates = shifts(measured.unit.words[code])
        word = "" if np.isnan(own) else _nearest(value - own, candidates)
        if not word and enough:
            word = _weighed(value, candidates, between)
        found.append(word)
    return found


def _singles(measured: Measured, sets: Sets, residual: Floats, rest: Flags) -> list[str]:
    """Compare each muscle of a visit with the same muscle of the person at other visits."""
    person = combine_codes(sets.who, sets.muscle)
    usual = _usual(measured, person, residual, sets.unit)
    return [
        _nearest(value - own, shifts(measured.unit.words[code])) if ask else ""
        for value, own, code, ask in zip(
            residual, usual, sets.unit, rest & ~np.isnan(usual), strict=True
        )
    ]


def _usual(measured: Measured, who: Codes, values: Floats, unit: Codes) -> Floats:
    """Return the person's usual value, of two in the middle the one that a wrong unit is not."""
    too_low = np.array([min(shifts(word).values(), default=0) < 0 for word in measured.unit.words])
    return np.where(too_low[unit], others(who, values, 1.0), others(who, values, 0.0))


def _nearest(gap: float, candidates: dict[str, float]) -> str:
    """Return the unit whose shift is nearest to the gap, if that is nearer than no shift."""
    best = min(candidates, key=lambda unit: abs(gap - candidates[unit]), default="")
    if not best or abs(gap - candidates[best]) >= min(abs(gap), abs(candidates[best]) / 2):
        return ""
    return best


def _weighed(gap: float, candidates: dict[str, float], spread: float) -> str:
    """Return the unit that explains the gap better than a weak person would, prior odds counted."""
    if spread == 0:
        return _nearest(gap, candidates)
    for unit, shift in candidates.items():
        odds = (gap**2 - (gap - shift) ** 2) / (2 * spread**2) + np.log(PRIOR_ODDS)
        if odds > 0 and _nearest(gap, candidates) == unit:
            return unit
    return ""


def _say(
    measured: Measured, sets: Sets, places: Codes, found: list[str], whole: bool
) -> list[Fault]:
    faults: list[Fault] = []
    for place, word in zip(places, found, strict=True):
        if not word:
            continue
        row = int(sets.rows[place])
        unit = measured.unit.words[measured.unit.codes[row]]
        who = measured.who.words[measured.who.codes[row]]
        visit = measured.visit.words[measured.visit.codes[row]]
        muscle = "" if whole else f" {measured.muscle.words[measured.muscle.codes[row]]}"
        faults.append(
            Fault(
                measured.grid.file,
                f"forces of this visit look like {word} entered as {unit}",
                "Look the device up; correct the unit, never the value.",
                int(measured.grid.lines[row]),
                "unit",
                f"{who} {visit}{muscle}",
                severity="query",
            )
        )
    return faults
