"""The least deviance: Newton's method with exact derivatives, from several starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats
from gluteal.estimators.lmm.deviance import Profile, profile
from gluteal.estimators.lmm.parts import Parts, Structure, lower, lower_root, turn_squares

Judge = Callable[[Parts, int, bool], Profile | None]
MOST_STEPS = 100
SETTLED = 1e-9  # of the deviance still to gain by the quadratic model
SAME = 1e-5  # of a deviance: starts this near have found the same optimum
CLOSE, NEAR = 1.0, 0.03  # to a known optimum: in deviance, and of variances ratios
FARTHEST = 1e6
SLANT = 0.3  # of a number of the Cholesky factor that the diagonal above it must reach


@dataclass(frozen=True, slots=True)
class Point:
    """Where the deviance was evaluated, with derivatives with respect to theta."""

    theta: Floats
    omega: Floats
    parts: Parts
    profile: Profile
    gradient: Floats
    hessian: Floats

    @property
    def deviance(self) -> float:
        """The profiled deviance."""
        return self.profile.deviance


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best point found.

    Attributes
    ----------
    point : Point
    starts : tuple of float
        The deviance that each start reached.
    reached : int
        How many of them reached the least.
    converged : bool
    steps : int
        Evaluations in all.
    """

    point: Point
    starts: tuple[float, ...]
    reached: int
    converged: bool
    steps: int


def evaluate(
    data: Structure,
    theta: Floats,
    reml: bool,
    squares: Floats | None = None,
    judge: Judge = profile,
) -> Point | None:
    """Evaluate the deviance at theta; None where it cannot be computed.

    Parameters
    ----------
    squares : ndarray, shape (m, t, t), optional
        Other coordinates than the data's own.
    judge : callable
        Turns the sums into the deviance to lessen.
    """
    squares = data.squares if squares is None else squares
    bent = squares @ theta
    omega = bent @ theta
    parts = data.parts(omega)
    found = judge(parts, data.n, reml)
    if found is None or not (np.isfinite(found.hessian).all() and np.isfinite(found.deviance)):
        return None
    turn = 2 * bent
    curved = (found.gradient @ squares.reshape(len(omega), -1)).reshape(turn.shape[1], -1)
    hessian = turn.T @ found.hessian @ turn + 2 * curved
    return Point(theta, omega, parts, found, turn.T @ found.gradient, hessian)


def _step(point: Point, reach: float) -> tuple[Floats, float, bool]:
    """Return a step, the gain it promises, and whether the deviance curves down somewhere."""
    values, vectors = np.linalg.eigh(point.hessian)
    largest = max(float(np.abs(values).max()), 1e-12)
    along = vectors.T @ point.gradient
    moves = -along / np.maximum(np.abs(values), 1e-10 * largest)
    down = bool(values[0] < -1e-6 * largest)
    if down and abs(moves[0]) < 0.1:
        # On a ridge the gradient says nothing: leave it.
        moves[0] = -0.3 if along[0] > 0 else 0.3
    length = float(np.sqrt(moves @ moves))
    if length > reach:
        moves *= reach / length
    return vectors @ moves, float(-along @ moves), down


def descend(
    data: Structure,
    theta: Floats,
    reml: bool,
    known: Point | None = None,
    judge: Judge = profile,
) -> tuple[Point | None, bool, int]:
    """Go down from one start until nothing is left to gain.

    Parameters
    ----------
    known : Point, optional
        An optimum found before; meeting it ends the way.
    judge : callable
        See ``evaluate``.

    Returns
    -------
    point : Point or None
    settled : bool
    steps : int
    """
    squares = data.squares
    here = evaluate(data, theta, reml, judge=judge)
    if here is None:
        return None, False, 1
    steps, reach = 1, 1.0
    general = data.overall.shape[1] > data.squares.shape[1]
    while steps < MOST_STEPS:
        if general and steps > 1 and _slants(here.theta, squares.shape[1]):
            turned, theta = turn_squares(data.squares, here.omega)
            if (again := evaluate(data, theta, reml, turned, judge)) is not None:
                here, squares = again, turned
        move, gain, down = _step(here, reach * max(1.0, float(np.abs(here.theta).max())))
        if known is not None and not down and _meets(here, move, gain, known, squares):
            return known, True, steps
        last = gain < SETTLED and not down
        share, then = 1.0, None
        while share > 1e-9:
            then = evaluate(data, here.theta + share * move, reml, squares, judge)
            steps += 1
            if then is not None and then.deviance <= here.deviance + 1e-13 * abs(here.deviance):
                break
            then, share = None, share / 4
            if last:
                break
        if then is None:
            return here, last or gain < SAME, steps
        reach = min(2.0, reach * 2) if share == 1.0 else max(share * reach * 2, 1e-3)
        here = then
        if last:
            return here, True, steps
        if float(np.abs(here.theta).max()) > FARTHEST:
            break
    return here, False, steps


def _slants(theta: Floats, m: int) -> bool:
    """Say whether a diagonal number of the Cholesky factor is small beside those below it."""
    q = round((2 * m + 0.25) ** 0.5 - 0.5)
    a, b = lower(q)
    size = np.abs(theta)
    diagonal = size[a == b]
    return bool((diagonal[b] < SLANT * size).any())


def _meets(here: Point, move: Floats, gain: float, known: Point, squares: Floats) -> bool:
    """Say whether the next step's model already sees the known optimum, and nothing lower."""
    above = here.deviance - known.deviance
    if not -SAME < above < CLOSE or abs(gain / 2 - above) > 0.2 * above + SAME:
        return False
    return _alike(squares @ (here.theta + move) @ (here.theta + move), known.omega)


def _alike(one: Floats, two: Floats) -> bool:
    return bool((np.abs(one - two) < NEAR * (1 + np.abs(two))).all())


def minimise(data: Structure, starts: list[Floats], reml: bool) -> Optimum:
    """Find the least deviance.

    The profiled deviance need not be convex: one start can end in a worse place without a sign.
    With many people each with their own visits, some of them first show where each start leads.

    Parameters
    ----------
    starts : list of ndarray, shape (t,)
    """
    best: Point | None = None
    settled, steps, values = False, 0, list[float]()
    ways, which = _explore(data.thinned, starts, reml)
    for way in ways:
        point, good, used = descend(data, way, reml, best)
        steps += used
        values.append(inf if point is None else point.deviance)
        if point is not None and (best is None or point.deviance < best.deviance):
            if best is None or point.deviance < best.deviance - SAME or good:
                settled = good
            best = point
    if best is None:
        raise UserError(
            "the likelihood cannot be computed from any start: give outcome and covariates units "
            "in which their numbers are of ordinary size"
        )
    ends = tuple(values[k] for k in which)
    reached = sum(value <= best.deviance + SAME for value in ends)
    return Optimum(best, ends, reached, settled, steps)


def _explore(
    some: Structure | None, starts: list[Floats], reml: bool
) -> tuple[list[Floats], list[int]]:
    """Return the distinct places that starts lead to for a few people, and which is each's."""
    if some is None:
        return starts, list(range(len(starts)))
    ends: list[Point] = []
    which: list[int] = []
    for start in starts:
        point, _, _ = descend(some, start, reml, ends[0] if ends else None)
        if point is None:
            return starts, list(range(len(starts)))
        same = [k for k, end in enumerate(ends) if _alike(point.omega, end.omega)]
        which.append(same[0] if same else len(ends))
        if not same:
            ends.append(point)
    general = some.overall.shape[1] > some.squares.shape[1]
    return [lower_root(e.omega) if general else e.theta for e in ends], which
