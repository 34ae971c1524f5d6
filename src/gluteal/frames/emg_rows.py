"""The estimates of compensation in rows: raw, MVIC and % MVIC of each muscle, never one alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gluteal.errors import UserError
from gluteal.frames.amounts import find_amount
from gluteal.frames.emg import PERSON, Rise, fit_rise, fit_scales, log_name, muscles_in
from gluteal.frames.emg_coupling import (
    GLUTEALS,
    MUSCLES,
    RATIOS,
    SCALES,
    Scale,
    find_coupling,
    read_measure,
)
from gluteal.frames.emg_onsets import Order
from gluteal.notation import write_label
from gluteal.variables import variables

if TYPE_CHECKING:
    import pandas as pd

MINUS = "\N{MINUS SIGN}"
COUPLED = (
    "not estimated: the exposure is the maximal effort by which this amplitude is divided, so the "
    "two go apart even where nothing compensates"
)


@dataclass
class Compensation:
    """One question on EMG along an exposure, its frame and its words.

    Attributes
    ----------
    frame : DataFrame
        Of ``take_emg``, with delays.
    per : float or None
        Units of the exposure that a slope is for; None: a standard deviation in the headline's
        rows. An exposure of two levels is compared.
    """

    frame: pd.DataFrame
    outcome: str
    exposure: str
    covariates: tuple[str, ...]
    level: float
    per: float | None

    def __post_init__(self) -> None:
        """Fit the headline: what the exposure is counted in comes from its rows."""
        self.main = self.fit(log_name(self.outcome))
        known = variables()[self.exposure]
        two = not known.numeric
        if two:
            self.units = 1.0
            low, high = self._levels(known.levels)
            self.contrast = f"{high} {MINUS} {low}"
        else:
            self.units, words = find_amount(self.main.exposure, self.exposure, self.per or "sd")
            self.contrast = f"per {words} more"
        self.numeric = not two

    def _levels(self, levels: dict[str, str]) -> tuple[str, str]:
        name = next(n for n in self.main.design.names if n.startswith(self.exposure))
        upper = name.partition("=")[2] or "1"
        seen = set(levels)
        if variables()[self.exposure].kind != "boolean":
            seen = set(self.frame[self.exposure].iloc[self.main.design.rows].astype("str"))
        lower = next(code for code in levels if code in seen - {upper})
        return levels[lower], levels[upper]

    def fit(self, column: str, covariates: Sequence[str] | None = None, **more: Any) -> Rise:
        """Fit one column of the frame."""
        use = self.covariates if covariates is None else covariates
        return fit_rise(self.frame, column, self.exposure, use, **more)

    def row(self, rise: Rise, name: str, **more: Any) -> dict[str, Any]:
        """Write one estimate of an EMG variable."""
        found = rise.per(self.units, self.level)
        model = rise.model
        terms = [one for one in rise.design.terms if one != self.exposure]
        common = {
            "outcome": name, "exposure": self.exposure, "term": self.exposure,
            "contrast": self.contrast, "estimand": self.estimand(name),
            "scale": "ratio" if rise.log else "difference",
            "unit": "" if rise.log else "ms",
            "se_type": f"{model.se_type}, log scale" if rise.log else model.se_type,
            "n_obs": len(rise.outcome), "n_people": rise.people,
            "n_missing": rise.design.n_missing, "adjusted_for": "; ".join(terms),
            "missing_method": "complete cases",
            "estimator": "least squares of the logarithm" if rise.log else "least squares",
            "converged": model.converged, "warnings": "; ".join(model.warnings),
        }  # fmt: skip
        return {**common, **found.row(), **more}

    def estimand(self, name: str) -> str:
        """Name what is estimated, by the scale of the outcome."""
        measure = read_measure(name)
        if measure is None or measure.scale == "onset_ms":
            return "mean difference"
        if measure.scale == "ratio":
            return "ratio of activity ratios"
        return f"ratio of geometric means, {SCALES[measure.scale]}"

    def first(self) -> dict[str, Any]:
        """Write the headline."""
        adjusted = bool(self.covariates)
        words = f"{short_name(self.outcome)}, {'adjusted' if adjusted else 'unadjusted'}"
        threat = "adjusted" if adjusted else "crude"
        return self.row(self.main, self.outcome, model=words, threat=threat)

    def _attempt(
        self, run: Callable[[], Rise], name: str, model: str, **more: Any
    ) -> dict[str, Any]:
        try:
            return self.row(run(), name, model=model, **more)
        except UserError as error:
            return {"outcome": name, "exposure": self.exposure, "term": self.exposure,
                    "contrast": self.contrast, "estimand": self.estimand(name), "scale": "ratio",
                    "unit": "", "model": model, "converged": False, "warnings": str(error),
                    **more}  # fmt: skip

    def scales(self, muscles: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Yield raw, MVIC and % of each muscle in the same rows, and the ratios."""
        for muscle in muscles_in(self.frame, muscles):
            try:
                fitted = fit_scales(self.frame, muscle, self.exposure, self.covariates)
            except UserError as error:
                fault = str(error)
                for scale in SCALES:
                    yield self._failed(f"emg_{muscle}_{scale}", fault)
                continue
            for scale, rise in fitted.items():
                yield self._one_scale(muscle, scale, rise)
        for name in RATIOS:
            if name in self.frame and name != self.outcome:
                yield self._attempt(lambda name=name: self.fit(name), name, short_name(name),
                                    role="secondary")  # fmt: skip

    def _one_scale(self, muscle: str, scale: Scale, rise: Rise) -> dict[str, Any]:
        name = f"emg_{muscle}_{scale}"
        if find_coupling(self.exposure, name) == "same":
            return self._failed(name, COUPLED)
        return self.row(rise, name, role="secondary", model=short_name(name))

    def _failed(self, name: str, why: str) -> dict[str, Any]:
        def refuse() -> Rise:
            raise UserError(why)

        return self._attempt(refuse, name, short_name(name), role="secondary")

    def onsets(self, orders: Sequence[Order]) -> Iterator[dict[str, Any]]:
        """Yield, for each muscle, the chance to fire before gluteus maximus and the delay."""
        for one in orders:
            name = f"emg_{one.muscle}_onset_ms"
            muscle = MUSCLES[one.muscle]
            for rise, model, unit, estimand in (
                (one.earlier, f"{muscle} first", "1", "difference in the share that fires first"),
                (one.later, f"{muscle} delay", "ms", "mean difference"),
            ):
                same = {"role": "exploratory", "model": f"{model}, against gluteus maximus",
                        "unit": unit, "estimand": estimand, "scale": "difference"}  # fmt: skip
                if rise is None:
                    yield {**self._failed(name, one.fault), **same}
                else:
                    yield self.row(rise, name, **same)

    def sensitivity(self, sem: float) -> Iterator[dict[str, Any]]:
        """Yield the headline without covariates, with other rows, grain or form, without error."""
        column, name, same = log_name(self.outcome), self.outcome, {"role": "sensitivity"}
        label = short_name(name)
        if self.covariates:
            bare = fit_rise(self.frame, column, self.exposure, (), also=list(self.covariates))
            yield self.row(bare, name, **same, model=f"{label}, unadjusted", threat="crude")
        for muscle in self._own():
            raw, top = (f"ln emg_{muscle}_{scale}" for scale in ("rms_uv", "mvic_uv"))
            yield self._attempt(
                lambda raw=raw, top=top: self.fit(raw, (*self.covariates, top)),
                f"emg_{muscle}_rms_uv", f"{MUSCLES[muscle]}: raw, ln MVIC as covariate", **same,
            )  # fmt: skip
        inside = self._within_100()
        if inside is not None:
            yield self._attempt(
                lambda: fit_rise(inside, column, self.exposure, self.covariates),
                name, f"{label}, without values over 100 % MVIC", **same, threat="exclusion",
            )  # fmt: skip
        if self.main.people < len(self.main.person):
            whole = self._person_means()
            yield self._attempt(
                lambda: fit_rise(whole, column, self.exposure, self.covariates), name,
                f"{label}, mean of the sides, one row a person", **same, threat="robust",
            )  # fmt: skip
        if sem:
            yield self._corrected(sem, label)

    def _own(self) -> list[str]:
        """Name the helpers in the headline's outcome."""
        held = read_measure(self.outcome)
        mine = held.muscles if held else ()
        return [one for one in muscles_in(self.frame, mine) if one not in GLUTEALS]

    def _within_100(self) -> pd.DataFrame | None:
        """Drop rows over 100 % MVIC in a muscle of the outcome; None if there are none."""
        held = read_measure(self.outcome)
        names = [f"emg_{m}_pct_mvic" for m in (held.muscles if held else ())]
        names = [one for one in names if one in self.frame]
        if not names:
            return None
        over = (self.frame[names] > 100).any(axis=1).to_numpy(dtype=bool, na_value=False)
        return self.frame[~over] if over.any() else None

    def _person_means(self) -> pd.DataFrame:
        """Average the outcome and the exposure over a person's sides; other variables are equal."""
        import pandas as pd

        column = log_name(self.outcome)
        whole = self.frame.groupby(PERSON, sort=False, observed=True)
        first = whole.head(1).set_index(PERSON)
        for name in (column, *((self.exposure,) if self.numeric else ())):
            first[name] = pd.to_numeric(self.frame[name]).groupby(self.frame[PERSON]).mean()
        return first.reset_index()

    def _corrected(self, sem: float, label: str) -> dict[str, Any]:
        from gluteal.estimators.effect_size import log_ratio
        from gluteal.estimators.sensitivity.measurement_error import (
            calibrate_regression,
            error_from_sem,
        )

        rise, name = self.main, self.outcome
        model = f"{label}, corrected for error of the exposure"
        more = {"role": "sensitivity", "threat": "exposure error"}
        several = rise.people < len(rise.person)
        try:
            made = calibrate_regression(
                rise.design.matrix, rise.outcome, error_from_sem(sem), 1,
                person=rise.person if several else None,
            )  # fmt: skip
        except UserError as error:
            fault = str(error)
            return {**self._failed(name, fault), **more, "model": model}
        found = log_ratio(made.coefficient(1, self.level).times(self.units))
        return {**self.row(rise, name, model=model, **more), **found.row(),
                "se_type": "stacked, log scale", "estimator": "regression calibration"}  # fmt: skip


def short_name(name: str) -> str:
    """Name a muscle and its scale, as a row of the forest has it.

    Examples
    --------
    >>> short_name("emg_es_ipsi_pct_mvic")
    'Erector spinae, same side: % MVIC'
    >>> short_name("emg_ham_gmax_log_ratio")
    'Hamstring / gluteus maximus activity'
    """
    held = read_measure(name)
    if held is None or held.scale in ("ratio", "onset_ms"):
        label = variables()[name].label.removeprefix("ln(").removesuffix(")")
        return label[:1].upper() + write_label(label)[1:]
    return f"{MUSCLES[held.muscles[0]]}: {SCALES[held.scale]}"
