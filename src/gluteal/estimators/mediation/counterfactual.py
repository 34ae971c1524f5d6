"""Natural and controlled effects, with interaction of exposure and mediator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.bootstrap import Equation
from gluteal.estimators.bootstrap.draws import Seed
from gluteal.estimators.bootstrap.intervals import Kind
from gluteal.estimators.bootstrap.moments import column_faults
from gluteal.estimators.inference import Floats
from gluteal.estimators.mediation.nonlinear import Question, estimate_nonlinear
from gluteal.estimators.mediation.paths import as_columns
from gluteal.estimators.mediation.products import Polynomial
from gluteal.estimators.mediation.resampled_glm import Link
from gluteal.estimators.mediation.system import Mediation, Resampling, estimate_system


def mediate_counterfactual(
    exposure: ArrayLike,
    mediator: ArrayLike,
    outcome: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    mediator_link: Link = "linear",
    outcome_link: Link = "linear",
    interaction: bool = True,
    exposed: float = 1.0,
    unexposed: float = 0.0,
    mediator_at: float | None = None,
    draws: Literal["bootstrap", "parametric"] = "bootstrap",
    names: Sequence[str] | None = None,
    resamples: int = 1000,
    seed: Seed = 1,
    kind: Kind = "percentile",
    level: float = 0.95,
    cluster: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Mediation:
    """Estimate natural direct and indirect effects of a change of exposure from a* to a.

    Averages over the covariates of the sample, by the closed form of linear models and by
    g-computation else. Causal only without unmeasured confounding of exposure, mediator and
    outcome, and without a confounder of mediator and outcome that the exposure changes.

    Parameters
    ----------
    exposure, mediator, outcome : array_like, shape (n,)
    covariates : array_like, shape (n, c), optional
        In both regressions.
    mediator_link, outcome_link : {"linear", "logit", "probit"}
        Logit and probit for 0/1; a binary outcome gives risk differences and ratios.
    interaction : bool
        Give the outcome's regression the product of exposure and mediator.
    exposed, unexposed : float
        a and a*.
    mediator_at : float, optional
        Value at which the mediator is held for the controlled direct effect; without, its mean
        (0 for a binary one).
    draws : {"bootstrap", "parametric"}
        Resample people, or draw coefficients from their normal distribution (quasi-Bayesian, as
        R's ``mediation`` does by default; neither clusters nor weights).
    names : sequence of str, length 3, optional
    resamples, seed, kind, level, cluster, strata, weights
        See ``bootstrap_linear``; BCa for linear models only.

    Returns
    -------
    Mediation
        Effects "CDE", "PNDE" (pure natural direct), "TNDE" (total natural direct), "PNIE", "TNIE"
        and "total" = PNDE + TNIE = TNDE + PNIE; "PNDE ratio", "TNIE ratio" and "total ratio" of a
        binary outcome. ACME of R's ``mediation`` are PNIE and TNIE, its ADE PNDE and TNDE.
        ``wald`` is empty unless both models are linear; ``models`` are the mediator's (constant,
        covariates, exposure) and the outcome's (mediator and product after them).

    References
    ----------
    VanderWeele 2015, Explanation in causal inference, chapters 2 and 5; Imai, Keele and Tingley
    2010, doi:10.1037/a0020761.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> weak = rng.integers(0, 2, 400)
    >>> tilt = 0.8 * weak + rng.normal(size=400)
    >>> pain = 0.5 * tilt + 0.3 * weak * tilt + rng.normal(size=400)
    >>> found = mediate_counterfactual(weak, tilt, pain)
    >>> found.effect("TNIE").estimate > found.effect("PNIE").estimate
    True
    """
    if exposed == unexposed:
        raise ValueError("exposed and unexposed must differ")
    columns, labels, m = as_columns(exposure, mediator, outcome, covariates, names)
    if m != 1:
        raise ValueError("counterfactual mediation takes one mediator")
    c = columns.shape[1] - 3
    if faults := column_faults(columns, None, labels):
        raise UserError("; ".join(faults))
    held = mediator_at
    if held is None:
        binary = mediator_link != "linear"
        held = 0.0 if binary or not len(columns) else float(columns[:, c + 1].mean())
    how = Resampling(resamples, seed, kind, level, cluster, strata, weights)
    if mediator_link == "linear" and outcome_link == "linear" and draws == "bootstrap":
        return _linear(columns, labels, interaction, exposed, unexposed, held, how)
    question = Question((mediator_link, outcome_link), interaction, exposed, unexposed, held, draws)
    return estimate_nonlinear(columns, labels, question, how)


def _linear(
    columns: Floats,
    labels: list[str],
    interaction: bool,
    exposed: float,
    unexposed: float,
    held: float,
    how: Resampling,
) -> Mediation:
    """Use the closed form: sums of products of coefficients and means of covariates."""
    c = columns.shape[1] - 3
    x, m, y = columns[:, c], columns[:, c + 1], columns[:, c + 2]
    common, change = tuple(range(c)), exposed - unexposed
    both = [columns[:, : c + 2], *([(x * m)[:, None]] if interaction else []), y[:, None]]
    data = np.column_stack(both)
    titles = [*labels[: c + 2], *(["exposure × mediator"] if interaction else []), labels[-1]]
    last = data.shape[1] - 1
    equations = [
        Equation(c + 1, (*common, c)),
        Equation(last, (*common, *range(c, last))),
        # Means of the covariates, so that the bootstrap averages over each resample's people.
        *(Equation(j) for j in common),
    ]
    constant, to_mediator = (0, 0), (0, 1 + c)
    direct, slope, product = (1, 1 + c), (1, 2 + c), (1, 3 + c)

    def natural_direct(level: float) -> Polynomial:
        terms: Polynomial = ((change, (direct,)),)
        if interaction:
            terms += ((change, (product, constant)), (change * level, (product, to_mediator)))
            terms += tuple((change, (product, (0, 1 + j), (2 + j, 0))) for j in common)
        return terms

    def natural_indirect(level: float) -> Polynomial:
        terms: Polynomial = ((change, (slope, to_mediator)),)
        return (*terms, (change * level, (product, to_mediator))) if interaction else terms

    controlled: Polynomial = ((change, (direct,)),)
    if interaction:
        controlled += ((change * held, (product,)),)
    effects = {
        "CDE": controlled,
        "PNDE": natural_direct(unexposed),
        "TNDE": natural_direct(exposed),
        "PNIE": natural_indirect(unexposed),
        "TNIE": natural_indirect(exposed),
        "total": natural_direct(unexposed) + natural_indirect(exposed),
    }
    return estimate_system(data, titles, equations, effects, how, ("TNIE", "PNDE", "total"))
