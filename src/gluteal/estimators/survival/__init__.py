"""Times to an event, by dates or by visits: hazards, survival, incidence.

Times by date: ``kaplan_meier``, ``log_rank``, ``cumulative_incidence`` and ``compare_incidence``
(other events compete),
``fit_cox`` and what is asked of it (``check_proportionality``, ``concordance``,
``predict_survival``). Events seen at visits: ``expand_visits`` or ``expand_times``, then
``fit_discrete``, ``predict_incidence`` (of one person) and ``standardise_incidence`` (of all).
"""

from gluteal.estimators.survival.baseline import predict_survival
from gluteal.estimators.survival.competing import cumulative_incidence
from gluteal.estimators.survival.concordance import concordance
from gluteal.estimators.survival.cox import fit_cox, score_residuals
from gluteal.estimators.survival.discrete import fit_discrete
from gluteal.estimators.survival.gray import compare_incidence
from gluteal.estimators.survival.incidence import predict_incidence
from gluteal.estimators.survival.kaplan_meier import kaplan_meier
from gluteal.estimators.survival.log_rank import log_rank
from gluteal.estimators.survival.proportionality import check_proportionality, schoenfeld_residuals
from gluteal.estimators.survival.pseudo import pseudo_risks
from gluteal.estimators.survival.standardised import standardise_incidence
from gluteal.estimators.survival.visits import expand_times, expand_visits

__all__ = [
    "check_proportionality",
    "compare_incidence",
    "concordance",
    "cumulative_incidence",
    "expand_times",
    "expand_visits",
    "fit_cox",
    "fit_discrete",
    "kaplan_meier",
    "log_rank",
    "predict_incidence",
    "predict_survival",
    "pseudo_risks",
    "schoenfeld_residuals",
    "score_residuals",
    "standardise_incidence",
]
