"""The risk of new pain by hazards: people who left count up to then, instead of not at all."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from gluteal.estimators.causal import PotentialMeans
from gluteal.frames.exposed import Exposed, Question
from gluteal.frames.exposed_fits import Task
from gluteal.frames.followed import gather_followed
from gluteal.frames.hazards import drop_constant, fit_visits

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort


def fit_hazards(cohort: Cohort, ask: Question, data: Exposed) -> PotentialMeans:
    """Standardise the risk by the follow-up visit, from a discrete-time model of hazards.

    Raises
    ------
    UserError
        If the model has no finite estimate, or there is nobody to follow.
    """
    from gluteal.estimators.survival import standardise_incidence

    everyone = gather_followed(cohort, ask.exposure, ask.covariates, ask.visit)
    people = everyone.take(everyone.seen)
    until = people.visits.index(data.at.removeprefix("by "))
    fit, rows = fit_visits(people)
    x = people.x[:, drop_constant(people.x)]
    if data.groups is None:
        values = (x[:, 0], x[:, 0] + data.shift)
    else:
        values = (np.zeros(len(x)), np.ones(len(x)))
    found = standardise_incidence(fit, [np.column_stack([v, x[:, 1:]]) for v in values])
    means, cov = found.by_the_end(until)
    return PotentialMeans(
        means, cov, np.empty((0, 2)), rows.people, "CR2, delta method", inf,
        fit.model.converged, fit.model.warnings,
    )  # fmt: skip


def list_hazards(cohort: Cohort, ask: Question, data: Exposed) -> Iterator[Task]:
    """List the comparison by hazards, where the outcome is new pain."""
    words = {"role": "sensitivity", "model": "g-computation by hazards, with those who left",
             "estimator": "discrete-time hazard model, g-computation"}  # fmt: skip
    yield Task(lambda: fit_hazards(cohort, ask, data), words)
