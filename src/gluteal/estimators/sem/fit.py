"""Fit a structural equation model by maximum likelihood, from complete or incomplete data."""

from __future__ import annotations

from math import inf, isfinite, nan
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.inference import Floats, Model, constant_df
from gluteal.estimators.sem.compiler import compile_model
from gluteal.estimators.sem.covariance import (
    information_of,
    invert,
    loose_parameters,
    sandwich,
    saturated_trace,
    trace_of,
)
from gluteal.estimators.sem.expressions import derivative
from gluteal.estimators.sem.likelihood import evaluate
from gluteal.estimators.sem.maximum import as_parameters, maximise, maximise_saturated
from gluteal.estimators.sem.moments import Moments, collect
from gluteal.estimators.sem.reader import read_model
from gluteal.estimators.sem.result import ChiSquare, SemFit
from gluteal.estimators.sem.scoring import Solution
from gluteal.estimators.sem.specification import Specification
from gluteal.estimators.sem.structure import Structure, degrees_of_freedom, saturated
from gluteal.estimators.sem.verdict import cautions


def fit_sem(
    model: Specification | str,
    data: ArrayLike,
    names: tuple[str, ...],
    *,
    robust: bool = False,
    information: Literal["expected", "observed"] | None = None,
    means: bool | None = None,
    listwise: bool = False,
    seed: int = 1,
) -> SemFit:
    """Fit a structural equation model by maximum likelihood.

    Incomplete data are used whole (full-information maximum likelihood: right if values are
    missing at random given those seen).

    Parameters
    ----------
    model : Specification or str
        From a builder, or text for ``read_model``.
    data : array_like, shape (n, columns)
        NaN where missing.
    names : tuple of str
        Of the columns; those that the model does not name are left out.
    robust : bool
        Sandwich standard errors and the Yuan-Bentler scaled test (lavaan's ``MLR``).
    information : {"expected", "observed"}, optional
        For standard errors; as lavaan: observed if robust or incomplete, else expected.
    means : bool, optional
        Model means; by default only if data are incomplete or the model has intercepts.
    listwise : bool
        Use people with complete data only.
    seed : int
        For further starts, used only if the first search fails.

    Returns
    -------
    SemFit

    Raises
    ------
    UserError
        If the data lack columns, are infinite, empty, constant or collinear, hold fewer people
        than variables, or the model has more parameters than moments.

    References
    ----------
    McArdle and McDonald 1984, doi:10.1111/j.2044-8317.1984.tb00802.x; Arbuckle 1996, in Marcoulides
    and Schumacker, Advanced Structural Equation Modeling; Yuan and Bentler 2000,
    doi:10.1111/0081-1750.00078. Equal to lavaan 0.6, but for the observed information under
    nonlinear constraints: it counts the curvature of the constraints, which lavaan leaves out.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=200); m = 0.5 * x + rng.normal(size=200)
    >>> y = 0.4 * m + rng.normal(size=200)
    >>> fit = fit_sem("m ~ a*x; y ~ b*m; ab := a*b", np.column_stack([x, m, y]), ("x", "m", "y"))
    >>> fit.test.df, round(fit.estimate("ab").estimate, 2)
    (1, 0.15)
    """
    said = read_model(model) if isinstance(model, str) else model
    observed = said.observed
    if lacking := [v for v in observed if v not in names]:
        raise UserError(f"the data have no column {', '.join(lacking)}")
    used = tuple(n for n in names if n in observed)
    table = np.asarray(data, dtype=float)
    if table.ndim != 2 or table.shape[1] != len(names):
        raise UserError(f"data of shape {table.shape} do not fit {len(names)} names")
    if used != tuple(names):
        table = table[:, [names.index(n) for n in used]]
    moments = collect(table, used, x=said.fixed_x, listwise=listwise)
    with_means = bool(means) or not moments.complete or said.has_means
    structure = compile_model(said, used, means=with_means)
    best, mean, cov = maximise_saturated(structure, moments)
    structure = structure.with_x(mean[None], cov[None])
    found = maximise(said, structure, moments, mean, cov, seed)
    kind = information or ("observed" if robust or not moments.complete else "expected")
    return _finish(said, structure, moments, found, best, mean, cov, kind, robust)


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def _finish(
    model: Specification,
    structure: Structure,
    moments: Moments,
    found: Solution,
    best: float,
    mean: Floats,
    cov: Floats,
    kind: str,
    robust: bool,
) -> SemFit:
    """Put standard errors, test and cautions to an estimate."""
    from scipy import special

    theta = found.theta[0]
    state = found.state or evaluate(structure, moments.patterns, found.theta)
    information = information_of(structure, moments, theta, kind, state)
    bread, fault = invert(information)
    converged = bool(found.converged[0]) and isfinite(float(found.value[0]))
    notes: list[str] = [] if converged else ["the search did not converge"]
    if fault:
        loose = loose_parameters(information, structure.names) if "singular" in fault else []
        notes.append(f"{fault}{' in ' if loose else ''}{', '.join(loose[:5])}")
    elif not found.peak:
        notes.append(
            "the likelihood has no strict maximum here: some parameters may be free to move"
        )
    free_cov = sandwich(bread, structure, moments, theta) if robust and not fault else bread
    x_value = _covariates(structure, moments, mean, cov)
    like, full = -float(found.value[0]) - x_value, -best - x_value
    df = degrees_of_freedom(structure)
    statistic = 2 * (full - like) if df else 0.0
    statistic = 0.0 if statistic < 0 else statistic
    if not isfinite(full):
        notes.append("the model without restrictions did not converge: there is no test")
    test = ChiSquare(statistic, df, float(special.chdtrc(df, statistic)) if df else nan)
    if robust and df and not fault and isfinite(full):
        free = saturated(structure).with_x(mean[None], cov[None])
        of_full = saturated_trace(moments, free, as_parameters(free, mean, cov)[0])
        scaling = (of_full - trace_of(structure, moments, theta, bread)) / df
        if scaling > 0:
            scaled = statistic / scaling
            p = float(special.chdtrc(df, scaled))
            test = ChiSquare(statistic, df, test.p, scaling, scaled, p)
        else:
            notes.append("the scaling factor of the test is negative")
    notes += cautions(model, structure, state, free_cov, moments)
    names, coef, by = _derived(model, structure, found.theta)
    cov_all, classical = (
        (free_cov, bread) if by is None else (by @ free_cov @ by.T, by @ bread @ by.T)
    )
    se = "robust" if robust else kind
    return SemFit(
        model, names,
        Model(coef, cov_all, constant_df(inf), se, np.empty(0), np.empty(0),
              classical, converged, tuple(notes), log_likelihood=like),
        structure.free, test, like, full, state.mean[0] if structure.has_means else mean,
        state.cov[0], mean, cov, structure.variables, moments.n, moments.dropped, converged,
        found.iterations, tuple(notes), theta, free_cov, structure, moments, robust, kind,
    )  # fmt: skip


