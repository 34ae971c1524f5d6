"""Linear mixed models, right to R's last digits: fits, degrees of freedom, modes, robust errors."""

from gluteal.estimators.lmm.compare import LikelihoodRatio, compare_nested
from gluteal.estimators.lmm.components import fit_components
from gluteal.estimators.lmm.explained import Explained, explain_variance
from gluteal.estimators.lmm.fit import fit_lmm
from gluteal.estimators.lmm.modes import Modes, find_modes, fitted_rows, residual_rows
from gluteal.estimators.lmm.profiles import Profiled, profile_contrast, profile_spread
from gluteal.estimators.lmm.result import DF, MixedModel, choose_df
from gluteal.estimators.lmm.robust import robust_model
from gluteal.estimators.lmm.variance import Spread, find_spreads

__all__ = [
    "DF",
    "Explained",
    "LikelihoodRatio",
    "MixedModel",
    "Modes",
    "Profiled",
    "Spread",
    "choose_df",
    "compare_nested",
    "explain_variance",
    "find_modes",
    "find_spreads",
    "fit_components",
    "fit_lmm",
    "fitted_rows",
    "profile_contrast",
    "profile_spread",
    "residual_rows",
    "robust_model",
]
