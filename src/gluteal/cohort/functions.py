"""Stance, posture, grades, chair stand, EMG: trials become one value a side and a visit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gluteal.cohort.harvest import Harvest, count_single, group_by_side, mean_of_available, split
from gluteal.cohort.readings import Trials
from gluteal.cohort.settings import Derivation
from gluteal.cohort.tally import Tally
from gluteal.cohort.torque import MUSCLES
from gluteal.measures import emg, posture
from gluteal.measures.stance import summarise_stance
from gluteal.measures.trials import summarise_trials
from gluteal.variables import variables

Floats = NDArray[np.float64]
BEST = (
    "leg_press_1rm_kg",
    "leg_ext_1rm_kg",
    "sls_time_s",
    "sls_time_ec_s",
    "squeeze_grade",
    "squeeze_hold_s",
)
WORST = ("trendelenburg_pos", "trendelenburg_grade", "sts_uses_back_lean", "sij_tests_pos")
"""Signs: one positive trial is a positive test."""
BOTH_SIDES = ("pelvic_tilt_asis_psis_deg",)
"""One side alone is not the pelvis: the visit needs both."""
EMG_MUSCLES = ("gmax", "gmed", "bf", "st", "es_ipsi", "es_contra")
RATIOS = {"emg_ham_gmax_log_ratio": ("bf", "st"), "emg_es_gmax_log_ratio": ("es_ipsi", "es_contra")}


def rule_of(name: str) -> str:
    """Say how trials of a variable become one value."""
    if name.endswith("_mvic_uv") or name in BEST + WORST:
        return "largest"
    return "mean"


def derive_functions(trials: Trials, visits: int, settings: Derivation, tally: Tally) -> Harvest:
    """Derive every measured variable other than hip strength.

    Parameters
    ----------
    trials : Trials
        All trials.
    visits : int
        Number of visits.
    settings : Derivation
        The settings.
    tally : Tally
        Counts second assessors and visits of one side.
    """
    made = Harvest()
    rules: dict[str, str] = {}
    for name in trials.names:
        found = trials.of(name)
        if found is None or name.startswith(tuple(f"hip_{m}_" for m in MUSCLES)):
            continue
        made.trials.append((name, found))
        first = found.take(found.first)
        second = len(found.value) - len(first.value)
        tally.note(name, "second assessor, in trials only", second)
        rules[name] = rule_of(name)
        sided, whole = split(first)
        homes = variables()[name].derived
        if "sides" in homes and len(sided.value):
            made.sides[name] = _values(name, sided, group_by_side(sided), 2 * visits).reshape(-1, 2)
        elif len(sided.value):
            tally.add(name, "given by side, but has none", len(sided.value))
        if "visits" in homes:
            made.visits[name] = _visit_values(name, made, whole, visits, tally)
        elif len(whole.value):
            tally.add(name, "given without the side that it needs", len(whole.value))
        if name == "sls_time_s":
            made.add(_stance(sided, whole, visits, settings))
    made.add(_emg(made))
    made.facts["summaries"] = rules
    return made


def _values(name: str, trials: Trials, group: NDArray[np.int64], groups: int) -> Floats:
    found = summarise_trials(trials.value, group, groups)
    return found.best if rule_of(name) == "largest" else found.mean


def _visit_values(name: str, made: Harvest, whole: Trials, visits: int, tally: Tally) -> Floats:
    """Take the mean of the sides; where no side was measured, the value without a side."""
    alone = _values(name, whole, whole.row, visits)
    if name not in made.sides:
        return alone
    pairs = made.sides[name]
    if name in BOTH_SIDES:
        both = posture.mean_of_sides(pairs[:, 0], pairs[:, 1])
    else:
        both = mean_of_available(pairs)
        tally.note(name, "mean of one side only", count_single(pairs))
    return np.where(np.isnan(both), alone, both)


def _stance(sided: Trials, whole: Trials, visits: int, settings: Derivation) -> Harvest:
    """Mean of trials and censoring beside the best; a visit is censored if a side is."""
    made = Harvest()
    cap = settings.sls_cap_s
    alone = summarise_stance(whole.value, whole.censored, whole.row, visits, cap_s=cap)
    group = group_by_side(sided)
    found = summarise_stance(sided.value, sided.censored, group, 2 * visits, cap_s=cap)
    pairs, flags = found.mean_s.reshape(-1, 2), found.censored.reshape(-1, 2)
    if len(sided.value):
        made.sides |= {"sls_time_mean_s": pairs, "sls_censored": flags}
    means = mean_of_available(pairs)
    made.visits["sls_time_mean_s"] = np.where(np.isnan(means), alone.mean_s, means)
    any_side = np.fmax(flags[:, 0], flags[:, 1])
    made.visits["sls_censored"] = np.where(np.isnan(any_side), alone.censored, any_side)
    return made


def _emg(done: Harvest) -> Harvest:
    """% MVIC of each muscle and side, and the log ratios to gluteus maximus."""
    made = Harvest()
    for muscle in EMG_MUSCLES:
        raw, top = done.sides.get(f"emg_{muscle}_rms_uv"), done.sides.get(f"emg_{muscle}_mvic_uv")
        if raw is not None and top is not None:
            made.sides[f"emg_{muscle}_pct_mvic"] = emg.pct_mvic(raw, top)
    gmax = made.sides.get("emg_gmax_pct_mvic")
    for name, muscles in RATIOS.items():
        parts = [made.sides.get(f"emg_{muscle}_pct_mvic") for muscle in muscles]
        there = [part for part in parts if part is not None]
        if gmax is None or not there:
            continue
        over = there[0] if len(there) == 1 else _mean(there[0], there[1])
        made.sides[name] = emg.log_ratio(over, gmax)
    made.visits |= {name: mean_of_available(pairs) for name, pairs in made.sides.items()}
    return made


def _mean(first: Floats, second: Floats) -> Floats:
    stacked = np.stack([first.ravel(), second.ravel()], axis=1)
    return mean_of_available(stacked).reshape(first.shape)
