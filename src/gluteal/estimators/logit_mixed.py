"""Logistic regression with a random intercept, by adaptive Gauss-Hermite quadrature.

Coefficients compare occasions of one person; those of estimating equations (``gee``) compare
people. The random intercept is integrated out around the mode of each cluster; the gradient is
that of the approximation itself, modes and scales included, so that even one point (Laplace's
method) is maximised exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.glm import check_outcome, fit_glm
from gluteal.estimators.inference import Floats, Model, constant_df
from gluteal.estimators.inputs import as_design, as_groups
from gluteal.estimators.quadrature import chunks, find_modes, points_of

MOST_STEPS = 50
SETTLED = 1e-8
DIFFERENCE = 1e-4
BOUNDARY = 1e-4
START_SD = 1.0


@dataclass(frozen=True, slots=True)
class Rows:
    """The data sorted by cluster; ``y`` counts successes of ``trials``."""

    x: Floats
    y: Floats
    trials: Floats
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]
    points: int

    def totals(self, values: Floats) -> Floats:
        """Add up rows by cluster along the last axis."""
        return np.add.reduceat(values, self.starts, axis=-1)


@dataclass(frozen=True, slots=True)
class Value:
    """Log-likelihood at a place, its gradient by (coefficients, sd), and the modes there."""

    log_likelihood: float
    gradient: Floats
    modes: Floats


def _evaluate(place: Floats, data: Rows, start: Floats) -> Value:
    from scipy import special

    coef, sd = place[:-1], float(place[-1])
    x, y, trials = data.x, data.y, data.trials
    eta = x @ coef

    def slope(u: Floats) -> tuple[Floats, Floats]:
        mean = special.expit(eta + sd * np.repeat(u, data.sizes))
        pull = sd * data.totals(y - trials * mean) - u
        return pull, 1 + sd**2 * data.totals(trials * mean * (1 - mean))

    reach = abs(sd) * data.totals(trials) + 1e-6
    u = find_modes(slope, start, reach)
    mean = special.expit(eta + sd * np.repeat(u, data.sizes))
    a = trials * mean * (1 - mean)
    b = a * (1 - 2 * mean)
    sum_a, sum_b = data.totals(a), data.totals(b)
    bend = 1 + sd**2 * sum_a
    width = 1 / np.sqrt(bend)
    # How modes and widths move with the parameters.
    by_coef = np.vstack([data.totals(a * x[:, j]) for j in range(x.shape[1])])
    bend_coef = np.vstack([data.totals(b * x[:, j]) for j in range(x.shape[1])])
    mode_by = np.vstack([-sd * by_coef, data.totals(y - trials * mean) - sd * sum_a * u]) / bend
    direct = np.vstack([sd**2 * bend_coef, 2 * sd * sum_a + sd**2 * sum_b * u])
    bend_by = direct + sd**3 * sum_b * mode_by
    width_by = -0.5 * width**3 * bend_by

    z, weight = points_of(data.points)
    place_of = u + np.sqrt(2) * width * z[:, None]
    level = np.empty_like(place_of)
    pull = np.empty_like(place_of)
    residual = np.empty_like(y)
    for first, last, top, end in chunks(data.starts, len(y), data.points):
        rows, own = slice(top, end), slice(first, last)
        starts = data.starts[own] - top
        line = eta[rows] + sd * np.repeat(place_of[:, own], data.sizes[own], axis=1)
        small = np.exp(-np.abs(line))
        like = y[rows] * line - trials[rows] * (np.maximum(line, 0) + np.log1p(small))
        gap = y[rows] - trials[rows] * (np.where(line >= 0, 1.0, small) / (1 + small))
        level[:, own] = np.add.reduceat(like, starts, axis=1)
        pull[:, own] = np.add.reduceat(gap, starts, axis=1)
        tilt = level[:, own] - place_of[:, own] ** 2 / 2 + weight[:, None]
        share = np.exp(tilt - tilt.max(0))
        share /= share.sum(0)
        residual[rows] = np.einsum("kn,kn->n", np.repeat(share, data.sizes[own], axis=1), gap)
    tilt = level - place_of**2 / 2 + weight[:, None]
    top_tilt = tilt.max(0)
    share = np.exp(tilt - top_tilt)
    mass = share.sum(0)
    share /= mass
    like = top_tilt + np.log(mass) + np.log(width) - 0.5 * np.log(np.pi)
    push = share * (sd * pull - place_of)
    by_mode = push.sum(0)
    by_width = (push * np.sqrt(2) * z[:, None]).sum(0) + 1 / width
    gradient = np.r_[x.T @ residual, (share * pull * place_of).sum()]
    gradient += mode_by @ by_mode + width_by @ by_width
    return Value(float(like.sum()), gradient, u)


def _hessian(place: Floats, unit: Floats, data: Rows, modes: Floats) -> Floats:
    """Differentiate the gradient along the columns of ``unit``; symmetric, in those units."""
    columns: list[Floats] = []
    for k in range(len(place)):
        step = DIFFERENCE * unit[:, k]
        ends = [_evaluate(place + sign * step, data, modes).gradient for sign in (1, -1)]
        columns.append(unit.T @ (ends[0] - ends[1]) / (2 * DIFFERENCE))
    found = np.array(columns)
    return (found + found.T) / 2


def _maximise(place: Floats, unit: Floats, data: Rows) -> tuple[Floats, Value, Floats, bool]:
    """Climb by BFGS steps in units of the start's errors, then by Newton steps."""
    from scipy import optimize

    kept = {"modes": np.zeros(len(data.starts))}

    def lost(t: Floats) -> tuple[float, Floats]:
        found = _evaluate(place + unit @ t, data, kept["modes"])
        kept["modes"] = found.modes
        return -found.log_likelihood, -(unit.T @ found.gradient)

    end = optimize.minimize(
        lost, np.zeros(len(place)), jac=True, method="BFGS", options={"gtol": 1e-4}
    )
    place = place + unit @ end.x
    value = _evaluate(place, data, kept["modes"])
    for _ in range(MOST_STEPS):
        hessian = _hessian(place, unit, data, value.modes)
        if abs(place[-1]) < BOUNDARY:
            return place, value, hessian, True
        try:
            move = np.linalg.solve(-hessian, unit.T @ value.gradient)
        except np.linalg.LinAlgError:
            return place, value, hessian, False
        size = 1.0
        after = _evaluate(place + unit @ move, data, value.modes)
        while after.log_likelihood < value.log_likelihood - 1e-9 and size > 1e-6:
            size /= 2
            after = _evaluate(place + size * (unit @ move), data, value.modes)
        place, value = place + size * (unit @ move), after
        if float(np.abs(size * move).max()) < SETTLED:
            return place, value, hessian, bool(np.linalg.eigvalsh(-hessian).min() > 0)
    return place, value, _hessian(place, unit, data, value.modes), False


