"""Answers to questionnaire items, as integers (people × items), from the latent states."""

from __future__ import annotations

from typing import Any

import numpy as np

from gluteal.simulate.course import Course
from gluteal.simulate.population import Flags, Floats, Ints, expit
from gluteal.simulate.streams import Block

ODI_STEP = np.linspace(-0.6, 0.6, 10)
RMDQ_STEP = np.linspace(0.06, 0.62, 24)
PHQ_LOADINGS = np.linspace(0.8, 0.7, 9)
TSK_LOADINGS = np.linspace(0.6, 0.8, 11)
FABQ_LOADINGS = np.linspace(0.6, 0.8, 16)
PHQ_CUTS = (0.25, 1.25, 2.0)
TSK_CUTS = (-0.7, 0.35, 1.5)
FABQ_CUTS = (-1.3, -0.7, -0.2, 0.3, 0.8, 1.4)


def ordinal(signal: Floats, loadings: Floats, cuts: tuple[float, ...], rng: Any) -> Ints:
    """Answer items that share one cause: 0 to ``len(cuts)``, one column an item."""
    noise = rng.normal(size=(len(signal), len(loadings)))
    latent = signal[:, None] * loadings + noise * np.sqrt(1 - loadings**2)
    return np.digitize(latent, cuts)


def rate_pain(course: Course, visit: int, rng: Any) -> Ints:
    """Rate pain on the NPRS: average, now, worst, least."""
    m = len(course.nprs)
    average, latent = course.nprs[:, visit], course.pain[:, visit]
    now = np.clip(np.round(latent - 0.3 + rng.normal(0, 0.9, m)), 0, 10)
    worst = np.clip(np.round(latent * 1.15 + np.abs(rng.normal(0.9, 0.7, m))), 0, 10)
    least = np.clip(np.round(latent * 0.75 - np.abs(rng.normal(0.9, 0.7, m))), 0, 10)
    quiet = average == 0
    worst = np.where(quiet & (latent < 0.5), np.minimum(worst, 1), np.maximum(worst, average))
    return np.stack([average, now, worst, np.minimum(least, average)], axis=1).astype(np.int64)


def rate_mm(course: Course, visit: int, rng: Any) -> Ints:
    """Mark pain on the 100 mm line."""
    mark = 10 * course.pain[:, visit] + rng.normal(0, 5, len(course.nprs))
    return np.clip(np.round(mark), 0, 100).astype(np.int64)[:, None]


def rate_activities(course: Course, visit: int, rng: Any) -> tuple[Ints, Flags]:
    """Rate pain on standing, walking, sit-to-stand; minutes until it starts.

    Returns
    -------
    answers : array, shape (people, 6)
        Three ratings, then three times in minutes.
    none : array of bool, shape (people, 6)
        Times that do not apply, since the activity does not hurt.
    """
    m = len(course.nprs)
    shift = np.array([-0.4, -1.0, -0.7])
    latent = course.pain[:, [visit]] + shift + rng.normal(0, 1.3, (m, 3))
    rating = np.clip(np.round(np.where(course.painful[:, [visit]], latent, 0)), 0, 10)
    scale = np.array([25.0, 30.0, 3.0])
    minutes = scale * np.exp(-0.22 * (rating - 4) + rng.normal(0, 0.7, (m, 3)))
    minutes = np.clip(np.round(minutes), 1, 240)
    none = np.concatenate([np.zeros((m, 3), dtype=bool), rating == 0], axis=1)
    return np.concatenate([rating, minutes], axis=1).astype(np.int64), none


def disability(block: Block, course: Course, visit: int) -> Floats:
    """Latent disability of each person at a visit, 0 to 1."""
    m, distress = block.size, course.traits.people.distress
    stable, rng = block.rng("disability"), block.rng(f"disability {visit}")
    own = 4 + 4.5 * course.nprs[:, visit] + 3 * distress
    own = own + stable.normal(0, 6.5, m) + rng.normal(0, 4.664, m)  # 8 in all
    free = np.abs(rng.normal(1, 2, m))
    return np.clip(np.where(course.painful[:, visit], own, free) / 100, 0, 1)


