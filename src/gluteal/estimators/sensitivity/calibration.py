"""Empirical calibration: systematic error learnt from many negative controls."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, interval
from gluteal.estimators.meta import estimate_tau2

LEAST_CONTROLS = 10


@dataclass(frozen=True, slots=True)
class SystematicError:
    """The normal distribution of the error that is not chance.

    Attributes
    ----------
    mean, sd : float
        Of the bias, on the scale of the estimates (log for ratios).
    mean_se : float
        Standard error of ``mean``.
    controls : int
    share_significant : float
        Share of controls with p < 0.05 before calibration; 0.05 is expected without bias.
    """

    mean: float
    sd: float
    mean_se: float
    controls: int
    share_significant: float
    converged: bool
    warnings: tuple[str, ...]


def fit_systematic_error(estimates: ArrayLike, errors: ArrayLike) -> SystematicError:
    """Fit the systematic error to effects of negative controls, by maximum likelihood.

    Parameters
    ----------
    estimates : array_like, shape (k,)
        Effects of negative controls, whose truth is 0 (log ratios, say).
    errors : array_like, shape (k,)
        Their standard errors.

    Raises
    ------
    UserError
        If there are fewer than ten, or one is not finite.

    References
    ----------
    Schuemie et al. 2014, doi:10.1002/sim.5925. Equal to fitNull of the R package
    EmpiricalCalibration at its optimum.

    Examples
    --------
    >>> found = fit_systematic_error(np.linspace(-0.2, 0.6, 12), np.full(12, 0.1))
    >>> round(found.mean, 4), round(found.sd, 4)
    (0.2, 0.2303)
    """
    b, s = np.asarray(estimates, dtype=float), np.asarray(errors, dtype=float)
    if b.ndim != 1 or b.shape != s.shape:
        raise UserError(f"{b.shape} estimates do not fit {s.shape} standard errors")
    faults: list[str] = []
    if len(b) < LEAST_CONTROLS:
        faults.append(f"calibration needs {LEAST_CONTROLS} negative controls, found {len(b)}")
    if wrong := int((~np.isfinite(b) | ~np.isfinite(s) | (s <= 0)).sum()):
        faults.append(f"{wrong} controls have no finite estimate with an error above zero")
    if faults:
        raise UserError("; ".join(faults))
    tau2, converged = estimate_tau2(b, s**2, "ML")
    w = 1 / (s**2 + tau2)
    warnings = () if converged else ("the spread of the systematic error did not converge",)
    return SystematicError(
        float(w @ b / w.sum()),
        sqrt(tau2),
        float(1 / np.sqrt(w.sum())),
        len(b),
        float((np.abs(b / s) > 1.959963984540054).mean()),
        converged,
        warnings,
    )


def calibrate_estimate(
    estimate: float, se: float, error: SystematicError, level: float = 0.95
) -> Estimate:
    """Take the mean systematic error off an estimate, and widen its interval by the spread.

    The p-value is that of Schuemie's calibrated test. The error is taken as the same whatever
    the true effect, and its parameters as known.

    Raises
    ------
    UserError
        If the estimate is not finite or its error not above zero.

    References
    ----------
    Schuemie et al. 2014, doi:10.1002/sim.5925; Schuemie et al. 2018 for intervals,
    doi:10.1073/pnas.1708282114.

    Examples
    --------
    >>> made = SystematicError(0.1, 0.2, 0.05, 20, 0.2, True, ())
    >>> found = calibrate_estimate(0.5, 0.1, made)
    >>> round(found.estimate, 3), round(found.se, 4)
    (0.4, 0.2236)
    """
    if not np.isfinite([estimate, se]).all() or se <= 0:
        raise UserError("the estimate must be finite and its standard error above zero")
    return interval(estimate - error.mean, sqrt(se**2 + error.sd**2), inf, level)
