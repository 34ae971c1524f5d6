"""The same slopes under other models: robust, in differences, mended, with slopes of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.linalg import LinAlgError
from numpy.typing import NDArray

from gluteal.errors import UserError
from gluteal.estimators.effect_size import log_ratio
from gluteal.estimators.families import fit_family
from gluteal.estimators.gee import fit_gee
from gluteal.estimators.inference import Estimate, Floats, Model, interval
from gluteal.estimators.inputs import dependent_columns
from gluteal.estimators.lmm import MixedModel, fit_lmm, robust_model
from gluteal.estimators.ordinal_mixed import fit_ordinal_mixed
from gluteal.frames.panel import ARM, PROGRAMME
from gluteal.frames.score_error import ScoreError
from gluteal.frames.within import Rows, Term, fit_split, weights_of

MIXTURE = (
    "mixes the slope within people with that between people: it is neither, and may have a sign "
    "that neither has; a contrast, no answer"
)
MOST_LEVELS, POINTS = 12, 7


@dataclass(frozen=True)
class Variant:
    """One other model of the same question.

    Attributes
    ----------
    value : Estimate or None
        Per unit of exposure; None where it could not be had, for ``reason``.
    rows : Rows
        What it was fitted to.
    term : str
        ``within``, ``between``, ``contextual`` or ``pooled``.
    """

    name: str
    value: Estimate | None
    rows: Rows
    term: str
    threat: str = ""
    role: str = "sensitivity"
    se_type: str = "Kenward-Roger"
    estimator: str = "linear mixed model (REML)"
    scale: str = "difference"
    warnings: tuple[str, ...] = ()
    converged: bool = True
    reason: str = ""


def fit_pooled(rows: Rows) -> MixedModel:
    """Fit the mixed model with the exposure as it is: the naive slope."""
    x = rows.design(rows.exposure)
    return fit_lmm(x, rows.outcome, rows.person, df="kenward_roger")


def list_variants(
    rows: Rows, main: MixedModel, term: Term, error: ScoreError, level: float
) -> Iterator[Variant]:
    """Fit the other models, one after the other.

    Parameters
    ----------
    rows, main
        Those of the headline.
    term : {"within", "between", "contextual"}
    error : ScoreError
        Of the exposure.
    """

    def run(name: str, make: Callable[[], Variant], **more: object) -> Variant:
        try:
            return make()
        except (UserError, LinAlgError) as fault:
            gone = Variant(name, None, rows, term, converged=False, reason=str(fault))
            return replace(gone, **more)  # pyright: ignore[reportArgumentType]

    def mixed(name: str, part: Rows, *, slope: bool = False, time: bool = False) -> Variant:
        found = fit_split(part, slope=slope, time=time)
        value = found.contrast(weights_of(term, len(found.model.coef)), level)
        return Variant(name, value, part, term, warnings=found.warnings, converged=found.converged)

    everyone = np.ones(len(rows.outcome), dtype=bool)
    plain = rows.keep(everyone, bare=True)
    if len(plain.names) < len(rows.names):
        name = "without arm, dose and covariates"
        yield run(name, lambda: replace(mixed(name, plain), threat="crude"), threat="crude")
    robust = robust_model(main, "CR2").contrast(weights_of(term, len(main.model.coef)), level)
    yield Variant("cluster-robust errors", robust, rows, term, "robust", se_type="CR2",
                  warnings=main.warnings, converged=main.converged)  # fmt: skip
    yield run(
        "a slope of each person's own",
        lambda: mixed("a slope of each person's own", rows, slope=True),
    )
    yield run(
        "a trend of each person's own",
        lambda: mixed("a trend of each person's own", rows, time=True),
    )
    yield run("estimating equations, AR(1)", lambda: _equations(rows, term, level))
    if term == "within":
        name = "every person as a fixed effect"
        yield run(name, lambda: replace(mixed(name, add_means(rows)), rows=rows))
        yield run("first differences", lambda: _differences(rows, level))
        if error.variance > 0:
            name = "corrected for the error of the score"
            yield run(name, lambda: mend(rows, main, error, level), threat="exposure error")
    elif main.converged:
        name = "corrected for the few visits of a mean"
        yield run(name, lambda: latent_means(rows, main, term, level))
    if np.array_equal(rows.outcome, np.round(rows.outcome)):
        yield run("ordinal mixed model", lambda: _ordinal(rows, term, level))
    many = np.bincount(rows.person)[rows.person] >= 3
    if not many.all() and many.any():
        name = "people with three visits or more"
        yield run(name, lambda: replace(mixed(name, rows.keep(many)), threat="exclusion"),
                  threat="exclusion")  # fmt: skip
    names = rows.panel.fixed_names
    if f"{ARM}={PROGRAMME}" in names:
        alone = rows.panel.fixed[rows.person, names.index(f"{ARM}={PROGRAMME}")] == 0
        name = "people without the programme"
        yield run(name, lambda: replace(mixed(name, rows.keep(alone)), threat="exclusion"),
                  threat="exclusion")  # fmt: skip
    yield run("exposure as it is (pooled slope)", lambda: _pooled(rows, level), role="exploratory")


def add_means(rows: Rows) -> Rows:
    """Add each person's mean of what changes over visits: the within slope of fixed effects.

    Who left early has other visits in the mean than who stayed. With these means whatever people
    differ in, dropout too, is out of the slope within them.

    References
    ----------
    Mundlak 1978, doi:10.2307/1913646.
    """
    count = np.bincount(rows.person)
    means: list[Floats] = []
    for column in rows.rest.T:
        mean = (np.bincount(rows.person, column) / np.maximum(count, 1))[rows.person]
        if np.abs(column - mean).max() > 1e-9:
            means.append(mean)
    x = rows.design(rows.within, rows.between)
    wide = np.column_stack([x, *means])
    kept = [j for j in range(3, wide.shape[1]) if j not in set(dependent_columns(wide))]
    names = (*rows.names, *(f"mean {k + 1}" for k in range(len(means))))
    return replace(rows, rest=wide[:, kept], names=tuple(names[j - 3] for j in kept))


def _pooled(rows: Rows, level: float) -> Variant:
    found = fit_pooled(rows)
    value = found.contrast(np.eye(len(found.model.coef))[1], level)
    return Variant("exposure as it is (pooled slope)", value, rows, "pooled", role="exploratory",
                   warnings=(MIXTURE, *found.warnings), converged=found.converged)  # fmt: skip


def _equations(rows: Rows, term: Term, level: float) -> Variant:
    x = rows.design(rows.within, rows.between)
    step = max(rows.panel.schedule.shortest, 1e-9)
    made: Model = fit_gee(x, rows.outcome, rows.person, "linear", "ar1", time=rows.week / step)
    value = made.contrast(weights_of(term, len(made.coef)), level)
    return Variant("estimating equations, AR(1)", value, rows, term, "robust",
                   se_type="robust (Kauermann-Carroll)", warnings=made.warnings,
                   estimator="estimating equations", converged=made.converged)  # fmt: skip


def difference_rows(rows: Rows) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Take each row from the person's next one, at the visit after: design, outcome, person."""
    order = np.lexsort((rows.wave, rows.person))
    person, wave = rows.person[order], rows.wave[order]
    next_one = (person[1:] == person[:-1]) & (wave[1:] == wave[:-1] + 1)
    after, before = order[1:][next_one], order[:-1][next_one]
    change = (rows.exposure[after] - rows.exposure[before])[:, None]
    rest = rows.rest[after] - rows.rest[before]
    moving = np.ptp(rest, axis=0) > 0 if len(rest) else np.zeros(rest.shape[1], dtype=bool)
    design = np.column_stack([np.ones(len(change)), change, rest[:, moving]])
    return design, rows.outcome[after] - rows.outcome[before], rows.person[after]


