"""Rows of person and visit with the exposure split: the person's mean, and the distance from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import CannotTest, Fault
from gluteal.estimators.inference import Floats
from gluteal.estimators.inputs import dependent_columns
from gluteal.estimators.lmm import MixedModel, fit_lmm
from gluteal.frames.design import WHERE
from gluteal.frames.panel import Panel, count_visits, lay_out, list_visits, present

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

Term = Literal["within", "between", "contextual"]
LEAST_SHARE = 1e-9
FEEDBACK = (
    "biased where the outcome moves the later exposure, since a person's mean holds visits after "
    "the outcome: cross_lagged is made for that"
)


@dataclass(frozen=True)
class Rows:
    """One row a person and visit.

    Attributes
    ----------
    person : ndarray of int, shape (n,)
        Whose row it is, as a place in ``panel.people``.
    wave : ndarray of int, shape (n,)
        Which visit of the schedule the outcome is from.
    outcome, exposure : ndarray, shape (n,)
    mean : ndarray, shape (n,)
        The person's mean exposure over the person's rows.
    rest : ndarray, shape (n, columns)
        Visits, covariates, groups and doses with a course of their own; no intercept.
    names : tuple of str
        Of the columns of ``rest``.
    gap : float
        Weeks from exposure to outcome; 0 at the same visit, NaN if not the same for all rows.
    n_missing : int
        Planned rows left out because a value is missing.
    """

    panel: Panel
    person: NDArray[np.intp]
    wave: NDArray[np.intp]
    outcome: Floats
    exposure: Floats
    mean: Floats
    rest: Floats
    names: tuple[str, ...]
    gap: float
    n_missing: int

    @property
    def within(self) -> Floats:
        """How far the exposure is from the person's own mean."""
        return self.exposure - self.mean

    @property
    def between(self) -> Floats:
        """How far the person's mean is from the mean of all people's."""
        return self.mean - float(self.person_means.mean())

    @property
    def people(self) -> int:
        """People with at least one row."""
        return len(np.unique(self.person))

    @property
    def counts(self) -> NDArray[np.intp]:
        """Rows of each person who has any."""
        return np.unique(self.person, return_counts=True)[1]

    @property
    def person_means(self) -> Floats:
        """Mean exposure of each person who has a row."""
        _, first = np.unique(self.person, return_index=True)
        return self.mean[first]

    @property
    def week(self) -> Floats:
        """Planned week of each row's outcome."""
        return np.asarray(self.panel.schedule.weeks)[self.wave]

    def design(self, *columns: Floats) -> Floats:
        """Put an intercept and these columns before the rest."""
        return np.column_stack([np.ones(len(self.outcome)), *columns, self.rest])

    def keep(self, rows: NDArray[np.bool_], *, bare: bool = False) -> Rows:
        """Keep some rows; each person's mean is taken anew. ``bare`` keeps visits only."""
        part = replace(self, person=self.person[rows], wave=self.wave[rows],
                       outcome=self.outcome[rows], exposure=self.exposure[rows])  # fmt: skip
        wanted = [j for j, name in enumerate(self.names) if not bare or name.startswith("visit=")]
        return _finish(part, self.rest[rows][:, wanted],
                       tuple(self.names[j] for j in wanted))  # fmt: skip


def _finish(part: Rows, rest: Floats, names: tuple[str, ...]) -> Rows:
    """Take means over the rows there are, and leave out columns that say nothing new."""
    size = int(part.person.max()) + 1
    count = np.bincount(part.person, minlength=size)
    total = np.bincount(part.person, part.exposure, minlength=size)
    mean = total[part.person] / count[part.person]
    part = replace(part, mean=mean)
    gone = set(dependent_columns(np.column_stack([np.ones(len(mean)), rest])))
    kept = [j for j in range(rest.shape[1]) if j + 1 not in gone]
    return replace(part, rest=rest[:, kept], names=tuple(names[j] for j in kept))