def answer_odi(theta: Floats, painful: Flags, rng: Any) -> Ints:
    """Answer the ten items of the Oswestry index (0 to 5)."""
    step = np.where(painful[:, None], ODI_STEP, ODI_STEP - 0.5)
    latent = 5 * theta[:, None] + step + rng.normal(0, 0.8, (len(theta), 10))
    return np.clip(np.round(latent), 0, 5).astype(np.int64)


def answer_rmdq(theta: Floats, rng: Any) -> Ints:
    """Answer the 24 items of the Roland-Morris questionnaire (0 or 1)."""
    chance = expit(14 * (theta[:, None] - RMDQ_STEP))
    return (rng.random(chance.shape) < chance).astype(np.int64)


def answer_phq(distress: Floats, rng: Any) -> Ints:
    """Answer the nine items on mood (0 to 3); the last one, self-harm, is rare."""
    items = ordinal(distress, PHQ_LOADINGS, PHQ_CUTS, rng)
    items[:, [8]] = ordinal(distress - 1.0, np.full(1, 0.7), PHQ_CUTS, rng)
    return items


def answer_tsk(distress: Floats, rng: Any) -> Ints:
    """Answer the eleven items on fear of movement (1 to 4)."""
    return 1 + ordinal(distress, TSK_LOADINGS, TSK_CUTS, rng)


def answer_fabq(distress: Floats, rng: Any) -> Ints:
    """Answer the sixteen items on fear-avoidance (0 to 6)."""
    return ordinal(distress, FABQ_LOADINGS, FABQ_CUTS, rng)


def mark_sites(course: Course, visit: int, side: Ints, rng: Any) -> Ints:
    """Mark the pain sites; the lumbar and sacroiliac marks follow the painful side.

    ``side``: 0 none, 1 left, 2 right, 3 bilateral, 4 central.
    """
    m = len(side)
    left, right = np.isin(side, (1, 3)), np.isin(side, (2, 3))
    chance = np.stack(
        [
            np.where(side == 4, 0.95, 0.35),
            np.where(left, 0.75, 0.08),
            np.where(right, 0.75, 0.08),
            np.where(left, 0.40, 0.04),
            np.where(right, 0.40, 0.04),
            np.full(m, 0.25),
            np.full(m, 0.18),
            np.full(m, 0.10),
        ],
        axis=1,
    )
    hurts = (course.painful[:, visit] & (course.nprs[:, visit] > 0))[:, None]
    return ((rng.random((m, 8)) < chance) & hurts).astype(np.int64)


def rate_change(course: Course, visit: int, rng: Any) -> Ints:
    """Rate the perceived effect, 1 (completely recovered) to 7 (worse than ever)."""
    gained = course.pain[:, 0] - course.pain[:, visit]
    latent = 4 - 0.75 * gained + rng.normal(0, 0.8, len(gained))
    return np.clip(np.round(latent), 1, 7).astype(np.int64)[:, None]


def answer_ipaq(log_met: Floats, rng: Any) -> Ints:
    """Answer the short activity questionnaire so that its total has this log, with noise.

    Days and minutes of vigorous, moderate, walking; minutes of sitting a day. Minutes are given
    in fives, and a bout has at least ten.
    """
    m = len(log_met)
    total = np.exp(log_met + rng.normal(0, 0.2, m))
    columns: list[Floats] = []
    left = total
    for share, met, usual in ((0.35, 8.0, 45.0), (0.25, 4.0, 45.0), (1.0, 3.3, 40.0)):
        part = left if share == 1.0 else total * share * rng.uniform(0.3, 1.5, m)
        part = np.minimum(part, left)
        days = np.clip(np.round(part / (met * usual)), 0, 7)
        if share == 1.0:
            days = np.clip(np.round(part / (met * usual)), 1, 7)
        minutes = np.where(days > 0, part / (met * np.maximum(days, 1)), 0.0)
        minutes = np.where(days > 0, np.clip(5 * np.round(minutes / 5), 10, 600), 0.0)
        left = left - met * days * minutes
        left = np.maximum(left, 0.0)
        columns += [days, minutes]
    sitting = np.clip(15 * np.round((360 + rng.normal(0, 110, m)) / 15), 30, 960)
    day = columns[1] + columns[3] + columns[5]
    columns[5] = np.where(day > 900, np.maximum(900 - columns[1] - columns[3], 10), columns[5])
    return np.stack([*columns, sitting], axis=1).astype(np.int64)
