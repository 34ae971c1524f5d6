"""Generalised estimating equations: population-averaged effects in repeated measurements."""

from gluteal.estimators.gee.fit import fit_gee
from gluteal.estimators.gee.working import Working

__all__ = ["Working", "fit_gee"]