def _covariates(structure: Structure, moments: Moments, mean: Floats, cov: Floats) -> float:
    """Log-likelihood of covariates that are not modelled, which no test or criterion counts."""
    if not structure.x:
        return 0.0
    at = np.array(structure.x, dtype=int)
    log_det = float(np.linalg.slogdet(cov[np.ix_(at, at)])[1])
    return -moments.n / 2 * (log_det + at.size * (1 + float(np.log(2 * np.pi))))


def _derived(
    model: Specification, structure: Structure, theta: Floats
) -> tuple[tuple[str, ...], Floats, Floats | None]:
    """Append defined parameters: names, values, and their derivative by the free ones.

    No derivative means that the free parameters are all there is.
    """
    if not (model.defined or structure.constraints):
        return structure.names, theta[0], None
    names, values = list(structure.names), list(structure.expand(theta)[0])
    by = [*structure.expansion(theta)[0]]
    for rule in model.defined:
        at = [names.index(n) for n in rule.inputs]
        inputs = np.array([values[k] for k in at])
        slope = derivative(rule, inputs)
        values += [float(v) for v in np.real(rule.function(inputs))]
        by += [row @ np.array([by[k] for k in at]) for row in slope]
        names += rule.names
    return tuple(names), np.array(values), np.array(by)


def derive_values(model: Specification, structure: Structure, theta: Floats) -> Floats:
    """Compute all named quantities of several fits at once, shape (b, names)."""
    names = list(structure.names)
    columns = list(structure.expand(theta).T)
    for rule in model.defined:
        inputs = np.array([columns[names.index(n)] for n in rule.inputs])
        columns += [np.broadcast_to(np.real(v), len(theta)) for v in rule.function(inputs)]
        names += rule.names
    return np.array(columns).T
