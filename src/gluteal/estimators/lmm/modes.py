"""What a fit says of each person and each row: modes of the random effects, fitted values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gluteal.estimators.inference import Floats
from gluteal.estimators.lmm.blocks import solve_blocks
from gluteal.estimators.lmm.crossed import Crossed
from gluteal.estimators.lmm.grouped import Grouped
from gluteal.estimators.lmm.result import MixedModel


@dataclass(frozen=True, slots=True)
class Modes:
    """The most likely random effects given the estimated variances.

    Attributes
    ----------
    mode : ndarray, shape (levels, q)
        By the numbers that the sorted levels have; in units of the outcome over those of ``z``.
    sd : ndarray, shape (levels, q)
        Their conditional standard deviations, the coefficients taken as known.
    """

    mode: Floats
    sd: Floats


def find_modes(fit: MixedModel, factor: int = 0) -> Modes:
    """Find the conditional modes of the random effects, shrunken towards the mean.

    Parameters
    ----------
    fit : MixedModel
    factor : int
        Which factor, for a fit with several.

    Examples
    --------
    >>> from gluteal.estimators.lmm import fit_lmm
    >>> person = np.repeat([1, 2, 3], 3)
    >>> fit = fit_lmm(np.ones((9, 1)), [3, 4, 5, 5, 7, 8, 2, 2.5, 4], person)
    >>> find_modes(fit).mode.ravel().round(3)
    array([-0.436,  1.891, -1.455])
    """
    data = fit.solution.data
    if isinstance(data, Crossed):
        return _crossed_modes(fit, data, factor)
    if fit.solution.place.size:
        return _nested_modes(fit, data, factor)
    return _grouped_modes(fit, data)


def _scales(fit: MixedModel) -> tuple[float, float]:
    scale = fit.solution.rows.scale
    return scale, scale * fit.solution.point.profile.sigma2**0.5


def _residual_weights(fit: MixedModel) -> Floats:
    return np.append(-fit.solution.point.profile.b, 1.0)


def _grouped_modes(fit: MixedModel, data: Grouped) -> Modes:
    solution = fit.solution
    scale, sigma = _scales(fit)
    whole = np.tensordot(solution.point.omega, data.directions, 1)
    k = solve_blocks(data.blocks, whole).k
    turned = np.einsum("ab,bck,dc->adk", solution.turn, k, solution.turn)
    spread = sigma * np.sqrt(np.maximum(np.einsum("aak->ka", turned), 0.0))
    left = solution.turn @ k.transpose(2, 0, 1)
    inner = data.lines @ _residual_weights(fit)
    mode = np.einsum("gab,bg->ga", left[data.pattern], inner)
    return Modes(scale * mode, spread[data.pattern])


def _nested_modes(fit: MixedModel, data: Grouped, factor: int) -> Modes:
    solution = fit.solution
    scale, sigma = _scales(fit)
    omega = float(solution.point.omega[factor])
    whole = np.tensordot(solution.point.omega, data.directions, 1)
    solved = solve_blocks(data.blocks, whole)
    inner = data.lines @ _residual_weights(fit)
    bent = np.einsum("abg,bg->ga", solved.e[:, :, data.pattern], inner)
    codes = solution.codes[factor]
    levels = fit.levels[factor]
    outer = min(fit.levels) == levels and not _is_inner(fit, factor)
    if outer:
        seen, known = bent.sum(1), solved.j.sum((0, 1))[data.pattern]
    else:
        home = np.empty(levels, dtype=np.intp)
        home[codes] = solution.codes[1 - factor]
        at = solution.place
        seen = bent[home, at]
        known = solved.j[at, at, data.pattern[home]]
    spread = np.maximum(omega - omega**2 * known, 0.0)
    return Modes(scale * omega * seen[:, None], sigma * np.sqrt(spread)[:, None])


def _is_inner(fit: MixedModel, factor: int) -> bool:
    return len(fit.levels) == 2 and fit.levels[factor] == len(fit.solution.place)


def _crossed_modes(fit: MixedModel, data: Crossed, factor: int) -> Modes:
    solution = fit.solution
    scale, sigma = _scales(fit)
    at = solution.position[factor]
    omega = solution.point.omega
    inner, u, f, y = data.solve(omega)
    e = _residual_weights(fit)
    s = len(data.factor)
    rest = omega[data.factor]
    if at:
        own = data.factor == at
        seen = (f @ e)[own]
        known = np.diag(u @ inner[:s, :s])[own]
    else:
        bent = 1 + omega[0] * data.own
        seen = np.asarray(data.sums @ (y @ e)) / bent
        z: Any = data.sums.tocsr()[:, :s]
        turned: Any = z @ (rest[:, None] * u)
        known = data.own / bent - np.asarray(z.multiply(turned).sum(1)).ravel() / bent**2
    spread = np.maximum(omega[at] - omega[at] ** 2 * known, 0.0)
    return Modes(scale * omega[at] * seen[:, None], sigma * np.sqrt(spread)[:, None])


def fitted_rows(fit: MixedModel) -> Floats:
    """Return the fitted value of each row, its random effects included, shape (n,)."""
    solution = fit.solution
    found = fit.model.fitted.copy()
    if len(solution.codes) == 1 and not solution.place.size:
        return found + np.einsum("ij,ij->i", solution.z, find_modes(fit).mode[solution.codes[0]])
    for factor, codes in enumerate(solution.codes):
        found += find_modes(fit, factor).mode[codes, 0]
    return found


def residual_rows(fit: MixedModel) -> Floats:
    """Return observed minus fitted, random effects included, shape (n,)."""
    return fit.solution.rows.y - fitted_rows(fit)
