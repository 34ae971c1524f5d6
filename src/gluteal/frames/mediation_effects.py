"""What passes through the mediators of a chain, and how far that withstands other assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats
from gluteal.frames.mediation import Chain

if TYPE_CHECKING:
    from gluteal.estimators.inference import Model
    from gluteal.estimators.mediation import Mediation, RhoSensitivity
    from gluteal.estimators.sensitivity.evalues import EValue

Kind = Literal["percentile", "bca"]
Form = Literal["single", "serial", "parallel"]
RARE = 0.15
MOST_NONLINEAR, LEAST_NONLINEAR = 1000, 300
MOST_ROWS = 1_000_000
"""Rows times resamples of a regression that has to be iterated: some seconds."""


@dataclass(frozen=True)
class Drawing:
    """How people are drawn for the intervals."""

    resamples: int
    seed: int
    kind: Kind
    level: float


@dataclass(frozen=True)
class Effects:
    """Effects by plain names: indirect, direct, total; linear systems also paths and chains.

    ``model`` is "linear", or "logistic" for the standardised risks of a yes/no outcome.
    """

    by_name: dict[str, Estimate]
    proportion: Estimate | None
    model: Literal["linear", "logistic"]
    converged: bool
    warnings: tuple[str, ...]
    resamples: int


def fit_paths(chain: Chain, form: Form, how: Drawing) -> Effects:
    """Estimate products of paths; people are drawn, whatever the number of their rows."""
    from gluteal.estimators.mediation import mediate

    found = mediate(
        chain.exposure,
        chain.mediators,
        chain.outcome,
        chain.covariates,
        arrows="serial" if form == "serial" else "parallel",
        names=chain.names,
        resamples=how.resamples,
        seed=how.seed,
        kind=how.kind,
        level=how.level,
        cluster=chain.person,
    )
    every = {name: found.effect(name) for name in found.names}
    return _effects(found, every, "linear", how.resamples)


def fit_natural(chain: Chain, how: Drawing, *, interaction: bool) -> Effects:
    """Estimate natural effects of one mediator, by standardised risks where the outcome is yes/no.

    Of one unit more of the exposure than its mean; of its second level against its first where it
    has two.
    """
    from gluteal.estimators.mediation import mediate_counterfactual

    if chain.mediators.shape[1] != 1:
        raise ValueError("natural effects take one mediator")
    between = chain.mediators[:, 0]
    yes_no = set(np.unique(between)) <= {0.0, 1.0}
    linear = not (chain.yes_no or yes_no)
    low = 0.0 if chain.levels else float(chain.exposure.mean())
    resamples = how.resamples
    if not linear:
        most = min(MOST_NONLINEAR, max(LEAST_NONLINEAR, MOST_ROWS // len(chain.outcome)))
        resamples = min(resamples, most)
    found = mediate_counterfactual(
        chain.exposure,
        between,
        chain.outcome,
        chain.covariates,
        mediator_link="logit" if yes_no else "linear",
        outcome_link="logit" if chain.yes_no else "linear",
        interaction=interaction,
        exposed=low + 1,
        unexposed=low,
        names=chain.names,
        resamples=resamples,
        seed=how.seed,
        level=how.level,
        cluster=chain.person,
    )
    words = {"indirect": "TNIE", "direct": "PNDE", "total": "total", "controlled": "CDE"}
    every = {plain: found.effect(name) for plain, name in words.items()}
    return _effects(found, every, "logistic" if chain.yes_no else "linear", resamples)


def _effects(
    found: Mediation,
    every: dict[str, Estimate],
    model: Literal["linear", "logistic"],
    resamples: int,
) -> Effects:
    return Effects(every, found.proportion, model, found.converged, found.warnings, resamples)


def fit_corrected(chain: Chain, form: Form, sem: Sequence[float], how: Drawing) -> Effects:
    """Estimate the products of paths again, without the known error of measurement."""
    from gluteal.estimators.mediation import mediate_corrected

    found = mediate_corrected(
        chain.exposure,
        chain.mediators,
        chain.outcome,
        chain.covariates,
        sem=sem,
        covariate_names=chain.labels,
        arrows="serial" if form == "serial" else "parallel",
        names=chain.names,
        resamples=min(how.resamples, 2000),
        seed=how.seed,
        level=how.level,
        cluster=chain.person,
    )
    whole = bool(np.isfinite([one.low + one.high for one in found.values()]).all())
    said = () if whole else ("most resamples have no estimate: the error is too large",)
    return Effects(found, None, "linear", whole, said, min(how.resamples, 2000))


def fit_rho(chain: Chain, how: Drawing) -> RhoSensitivity:
    """Follow the indirect effect of one mediator over correlations of the errors."""
    from gluteal.estimators.mediation import rho_sensitivity

    return rho_sensitivity(
        chain.exposure,
        chain.mediators[:, 0],
        chain.outcome,
        chain.covariates,
        rho=tuple(round(-0.9 + 0.05 * k, 2) for k in range(37)),
        resamples=min(how.resamples, MOST_NONLINEAR),
        seed=how.seed,
        level=how.level,
        cluster=chain.person,
    )


def outcome_design(chain: Chain) -> Floats:
    """Return the outcome's design: constant, exposure, mediators, covariates."""
    one = np.ones(len(chain.outcome))
    return np.column_stack([one, chain.exposure, chain.mediators, chain.covariates])


def fit_outcome(chain: Chain) -> Model:
    """Fit the outcome on exposure, mediators and covariates, with robust errors."""
    from gluteal.estimators.families import fit_family

    who = chain.person if chain.several else None
    family = "logistic" if chain.yes_no else "linear"
    return fit_family(family, outcome_design(chain), chain.outcome, who)


def mediator_evalue(chain: Chain, k: int) -> EValue:
    """Compute the E-value of a mediator and the outcome, per SD of the mediator.

    Raises
    ------
    UserError
        If the outcome's model has no estimate.
    """
    from gluteal.estimators.families import slope
    from gluteal.estimators.sensitivity.evalues import compute_difference_evalue, compute_evalue

    model, sd = fit_outcome(chain), float(chain.mediators[:, k].std(ddof=1))
    if not model.converged:
        raise UserError("the outcome's model did not converge")
    if chain.yes_no:
        x, y = outcome_design(chain), chain.outcome
        found = slope(model, "logistic", x, y, 2 + k, sd, 0.95)
        rare = float(y.mean()) < RARE
        return compute_evalue(found.estimate, found.low, found.high, "odds ratio", rare=rare)
    found = model.coefficient(2 + k).times(sd)
    spread = float(chain.outcome.std(ddof=1))
    return compute_difference_evalue(found.estimate, found.se, sd=spread)