def _differences(rows: Rows, level: float) -> Variant:
    design, change, person = difference_rows(rows)
    if len(change) <= design.shape[1]:
        raise UserError("too few people have two visits in a row for differences")
    gone = dependent_columns(design)
    design = np.delete(design, gone, axis=1)
    made = fit_family("linear", design, change, person)
    return Variant("first differences", made.coefficient(1, level), rows, "within",
                   se_type=made.se_type, estimator="least squares", warnings=made.warnings,
                   converged=made.converged)  # fmt: skip


def own_variance(rows: Rows) -> tuple[float, float]:
    """Return the variance of the within term that the rest leaves, and its degrees of freedom."""
    x = np.column_stack([np.ones(len(rows.outcome)), rows.rest])
    # Within people: every column as its distance from the person's mean.
    count = np.bincount(rows.person)
    inner = x.copy()
    for j in range(x.shape[1]):
        total = np.bincount(rows.person, x[:, j])
        inner[:, j] -= total[rows.person] / count[rows.person]
    inner = inner[:, (np.abs(inner) > 1e-9).any(0)]
    left = rows.within
    if inner.shape[1]:
        left = left - inner @ np.linalg.lstsq(inner, left, rcond=None)[0]
    free = len(left) - rows.people - inner.shape[1]
    if free < 1:
        raise UserError("too few visits a person to know how much the exposure changes")
    return float((left**2).sum() / free), float(free)


