"""Multiple imputation by chained equations, and the pooling of anything by Rubin's rules."""

from gluteal.estimators.impute.chained import impute_chained
from gluteal.estimators.impute.columns import Column, Passive
from gluteal.estimators.impute.imputed import Imputed
from gluteal.estimators.impute.joint import pool_chi_square, pool_likelihood_ratio, pool_wald
from gluteal.estimators.impute.models import PooledModel, pool_models
from gluteal.estimators.impute.predictors import select_predictors
from gluteal.estimators.impute.rubin import Pooled, barnard_rubin, pool
from gluteal.estimators.impute.scales import (
    PooledScalar,
    pool_correlation,
    pool_icc,
    pool_on_scale,
)
from gluteal.estimators.impute.sensitivity import Tipping, find_tipping_point
from gluteal.estimators.impute.waves import Wide, widen

__all__ = [
    "Column",
    "Imputed",
    "Passive",
    "Pooled",
    "PooledModel",
    "PooledScalar",
    "Tipping",
    "Wide",
    "barnard_rubin",
    "find_tipping_point",
    "impute_chained",
    "pool",
    "pool_chi_square",
    "pool_correlation",
    "pool_icc",
    "pool_likelihood_ratio",
    "pool_models",
    "pool_on_scale",
    "pool_wald",
    "select_predictors",
    "widen",
]
