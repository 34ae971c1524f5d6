"""The partial likelihood of a Cox model: value, score, information, residuals, its maximum."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.survival.risk_sets import RiskSets

MOST_STEPS, MOST_HALVES, SETTLED = 50, 20, 1e-9
LOST, FLAT = 1e-6, 1e-9


@dataclass(frozen=True, slots=True)
class Pieces:
    """What one evaluation of the partial likelihood leaves behind, for rows in sorted order.

    ``weight`` is exp(eta - shift) of a row, ``shift`` the largest eta of each stratum; ``hazard``
    a slot's 1/S0, the sum of these weights; ``mean`` the mean covariates of a slot's risk set;
    ``expected`` the expected number of events of a row.
    """

    like: float
    score: Floats
    information: Floats
    weight: Floats
    shift: Floats
    hazard: Floats
    mean: Floats
    expected: Floats


def evaluate(x: Floats, sets: RiskSets, coef: Floats, tilt: Floats | None = None) -> Pieces:
    """Evaluate log partial likelihood, score and information.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Covariates in sorted order, best centred.
    tilt : ndarray, shape (groups,), optional
        Multiplies what each event group adds to score and information (not to the likelihood).
    """
    eta = x @ coef
    # By each stratum's own largest: beside another's weights, small ones would lose digits.
    fresh = np.flatnonzero(np.diff(sets.stratum, prepend=-1))
    shift = np.maximum.reduceat(eta, fresh)
    weight = np.exp(eta - shift[sets.stratum])
    both = np.column_stack([weight, x * weight[:, None]])
    slots = sets.at_risk(both)
    if sets.repeated:
        slots = slots[sets.slot]
    if sets.efron:
        slots = slots - sets.part[:, None] * sets.of_dead(both)[sets.slot]
    # Hazards too far apart for the machine leave a risk set without weight: no place to be.
    sound = bool((slots[:, 0] > 0).all())
    total = slots[:, 0] if sound else np.where(slots[:, 0] > 0, slots[:, 0], 1.0)
    hazard, mean = 1 / total, slots[:, 1:] / total[:, None]
    of_slot = sets.group_stratum[sets.slot]
    like = float(eta[sets.dead].sum() - (np.log(total) + shift[of_slot]).sum()) if sound else -inf
    pull = hazard if tilt is None else hazard * tilt[sets.slot]
    expected = expect(sets, weight, pull)
    happened = sets.dead.astype(float)
    if tilt is not None:
        happened[sets.dead] = tilt[sets.slot]
    score = x.T @ (happened - expected)
    lean = mean if tilt is None else mean * tilt[sets.slot][:, None]
    information = (x * expected[:, None]).T @ x - lean.T @ mean
    return Pieces(like, score, information, weight, shift, hazard, mean, expected)


def expect(sets: RiskSets, weight: Floats, pull: Floats) -> Floats:
    """Sum slots over the time a row was at risk, Efron's share of its own ties taken off.

    ``pull`` is one value, or one row, a slot.
    """
    part = sets.part if pull.ndim == 1 else sets.part[:, None]
    found = sets.over_time(sets.of_slots(pull))
    if sets.efron:
        found[sets.dead] -= sets.of_slots(part * pull)[sets.slot]
    return found * (weight if pull.ndim == 1 else weight[:, None])


def rescale(at: Pieces, scale: Floats) -> Pieces:
    """Give the pieces of standardised covariates the unit of the data."""
    information = at.information * np.outer(scale, scale)
    return replace(at, score=at.score * scale, information=information, mean=at.mean * scale)


def solve(matrix: Floats, vector: Floats) -> Floats:
    """Solve for a step, leaving alone directions that the data do not know."""
    return np.asarray(np.linalg.lstsq(matrix, vector, rcond=1e-14)[0], dtype=float)


def climb(x: Floats, sets: RiskSets, null: Pieces) -> tuple[Floats, Pieces, bool]:
    """Climb the partial likelihood from zero by Newton's steps, halved where they overshoot."""
    coef, now = np.zeros(x.shape[1]), null
    for _ in range(MOST_STEPS):
        move = solve(now.information, now.score)
        reach = float(np.abs(x @ move).max())
        # One step may not carry anyone's hazard further than a factor of e^10.
        move = move * min(1.0, 10 / reach) if reach > 0 else move
        after = evaluate(x, sets, coef + move)
        halves = 0
        while not after.like >= now.like - 1e-12 * abs(now.like) and halves < MOST_HALVES:
            move, halves = move / 2, halves + 1
            after = evaluate(x, sets, coef + move)
        coef, now = coef + move, after
        if reach < SETTLED:
            return coef, now, True
    return coef, now, False


def row_scores(x: Floats, sets: RiskSets, at: Pieces) -> Floats:
    """Return what each sorted row adds to the score."""
    own = sets.of_slots(at.mean) / sets.deaths[:, None]
    found = x * (sets.dead - at.expected)[:, None]
    found += expect(sets, at.weight, at.mean * at.hazard[:, None])
    found[sets.dead] -= own[sets.slot]
    return found


def check_spread(information: Floats, events: int, labels: tuple[str, ...]) -> None:
    """Refuse covariates that do not vary, or not on their own, in any risk set."""
    values, vectors = np.linalg.eigh(information / events)
    if (none := values < FLAT).any():
        named = [labels[j] for j in np.flatnonzero((np.abs(vectors[:, none]) > 0.3).any(1))]
        raise UserError(
            f"among those at risk at events, {', '.join(named)} does not vary by itself: "
            "no hazard ratio can be estimated"
        )


def invert(at: Pieces, null: Pieces, labels: tuple[str, ...]) -> tuple[Floats, str]:
    """Invert the information; say which coefficients it has lost on the way from zero.

    A likelihood that keeps rising flattens: along that direction next to nothing is left of the
    information that was there at zero. Its variance is then huge, never 0.
    """
    size = np.sqrt(np.maximum(np.diag(null.information), 1e-300))
    values, vectors = np.linalg.eigh(at.information / np.outer(size, size))
    lost = values < LOST
    floor = np.maximum(values, 1e-12 * max(float(values.max()), 1e-12))
    inverse = (vectors / floor) @ vectors.T / np.outer(size, size)
    if not lost.any():
        return inverse, ""
    named = [labels[j] for j in np.flatnonzero((np.abs(vectors[:, lost]) > 0.3).any(1))]
    return inverse, f"no finite estimate of {', '.join(named)}: the likelihood keeps rising"
