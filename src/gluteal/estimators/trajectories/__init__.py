"""Latent classes of courses over time, how many there are, and who belongs to which."""

from gluteal.estimators.trajectories.covariates import ClassRegression, regress_classes
from gluteal.estimators.trajectories.fit import Trajectories, fit_trajectories
from gluteal.estimators.trajectories.selection import (
    ClassSelection,
    ClassTest,
    check_class_count,
    select_classes,
)

__all__ = [
    "ClassRegression",
    "ClassSelection",
    "ClassTest",
    "Trajectories",
    "check_class_count",
    "fit_trajectories",
    "regress_classes",
    "select_classes",
]
