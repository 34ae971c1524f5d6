"""Lagged paths within people: the random-intercept panel model, its variants and its starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault, UserError
from gluteal.estimators.inference import Estimate, Floats, interval
from gluteal.estimators.sem import clpm, fit_sem, riclpm, standardise
from gluteal.estimators.sem.result import SemFit
from gluteal.estimators.sem.specification import Derived, Specification, Term
from gluteal.frames.design import WHERE
from gluteal.frames.panel import Panel, Schedule

Lags = Literal["equal", "by length", "free"]
Arrow = Literal["a", "b", "c", "d"]
PATHS: dict[Arrow, str] = {
    "a": "exposure on itself",
    "b": "outcome to exposure",
    "c": "exposure to outcome",
    "d": "outcome on itself",
}
SHARES = (0.2, 0.5, 0.8)
SAME = 1e-4
"""Share of variance that further starts give to traits; log-likelihoods closer than this agree."""


@dataclass(frozen=True)
class Lagged:
    """A fitted panel model.

    Attributes
    ----------
    fit : SemFit
        Of the start that reached the highest likelihood.
    gaps : tuple of float
        Weeks between visits.
    lags : str
        Which lags are one parameter.
    reached, starts : int
        How many starts reached that likelihood, of how many.
    """

    fit: SemFit
    gaps: tuple[float, ...]
    lags: Lags
    reached: int
    starts: int

    @property
    def admissible(self) -> bool:
        """Whether the search ended at a maximum, and no variance is negative."""
        bad = ("negative variance", "correlation beyond 1", "no strict maximum", "singular")
        return self.fit.converged and not any(b in w for w in self.fit.warnings for b in bad)

    def path(self, name: Arrow, level: float = 0.95) -> Estimate:
        """Estimate one path over the shortest gap; the mean over intervals where lags are free."""
        return self.fit.estimate(name if self.lags != "free" else f"{name}_mean", level)

    def each(self, name: Arrow, level: float = 0.95) -> list[Estimate]:
        """Estimate one path over each interval."""
        return [self.fit.estimate(label, level) for label in labels_of(self.gaps, self.lags, name)]

    def standardised(self, name: Arrow, level: float = 0.95) -> Estimate:
        """Average a standardised path over the shortest gaps.

        The standard error is the mean of theirs, which is what it is if they go wholly together
        and too large otherwise.
        """
        every = standardise(self.fit, level)
        names = [term for term, label in lag_terms(self.fit.specification, name)
                 if label in _shortest(self.gaps, self.lags, name)]  # fmt: skip
        parts = [every.estimate(term) for term in names]
        middle = float(np.mean([part.estimate for part in parts]))
        return interval(middle, float(np.mean([part.se for part in parts])), level=level)


def refuse_equal(schedule: Schedule) -> None:
    """Refuse one lag for intervals of different length: a lag has no meaning without its time.

    Raises
    ------
    UserError
    """
    if not schedule.equal:
        gaps = ", ".join(f"{gap:g}" for gap in schedule.gaps)
        rule = f"lags_equal over intervals of {gaps} weeks: one coefficient cannot hold for all"
        remedy = "Name equally spaced visits, or set lags_equal: false."
        raise UserError(Fault("the config", rule, remedy, column="visits"))


def labels_of(gaps: Sequence[float], lags: Lags, name: str) -> list[str]:
    """Name the parameter of a path over each interval.

    Examples
    --------
    >>> labels_of((4, 4, 14), "by length", "c"), labels_of((4, 4), "free", "c")
    (['c', 'c', 'c_14'], ['c_1', 'c_2'])
    """
    if lags == "free":
        return [f"{name}_{k + 1}" for k in range(len(gaps))]
    if lags == "equal":
        return [name] * len(gaps)
    return [name if gap == min(gaps) else f"{name}_{gap:g}" for gap in gaps]


def _shortest(gaps: Sequence[float], lags: Lags, name: str) -> list[str]:
    """Name the parameters of a path over the intervals of the shortest length."""
    named = zip(labels_of(gaps, lags, name), gaps, strict=True)
    return [label for label, gap in named if gap == min(gaps)]


def columns(waves: int) -> tuple[list[str], list[str]]:
    """Name the columns of exposure and outcome."""
    return [f"x{k}" for k in range(1, waves + 1)], [f"y{k}" for k in range(1, waves + 1)]


def lag_terms(model: Specification, name: Arrow) -> list[tuple[str, str]]:
    """List the terms of a path and their labels, in order of time."""
    to, source = {"a": ("x", "x"), "b": ("x", "y"), "c": ("y", "x"), "d": ("y", "y")}[name]
    found: list[tuple[str, str]] = []
    for term in model.terms:
        ends = (term.left.removeprefix("within_")[0], term.right.removeprefix("within_")[:1])
        if term.op == "~" and ends == (to, source) and term.right[-1:].isdigit():
            found.append((f"{term.left} ~ {term.right}", term.label))
    return found


def specify(
    gaps: Sequence[float],
    lags: Lags,
    errors: tuple[float, float] = (0.0, 0.0),
    fixed: int = 0,
    *,
    traits: bool = True,
) -> Specification:
    """Write the panel model.

    Parameters
    ----------
    gaps : sequence of float
        Weeks between visits.
    lags : {"equal", "by length", "free"}
        Which lags share a coefficient: all, those over gaps of one length, none.
    errors : (float, float)
        Known error variances of exposure and outcome scores; NaN is estimated by the model, one
        for all visits.
    fixed : int
        Facts of people, columns ``z1`` and on; each moves both variables at each visit by an
        amount of its own, so that what an arm does to a visit's mean is no lag.
    traits : bool
        False leaves the traits out: the traditional model.
    """
    x, y = columns(len(gaps) + 1)
    every = {n: v for names, v in zip((x, y), errors, strict=True) for n in names}
    known = {n: v for n, v in every.items() if v > 0 or np.isnan(v)}
    plain = riclpm(x, y, error_variances=known) if traits else clpm(x, y)
    inside = "within_" if traits else ""
    label: dict[tuple[str, str], str] = {}
    for path, (to, source) in zip("abcd", ((x, x), (x, y), (y, x), (y, y)), strict=True):
        named = labels_of(gaps, lags, path)
        for k, (before, after) in enumerate(pairwise(range(len(x)))):
            label[inside + to[after], inside + source[before]] = named[k]
    terms = [t._replace(label=label.get((t.left, t.right), "")) if t.op == "~" else t
             for t in plain.terms]  # fmt: skip
    terms = [
        t._replace(label=f"error_{t.left[0]}", value=None)
        if t.value is not None and t.op == "~~" and np.isnan(t.value)
        else t
        for t in terms
    ]
    z = tuple(f"z{k + 1}" for k in range(fixed))
    terms += [Term(name, "~", fact) for name in (*x, *y) for fact in z]
    means = tuple(_mean_of(p, tuple(_shortest(gaps, lags, p))) for p in "abcd")
    return Specification(tuple(terms), plain.latent, defined=means if lags == "free" else (),
                         fixed_x=z, covariates=z)  # fmt: skip


def _mean_of(path: str, labels: tuple[str, ...]) -> Derived:
    def function(values: NDArray[np.inexact]) -> NDArray[np.inexact]:
        return np.atleast_1d(np.asarray(values.mean(axis=0)))

    return Derived((f"{path}_mean",), labels, function)


def fit_lagged(
    panel: Panel,
    lags: Lags,
    errors: tuple[float, float] = (0.0, 0.0),
    *,
    traits: bool = True,
    fixed: bool = True,
    listwise: bool = False,
    seed: int = 1,
) -> Lagged:
    """Fit a panel model from several starts and keep the highest likelihood.

    Parameters
    ----------
    panel : Panel
    lags, errors, traits
        See ``specify``.
    fixed : bool
        False leaves the facts of people out.
    listwise : bool
        Use people with every value only.

    Raises
    ------
    UserError
        If the model is larger than the data allow.
    """
    facts = panel.fixed.shape[1] if fixed else 0
    model = specify(panel.schedule.gaps, lags, errors, facts, traits=traits)
    x, y = columns(panel.first.shape[1])
    names = (*x, *y, *(f"z{k + 1}" for k in range(facts)))
    data = np.column_stack([panel.first, panel.second, panel.fixed[:, :facts]])

    people = int((np.isfinite(data[:, : 2 * len(x)]).any(1)).sum())
    if people <= (free := len({t.name for t in model.terms if t.value is None}) + 2 * len(x)):
        rule = f"{people} people for {free} parameters of the panel model"
        raise CannotTest(Fault(WHERE, rule, "Add people, or use fewer visits or covariates."))

    def run(begin: Specification, robust: bool) -> SemFit:
        return fit_sem(begin, data, names, robust=robust, listwise=listwise, seed=seed)

    best = run(model, True)
    values = [best.log_likelihood if best.converged else -np.inf]
    # A search that fails has tried further starts by itself: one more is enough then.
    for share in SHARES if best.converged else SHARES[1:2]:
        begin = _start(model, panel, share, errors)
        found = run(begin, False)  # robust errors are dear, and only the best start needs them
        values.append(found.log_likelihood if found.converged else -np.inf)
        if (found.converged, found.log_likelihood) > (best.converged, best.log_likelihood + SAME):
            best = run(begin, True)
    reached = sum(abs(value - best.log_likelihood) < SAME for value in values)
    return Lagged(best, panel.schedule.gaps, lags, reached, len(values))


def _start(
    model: Specification, panel: Panel, share: float, errors: tuple[float, float]
) -> Specification:
    """Begin elsewhere: another share of variance in the traits, and lags that are not zero."""
    spread = {"x": float(np.nanvar(panel.first)), "y": float(np.nanvar(panel.second))}
    known = dict(zip("xy", np.nan_to_num(errors), strict=True))
    traits = {"trait_1": "x", "trait_2": "y"}

    def begin(term: Term) -> Term:
        if term.value is not None or (term.left != term.right and term.op == "~~"):
            return term
        if term.op == "~~" and term.left in traits:
            return term._replace(start=share * spread[traits[term.left]])
        inner = term.left.removeprefix("within_")[0]
        if term.label.startswith("error_"):
            return term._replace(start=0.1 * spread[inner])
        if term.op == "~~" and inner in spread:
            rest = (1 - share) * spread[inner] - known[inner]
            return term._replace(start=max(rest, 0.1 * spread[inner]))
        if term.op == "~" and term.label[:1] in ("a", "d"):
            return term._replace(start=0.8 - share)
        return term

    return replace(model, terms=tuple(begin(term) for term in model.terms))


def select(panel: Panel, rows: NDArray[np.bool_]) -> Panel:
    """Keep some people, and of the facts those that still vary among them."""
    fixed = panel.fixed[rows]
    some = np.ptp(fixed, axis=0) > 0 if len(fixed) else np.zeros(fixed.shape[1], dtype=bool)
    names = tuple(n for n, s in zip(panel.fixed_names, some, strict=True) if s)
    return replace(panel, people=panel.people[rows], first=panel.first[rows],
                   second=panel.second[rows], fixed=fixed[:, some], fixed_names=names)  # fmt: skip


def spread_within(found: Lagged) -> tuple[Floats, Floats]:
    """Return the within-person SDs that the model implies at each visit, without error."""
    every = found.fit
    values = dict(zip(every.names, every.model.coef, strict=True))
    sds: list[Floats] = []
    for trait, lead in (("trait_1", "x"), ("trait_2", "y")):
        at = [k for k, v in enumerate(every.variables[: len(every.implied_cov)])
              if v.startswith(lead)]  # fmt: skip
        total = np.diag(every.implied_cov)[at]
        known = [t.value or 0.0 for t in every.specification.terms
                 if t.op == "~~" and t.left == t.right and t.left.startswith(lead)]  # fmt: skip
        less = values.get(f"{trait} ~~ {trait}", 0.0) + (known[0] if known else 0.0)
        sds.append(np.sqrt(np.maximum(total - less, 0.0)))
    return sds[0], sds[1]
