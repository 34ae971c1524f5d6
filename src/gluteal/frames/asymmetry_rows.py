"""The estimates of asymmetry and pain: the painful side, and the size of the asymmetry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from gluteal.errors import UserError
from gluteal.frames.sides import PER, OneSided, fit_side, other_leg, slope_of, take_one_sided
from gluteal.frames.uneven import Family, Uneven, expect_size, fit_uneven, index_of
from gluteal.notation import write_label, write_number
from gluteal.variables import variable

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.estimators.inference import Estimate, Model
    from gluteal.frames.legs import AsymmetryError

MUSCLES = ("hip_abd_asym_log", "hip_ext_asym_log", "hip_er_asym_log")
FORMULAS = ("_asym_log", "_asym_pct_signed", "_asym_pct_max", "_sym_angle_pct")
MARKS = ("pain_site_left_si", "pain_site_left_lumbar")
CAUTION = "the error of measurement is taken as known: the interval is a little too narrow"
NAMES = {"linear": "mean difference", "logistic": "odds ratio", "poisson": "ratio of means"}
FITS = {
    "linear": "least squares",
    "logistic": "logistic regression",
    "poisson": "Poisson regression",
}
STRONGER = "a leg 10 % stronger than the other (0.1 in ln)"
MORE = "0.1 more of |ln(right/left)|, about 10 %"


class AsymmetrySpec(Protocol):
    """The settings that the rows read: those of the analysis' ``Spec``."""

    @property
    def exposure(self) -> str: ...  # noqa: D102
    @property
    def strength(self) -> str: ...  # noqa: D102
    @property
    def covariates(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def outcomes(self) -> tuple[str | None, str | None]: ...  # noqa: D102
    @property
    def cutoff_pct(self) -> float | None: ...  # noqa: D102
    @property
    def cutoff_source(self) -> str: ...  # noqa: D102
    @property
    def visit(self) -> str: ...  # noqa: D102
    @property
    def level(self) -> float: ...  # noqa: D102


def stem_of(exposure: str) -> str:
    """Name the strength that an asymmetry is of.

    Examples
    --------
    >>> stem_of("hip_abd_asym_log")
    'hip_abd'
    """
    return exposure.removesuffix("_asym_log")


def _write(found: Estimate, fitted: Model, **more: Any) -> dict[str, Any]:
    """Write numbers; a model that did not converge says so."""
    penalised = bool(fitted.extra.get("penalised"))
    shared = {
        "converged": fitted.converged and isfinite(found.estimate),
        "warnings": "; ".join(fitted.warnings),
        "se_type": "profile penalised likelihood" if penalised else fitted.se_type,
        "missing_method": "complete cases",
    }
    return {**shared, **found.row(), **more}


def _attempt(make: Callable[[], dict[str, Any]], **same: Any) -> dict[str, Any]:
    """Make a row; a sensitivity analysis that fails is a row that says why, and stops nothing."""
    try:
        return make() | same
    except UserError as error:
        return {**same, "converged": False, "warnings": str(error)}


class SideRows:
    """Rows on the painful side: each person's two legs are a matched pair."""

    def __init__(self, spec: AsymmetrySpec, frame: pd.DataFrame, outcome: str) -> None:
        self.spec, self.frame, self.outcome = spec, frame, outcome
        self.found = self.take()

    def take(
        self,
        outcome: str | None = None,
        exposure: str | None = None,
        covariates: tuple[str, ...] | None = None,
    ) -> OneSided:
        """Take the one-sided people of the headline, or of a variation of it."""
        names = self.spec.covariates if covariates is None else covariates
        pair = (outcome or self.outcome, exposure or self.spec.exposure)
        return take_one_sided(self.frame, *pair, names)

    def odds(
        self, found: OneSided | None = None, *, side: bool = True, **more: Any
    ) -> dict[str, Any]:
        """Estimate the odds ratio that the stronger leg is the painful one."""
        people = found or self.found
        model, x, at = fit_side(people, side=side)
        got = slope_of(model, "logistic", x, people.right, at, self.spec.level, self.spec.exposure)
        names = (["right side"] if side else []) + [write_label(variable(n).label)
                                                    for n in people.names]  # fmt: skip
        n = len(people.right)
        row = _write(
            got, model, threat="adjusted" if side else "crude",
            model="two legs of a person, side adjusted" if side else "two legs of a person, crude",
            outcome=self.outcome, exposure=self.spec.exposure, term=self.spec.exposure,
            contrast=STRONGER, scale="ratio", unit="", n_obs=2 * n, n_people=n, n_events=n,
            estimand="odds ratio of being the painful leg, within people",
            n_missing=people.n_missing, adjusted_for="; ".join(names),
            estimator="conditional logistic regression",
        )  # fmt: skip
        return row | {"se_type": f"{row['se_type']}, log scale"} | more

    def beside(
        self, error: AsymmetryError | None, has: Callable[[str], bool]
    ) -> Iterator[dict[str, Any]]:
        """Yield what stands beside: crude, shares, error, dominance, other muscles and marks."""
        yield self.odds(side=False, role="secondary")
        yield from self._plainly()
        if error:
            yield self._corrected(error)
        extra: list[tuple[str, dict[str, Any]]] = []
        if has("dominant_side") and "dominant_side" not in self.spec.covariates:
            extra.append(("dominant leg adjusted too", {"covariates": ("dominant_side",)}))
        for name in MUSCLES:
            if name != self.spec.exposure and has(name):
                extra.append((write_label(variable(name).label), {"exposure": name}))
        for name in MARKS:
            pair = {name, other_leg(name)}
            if self.outcome not in pair and all(has(str(one)) for one in pair):
                label = "sacroiliac" if name.endswith("si") else "lower lumbar"
                extra.append((f"{label} marks of one side", {"outcome": name}))
        for model, more in extra:
            same = {"role": "sensitivity", "model": model}
            same |= {k: v for k, v in more.items() if k != "covariates"}
            yield _attempt(lambda m=more: self.odds(self.take(**m)), **same)

    def _plainly(self) -> Iterator[dict[str, Any]]:
        from gluteal.estimators.inference import interval
        from gluteal.estimators.intervals import wilson
        from gluteal.frames.sides import matched_share, painful_deficit

        n = len(self.found.right)
        shared = {"outcome": self.outcome, "exposure": self.spec.exposure, "role": "secondary",
                  "term": self.spec.exposure, "n_people": n, "threat": "crude", "n_missing":
                  self.found.n_missing, "missing_method": "complete cases"}  # fmt: skip
        same, differ = matched_share(self.found)
        share = wilson(same, differ, self.spec.level)
        numbers = dict(zip(("estimate", "low", "high", "se"), share[:4], strict=True))
        yield shared | numbers | {
            "model": "weaker leg is the painful one", "contrast": "chance: 0.5", "n_obs": differ,
            "scale": "proportion", "unit": "", "estimand": "share of people", "se_type": "Wilson",
            "estimator": "count", "n_events": same, "converged": isfinite(share.value),
        }  # fmt: skip
        gap = 100 * painful_deficit(self.found)
        mean = interval(float(gap.mean()), float(gap.std(ddof=1)) / np.sqrt(n), n - 1.0,
                        self.spec.level)  # fmt: skip
        yield shared | mean.row() | {
            "model": "deficit of the painful leg", "contrast": "100 ln(other leg / painful leg)",
            "scale": "difference", "unit": "%", "estimand": "mean difference within people",
            "se_type": "t", "estimator": "paired mean", "n_obs": 2 * n,
        }  # fmt: skip

    def _corrected(self, error: AsymmetryError) -> dict[str, Any]:
        """Correct the odds ratio for error of the asymmetry (regression calibration)."""
        from gluteal.estimators.effect_size import log_ratio

        model, x, at = fit_side(self.found)
        share = error.shrink(self.found.asymmetry)
        row = self.odds()
        found = model.coefficient(at, self.spec.level)
        if not share > 0 or model.extra.get("penalised"):
            found, row["converged"] = found.times(float("nan")), False
        else:
            found = log_ratio(found.times(1 / share))
        del x
        text = f"reliability {write_number(share, 2)}; {CAUTION}"
        return row | found.row() | {
            "role": "sensitivity", "threat": "exposure error", "warnings": text,
            "model": "corrected for error of the asymmetry",
            "estimator": "conditional logistic regression, regression calibration",
        }  # fmt: skip


class SizeRows:
    """Rows on the size of the asymmetry, whichever leg is the stronger."""

    def __init__(
        self, spec: AsymmetrySpec, frame: pd.DataFrame, outcome: str, family: Family
    ) -> None:
        from gluteal.frames.design import numeric_column

        self.spec, self.frame, self.outcome = spec, frame, outcome
        self.family: Family = family
        self.signed = numeric_column(frame, spec.exposure)
        self.size = np.abs(self.signed) / PER
        self.strength = f"{stem_of(spec.exposure)}_nm_kg"
        names = [n for n in spec.covariates if n not in (spec.exposure, outcome)]
        self.adjust = tuple(dict.fromkeys((*names, self.strength)))

    def slope(
        self, size: Any = None, adjust: Sequence[str] | None = None, rows: Any = None, **more: Any
    ) -> dict[str, Any]:
        """Estimate pain per tenth more asymmetry."""
        names = self.adjust if adjust is None else tuple(adjust)
        frame, values = self.frame, self.size if size is None else size
        if rows is not None:
            frame, values = frame[rows].reset_index(drop=True), values[rows]
        also = self.adjust
        made: Uneven = fit_uneven(frame, self.outcome, values, names, self.family, also)
        ratio = self.family != "linear"
        n, missing = made.people
        binary = variable(self.outcome).kind == "boolean"
        row = _write(
            made.slope(self.spec.level), made.model, threat="adjusted",
            model="adjusted for mean strength" if names == (self.strength,) else "adjusted",
            outcome=self.outcome, exposure=self.spec.exposure, term="|asymmetry|", contrast=MORE,
            estimand=NAMES[self.family], scale="ratio" if ratio else "difference",
            unit="" if ratio else variable(self.outcome).unit, n_obs=n, n_people=n,
            n_missing=missing, adjusted_for="; ".join(names), estimator=FITS[self.family],
            n_events=int(made.outcome.sum()) if binary else None,
        )  # fmt: skip
        return row | ({"se_type": f"{row['se_type']}, log scale"} if ratio else {}) | more

    def beside(
        self, error: AsymmetryError | None, has: Callable[[str], bool]
    ) -> Iterator[dict[str, Any]]:
        """Yield crude and partly adjusted slopes, error, subsets, other formulas and muscles."""
        second, check = {"role": "secondary"}, {"role": "sensitivity"}
        ratio = self.family != "linear"
        pair = {"outcome": self.outcome, "exposure": self.spec.exposure, "contrast": MORE}
        pair |= {"scale": "ratio" if ratio else "difference"}
        pair |= {"unit": "" if ratio else variable(self.outcome).unit}
        yield self.slope(adjust=(), model="crude", threat="crude", **second)
        rest = tuple(name for name in self.adjust if name != self.strength)
        if rest:
            yield _attempt(lambda: self.slope(adjust=rest), model="mean strength not adjusted for",
                           threat=None, **check, **pair)  # fmt: skip
        if error:
            size = expect_size(self.signed, error.sem) / PER
            yield _attempt(
                lambda: self.slope(size) | {"warnings": CAUTION}, **check, **pair,
                model="corrected for error of the asymmetry", threat="exposure error",
            )  # fmt: skip
        if self.outcome != "lbp" and has("lbp"):
            ill = self.frame["lbp"].astype("Float64").to_numpy("float64", na_value=np.nan) == 1
            if not ill.all():
                yield _attempt(lambda: self.slope(rows=ill), model="people with low back pain",
                               threat="exclusion", **check, **pair)  # fmt: skip
        stem = stem_of(self.spec.exposure)
        for end in FORMULAS:
            if has(name := stem + end):
                yield _attempt(
                    lambda n=name: self.slope(index_of(self.frame, n)), **check,
                    outcome=self.outcome, exposure=name, contrast="1 SD more of its size",
                    model=f"other formula: {write_label(variable(name).label)}",
                )  # fmt: skip
        for name in MUSCLES:
            mean = f"{stem_of(name)}_nm_kg"
            if name != self.spec.exposure and has(name) and has(mean):
                yield _attempt(
                    lambda n=name, m=mean: self._muscle(n, m, rest), **check,
                    outcome=self.outcome, exposure=name, model=write_label(variable(name).label),
                )  # fmt: skip

    def _muscle(self, name: str, mean: str, rest: Sequence[str]) -> dict[str, Any]:
        from gluteal.frames.design import numeric_column

        size = np.abs(numeric_column(self.frame, name)) / PER
        return self.slope(size, (*rest, mean))