def split_rows(
    cohort: Cohort,
    pair: tuple[str, str],
    lag: int = 0,
    covariates: Sequence[str] = (),
    courses: Sequence[str] = (),
    visit: str = "baseline",
    *,
    any_gap: bool = False,
) -> Rows:
    """Lay out rows of person and visit.

    Parameters
    ----------
    pair : (str, str)
        Exposure and outcome.
    lag : {0, 1}
        1 takes the exposure of the visit before. Only visits at the shortest distance count
        (unless ``any_gap``), and a visit that was missed is not bridged.
    covariates, courses, visit
        See ``frames.panel.lay_out``.

    Raises
    ------
    UserError
        If there are too few visits or nobody's exposure changes; the column is named.
    """
    schedule = list_visits(cohort, pair)
    if len(schedule.visits) < 2 + lag:
        rule = f"{count_visits(len(schedule.visits))} values, and {2 + lag} are needed"
        remedy = "Within a person nothing can be compared: use dose_response."
        raise CannotTest(Fault(WHERE, rule, remedy, column=pair[0]))
    known = present(cohort, courses)
    panel = lay_out(cohort, pair, schedule, covariates, known, visit)
    waves = range(lag, len(schedule.visits))
    if lag and not any_gap:
        waves = [k for k in waves if schedule.gaps[k - 1] == schedule.shortest]
    pieces: list[tuple[Any, ...]] = []
    for k in waves:
        who = np.flatnonzero(np.isfinite(panel.first[:, k - lag]) & np.isfinite(panel.second[:, k]))
        pieces.append((who, np.full(len(who), k), panel.second[who, k], panel.first[who, k - lag]))
    person, wave, outcome, exposure = (np.concatenate(p) for p in zip(*pieces, strict=True))
    if not len(person):
        rule = "no visit has both exposure and outcome"
        raise CannotTest(Fault(WHERE, rule, "Check both variables.", column=pair[0]))
    gaps = {schedule.gaps[k - 1] for k in waves} if lag else {0.0}
    gap = gaps.pop() if len(gaps) == 1 else float("nan")
    planned = len(cohort.people) * len(list(waves))
    rest, names = _courses(panel, person, wave, known)
    part = Rows(panel, person, wave, outcome, exposure, exposure, rest, names, gap,
                planned - len(person))  # fmt: skip
    part = _finish(part, rest, names)
    _refuse_still(part, pair)
    return part


def _courses(
    panel: Panel, person: NDArray[np.intp], wave: NDArray[np.intp], courses: Sequence[str]
) -> tuple[Floats, tuple[str, ...]]:
    """Make columns of visits, facts of people, and courses by visit."""
    seen = np.unique(wave)
    visits = [(wave == k).astype(float) for k in seen[1:]]
    names = [f"visit={panel.schedule.visits[k]}" for k in seen[1:]]
    facts = list(panel.fixed[person].T)
    labels = list(panel.fixed_names)
    for fact, label in zip(panel.fixed[person].T, panel.fixed_names, strict=True):
        if label.partition("=")[0] in courses:
            facts += [fact * at for at in visits]
            labels += [f"{label} × {name}" for name in names]
    columns = [*visits, *facts]
    matrix = np.column_stack(columns) if columns else np.zeros((len(person), 0))
    return matrix, (*names, *labels)


def _refuse_still(rows: Rows, pair: tuple[str, str]) -> None:
    moved = float((rows.within**2).sum())
    total = float(((rows.exposure - rows.exposure.mean()) ** 2).sum())
    faults: list[Fault] = []
    if total == 0 or moved <= LEAST_SHARE * total:
        rule = "does not change within people"
        faults.append(Fault(WHERE, rule, "Use dose_response.", column=pair[0]))
    if np.ptp(rows.outcome) == 0:
        rule = "has one value only in the rows analysed"
        faults.append(Fault(WHERE, rule, "Choose another outcome.", column=pair[1]))
    if faults:
        raise CannotTest(faults)


def fit_split(
    rows: Rows, *, slope: bool = False, time: bool = False, starts: int | None = None
) -> MixedModel:
    """Fit the mixed model with within and between terms, Kenward-Roger df.

    Parameters
    ----------
    slope, time : bool
        Let the within term, or the week, have a slope of each person's own.

    Raises
    ------
    UserError
        If people have too few rows for the random effects.
    """
    ones = np.ones(len(rows.outcome))
    z = None
    if slope or time:
        z = np.column_stack(
            [ones, *([rows.within] if slope else []), *([rows.week] if time else [])]
        )
    x = rows.design(rows.within, rows.between)
    return fit_lmm(x, rows.outcome, rows.person, z, df="kenward_roger", starts=starts)


def weights_of(term: Term, columns: int) -> Floats:
    """Return the contrast of a term in the coefficients of ``fit_split``.

    Examples
    --------
    >>> weights_of("contextual", 4)
    array([ 0., -1.,  1.,  0.])
    """
    weights = np.zeros(columns)
    for at, value in {"within": {1: 1.0}, "between": {2: 1.0}, "contextual": {1: -1.0, 2: 1.0}}[
        term
    ].items():
        weights[at] = value
    return weights


def spread_of(rows: Rows) -> tuple[float, float]:
    """Return the SD within people (pooled) and the SD of people's means."""
    free = max(len(rows.outcome) - rows.people, 1)
    return float(np.sqrt((rows.within**2).sum() / free)), float(rows.person_means.std(ddof=1))