def mend(rows: Rows, main: MixedModel, error: ScoreError, level: float) -> Variant:
    """Divide the within slope by the reliability of the exposure's ups and downs.

    The standard error counts that of the reliability too: of the error's variance and of the
    variance of the ups and downs.

    Raises
    ------
    UserError
        If the error is as large as all that changes.

    References
    ----------
    Rosner, Willett and Spiegelman 1989, doi:10.1002/sim.4780080905.
    """
    name = "corrected for the error of the score"
    total, free = own_variance(rows)
    reliable = 1 - error.variance / total
    if reliable <= 0.1:
        raise UserError(
            f"the error of the score (variance {error.variance:.3g}) leaves next to nothing of "
            f"what changes within people ({total:.3g}): no correction is possible"
        )
    plain = main.contrast(weights_of("within", len(main.model.coef)), level)
    relative = 2 / free + (2 / error.df if error.df == error.df else 0.0)
    se_reliable = error.variance / total * sqrt(relative)
    slope = plain.estimate / reliable
    se = sqrt((plain.se / reliable) ** 2 + (slope * se_reliable / reliable) ** 2)
    value = interval(slope, se, plain.df, level)
    said = (f"reliability of the ups and downs {reliable:.2f}",)
    return Variant(name, value, rows, "within", "exposure error", warnings=said,
                   se_type="Kenward-Roger, delta method", converged=main.converged,
                   estimator="linear mixed model (REML), regression calibration")  # fmt: skip


def latent_means(rows: Rows, main: MixedModel, term: Term, level: float) -> Variant:
    """Correct the between term: a mean of few visits holds part of what changes within people.

    References
    ----------
    Lüdtke et al. 2008, doi:10.1037/a0012869.
    """
    exposure = fit_lmm(rows.design(), rows.exposure, rows.person)
    person, change = float(exposure.covariance[0, 0]), exposure.residual_variance
    share = float((person / (person + change / rows.counts)).mean())
    if share < 0.1:
        raise UserError("people hardly differ in their mean exposure: no correction is possible")
    p = len(main.model.coef)
    within, between = weights_of("within", p), weights_of("between", p)
    weights = between / share - (1 - share) / share * within
    weights = weights - within if term == "contextual" else weights
    said = (f"reliability of a person's mean {share:.2f}, taken as known", *exposure.warnings)
    return Variant("corrected for the few visits of a mean", main.contrast(weights, level), rows,
                   term, se_type="Kenward-Roger", warnings=said,
                   converged=main.converged and exposure.converged)  # fmt: skip


def _ordinal(rows: Rows, term: Term, level: float) -> Variant:
    seen = np.unique(rows.outcome)
    if not 3 <= len(seen) <= MOST_LEVELS:
        raise UserError(f"an ordinal model takes 3 to {MOST_LEVELS} different values")
    x = rows.design(rows.within, rows.between)[:, 1:]
    codes = np.searchsorted(seen, rows.outcome)
    made = fit_ordinal_mixed(x, codes, rows.person, points=POINTS)
    value = made.contrast(weights_of(term, x.shape[1] + 1)[1:], level)
    return Variant("ordinal mixed model", value, rows, term, scale="ratio",
                   se_type="observed information, log scale", warnings=made.warnings,
                   estimator="proportional-odds mixed model", converged=made.converged)  # fmt: skip


def as_ratio(value: Estimate, amount: float) -> Estimate:
    """Turn a log odds ratio per unit into an odds ratio per amount."""
    return log_ratio(value.times(amount))
