"""Repeated trials and the two sides: scatter, copies, a side left out, sides exchanged."""

from __future__ import annotations

import numpy as np

from gluteal.cohort.body import others
from gluteal.cohort.grid import Codes, Flags, Floats, combine, number_groups
from gluteal.cohort.measured import Measured, name_sets
from gluteal.errors import Fault

CV_LIMIT_PCT = 15.0
"""A project decision (domain note 1.1): repeat the trials, or look them up."""
FINE = ("N", "µV", "mm")
"""Units read so finely that two sides do not agree in every trial by chance."""
LEAST_LOG_ODDS = 7.0
"""How much likelier exchanged sides must be: the prior odds are about 1 in 300."""


def check_trials(measured: Measured) -> list[Fault]:
    """Query sets of trials and pairs of sides that look wrong."""
    if not len(measured.value):
        return []
    return [
        *_scatter(measured),
        *_copies(measured),
        *_one_side(measured),
        *_exchanged(measured),
    ]


def _scatter(measured: Measured) -> list[Fault]:
    rows = np.flatnonzero(measured.of("hip_force") & (measured.value > 0))
    if not len(rows):
        return []
    group, first = number_groups(measured.sets()[rows])
    value = measured.value[rows]
    count = np.bincount(group)
    mean = np.bincount(group, value) / count
    spread = np.bincount(group, (value - mean[group]) ** 2)
    sd = np.sqrt(spread / np.maximum(count - 1, 1))
    wide = (count > 1) & (100 * sd > CV_LIMIT_PCT * mean)
    rule = f"the trials of this set scatter by more than {CV_LIMIT_PCT:g} % of their mean"
    remedy = "Look the trials up; a unit, a slip or a painful trial does this."
    cv = 100 * sd[wide] / mean[wide]
    names = name_sets(measured, rows[first[wide]])
    words = [f"{name}: CV {x:.0f} %" for name, x in zip(names, cv, strict=True)]
    return _listed(measured, rows[first[wide]], rule, remedy, words)


def _copies(measured: Measured) -> list[Fault]:
    fine = np.array([v is not None and v.unit in FINE for v in measured.variable], dtype=bool)
    sided = measured.side.among(["left", "right"])
    rows = np.flatnonzero(measured.current & sided & fine[measured.kind])
    if not len(rows):
        return []
    own = (measured.who, measured.visit, measured.test, measured.muscle)
    pair = combine(*own, measured.position, measured.assessor)[rows]
    slot, first = number_groups(pair * (len(measured.trial.words) + 1) + measured.trial.codes[rows])
    side = measured.side.among(["right"])[rows].astype(int)
    both = np.full((len(first), 2), np.nan)
    both[slot, side] = measured.value[rows]
    group, start = number_groups(pair[first])
    whole = ~np.isnan(both).any(axis=1)
    same = whole & (both[:, 0] == both[:, 1])
    pairs = np.bincount(group, whole)
    low = np.full(len(start), np.inf)
    high = np.full(len(start), -np.inf)
    np.minimum.at(low, group[whole], both[whole, 0])
    np.maximum.at(high, group[whole], both[whole, 0])
    copied = (pairs > 1) & (np.bincount(group, same) == pairs) & (high > low)
    at = rows[first[start[copied]]]
    rule = "left and right have the same value in every trial: copied?"
    words = [name.removesuffix(" left").removesuffix(" right") for name in name_sets(measured, at)]
    return _listed(measured, at, rule, "Look both sides up.", words)


def _one_side(measured: Measured) -> list[Fault]:
    here = measured.test.among(["hip_force"]) & measured.side.among(["left", "right"])
    rows = np.flatnonzero(here)
    if not len(rows):
        return []
    group, first = number_groups(
        combine(measured.who, measured.visit, measured.muscle, measured.position)[rows]
    )
    right = measured.side.among(["right"])[rows]
    left_n, right_n = np.bincount(group, ~right), np.bincount(group, right)
    lone = (left_n == 0) | (right_n == 0)
    rule = "only one side was tested, and no row says why"
    remedy = "Add the other side, or rows with status not_done and the reason."
    at = rows[first[lone]]
    return _listed(measured, at, rule, remedy, name_sets(measured, at))


def _exchanged(measured: Measured) -> list[Fault]:
    """Query a visit whose right-left difference is the mirror of the person's other visits.

    The difference ``d`` of a visit is ln(right/left); ``m`` is the median of the same person's
    other visits, of the same muscle. With scatter ``s`` of ``d`` about ``m``, exchanged sides are
    likelier by ``-2 d m / s²`` in log odds, summed over the muscles of the visit.
    """
    rows = np.flatnonzero(measured.of("hip_force") & (measured.value > 0))
    rows = rows[measured.side.among(["left", "right"])[rows]]
    if not len(rows):
        return []
    own = combine(measured.who, measured.muscle, measured.position)
    person, _ = number_groups(own[rows])
    width = len(measured.visit.words)
    group, first = number_groups(person * width + measured.visit.codes[rows])
    log_value = np.log(measured.value[rows])
    right = measured.side.among(["right"])[rows]
    gap = _mean(group, log_value, right) - _mean(group, log_value, ~right)
    usual = others(person[first], gap)
    off = gap - usual
    known = ~np.isnan(off)
    if known.sum() < 20:  # too few to know how much the difference moves by itself
        return []
    scatter = 1.4826 * float(np.median(np.abs(off[known])))
    if scatter == 0:
        return []
    with np.errstate(invalid="ignore"):
        odds = np.where(known, -2 * gap * usual / scatter**2, 0.0)
    at = rows[first]
    visit, start = number_groups(measured.who.codes[at] * width + measured.visit.codes[at])
    total = np.bincount(visit, odds)
    # With two visits each is the other's mirror, and nobody can say which: both are listed.
    likely = total > LEAST_LOG_ODDS
    rule = "right and left look exchanged against this person's other visits"
    remedy = "Look the sides up."
    words = [
        f"{measured.who.words[measured.who.codes[row]]} "
        f"{measured.visit.words[measured.visit.codes[row]]}"
        for row in at[start[likely]]
    ]
    return _listed(measured, at[start[likely]], rule, remedy, words)


def _mean(group: Codes, values: Floats, where: Flags) -> Floats:
    count = np.bincount(group, where)
    total = np.bincount(group, np.where(where, values, 0.0))
    return np.divide(total, count, np.full(len(count), np.nan), where=count > 0)


def _listed(
    measured: Measured, rows: Codes, rule: str, remedy: str, words: list[str]
) -> list[Fault]:
    where = np.zeros(measured.grid.n, dtype=bool)
    where[rows] = True
    order = np.argsort(rows, kind="stable")
    values = [words[i] for i in order]
    return measured.grid.faults(where, "value", rule, remedy, "query", values)
