"""Regression that a few wild values cannot pull: Huber's M-estimator."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats, Model, constant_df
from gluteal.estimators.inputs import as_design
from gluteal.estimators.linear import fit_linear

TUNING = 1.345
"""In units of the scale: 95 % efficient where errors are normal."""
TO_SD = 0.6745
MOST_STEPS, SETTLED = 200, 1e-12


def _scale(residual: Floats) -> float:
    return float(np.median(np.abs(residual)) / TO_SD)


def fit_huber(x: ArrayLike, y: ArrayLike, tuning: float = TUNING) -> Model:
    """Fit y = Xb so that residuals beyond ``tuning`` scales count linearly, not squared.

    The scale is the median absolute residual over 0.6745, taken anew at each step.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design of full column rank, with its intercept.
    y : array_like, shape (n,)
    tuning : float

    Returns
    -------
    Model
        The covariance is a sandwich, so that rows may differ in spread; t with n - p degrees of
        freedom. ``extra`` has ``scale``, ``weights`` and ``reined_in``, the rows that count less.
        It guards against wild outcomes, not against wild exposures.

    Raises
    ------
    UserError
        If an array has a fault, or more than half of the rows are fitted exactly.

    References
    ----------
    Huber 1964, doi:10.1214/aoms/1177703732; Huber 1973, doi:10.1214/aos/1176342503. Coefficients
    equal MASS::rlm with its default scale, errors sandwich::sandwich of it.

    Examples
    --------
    >>> x = np.column_stack([np.ones(9), np.arange(9)])
    >>> y = [0.1, 0.9, 2.1, 2.9, 4.1, 4.9, 6.1, 6.9, 40.0]
    >>> fit_huber(x, y).coef.round(2)
    array([-0.03,  1.02])
    """
    design, outcome = as_design(x, y)
    coef = fit_linear(design, outcome, "classical").coef
    weights, scale, converged = np.ones(len(outcome)), 0.0, False
    for _step in range(MOST_STEPS):
        residual = outcome - design @ coef
        scale = _scale(residual)
        if scale <= 1e-12 * (1 + float(np.abs(outcome).max())):
            raise UserError("more than half of the rows are fitted exactly: no scale of residuals")
        size = np.abs(residual) / scale
        weights = np.minimum(1.0, tuning / np.maximum(size, 1e-300))
        new = fit_linear(design, outcome, "classical", weights=weights).coef
        moved = float(np.abs(design @ (new - coef)).max())
        coef = new
        if moved <= SETTLED * (scale + float(np.abs(design @ coef).max())):
            converged = True
            break
    residual = outcome - design @ coef
    inside = np.abs(residual) <= tuning * scale
    meat = np.clip(residual, -tuning * scale, tuning * scale)[:, None] * design
    information = (design * inside[:, None]).T @ design
    bread = np.asarray(np.linalg.pinv(information, hermitian=True), dtype=np.float64)
    reined_in = int((~inside).sum())
    return Model(
        coef,
        bread @ (meat.T @ meat) @ bread,
        constant_df(float(len(outcome) - design.shape[1])),
        "sandwich",
        design @ coef,
        np.empty(0),
        bread * scale**2,
        converged,
        () if converged else ("the iterations of the robust regression did not settle",),
        extra={"scale": scale, "weights": weights, "reined_in": reined_in},
    )
