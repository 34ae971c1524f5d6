"""How many people a study needs: by formula where there is one, else by simulating its analysis."""

from gluteal.estimators.power.analytic import (
    power_anova,
    power_correlation,
    power_proportions,
    power_regression,
    power_t_test,
    solve_effect,
    solve_size,
)
from gluteal.estimators.power.cohort import (
    cohort_cross_lagged,
    cohort_group_difference,
    cohort_incidence,
    cohort_mediation,
    cohort_programme,
)
from gluteal.estimators.power.designs import Design, group_difference, slope
from gluteal.estimators.power.performance import MonteCarlo, Performance, summarise_replicates
from gluteal.estimators.power.ratios import odds_ratio, risk_ratio
from gluteal.estimators.power.repeated import within_between
from gluteal.estimators.power.search import Search, find_effect, find_sample_size
from gluteal.estimators.power.simulation import simulate_design, simulate_power

__all__ = [
    "Design",
    "MonteCarlo",
    "Performance",
    "Search",
    "cohort_cross_lagged",
    "cohort_group_difference",
    "cohort_incidence",
    "cohort_mediation",
    "cohort_programme",
    "find_effect",
    "find_sample_size",
    "group_difference",
    "odds_ratio",
    "power_anova",
    "power_correlation",
    "power_proportions",
    "power_regression",
    "power_t_test",
    "risk_ratio",
    "simulate_design",
    "simulate_power",
    "slope",
    "solve_effect",
    "solve_size",
    "summarise_replicates",
    "within_between",
]
