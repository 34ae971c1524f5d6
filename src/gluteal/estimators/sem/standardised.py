"""Standardised solution: all variables, latent ones too, with standard deviation 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gluteal.estimators.inference import Estimate, Floats, interval
from gluteal.estimators.sem.expressions import derivative
from gluteal.estimators.sem.likelihood import evaluate
from gluteal.estimators.sem.result import SemFit
from gluteal.estimators.sem.specification import Term


@dataclass(frozen=True, slots=True)
class Standardised:
    """Standardised terms in the order of the model, then defined quantities.

    Attributes
    ----------
    names : tuple of str
        Terms as written (not labels: terms of one label differ once standardised).
    estimates : tuple of Estimate
        A fixed term whose standardised value varies with the estimates has a standard error too.
    """

    names: tuple[str, ...]
    estimates: tuple[Estimate, ...]

    def estimate(self, name: str) -> Estimate:
        """Return one of them by name."""
        return self.estimates[self.names.index(name)]


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def standardise(fit: SemFit, level: float = 0.95) -> Standardised:
    """Standardise by the implied standard deviations, errors by the delta method.

    Residual covariances are given as correlations of residuals. Defined quantities are computed
    from standardised parameters.

    Parameters
    ----------
    level : float
        Of the intervals.

    Examples
    --------
    >>> from gluteal.estimators.sem.fit import fit_sem
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=100); y = x + rng.normal(size=100)
    >>> found = standardise(fit_sem("y ~ x", np.column_stack([x, y]), ("x", "y")))
    >>> bool(np.isclose(found.estimate("y ~ x").estimate, np.corrcoef(x, y)[0, 1]))
    True
    """
    structure = fit.structure
    state = evaluate(structure, fit.moments.patterns, fit.theta[None])
    expansion = structure.expansion(fit.theta[None])[0]
    full, at = state.full[0], {v: k for k, v in enumerate(structure.variables)}
    number = {name: k for k, name in enumerate(structure.names)}
    s = state.within[0]
    b = state.inverse[0]
    variance, by_variance = _variances(fit, b, s)
    values: list[float] = []
    slopes: list[Floats] = []
    names: list[str] = []
    labels: dict[str, tuple[float, Floats]] = {}
    for term in fit.specification.terms:
        if not structure.has_means and term.op == "~1":
            continue
        place = number.get(term.name) if term.value is None else None
        value, slope = _value(term, full, s, at, place)
        for name, power, residual in _scales(term):
            k = at[name]
            size, by = (s[k, k], _own(fit, k)) if residual else (variance[k], by_variance[k])
            if not size > 0:
                value, slope = float("nan"), slope * np.nan
                continue
            factor = size ** (power / 2)
            slope = factor * slope + value * power / 2 * factor / size * by
            value *= factor
        values.append(value)
        slopes.append(slope)
        names.append(f"{term.left} {term.op} {term.right}".strip())
        labels[term.name] = (value, slope)
    for rule in fit.specification.defined:
        inputs = np.array([labels[n][0] for n in rule.inputs])
        by = derivative(rule, inputs) @ np.array([labels[n][1] for n in rule.inputs])
        for name, value, slope in zip(rule.names, np.real(rule.function(inputs)), by, strict=True):
            names.append(name)
            values.append(float(value))
            slopes.append(slope)
            labels[name] = (float(value), slope)
    by_free = np.array(slopes) @ expansion
    se = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", by_free, fit.free_cov, by_free), 0))
    pairs = zip(values, se, strict=True)
    return Standardised(tuple(names), tuple(interval(v, float(e), level=level) for v, e in pairs))


def _value(
    term: Term, full: Floats, s: Floats, at: dict[str, int], place: int | None
) -> tuple[float, Floats]:
    """Return a term and its derivative by all parameters."""
    slope = np.zeros(len(full))
    if place is not None:
        slope[place] = 1.0
        return float(full[place]), slope
    if term.value is not None:
        return float(term.value), slope
    return float(s[at[term.left], at[term.right]]), slope  # a covariance taken from the data


def _scales(term: Term) -> list[tuple[str, int, bool]]:
    """Say which standard deviations multiply (1) or divide (-1) a term, residual ones or total."""
    if term.op == "=~":
        return [(term.left, 1, False), (term.right, -1, False)]
    if term.op == "~":
        return [(term.right, 1, False), (term.left, -1, False)]
    if term.op == "~1":
        return [(term.left, -1, False)]
    if term.left == term.right:
        return [(term.left, -2, False)]
    return [(term.left, -1, True), (term.right, -1, True)]


def _own(fit: SemFit, k: int) -> Floats:
    """Differentiate the residual variance of a variable by all parameters."""
    s = fit.structure.s
    slope = np.zeros(len(fit.structure.names))
    slope[s.parameter[(s.row == k) & (s.col == k)]] = 1.0
    return slope


def _variances(fit: SemFit, b: Floats, s: Floats) -> tuple[Floats, Floats]:
    """Return variances of all variables and their derivatives, shapes (v,) and (v, names)."""
    structure = fit.structure
    v = b @ s @ b.T
    slope = np.zeros((len(v), len(structure.names)))
    a = structure.a
    np.add.at(slope.T, a.parameter, 2 * (b[:, a.row] * v[:, a.col]).T)
    twice = np.where(structure.s.row == structure.s.col, 1.0, 2.0)
    np.add.at(
        slope.T, structure.s.parameter, (b[:, structure.s.row] * b[:, structure.s.col] * twice).T
    )
    return np.diag(v).copy(), slope
