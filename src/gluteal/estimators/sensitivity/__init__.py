"""How wrong an effect could be: unmeasured confounding, measurement error, missing values."""

from gluteal.estimators.sensitivity.calibration import (
    SystematicError,
    calibrate_estimate,
    fit_systematic_error,
)
from gluteal.estimators.sensitivity.evalues import (
    EValue,
    compute_difference_evalue,
    compute_evalue,
    compute_risk_difference_evalue,
)
from gluteal.estimators.sensitivity.measurement_error import (
    ErrorVariance,
    calibrate_regression,
    error_from_icc,
    error_from_sem,
    simulate_interval,
)
from gluteal.estimators.sensitivity.misclassification import (
    correct_prevalence,
    correct_risk_ratio,
)
from gluteal.estimators.sensitivity.negative_controls import (
    ControlCheck,
    Regression,
    check_negative_controls,
)
from gluteal.estimators.sensitivity.omitted import (
    Adjusted,
    Bound,
    Robustness,
    adjust_estimate,
    bound_by_benchmarks,
    compute_robustness,
    contour_estimate,
)
from gluteal.estimators.sensitivity.simex import fit_simex
from gluteal.estimators.sensitivity.tipping import Tipping, find_tipping

__all__ = [
    "Adjusted",
    "Bound",
    "ControlCheck",
    "EValue",
    "ErrorVariance",
    "Regression",
    "Robustness",
    "SystematicError",
    "Tipping",
    "adjust_estimate",
    "bound_by_benchmarks",
    "calibrate_estimate",
    "calibrate_regression",
    "check_negative_controls",
    "compute_difference_evalue",
    "compute_evalue",
    "compute_risk_difference_evalue",
    "compute_robustness",
    "contour_estimate",
    "correct_prevalence",
    "correct_risk_ratio",
    "error_from_icc",
    "error_from_sem",
    "find_tipping",
    "fit_simex",
    "fit_systematic_error",
    "simulate_interval",
]
