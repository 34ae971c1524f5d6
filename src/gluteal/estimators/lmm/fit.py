"""Linear mixed models with one grouping factor: random intercepts and slopes."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats, Model
from gluteal.estimators.inputs import as_groups
from gluteal.estimators.lmm.grouped import MANY, count_residual, group_rows
from gluteal.estimators.lmm.optimise import Optimum, minimise
from gluteal.estimators.lmm.parts import cholesky_squares, lower, own_squares, root_squares
from gluteal.estimators.lmm.result import DF, MixedModel, Solution, covariance_for
from gluteal.estimators.lmm.rows import as_effects, as_rows

EXACT = 1e-11
ZERO = 1e-8
FEW = 5
START_OFTEN = 12
_NO_PLACE: NDArray[np.intp] = np.empty(0, dtype=np.intp)


def fit_lmm(
    x: ArrayLike,
    y: ArrayLike,
    cluster: ArrayLike,
    z: ArrayLike | None = None,
    *,
    reml: bool = True,
    df: DF = "satterthwaite",
    weights: ArrayLike | None = None,
    correlated: bool = True,
    starts: int | None = None,
) -> MixedModel:
    """Fit y = Xb + Zu + e with random effects u of each person.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design with its intercept; rows without missing values, people may have any number.
    y : array_like, shape (n,)
    cluster : array_like, shape (n,)
        The person of each row, in any order.
    z : array_like, shape (n, q), optional
        Design of the random effects, such as a column of ones and time; a random intercept
        where left out. Effects have a general covariance.
    reml : bool
        Restricted maximum likelihood; False for maximum likelihood, which tests of nested means
        need.
    df : {"satterthwaite", "kenward_roger", "residual", "normal"}
        Degrees of freedom; Kenward-Roger also adjusts the covariance of the coefficients.
    weights : array_like, shape (n,), optional
        A row's residual variance is the residual variance divided by its weight.
    correlated : bool
        False sets the covariances of the random effects to 0.
    starts : int, optional
        Starts of the search: three, or twelve where data are so few that the likelihood may have
        several hollows. Beyond three they are drawn with a fixed seed.

    Returns
    -------
    MixedModel

    Raises
    ------
    UserError
        If the arrays are faulty, there are fewer than two people, or nobody has more rows than
        random effects, or the random effects fit the outcome exactly.

    References
    ----------
    Bates, Mächler, Bolker and Walker 2015, doi:10.18637/jss.v067.i01. Equal to ``lme4::lmer``
    stopped at the optimum, with the df of lmerTest and pbkrtest.

    Examples
    --------
    >>> person = np.repeat([1, 2, 3], 3); visit = np.tile([0.0, 1, 2], 3)
    >>> x = np.column_stack([np.ones(9), visit])
    >>> fit = fit_lmm(x, [3, 4, 5, 5, 7, 8, 2, 2.5, 4], person)
    >>> fit.model.coef.round(4)
    array([3.3333, 1.1667])
    >>> round(fit.contrast([0, 1]).df, 6)
    5.0
    """
    if starts is not None and starts < 1:
        raise ValueError("starts must be at least 1")
    rows = as_rows(x, y, weights)
    n = len(rows.y)
    codes, people = as_groups(cluster, n)
    raw, inner, turn = as_effects(z, n, correlated)
    q = inner.shape[1]
    _check_people(codes, people, q)
    weighted = inner * rows.root[:, None] if rows.root.size else inner
    directions, squares, overall = covariance_shape(q, correlated)
    data = group_rows(rows.table, weighted, codes, people, directions, squares, overall)
    left = count_residual(data, len(rows.basis))
    if left < 1:
        raise UserError(
            "covariates and random effects of each person fit every row: nothing is left to tell "
            "random effects from residuals; use fewer random effects"
        )
    many = starts or (START_OFTEN if left <= MANY else 3)
    best = minimise(data, start_thetas(q, correlated, many), reml)
    solution = Solution(rows, data, best.point, (codes,), raw, turn, _NO_PLACE, (0,))
    scaled = rows.scale**2 * best.point.profile.sigma2
    whole = np.tensordot(best.point.omega, directions, 1)
    covariance = scaled * turn @ whole @ turn.T
    least = float(np.linalg.eigvalsh(whole)[0])
    said: list[str] = []
    if left < FEW:
        said.append(
            f"only {left} rows beyond what random effects could fit: the likelihood may have "
            "several optima"
        )
    return finish(solution, best, covariance, least, (people,), reml, df, said)


def _check_people(codes: NDArray[np.intp], people: int, q: int) -> None:
    faults: list[str] = []
    if people < 2:
        faults.append("a mixed model needs at least two people")
    most = int(np.bincount(codes).max())
    if most <= q:
        what = "a random effect" if q == 1 else f"{q} random effects"
        faults.append(
            f"nobody has more than {most} row{'s' if most > 1 else ''}: {what} of each person "
            "cannot be told from the residual"
        )
    if faults:
        raise UserError("; ".join(faults))


def covariance_shape(q: int, correlated: bool) -> tuple[Floats, Floats, Floats]:
    """Return directions, squares and overall (see ``Grouped``) of q random effects."""
    if not correlated:
        directions = np.zeros((q, q, q))
        directions[np.arange(q), np.arange(q), np.arange(q)] = 1.0
        return directions, own_squares(q), own_squares(q)
    a, b = lower(q)
    directions = np.zeros((len(a), q, q))
    directions[np.arange(len(a)), a, b] = 1.0
    directions[np.arange(len(a)), b, a] = 1.0
    return directions, cholesky_squares(q), root_squares(q) if q > 1 else own_squares(1)


def start_thetas(q: int, correlated: bool, starts: int) -> list[Floats]:
    """Choose where the search starts: equal, small slopes, all small, then by chance."""
    spreads = [np.ones(q), np.r_[1.0, np.full(q - 1, 0.1)], np.full(q, 0.2)]
    rng = np.random.default_rng(0)
    spreads += [np.exp(rng.normal(-0.5, 1.0, q)) for _ in range(3, starts)]
    if not correlated:
        return spreads[:starts]
    return [np.diag(spread)[lower(q)] for spread in spreads[:starts]]


def finish(
    solution: Solution,
    best: Optimum,
    covariance: Floats,
    least: float,
    levels: tuple[int, ...],
    reml: bool,
    df: DF,
    said: Sequence[str] = (),
) -> MixedModel:
    """Put the optimum into the outcome's units and say what is doubtful about it.

    Parameters
    ----------
    covariance : ndarray, shape (q, q)
    least : float
        Smallest eigenvalue of the relative covariance.
    said : sequence of str
        Warnings so far.
    """
    rows, found, data = solution.rows, best.point.profile, solution.data
    n, p = data.n, len(found.b)
    if found.sigma2 < EXACT:
        raise UserError(
            "the covariates and random effects fit the outcome exactly: no residual variance"
        )
    free = n - p if reml else n
    deviance = found.deviance + 2 * free * log(rows.scale) - rows.log_weights
    if reml:
        deviance -= 2 * float(np.linalg.slogdet(rows.basis)[1])
    shift = deviance - found.deviance
    parameters = p + len(best.point.omega) + 1
    singular = least < ZERO
    warnings = [*said]
    if not best.converged:
        warnings.append("the search for the variances did not converge")
    if singular:
        warnings.append("a variance is estimated as 0 or a correlation as ±1 (singular fit)")
    if min(levels) < FEW:
        warnings.append(f"only {min(levels)} levels: their variance is hardly known")
    cov, df_of = covariance_for(solution, reml, df)
    coef = rows.coefficients(found.b)
    model = Model(
        coef,
        cov,
        df_of,
        df,
        rows.x @ coef,
        np.empty(0),
        cov if df != "kenward_roger" else covariance_for(solution, reml, "normal")[0],
        converged=best.converged,
        warnings=tuple(warnings),
        deviance=deviance,
        log_likelihood=-deviance / 2,
    )
    return MixedModel(
        model,
        covariance,
        rows.scale**2 * found.sigma2,
        levels,
        n,
        reml,
        df,
        deviance,
        deviance + 2 * parameters,
        deviance + log(n) * parameters,
        parameters,
        singular,
        tuple(value + shift for value in best.starts),
        best.reached,
        best.converged,
        tuple(warnings),
        solution,
    )
