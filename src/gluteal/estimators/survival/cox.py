"""Proportional hazards regression (Cox): Efron's ties, strata, late entry, robust covariance."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats, JointTest, Model, constant_df
from gluteal.estimators.inputs import as_design, as_groups
from gluteal.estimators.survival.partial import (
    Pieces,
    check_spread,
    climb,
    evaluate,
    invert,
    rescale,
    row_scores,
    solve,
)
from gluteal.estimators.survival.risk_sets import RiskSets, build_risk_sets
from gluteal.estimators.survival.times import as_times

Ties = Literal["efron", "breslow"]


@dataclass(frozen=True, slots=True)
class Cox:
    """A fitted Cox model.

    Attributes
    ----------
    model : Model
        Log hazard ratios; ``fitted`` is the expected number of events of each row, so that
        event minus fitted is the martingale residual.
    null_log_likelihood : float
        Partial log-likelihood without covariates.
    likelihood_ratio, score_test : JointTest
        All coefficients against zero.
    events, rows : int
    x, sets, pieces
        Covariates less ``centre``, risk sets and last evaluation, in sorted order; for residuals,
        tests and baseline hazards.
    """

    model: Model
    null_log_likelihood: float
    likelihood_ratio: JointTest
    score_test: JointTest
    events: int
    rows: int
    x: Floats
    centre: Floats
    sets: RiskSets
    pieces: Pieces


def score_residuals(fit: Cox) -> Floats:
    """Return what each row adds to the score at the estimate, rows as in the data.

    Returns
    -------
    ndarray, shape (n, p)

    References
    ----------
    Therneau and Grambsch 2000, Modeling Survival Data, doi:10.1007/978-1-4757-3294-8.
    """
    found = np.empty_like(fit.x)
    found[fit.sets.order] = row_scores(fit.x, fit.sets, fit.pieces)
    return found


def fit_cox(
    x: ArrayLike,
    time: ArrayLike,
    event: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    robust: bool = False,
    ties: Ties = "efron",
    names: tuple[str, ...] | None = None,
) -> Cox:
    """Fit a proportional hazards model.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Covariates, without an intercept.
    time, event : array_like, shape (n,)
        End of follow-up in any unit; 1 where the event ended it, 0 where it was censored.
    entry : array_like, shape (n,), optional
        When a row came under observation (left truncation, or a later interval of a person).
    stratum : array_like, shape (n,), optional
        Each has a baseline hazard of its own.
    cluster : array_like, shape (n,), optional
        The person of each row: the covariance is then the grouped sandwich.
    robust : bool
        Sandwich by rows, where there are no clusters.
    ties : {"efron", "breslow"}
    names : tuple of str, optional
        Names of the covariates, for messages.

    Returns
    -------
    Cox
        ``model.converged`` is False where the likelihood has no maximum: a coefficient is then
        infinite (no event on one side of a covariate), and its Wald interval means nothing.

    Raises
    ------
    UserError
        For faults of times, covariates or clusters, a covariate that is constant or a combination
        of others, and fewer events than covariates.

    References
    ----------
    Cox 1972, doi:10.1111/j.2517-6161.1972.tb00899.x; Efron 1977,
    doi:10.1080/01621459.1977.10480613; Lin and Wei 1989, doi:10.1080/01621459.1989.10478874.
    Equal to R's ``survival::coxph``.

    Examples
    --------
    >>> fit = fit_cox([[0], [1], [0], [1], [0]], [5, 2, 4, 3, 1], [1, 1, 0, 1, 1])
    >>> fit.model.coef.round(4)
    array([1.0731])
    """
    found = as_times(time, event, entry)
    n, happened = found.time.size, int(found.event.sum())
    columns = np.asarray(x, dtype=float)
    columns = columns[:, None] if columns.ndim == 1 else columns
    labels = names or tuple(str(j) for j in range(columns.shape[1] if columns.ndim == 2 else 0))
    if columns.ndim != 2 or len(columns) != n:
        raise UserError(f"covariates of shape {columns.shape} do not fit {n} times")
    # A constant joins the check only: it is what a baseline hazard stands for.
    full, _ = as_design(
        np.column_stack([np.ones(n), columns]), found.time, names=("baseline", *labels)
    )
    design = full[:, 1:]
    p = design.shape[1]
    if happened < p:
        raise UserError(f"{happened} events cannot carry {p} coefficients")
    layer = np.zeros(n, dtype=np.intp) if stratum is None else as_groups(stratum, n, "stratum")[0]
    sets = build_risk_sets(found, layer)
    if ties == "breslow":
        sets = sets.without_efron()
    centre = design.mean(0)
    scale = design.std(0)
    z = ((design - centre) / scale)[sets.order]
    null = evaluate(z, sets, np.zeros(p))
    check_spread(null.information, happened, labels)
    coef, at, converged = climb(z, sets, null)
    bread, lost = invert(at, null, labels)
    classical = bread / np.outer(scale, scale)
    cov, kind = classical, "inverse information"
    if cluster is not None or robust:
        who = np.arange(n) if cluster is None else as_groups(cluster, n)[0]
        pull = row_scores(z, sets, at) @ bread
        people = who[sets.order]
        sums = np.column_stack([np.bincount(people, column) for column in pull.T])
        cov, kind = sums.T @ sums / np.outer(scale, scale), "robust"
        if cluster is not None and len(sums) < 2:
            raise UserError("a cluster-robust covariance needs at least two clusters")
    said = lost or ("" if converged else "the iterations did not converge")
    fitted = np.empty(n)
    fitted[sets.order] = at.expected
    model = Model(
        coef / scale,
        cov,
        constant_df(inf),
        kind,
        fitted,
        np.empty(0),
        classical,
        converged=not said,
        warnings=(said,) if said else (),
        log_likelihood=at.like,
    )
    return Cox(
        model,
        null.like,
        _chi_square(2 * (at.like - null.like), p),
        _chi_square(float(null.score @ solve(null.information, null.score)), p),
        happened,
        n,
        z * scale,
        centre,
        sets,
        rescale(at, scale),
    )


def _chi_square(statistic: float, df: int) -> JointTest:
    from scipy import special

    return JointTest(statistic, df, inf, float(special.chdtrc(df, statistic)))
