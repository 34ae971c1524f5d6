"""A model compiled to index arrays, so that moments and derivatives need no loop over terms.

With B = (I - A)^-1, G = the observed rows of B and V = B S B', the implied covariance is G S G' and
the implied mean G m. All arrays have a leading dimension for models that are fitted side by side.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from gluteal.estimators.inference import Floats
from gluteal.estimators.sem.expressions import derivative
from gluteal.estimators.sem.specification import Derived

Index = NDArray[np.intp]


@dataclass(frozen=True)
class Places:
    """Elements of one matrix that parameters fill: rows, columns and which parameter."""

    row: Index
    col: Index
    parameter: Index

    @classmethod
    def of(cls, found: list[tuple[int, int, int]]) -> Places:
        """Collect triples."""
        flat = np.array([*chain.from_iterable(found)], dtype=np.intp)
        return cls(flat[::3], flat[1::3], flat[2::3])


def split_places(
    a: list[tuple[int, int, int]], s: list[tuple[int, int, int]], m: list[tuple[int, int, int]]
) -> tuple[Places, Places, Places]:
    """Collect the triples of three matrices with one array, which costs less than three."""
    whole = Places.of([*a, *s, *m])
    cuts = slice(len(a)), slice(len(a), len(a) + len(s)), slice(len(a) + len(s), None)
    first, second, third = (
        Places(whole.row[cut], whole.col[cut], whole.parameter[cut]) for cut in cuts
    )
    return first, second, third


@dataclass(frozen=True)
class Elements:
    """Elements of A and S as pairs of columns of [G, V'], whose products make the derivative.

    Attributes
    ----------
    columns : ndarray of int, shape (2 l,)
        Left columns, then right ones.
    pairs : ndarray of int, shape (l,)
        Where both meet in a matrix with a row for each left column, written as one row.
    weight : ndarray, shape (l,)
        A half for variances, else 1.
    by_cov, by_mean : ndarray
        Add up the elements of one parameter: those of A and S in this order; of A and m.
    plain : bool
        Whether each parameter has one element, in order.
    """

    columns: Index
    pairs: Index
    weight: Floats
    by_cov: Floats
    by_mean: Floats
    plain: bool


@dataclass(frozen=True)
class Structure:
    """A compiled model.

    Attributes
    ----------
    variables : tuple of str
        Observed ones first.
    p : int
        How many are observed.
    names : tuple of str
        Parameters as they fill the matrices: free ones first, then those that constraints give.
    free : int
        How many are free.
    a, s, m : Places
    fixed_a, fixed_s, fixed_m : ndarray, shapes (v, v), (v, v), (v,)
        Fixed values, zero where a parameter goes; may have a leading dimension.
    """

    variables: tuple[str, ...]
    p: int
    names: tuple[str, ...]
    free: int
    a: Places
    s: Places
    m: Places
    fixed_a: Floats
    fixed_s: Floats
    fixed_m: Floats
    constraints: tuple[Derived, ...] = ()
    x: tuple[int, ...] = ()

    @cached_property
    def moments(self) -> int:
        """Covariances of the observed variables."""
        return self.p * (self.p + 1) // 2

    @cached_property
    def has_means(self) -> bool:
        """Whether means are modelled."""
        return self.m.row.size > 0 or bool(self.fixed_m.any())

    @cached_property
    def means_are_free(self) -> bool:
        """Whether each observed variable has its own free intercept, so that means fit exactly."""
        own = np.bincount(self.m.parameter, minlength=len(self.names))[self.m.parameter]
        elsewhere = np.concatenate([self.a.parameter, self.s.parameter])
        return (
            self.m.row.size + len(self.x) == self.p
            and bool((self.m.row < self.p).all() and (own == 1).all())
            and not np.isin(self.m.parameter, elsewhere).any()
            and not self.constraints
        )

    @cached_property
    def elements(self) -> Elements:
        """Elements of A and S in the order of their parameters."""
        a, s, v = self.a, self.s, len(self.variables)
        parameter = np.concatenate([a.parameter, s.parameter])
        order = parameter.argsort(kind="stable")
        left = np.concatenate([a.row, s.row])[order]
        right = np.concatenate([v + a.col, s.col])[order]
        weight = np.ones(order.size)
        weight[a.row.size :][s.row == s.col] = 0.5
        eye = np.eye(len(self.names))
        found = parameter[order]
        plain = found.tolist() == list(range(len(self.names)))
        by_cov = eye if plain else eye[found]
        by_mean = eye[np.concatenate([a.parameter, self.m.parameter])]
        columns = np.concatenate([left, right])
        return Elements(columns, left * (2 * v) + right, weight[order], by_cov, by_mean, plain)

    @cached_property
    def one_each(self) -> bool:
        """Whether elements of A, S and m have one parameter each, in this order."""
        at = np.concatenate([self.a.parameter, self.s.parameter, self.m.parameter])
        return at.tolist() == list(range(len(self.names)))

    @cached_property
    def depth(self) -> int:
        """Length of the longest chain of paths plus 1; 0 if paths run in a circle."""
        path = self.fixed_a != 0
        path[self.a.row, self.a.col] = True
        # Where the paths of d steps begin.
        begin, d = path.any(0), 1
        while begin.any():
            if d > len(path):
                return 0
            begin, d = begin @ path, d + 1
        return d

    def expand(self, theta: Floats) -> Floats:
        """Return all parameters from the free ones: (b, free) to (b, names)."""
        if not self.constraints:
            return theta
        at = {name: k for k, name in enumerate(self.names)}
        full = np.empty((len(theta), len(self.names)))
        full[:, : self.free] = theta
        for rule in self.constraints:
            inputs, outputs = [at[n] for n in rule.inputs], [at[n] for n in rule.names]
            for row in full:
                row[outputs] = np.real(rule.function(row[inputs]))
        return full

    def expansion(self, theta: Floats) -> Floats:
        """Return the derivative of ``expand``: shape (b, names, free)."""
        at = {name: k for k, name in enumerate(self.names)}
        full = self.expand(theta)
        found = np.zeros((len(theta), len(self.names), self.free))
        found[:, : self.free] = np.eye(self.free)
        for rule in self.constraints:
            inputs, outputs = [at[n] for n in rule.inputs], [at[n] for n in rule.names]
            for k, row in enumerate(full):
                found[k][outputs] = derivative(rule, row[inputs]) @ found[k][inputs]
        return found

    @cached_property
    def flat(self) -> tuple[Floats, Index, Index]:
        """A, S and m in one row: fixed values, places that parameters fill, which parameters."""
        v, a, s, m = len(self.variables), self.a, self.s, self.m
        own, across = v * v + s.row * v + s.col, v * v + s.col * v + s.row
        at = np.concatenate([a.row * v + a.col, own, across, 2 * v * v + m.row])
        parameter = np.concatenate([a.parameter, s.parameter, s.parameter, m.parameter])
        fixed_s, fixed_m = self.fixed_s.reshape(-1, v * v), self.fixed_m.reshape(-1, v)
        fixed = np.empty((max(len(fixed_s), len(fixed_m)), 2 * v * v + v))
        fixed[:, : v * v] = self.fixed_a.reshape(v * v)
        fixed[:, v * v : 2 * v * v], fixed[:, 2 * v * v :] = fixed_s, fixed_m
        return fixed, at, parameter

    @cached_property
    def eye(self) -> Floats:
        """Identity of all variables."""
        return np.eye(len(self.variables))

    def matrices(self, full: Floats) -> tuple[Floats, Floats, Floats]:
        """Fill A, S and m with parameters of shape (b, names)."""
        b, v = len(full), len(self.variables)
        fixed, at, parameter = self.flat
        row = np.empty((b, fixed.shape[1]))
        row[:] = fixed
        if b == 1:  # indices of one axis are quicker than of two
            row[0][at] = full[0].take(parameter)
        else:
            row[:, at] = full.take(parameter, axis=1)
        a, s, m = row[:, : v * v], row[:, v * v : 2 * v * v], row[:, 2 * v * v :]
        return a.reshape(b, v, v), s.reshape(b, v, v), m

    def without_means(self) -> tuple[Structure, Index]:
        """Drop the intercepts; tell which parameters stay."""
        return self._without

    @cached_property
    def _without(self) -> tuple[Structure, Index]:
        kept = np.setdiff1d(np.arange(len(self.names)), self.m.parameter)
        new = np.zeros(len(self.names), dtype=np.intp)
        new[kept] = np.arange(kept.size)
        renumber = lambda at: Places(at.row, at.col, new[at.parameter])  # noqa: E731
        plain = replace(
            self,
            names=tuple(self.names[k] for k in kept),
            free=int((kept < self.free).sum()),
            a=renumber(self.a),
            s=renumber(self.s),
            m=Places.of([]),
            fixed_m=np.zeros(len(self.variables)),
        )
        return plain, kept

    def with_x(self, mean: Floats, cov: Floats) -> Structure:
        """Fix means and covariances of covariates at those of the data (b, p) and (b, p, p)."""
        if not self.x:
            return self
        b, v = len(mean), len(self.variables)
        s, m = np.empty((b, v, v)), np.empty((b, v))
        s[:], m[:] = self.fixed_s, self.fixed_m
        at = np.array(self.x)
        s[:, at[:, None], at] = cov[:, at[:, None], at]
        if self.has_means:
            m[:, at] = mean[:, at]
        return replace(self, fixed_s=s, fixed_m=m)


def degrees_of_freedom(structure: Structure) -> int:
    """Count moments of the observed variables beyond the free parameters."""
    q, p = len(structure.x), structure.p
    moments = structure.moments - q * (q + 1) // 2
    return moments + (p - q if structure.has_means else 0) - structure.free


def saturated(
    structure: Structure, *, diagonal: bool = False, joined: tuple[int, ...] = ()
) -> Structure:
    """Return the model that fits any moments, or the baseline of uncorrelated variables.

    Variables whose numbers are ``joined`` correlate in the baseline too.
    """
    p, x = structure.p, structure.x
    terms = [(i, j) for i in range(p) for j in range(i + 1) if not {i, j} <= {*x}]
    if diagonal:
        terms = [(i, j) for i, j in terms if i == j or {i, j} <= {*joined}]
    free = [k for k in range(p) if k not in x] if structure.has_means else []
    count = len(terms)
    names = tuple(f"v{i}_{j}" for i, j in terms)
    means = tuple(f"m{k}" for k in free)
    return Structure(
        structure.variables[:p],
        p,
        (*names, *means),
        count + len(free),
        Places.of([]),
        Places.of([(i, j, k) for k, (i, j) in enumerate(terms)]),
        Places.of([(i, 0, count + k) for k, i in enumerate(free)]),
        np.zeros((p, p)),
        np.zeros((p, p)),
        np.zeros(p),
        x=x,
    )
