"""Ask whether back extensors and hamstrings work harder where the glutes are weak.

Raw amplitude, amplitude in maximal contraction (MVIC) and % MVIC are shown together for each
muscle, in the same rows, as ratios along the exposure. A % MVIC holds maximal effort in its
denominator: one of the gluteals is refused as outcome of their strength, and where a muscle's own
maximum moves along the exposure, its % is flagged. Rows are sides or people; people are clustered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal.estimates import Fit
from gluteal.frames.amounts import faults_of_amount
from gluteal.frames.column_words import write_adjusted, write_labels
from gluteal.frames.known_errors import KNOWN, faults_of, sem_of
from gluteal.notation import write_list
from gluteal.spec import ModelSpec

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.frames.emg_rows import Compensation

FIGURE = "emg"
IMPUTES = True


class Spec(ModelSpec):
    """Settings of a question on muscle activity."""

    method: Literal["emg_compensation"] = "emg_compensation"
    outcome: str = Field(
        "emg_es_ipsi_pct_mvic",
        description="The headline: raw or % MVIC of one muscle, or a log ratio to gluteus maximus",
    )
    muscles: tuple[str, ...] = Field(
        ("es_ipsi", "es_contra", "bf", "st", "gmax"),
        min_length=1,
        description="Muscles that are shown raw, as MVIC and in %",
    )
    unit: Literal["person", "side"] = Field(
        "side", description="What a row is; sides are clustered by person (CR2)"
    )
    per: Literal["sd"] | float = Field(
        "sd", description="The exposure counts in SD or in this amount; two levels are compared"
    )
    errors: dict[str, str] = Field(
        default_factory=lambda: dict(KNOWN),
        description="Standard error of measurement of a variable: the name of a constant",
    )

    @model_validator(mode="after")
    def _agree(self) -> Spec:
        from gluteal.frames.emg_coupling import MUSCLES, find_coupling, read_measure

        faults = faults_of(self.errors)
        if strange := [one for one in self.muscles if one not in MUSCLES]:
            known = ", ".join(MUSCLES)
            faults.append(f"muscles: no such muscle: {', '.join(strange)}. Muscles: {known}")
        held = read_measure(self.outcome)
        if held is None or held.scale in ("mvic_uv", "onset_ms"):
            faults.append(
                f"outcome {self.outcome} is no activity: take raw amplitude (emg_..._rms_uv), "
                "% MVIC (emg_..._pct_mvic) or a log ratio"
            )
        elif find_coupling(self.exposure, self.outcome) == "same":
            faults.append(
                f"{self.outcome} is divided by the maximal effort that {self.exposure} is, so the "
                "two go apart even where nothing compensates: take the raw amplitude, or another "
                "muscle"
            )
        faults += faults_of_amount(self.per)
        if faults:
            raise ValueError("; ".join(faults))
        return self


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that it reads."""
    return spec.in_model


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Estimate activity along the exposure on all its scales.

    Raises
    ------
    UserError
        If the exposure has more than two levels and is no number, or the design has a fault; the
        column is named.
    """
    from gluteal.frames.emg_checks import check_emg, tabulate_activity
    from gluteal.frames.emg_onsets import order_onsets, tabulate_orders
    from gluteal.frames.emg_panels import make_panels

    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    made = _compare(cohort, spec)
    orders = order_onsets(made.frame, spec.exposure, spec.covariates)
    error = sem_of(spec.exposure, spec.errors)
    rows = [
        made.first(),
        *made.scales(_shown(spec)),
        *made.sensitivity(error),
        *made.onsets(orders),
    ]
    tables = {"activity": tabulate_activity(made.frame)}
    if orders:
        tables["onsets"] = tabulate_orders(orders)
    return Fit(
        estimates=rows,
        diagnostics=check_emg(made, rows, orders),
        panels=make_panels(made, rows),
        tables=tables,
        sentences=_sentences(spec, made),
    )


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Return the first estimate alone: the ratio of activity along the exposure."""
    return _compare(cohort, spec, every=False).first()


def freeze(cohort: Cohort, spec: Spec) -> Spec:
    """Fix what the ratio is per, so that all imputed tables answer one question."""
    made = _compare(cohort, spec, every=False)
    return spec.model_copy(update={"per": made.units}) if made.numeric else spec


def _compare(cohort: Cohort, spec: Spec, *, every: bool = True) -> Compensation:
    from gluteal.frames.emg import take_emg
    from gluteal.frames.emg_onsets import add_delays
    from gluteal.frames.emg_rows import Compensation

    frame = add_delays(take_emg(cohort, needs(spec), spec.unit, spec.visit, every=every))
    per = None if isinstance(spec.per, str) else spec.per
    return Compensation(frame, spec.outcome, spec.exposure, spec.covariates, spec.level, per)


def _shown(spec: Spec) -> list[str]:
    """Name the muscles to show: always those of the headline."""
    from gluteal.frames.emg_coupling import read_measure

    held = read_measure(spec.outcome)
    return list(dict.fromkeys((*(held.muscles if held else ()), *spec.muscles)))


def _sentences(spec: Spec, made: Compensation) -> list[str]:
    """Say what was done, from the settings."""
    from gluteal.frames.emg import muscles_in
    from gluteal.frames.emg_coupling import MUSCLES, find_coupling

    adjusted = write_adjusted(spec.covariates)
    rise = made.main
    outcome, exposure = write_labels((spec.outcome, spec.exposure))
    several = rise.people < len(rise.person)
    errors = (
        "standard errors clustered by person (CR2 with Satterthwaite degrees of freedom, "
        "doi:10.1080/07350015.2016.1247004)"
        if several
        else "HC3 standard errors (doi:10.1080/00031305.2000.10474549)"
    )
    rows = "sides" if several else "people"
    text = [
        f"The association of {outcome} with {exposure} was estimated by least squares on the "
        f"logarithm, {adjusted}, with {errors}, in {len(rise.outcome):,} {rows} of "
        f"{rise.people:,} people ({rise.design.n_missing:,} rows were left out for missing "
        "values), and is given as a ratio.",
        "Raw amplitude, amplitude in maximal contraction and their quotient are shown together: "
        "the last holds maximal effort in its denominator "
        "(doi:10.1186/s12891-019-2833-4, table 2).",
    ]
    shown = [MUSCLES[one].lower() for one in muscles_in(made.frame, _shown(spec))]
    if shown:
        text.append(f"All three were estimated in the same rows for {write_list(shown)}.")
    if find_coupling(spec.exposure, spec.outcome) == "denominator":
        text.append(
            "The ratio is divided by the activity of gluteus maximus in % of its maximum, which "
            "weakness lowers: it can hide compensation."
        )
    if any(str(name).startswith("delay ") for name in made.frame):
        text.append("Onsets that were not detected are missing, not 0.")
    return text
