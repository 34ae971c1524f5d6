"""Multiple imputation by chained equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.estimators.impute.columns import Column, Passive, as_columns, fill_passive, name_of
from gluteal.estimators.impute.draws import DONORS, Memory, draw_values, write_values
from gluteal.estimators.impute.imputed import LEAST_CYCLES, MOST_R_HAT, Imputed, r_hat_of
from gluteal.estimators.impute.predictors import candidates, same_columns
from gluteal.estimators.impute.start import Start, as_people, prepare, start_state
from gluteal.estimators.impute.targets import Target, make_target
from gluteal.estimators.inference import Floats

WILD = 20.0
"""Standard deviations from what was observed at which imputations count as run away."""
CHUNK = 4_000_000
"""Bytes of the designs that are worked on at once: they stay in the processor's cache."""


def impute_chained(
    data: ArrayLike,
    columns: Sequence[Column] | None = None,
    *,
    m: int = 20,
    cycles: int = 10,
    seed: int,
    predictors: ArrayLike | None = None,
    passive: Sequence[Passive] = (),
    person: ArrayLike | None = None,
    donors: int = DONORS,
) -> Imputed:
    """Impute missing values m times, each column from the others in turn.

    Every missing value starts as a random observed one. A cycle visits the columns from left to
    right; each is regressed on the others as they stand, among the rows where it was observed, and
    its missing values are drawn anew from that regression, with parameters drawn from their
    posterior. Imputations are right if values are missing at random given the predictors; ``delta``
    of a column says how the missing differ beyond that.

    Parameters
    ----------
    data : array_like, shape (n, p)
        NaN where missing; categories as numbers.
    columns : sequence of Column, optional
        Kind, method and delta of each column; by default all are continuous and matched.
    m : int
        Imputations; at least as many as per cent of cases are incomplete is a rule of thumb.
    cycles : int
        Of the chained equations.
    seed : int
        Imputation i draws from its own stream, the same for any ``m``.
    predictors : array_like of bool, shape (p, p), optional
        Row j: the columns that predict column j; by default all others.
    passive : sequence of Passive
        Columns that are functions of others (body mass index, sums, interactions): computed again
        at once whenever a part changes, and never a predictor of their own parts.
    person : array_like, shape (n,), optional
        Who each row belongs to. Then person means of what changes within people predict too, and
        what does not change within them is imputed once for each person, from people's means.
    donors : int
        Nearest observed predictions that matching draws from.

    Returns
    -------
    Imputed

    Raises
    ------
    UserError
        Naming every fault of the data. Columns that cannot be imputed (nothing observed) stay
        missing and are named in ``warnings``.

    References
    ----------
    van Buuren and Groothuis-Oudshoorn 2011, doi:10.18637/jss.v045.i03; White, Royston and Wood
    2011, doi:10.1002/sim.4067.

    Examples
    --------
    >>> x = np.array([[1.0, 2.1], [2, 3.9], [3, np.nan], [4, 8.2], [5, 9.8], [6, 12.1]])
    >>> found = impute_chained(x, m=3, cycles=5, seed=1, donors=2)
    >>> found.mask.sum(), all(one[2, 1] in x[:, 1] for one in found)
    (np.int64(1), True)
    """
    if m < 1 or cycles < 1 or donors < 1:
        raise ValueError("m, cycles and donors must be at least 1")
    values, known = as_columns(data, columns)
    people = as_people(person, len(values))
    values = values[people.order]
    known = [_ordered(column, people.order) for column in known]
    given = np.isnan(np.asarray(data, dtype=float))
    roots, events = fill_passive(values, known, passive)
    allowed, said = candidates(len(known), predictors, roots, known)
    twins, copies = same_columns(values, ~np.isnan(values), known)
    start = prepare(values, known, passive, roots, people)
    passive = [one for one in passive if one.column not in start.lost]
    events += [*said, *copies, *start.events]
    warnings = list(start.warnings)
    targets = _make_targets(start, known, passive, roots, allowed, twins, seed, events, warnings)
    for target in targets:
        few = len(target.cells.observed)
        if target.cells.method == "pmm" and few < donors:
            named = name_of(known, target.cells.column)
            warnings.append(f"column {named}: {few} donors, fewer than the {donors} asked for")
    if not targets:
        warnings.append("no cell was imputed")
    chains = _run(start, targets, known, passive, m, cycles, seed, donors)
    r_hat = r_hat_of(chains.mean)
    warnings += _judge(targets, known, chains, r_hat, cycles)
    rows, cells = _by_column(start, people.order, chains.cells, m)
    back = np.empty_like(values)
    back[people.order] = start.values
    for j, at in enumerate(rows):
        back[at, j] = np.nan
    return Imputed(
        back,
        rows,
        cells,
        given.mean(0),
        tuple(target.cells.column for target in targets),
        chains.mean,
        chains.sd,
        r_hat,
        m,
        cycles,
        converged=not (start.lost or chains.failed or bool((r_hat > MOST_R_HAT).any())),
        warnings=tuple(warnings),
        events=tuple(events),
    )


def _make_targets(
    start: Start,
    columns: Sequence[Column],
    passive: Sequence[Passive],
    roots: dict[int, set[int]],
    allowed: NDArray[np.bool_],
    twins: dict[int, int],
    seed: int,
    events: list[str],
    warnings: list[str],
) -> list[Target]:
    """Settle the predictors of every column to impute; add to what there is to say."""
    if not start.cells:
        return []
    targets: list[Target] = []
    first = start_state(start, columns, passive, [np.random.default_rng([seed, 0])])
    for cells in start.cells:
        may = allowed[cells.column].copy()
        for copy, of in twins.items():
            if may[of] and of != cells.column:
                may[copy] = False
        target, done, warned = make_target(cells, may, first, passive, roots, columns)
        targets.append(target)
        events += done
        warnings += warned
    return targets


