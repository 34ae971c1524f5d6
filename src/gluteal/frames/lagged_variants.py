"""The same lagged path under other models: what each takes back of the headline's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from numpy.linalg import LinAlgError

from gluteal.errors import UserError
from gluteal.frames.lagged import Arrow, Lagged, Lags, fit_lagged, select
from gluteal.frames.panel import ARM, PROGRAMME, Panel, lay_out, list_visits, present
from gluteal.frames.score_error import ScoreError
from gluteal.notation import write_label
from gluteal.variables import variable

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort

TRADITIONAL = "traditional cross-lagged panel model"
CAUTION = (
    "takes stable differences between people for lags: traits that go together appear as paths in "
    "both directions; a contrast, no answer"
)


@dataclass(frozen=True)
class Variant:
    """One other model: its name, what it answers, and what came of it.

    Attributes
    ----------
    found : Lagged or None
        None where it could not be fitted; ``reason`` says why.
    arrows : tuple of {"b", "c"}
        Which paths are shown.
    """

    name: str
    panel: Panel
    found: Lagged | None
    threat: str = ""
    role: str = "sensitivity"
    arrows: tuple[Arrow, ...] = ("c",)
    reason: str = ""
    missing: str = ""


def list_variants(
    cohort: Cohort,
    panel: Panel,
    lags: Lags,
    errors: tuple[ScoreError, ScoreError],
    free: Lagged | None,
    settings: tuple[tuple[str, str], Sequence[str], Sequence[str], str, bool, int],
) -> Iterator[Variant]:
    """Fit the other models, one after the other.

    Parameters
    ----------
    cohort : Cohort
    panel, lags, errors
        Those of the headline.
    free : Lagged or None
        The model with every lag free.
    settings : tuple
        Pair of variables, covariates, courses, visit of the covariates, whether all visits are
        tried too, and seed.
    """
    pair, _covariates, _courses, _visit, every, seed = settings
    v = (errors[0].variance, errors[1].variance)

    def run(name: str, make: Callable[[], Lagged], **more: object) -> Variant:
        found, reason = None, ""
        try:
            found = make()
        except (UserError, LinAlgError) as error:
            reason = str(error)
        return Variant(name, more.pop("panel", panel), found, reason=reason, **more)  # pyright: ignore[reportArgumentType]

    if any(v):
        yield run("observed scores (attenuated)", lambda: fit_lagged(panel, lags, seed=seed),
                  arrows=("c", "b"))  # fmt: skip
    for k, error in enumerate(errors):
        for end, value in (("lower", error.low), ("upper", error.high)):
            if value == value:
                other = (value, v[1]) if k == 0 else (v[0], value)
                name = f"error of {write_label(variable(pair[k]).label)} at its {end} limit"
                yield run(name, lambda o=other: fit_lagged(panel, lags, o, seed=seed),
                          threat="exposure error")  # fmt: skip
    if variable(pair[0]).kind != "integer" and errors[0].source != "rounding":
        # Two assessors differ in a person by more than the visits of one assessor do.
        name = f"error of {write_label(variable(pair[0]).label)} left to the model"
        unknown = (float("nan"), v[1])
        yield run(name, lambda: fit_lagged(panel, lags, unknown, seed=seed),
                  threat="exposure error")  # fmt: skip
    if free is not None and lags == "equal":
        yield Variant("mean of free lags", panel, free)
    if every:
        yield from _every_visit(cohort, panel, v, settings)
    if panel.fixed_names:
        yield run("without arm, dose and covariates", threat="crude", panel=panel,
                  make=lambda: fit_lagged(panel, lags, v, fixed=False, seed=seed))  # fmt: skip
    if f"{ARM}={PROGRAMME}" in panel.fixed_names:
        # A gain that the programme gives cannot look like a lag where there is none.
        rows = panel.fixed[:, panel.fixed_names.index(f"{ARM}={PROGRAMME}")] == 0
        part = select(panel, rows)
        yield run("people without the programme", lambda: fit_lagged(part, lags, v, seed=seed),
                  threat="exclusion", panel=part)  # fmt: skip
    yield run("people seen at every visit", threat="exclusion", missing="complete cases",
              make=lambda: fit_lagged(panel, lags, v, listwise=True, seed=seed))  # fmt: skip
    yield run(TRADITIONAL, lambda: fit_lagged(panel, lags, traits=False, seed=seed),
              role="exploratory", arrows=("c", "b"))  # fmt: skip


def _every_visit(
    cohort: Cohort,
    panel: Panel,
    errors: tuple[float, float],
    settings: tuple[tuple[str, str], Sequence[str], Sequence[str], str, bool, int],
) -> Iterator[Variant]:
    """Use all visits, each length of interval with coefficients of its own."""
    pair, covariates, courses, visit, _every, seed = settings
    schedule = list_visits(cohort, pair)
    if len(schedule.visits) <= len(panel.schedule.visits):
        return
    name = f"all visits ({schedule.describe()}), coefficients by length of interval"
    more = panel
    try:
        more = lay_out(cohort, pair, schedule, covariates, present(cohort, courses), visit)
        found = fit_lagged(more, "by length", errors, seed=seed)
    except (UserError, LinAlgError) as error:
        yield Variant(name, more, None, reason=str(error))
        return
    yield Variant(name, more, found)