def fit_logit_mixed(
    x: ArrayLike,
    y: ArrayLike,
    cluster: ArrayLike,
    *,
    points: int = 25,
    trials: ArrayLike | None = None,
) -> Model:
    """Fit logit P(y = 1) = Xb + u, u normal, one value of u a cluster, by maximum likelihood.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design with its intercept.
    y : array_like, shape (n,)
        0/1, or successes out of ``trials``.
    cluster : array_like, shape (n,)
        The person of each row.
    points : int
        Quadrature points a cluster; 1 is Laplace's method, which is too rough for few rows a
        cluster.
    trials : array_like, shape (n,), optional

    Returns
    -------
    Model
        Coefficients are log odds ratios given the person. The covariance is the inverse observed
        information of coefficients and standard deviation together; ``fitted`` holds each row's
        probability at its cluster's mode. ``extra`` has ``sd`` of the intercepts, ``sd_se``,
        ``modes`` (one a cluster, in the order of sorted names), ``icc`` on the latent scale and
        ``boundary``: the best standard deviation is 0, and the model that of ``fit_glm``.

    Raises
    ------
    UserError
        For arrays that cannot be fitted, or a cluster each row.

    References
    ----------
    Pinheiro and Bates 1995, doi:10.1080/10618600.1995.10474663; Pinheiro and Chao 2006,
    doi:10.1198/106186006X96962. Equal to ``lme4::glmer``.

    Examples
    --------
    >>> herd = np.repeat(np.arange(4), 2); x = np.column_stack([np.ones(8), np.arange(8) % 2])
    >>> fit = fit_logit_mixed(x, [2, 1, 8, 5, 1, 0, 4, 3], herd, trials=np.full(8, 10))
    >>> fit.coef.round(3), round(fit.extra["sd"], 3)
    (array([-0.676, -0.93 ]), 1.232)
    """
    from scipy import special

    x, y = as_design(x, y)
    n, p = x.shape
    m = np.ones(n) if trials is None else as_design(np.ones((n, 1)), trials)[1]
    if (bad := np.flatnonzero((m <= 0) | (m != np.round(m)))).size:
        raise UserError(f"row {int(bad[0])} has {m[bad[0]]:g} trials")
    check_outcome(y / m, "logistic")
    codes, count = as_groups(cluster, n, "cluster")
    if count < 2 or count == n == int(m.sum()):
        raise UserError(f"{count} clusters of {n} rows tell no variation between clusters")
    order = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes)
    starts = np.r_[0, np.cumsum(sizes)[:-1]].astype(np.intp)
    plain = fit_glm(x, y / m, "logistic", "classical", weights=m)
    ways = special.gammaln(m + 1) - special.gammaln(y + 1) - special.gammaln(m - y + 1)
    binomial = float(ways.sum())
    if not plain.converged:
        return _without(plain, np.full((p, p), np.nan), False, plain.warnings, float("nan"), count)
    # Columns are turned so that one unit of each is one error of the start, and all are apart.
    unit = np.zeros((p + 1, p + 1))
    unit[:p, :p] = np.linalg.cholesky(plain.cov)
    unit[p, p] = 1 / np.sqrt(2 * count)
    data = Rows(x[order], y[order], m[order], starts, sizes.astype(np.intp), points)
    place, value, hessian, settled = _maximise(np.r_[plain.coef, START_SD], unit, data)
    eta = x @ plain.coef
    flat = float((y * eta - m * np.logaddexp(0, eta)).sum())
    if abs(place[-1]) < BOUNDARY or (value.log_likelihood < flat and settled):
        said = ("the clusters do not differ: standard deviation 0, on its boundary",)
        return _without(plain, plain.cov, True, said, flat + binomial, count)
    warnings: list[str] = [] if settled else ["the iterations did not converge"]
    cov = np.full((p + 1, p + 1), np.nan)
    if settled:
        cov = unit @ np.linalg.inv(-hessian) @ unit.T
    sd = abs(float(place[-1]))
    modes = value.modes * float(place[-1])
    return Model(
        place[:-1],
        cov[:p, :p],
        constant_df(inf),
        "observed information",
        special.expit(x @ place[:-1] + modes[codes]),
        np.empty(0),
        cov[:p, :p],
        converged=settled,
        warnings=tuple(warnings),
        log_likelihood=value.log_likelihood + binomial,
        extra={
            "sd": sd,
            "sd_se": float(np.sqrt(cov[p, p])),
            "modes": modes,
            "icc": sd**2 / (sd**2 + np.pi**2 / 3),
            "boundary": False,
            "points": points,
        },
    )


def _without(
    plain: Model, cov: Floats, good: bool, said: tuple[str, ...], like: float, count: int
) -> Model:
    """Answer with the model that has no random intercept."""
    extra = {
        "sd": 0.0 if good else float("nan"),
        "sd_se": float("nan"),
        "modes": np.zeros(count),
        "icc": 0.0 if good else float("nan"),
        "boundary": good,
    }
    return Model(
        plain.coef,
        cov,
        constant_df(inf),
        "observed information",
        plain.fitted,
        np.empty(0),
        cov,
        converged=good,
        warnings=said,
        log_likelihood=like,
        extra=extra,
    )