def _ordered(column: Column, order: NDArray[np.intp]) -> Column:
    """Put a column's delta into the order of the rows."""
    if column.delta is None or np.ndim(column.delta) == 0:
        return column
    delta = np.asarray(column.delta, dtype=float)[order]
    return Column(column.name, column.kind, column.method, column.level, delta)


@dataclass(frozen=True, slots=True)
class _Chains:
    mean: Floats
    sd: Floats
    cells: dict[int, Floats]
    failed: set[int]


def _judge(
    targets: Sequence[Target],
    columns: Sequence[Column],
    chains: _Chains,
    r_hat: Floats,
    cycles: int,
) -> list[str]:
    """Say which chains did not converge, ran away or do not mix."""
    said = [
        f"column {name_of(columns, j)}: a regression did not converge"
        for j in sorted(chains.failed)
    ]
    for k, target in enumerate(targets):
        cells, named = target.cells, name_of(columns, target.cells.column)
        if cells.method == "norm":
            shift = float(np.max(np.abs(cells.delta), initial=0.0))
            far = np.abs(chains.mean[k] - cells.seen.mean()).max() - shift
            if max(far, chains.sd[k].max() - shift) > WILD * cells.seen.std():
                chains.failed.add(cells.column)
                said.append(
                    f"column {named}: imputed values run far away from those observed; choose "
                    "fewer predictors"
                )
        if r_hat[k] > MOST_R_HAT:
            said.append(f"column {named}: R-hat {r_hat[k]:.2f}; run more cycles")
    if targets and cycles < LEAST_CYCLES:
        said.append(f"{cycles} cycles are too few to judge whether the chains mix")
    return said


def _run(
    start: Start,
    targets: Sequence[Target],
    columns: Sequence[Column],
    passive: Sequence[Passive],
    m: int,
    cycles: int,
    seed: int,
    donors: int,
) -> _Chains:
    """Run all chains, as many at once as fit the cache."""
    mean, sd = (np.full((len(targets), cycles, m), np.nan) for _ in range(2))
    cells = {j: np.empty((m, len(rows))) for j, rows in start.rows.items()}
    failed: set[int] = set()
    size = 12 * start.layout.width * len(start.values)
    at_once = max(1, min(m, CHUNK // max(size, 1)))
    for begin in range(0, m if targets else 0, at_once):
        chains = slice(begin, min(begin + at_once, m))
        streams = [np.random.default_rng([seed, i]) for i in range(chains.start, chains.stop)]
        state = start_state(start, columns, passive, streams)
        memory = Memory()
        gathered: dict[int, Floats] = {}
        for cycle in range(cycles):
            draws = _Draws(targets, streams)
            for k, target in enumerate(targets):
                z, chi, u = draws.of(k)
                values, lacking = draw_values(state, target, z, chi, u, memory, donors)
                write_values(state, target, values, lacking, columns, gathered)
                mean[k, cycle, chains], sd[k, cycle, chains] = _moments(values)
        failed |= memory.failed
        for j, found in gathered.items():
            cells[j][chains] = found
        for one in passive:
            if one.column in cells and one.column in state.raw:
                cells[one.column][chains] = state.raw[one.column][:, start.rows[one.column]]
    return _Chains(mean, sd, cells, failed)


def _moments(values: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation along the last axis; faster than numpy's for few rows."""
    mean = values.sum(1) / values.shape[1]
    gap = values - mean[:, None]
    return mean, np.sqrt(np.einsum("bi,bi->b", gap, gap) / values.shape[1])


class _Draws:
    """All random numbers of one cycle: a few large calls for each imputation."""

    def __init__(self, targets: Sequence[Target], streams: Sequence[np.random.Generator]) -> None:
        numbers = [target.cells.method in ("pmm", "norm") for target in targets]
        uniform = [0 if t.cells.method == "norm" else len(t.cells.missing) for t in targets]
        self.ends = np.cumsum([0, *(target.draws for target in targets)])
        self.limits = np.cumsum([0, *uniform])
        df = np.array([t.chi_df if n else (1, 1) for t, n in zip(targets, numbers, strict=True)])
        self.z = np.stack([s.standard_normal(self.ends[-1]) for s in streams])
        self.chi = np.stack([s.chisquare(df) for s in streams])
        self.u = np.stack([s.random(self.limits[-1]) for s in streams])

    def of(self, k: int) -> tuple[Floats, Floats, Floats]:
        z = self.z[:, self.ends[k] : self.ends[k + 1]]
        return z, self.chi[:, k], self.u[:, self.limits[k] : self.limits[k + 1]]


def _by_column(
    start: Start, order: NDArray[np.intp], cells: dict[int, Floats], m: int
) -> tuple[tuple[NDArray[np.intp], ...], tuple[Floats, ...]]:
    """List rows, as they were given, and values of the imputed cells of every column."""
    rows: list[NDArray[np.intp]] = []
    values: list[Floats] = []
    none = np.empty(0, dtype=np.intp)
    for j in range(start.values.shape[1]):
        if j in start.fixed:
            at = start.fixed[j]
            rows.append(order[at])
            values.append(np.broadcast_to(start.values[at, j], (m, len(at))))
        else:
            rows.append(order[start.rows.get(j, none)])
            values.append(cells.get(j, np.empty((m, 0))))
    return tuple(rows), tuple(values)
