"""One door to the engines: a family by name, one design, one kind of answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.counts import fit_negative_binomial
from gluteal.estimators.effect_size import log_ratio
from gluteal.estimators.firth import fit_firth, profile
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.inference import Estimate, Floats, Model
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.ordinal import fit_ordinal

FamilyName = Literal["linear", "poisson", "ordinal", "negative_binomial", "logistic"]
CLUSTERED: tuple[FamilyName, ...] = ("linear", "poisson", "logistic")
"""Families with a small-sample cluster-robust covariance."""


def fit_family(
    family: FamilyName, x: Floats, y: Floats, cluster: NDArray[np.generic] | None = None
) -> Model:
    """Fit a model of the named family with the covariance it is best reported with.

    Linear, Poisson and logistic models get HC3, or CR2 where ``cluster`` is given; ordinal and
    negative binomial models the observed information. A logistic model whose covariates separate
    the outcome is refitted with Firth's penalty; ``extra["penalised"]`` says so.

    Parameters
    ----------
    family : {"linear", "poisson", "ordinal", "negative_binomial", "logistic"}
    x : ndarray, shape (n, p)
        Design with its intercept in column 0.
    y : ndarray, shape (n,)
        Outcome; categories 0 to K-1 for ordinal.
    cluster : ndarray, shape (n,), optional
        The person of each row.

    Returns
    -------
    Model
        One coefficient a column of ``x``; the intercept of an ordinal model is 0, its thresholds
        are in ``extra``. On the log scale except for linear.

    Examples
    --------
    >>> x = np.column_stack([np.ones(6), [0, 1, 2, 3, 4, 5]])
    >>> fit_family("logistic", x, np.array([0, 0, 0, 1, 1, 1])).extra["penalised"]
    True
    """
    if cluster is not None and family not in CLUSTERED:
        raise ValueError(f"no cluster-robust covariance for {family}")
    kind = "HC3" if cluster is None else "CR2"
    if family == "linear":
        return fit_linear(x, y, kind, cluster)
    if family == "negative_binomial":
        return fit_negative_binomial(x, y)
    if family == "ordinal":
        return _with_intercept(fit_ordinal(x[:, 1:], y))
    model = fit_glm(x, y, family, kind, cluster)
    if family == "logistic" and model.extra["separated"]:
        firth = fit_firth(x, y)
        warnings = ("separated: Firth's penalty used", *firth.warnings)
        extra = {**model.extra, "penalised": True}
        return replace(firth, warnings=warnings, extra=extra, leverage=model.leverage)
    return model


def _with_intercept(model: Model) -> Model:
    p = len(model.coef) + 1
    cov = np.zeros((p, p))
    cov[1:, 1:] = model.cov
    return replace(model, coef=np.r_[0.0, model.coef], cov=cov, classical_cov=cov)


def slope(
    model: Model, family: FamilyName, x: Floats, y: Floats, index: int, per: float, level: float
) -> Estimate:
    """Estimate one coefficient per ``per`` units: a difference, or a ratio where the link is a log.

    A penalised model answers with its profile interval.
    """
    if model.extra.get("penalised"):
        return log_ratio(profile(x, y, index, level).times(per))
    found = model.coefficient(index, level).times(per)
    return found if family == "linear" else log_ratio(found)


def link_p(
    model: Model, family: FamilyName, x: Floats, y: Floats, cluster: NDArray[np.generic] | None
) -> float:
    """Return the p of the squared linear predictor added to the model (Pregibon's link test).

    References
    ----------
    Pregibon 1980, doi:10.2307/2346405; Ramsey 1969 for linear models.
    """
    eta = x @ model.coef
    eta = eta - eta.mean()
    if float(np.ptp(eta)) < 1e-12:
        return float("nan")
    eta = eta / eta.std()
    again = fit_family(family, np.column_stack([np.ones(len(eta)), eta, eta**2]), y, cluster)
    return again.coefficient(2).p if again.converged else float("nan")
