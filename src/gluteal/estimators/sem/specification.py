"""A structural equation model as data: directed paths, covariances, intercepts and what is fixed.

Reticular action model (RAM): every model is a list of directed paths (matrix A), variances and
covariances (matrix S) and intercepts (vector m) among observed and latent variables.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import UserError

Operator = Literal["~", "=~", "~~", "~1"]


class Term(NamedTuple):
    """One element of a model.

    Parameters
    ----------
    left, right : str
        ``left ~ right`` is the path from right to left, ``left =~ right`` the loading of the
        indicator right on the latent left, ``left ~~ right`` a (co)variance. ``~1`` has no right.
    op : {"~", "=~", "~~", "~1"}
    label : str, optional
        Terms of one label are one parameter: an equality constraint.
    value : float, optional
        Fixes the term.
    start : float, optional
        Where the search begins; chosen from the data if absent.
    """

    left: str
    op: Operator
    right: str = ""
    label: str = ""
    value: float | None = None
    start: float | None = None

    @property
    def name(self) -> str:
        """The parameter's name: its label, or the term as written."""
        return self.label or f"{self.left} {self.op} {self.right}".strip()


@dataclass(frozen=True, slots=True)
class Derived:
    """Quantities that are a function of parameters: defined parameters, nonlinear constraints.

    Parameters
    ----------
    names : tuple of str
        What the function returns.
    inputs : tuple of str
        Labels of the parameters that it takes.
    function : callable
        Maps an array of shape (len(inputs),) to one of shape (len(names),). It must be analytic
        and take complex numbers: its derivative is found by a complex step, exact to rounding.
    """

    names: tuple[str, ...]
    inputs: tuple[str, ...]
    function: Callable[[NDArray[np.inexact]], NDArray[np.inexact]]


@dataclass(frozen=True)
class Specification:
    """A whole model.

    Parameters
    ----------
    terms : tuple of Term
    latent : tuple of str
        Latent variables; every other name in the terms is an observed variable.
    defined : tuple of Derived
        Quantities to report with standard errors by the delta method.
    constraints : tuple of Derived
        Labels that are functions of other labels; they are no free parameters.
    fixed_x : tuple of str
        Observed covariates whose means and covariances are taken from the data and not modelled,
        as lavaan's ``fixed.x = TRUE`` does.
    covariates : tuple of str
        Observed covariates that the baseline model of fit indices lets correlate, as lavaan does.
    experimental : str
        A caution that every fit of the model repeats among its warnings.

    Raises
    ------
    UserError
        Naming terms that appear twice or that name no variable.

    Examples
    --------
    >>> model = Specification((Term("pain", "~", "glute"), Term("pain", "~~", "pain"),
    ...                        Term("glute", "~~", "glute")))
    >>> model.observed
    ('pain', 'glute')
    """

    terms: tuple[Term, ...]
    latent: tuple[str, ...] = ()
    defined: tuple[Derived, ...] = ()
    constraints: tuple[Derived, ...] = ()
    fixed_x: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    experimental: str = ""

    def __post_init__(self) -> None:
        seen: set[tuple[str, ...]] = set()
        faults: list[str] = []
        for term in self.terms:
            left, op, right = term[:3]
            key = places(term)
            if key in seen:
                faults.append(f"{left} {op} {right} appears twice".replace("  ", " "))
            seen.add(key)
            if not left or (not right and op != "~1"):
                faults.append(f"a term with {op} lacks a variable")
            if op == "~" and left == right:
                faults.append(f"{left} is regressed on itself")
        if faults:
            raise UserError("; ".join(faults))

    @cached_property
    def observed(self) -> tuple[str, ...]:
        """Observed variables in order of appearance."""
        latent = set(self.latent)
        return tuple(v for v in variables(self.terms) if v not in latent)

    @cached_property
    def factors(self) -> tuple[str, ...]:
        """Latent variables with several indicators that no path leads to: traits, factors."""
        outcomes = {t.left for t in self.terms if t.op == "~"}
        outcomes |= {t.right for t in self.terms if t.op == "=~"}
        load = [t.left for t in self.terms if t.op == "=~"]
        return tuple(v for v in self.latent if load.count(v) > 1 and v not in outcomes)

    @cached_property
    def compiled(self) -> dict[Hashable, Any]:
        """What was compiled of this model, kept for fits to further data."""
        return {}

    @cached_property
    def has_means(self) -> bool:
        """Whether an intercept is written into the model."""
        return any(term.op == "~1" for term in self.terms)


def places(term: Term) -> tuple[str, ...]:
    """Name the matrix element of a term; both orders of a covariance are one."""
    left, op, right = term[:3]
    if op == "~~":
        return ("S", left, right) if left < right else ("S", right, left)
    if op == "=~":
        return ("A", right, left)
    return ("m", left) if op == "~1" else ("A", left, right)


def variables(terms: Iterable[Term]) -> tuple[str, ...]:
    """List the variables of terms, each once, in order of appearance."""
    names = dict.fromkeys([n for left, _, right, *_ in terms for n in (left, right)])
    names.pop("", None)
    return tuple(names)


def complete(
    terms: Iterable[Term], latent: tuple[str, ...] = (), *, fix_first: bool = True
) -> tuple[Term, ...]:
    """Add what a model leaves unsaid, by the rules of lavaan's ``sem``.

    The first loading of each latent variable is fixed at 1 (or, with ``fix_first`` false, its
    variance is); every variable gets a (residual) variance; exogenous variables of one kind
    correlate, and so do the residuals of outcomes that predict nothing.

    Examples
    --------
    >>> [term.name for term in complete([Term("y", "~", "x")])]
    ['y ~ x', 'y ~~ y', 'x ~~ x']
    """
    given = list(terms)
    if fix_first:
        first: set[str] = set()
        for k, term in enumerate(given):
            if term.op == "=~" and term.left not in first:
                first.add(term.left)
                if term.value is None and not term.label:
                    given[k] = Term(term.left, term.op, term.right, value=1.0)
    done = {places(term) for term in given}
    unit = () if fix_first else latent

    def add(left: str, right: str) -> None:
        term = Term(left, "~~", right, value=1.0 if left == right and left in unit else None)
        if places(term) not in done:
            done.add(places(term))
            given.append(term)

    everyone = variables(given)
    outcome = {t.left for t in given if t.op == "~"} | {t.right for t in given if t.op == "=~"}
    predictor = {t.right for t in given if t.op == "~"}
    indicator = {t.right for t in given if t.op == "=~"}
    for name in everyone:
        add(name, name)
    for kind in (latent, tuple(v for v in everyone if v not in latent)):
        free = [v for v in kind if v not in outcome and (v in predictor or v in latent)]
        for k, left in enumerate(free):
            for right in free[k + 1 :]:
                add(left, right)
    pure = [v for v in everyone if v in outcome and v not in predictor and v not in indicator]
    pure = [v for v in pure if v not in latent or not _measures(given, v)]
    for k, left in enumerate(pure):
        for right in pure[k + 1 :]:
            add(left, right)
    return tuple(given)


def _measures(terms: Iterable[Term], name: str) -> bool:
    """Whether other latent variables load on this one (a second-order factor)."""
    return any(t.op == "=~" and t.right == name for t in terms)
