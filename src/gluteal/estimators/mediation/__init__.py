"""Mediation: products of linear paths, counterfactual effects, sensitivity to confounding."""

from gluteal.estimators.mediation.corrected import mediate_corrected
from gluteal.estimators.mediation.counterfactual import mediate_counterfactual
from gluteal.estimators.mediation.moderated import mediate_moderated
from gluteal.estimators.mediation.paths import mediate
from gluteal.estimators.mediation.sensitivity import RhoSensitivity, rho_sensitivity
from gluteal.estimators.mediation.system import Mediation, Resampling

__all__ = [
    "Mediation",
    "Resampling",
    "RhoSensitivity",
    "mediate",
    "mediate_corrected",
    "mediate_counterfactual",
    "mediate_moderated",
    "rho_sensitivity",
]
