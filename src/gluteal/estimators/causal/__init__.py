"""Effects of an exposure by standardisation, weighting and both, with errors that count all models.

Arrays in: designs with their intercept, exposures, outcomes. Which covariates belong into them is
what ``gluteal.causal`` (the diagram) answers.
"""

from gluteal.estimators.causal.aipw import estimate_aipw
from gluteal.estimators.causal.categories import estimate_levels, weigh_categories
from gluteal.estimators.causal.gcomputation import set_exposure, standardise_outcome
from gluteal.estimators.causal.iptw import (
    WeightSummary,
    estimate_iptw,
    overlap_share,
    summarise_weights,
    weighted_smd,
)
from gluteal.estimators.causal.msm import fit_msm
from gluteal.estimators.causal.potential import NumberNeeded, PotentialMeans
from gluteal.estimators.causal.shift import (
    estimate_shift,
    shift_imbalance,
    shift_support,
    weigh_shift,
)
from gluteal.estimators.causal.weighing import weigh_binary, weigh_density, weigh_remaining
from gluteal.estimators.causal.weights import Weights, accumulate

__all__ = [
    "NumberNeeded",
    "PotentialMeans",
    "WeightSummary",
    "Weights",
    "accumulate",
    "estimate_aipw",
    "estimate_iptw",
    "estimate_levels",
    "estimate_shift",
    "fit_msm",
    "overlap_share",
    "set_exposure",
    "shift_imbalance",
    "shift_support",
    "standardise_outcome",
    "summarise_weights",
    "weigh_binary",
    "weigh_categories",
    "weigh_density",
    "weigh_remaining",
    "weigh_shift",
    "weighted_smd",
]
