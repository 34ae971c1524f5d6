"""What a fitted mixed model says, and the degrees of freedom that it is asked with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.estimators.inference import Estimate, Floats, JointTest, Model, constant_df
from gluteal.estimators.lmm.kenward_roger import prepare_kenward_roger
from gluteal.estimators.lmm.optimise import Point
from gluteal.estimators.lmm.rows import Rows
from gluteal.estimators.lmm.satterthwaite import prepare_satterthwaite

DF = Literal["satterthwaite", "kenward_roger", "residual", "normal"]


@dataclass(frozen=True, slots=True)
class Solution:
    """The fit in its own basis: what everything asked later starts from.

    Attributes
    ----------
    rows : Rows
    data : Grouped or Crossed
    point : Point
        The optimum.
    codes : tuple of ndarray of int, shape (n,)
        Level of each row in each factor.
    z : ndarray, shape (n, q)
        Design of the random effects as given; of one column for random intercepts.
    turn : ndarray, shape (q, q)
        From effects in the fit's basis to effects of ``z``.
    place : ndarray of int
        For nested factors the column of the outer level's block, by inner level; else empty.
    position : tuple of int
        Where each factor stands in ``point.omega``.
    """

    rows: Rows
    data: Any
    point: Point
    codes: tuple[NDArray[np.intp], ...]
    z: Floats
    turn: Floats
    place: NDArray[np.intp]
    position: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MixedModel:
    """A fitted linear mixed model.

    Attributes
    ----------
    model : Model
        Coefficients of the covariates; ``fitted`` are means over people (X coef). Its contrasts
        have the degrees of freedom of ``df_method``.
    covariance : ndarray, shape (q, q)
        Of the random effects, in squared units of the outcome over those of ``z``; for random
        intercepts of several factors diagonal, in the factors' order.
    residual_variance : float
        In squared units of the outcome; of a row with weight 1.
    levels : tuple of int
        People, or levels of each factor.
    n : int
        Rows.
    reml : bool
    df_method : str
    deviance : float
        -2 log likelihood, restricted where ``reml``.
    aic, bic : float
    parameters : int
        Coefficients, (co)variances and the residual variance.
    singular : bool
        A variance is estimated as 0, or a correlation as ±1.
    starts : tuple of float
        The deviance that each start of the search ended with.
    reached : int
        How many starts reached the least.
    converged : bool
    warnings : tuple of str
    solution : Solution
    """

    model: Model
    covariance: Floats
    residual_variance: float
    levels: tuple[int, ...]
    n: int
    reml: bool
    df_method: DF
    deviance: float
    aic: float
    bic: float
    parameters: int
    singular: bool
    starts: tuple[float, ...]
    reached: int
    converged: bool
    warnings: tuple[str, ...]
    solution: Solution = field(repr=False)

    def contrast(self, weights: ArrayLike, level: float = 0.95) -> Estimate:
        """Estimate a weighted sum of coefficients."""
        return self.model.contrast(weights, level)

    def joint(self, contrasts: ArrayLike) -> JointTest:
        """Test that several contrasts are all zero.

        Satterthwaite pools the degrees of freedom as lmerTest does, Kenward-Roger also scales F as
        pbkrtest does; "residual" takes F with n - p, "normal" chi-square.

        Parameters
        ----------
        contrasts : array_like, shape (rows, p)
            Linearly independent.

        Examples
        --------
        ``fit.joint(np.eye(p)[1:])`` tests all coefficients but the first.
        """
        from scipy import special

        lines = np.atleast_2d(np.asarray(contrasts, dtype=float))
        p, q = len(self.model.coef), len(lines)
        if lines.shape[1] != p or np.linalg.matrix_rank(lines) < q:
            raise ValueError(f"joint needs independent rows of {p} numbers")
        inner = lines @ self.solution.rows.basis
        # The inner coefficients that these contrasts see, whatever least squares added.
        rows = self.solution.rows
        b: Floats = np.linalg.solve(rows.basis, self.model.coef).astype(np.float64) / rows.scale
        if self.df_method == "satterthwaite":
            return _satterthwaite(self.solution, self.reml).joint(b, inner)
        if self.df_method == "kenward_roger":
            return prepare_kenward_roger(self.solution.point, self.n).joint(b, inner)
        value = lines @ self.model.coef
        wald = float(value @ np.linalg.solve(lines @ self.model.cov @ lines.T, value))
        if self.df_method == "normal":
            return JointTest(wald, q, inf, float(special.chdtrc(q, wald)))
        error = float(self.n - p)
        return JointTest(wald / q, q, error, float(special.fdtrc(q, error, wald / q)))


def root_of(overall: Floats, omega: Floats) -> Floats:
    """Return a theta with omega_i = theta' overall_i theta that singular omega allow too."""
    if overall.shape[1] == len(omega):
        return np.sqrt(np.maximum(omega, 0.0))
    q = round(overall.shape[1] ** 0.5)
    full = np.empty((q, q))
    full[np.tril_indices(q)] = omega
    full.T[np.tril_indices(q)] = omega
    values, vectors = np.linalg.eigh(full)
    return ((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T).ravel()


def _satterthwaite(solution: Solution, reml: bool) -> Any:
    data = solution.data
    theta = root_of(data.overall, solution.point.omega)
    return prepare_satterthwaite(solution.point, theta, data.overall, data.n, reml)


def covariance_for(
    solution: Solution, reml: bool, method: DF
) -> tuple[Floats, Callable[[Floats], float]]:
    """Return the covariance of the coefficients and their degrees of freedom for a method.

    Degrees of freedom are worked out when first asked for.
    """
    rows, profile = solution.rows, solution.point.profile
    basis, n = rows.basis, solution.data.n
    plain = rows.scale**2 * profile.sigma2 * basis @ profile.inverse @ basis.T
    if method == "normal":
        return plain, constant_df(inf)
    if method == "residual":
        return plain, constant_df(float(n - len(basis)))
    if method == "kenward_roger":
        if not reml:
            raise ValueError("Kenward-Roger needs a fit with reml=True")
        adjusted = prepare_kenward_roger(solution.point, n)
        return rows.scale**2 * basis @ adjusted.cov @ basis.T, lambda w: adjusted.df_of(w @ basis)
    kept: list[Any] = []

    def df_of(weights: Floats) -> float:
        if not kept:
            kept.append(_satterthwaite(solution, reml))
        return float(kept[0].df_of(weights @ basis))

    return plain, df_of


def choose_df(fit: MixedModel, method: DF) -> MixedModel:
    """Return the same fit asked with other degrees of freedom; nothing is fitted again.

    Parameters
    ----------
    fit : MixedModel
    method : {"satterthwaite", "kenward_roger", "residual", "normal"}
        Kenward-Roger also adjusts the covariance of the coefficients.
    """
    cov, df_of = covariance_for(fit.solution, fit.reml, method)
    model = replace(fit.model, cov=cov, df_of=df_of, se_type=method)
    return replace(fit, model=model, df_method=method)
