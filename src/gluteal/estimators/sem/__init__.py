"""Structural equation models: path analysis, factors, (random-intercept) cross-lagged panels.

Maximum likelihood from complete or incomplete data; standard errors, tests and indices as lavaan's.
"""

from gluteal.estimators.sem.bootstrap import bootstrap_sem
from gluteal.estimators.sem.builders import clpm, factor_model, path_model, riclpm
from gluteal.estimators.sem.comparison import Difference, compare_models
from gluteal.estimators.sem.fit import fit_sem
from gluteal.estimators.sem.indices import FitIndices, Rmsea, fit_indices
from gluteal.estimators.sem.reader import read_model
from gluteal.estimators.sem.result import ChiSquare, SemFit
from gluteal.estimators.sem.specification import Derived, Specification, Term
from gluteal.estimators.sem.standardised import Standardised, standardise

__all__ = [
    "ChiSquare",
    "Derived",
    "Difference",
    "FitIndices",
    "Rmsea",
    "SemFit",
    "Specification",
    "Standardised",
    "Term",
    "bootstrap_sem",
    "clpm",
    "compare_models",
    "factor_model",
    "fit_indices",
    "fit_sem",
    "path_model",
    "read_model",
    "riclpm",
    "standardise",
]
