"""The estimates of a squeeze against strength; each row says that the test is not validated."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Any, Protocol

from gluteal.errors import UserError
from gluteal.notation import write_label, write_number
from gluteal.variables import variable, variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.estimators.inference import Estimate
    from gluteal.estimators.intervals import Interval
    from gluteal.frames.legs import AsymmetryError
    from gluteal.frames.squeeze import Squeezed

NOT_VALIDATED = "non-validated test"
WARNING = "the squeeze grade is a non-validated test"
HOLD = "squeeze_hold_s"
MUSCLES = ("hip_ext_nm_kg", "hip_abd_nm_kg", "hip_er_nm_kg")
RATERS = 10
SAME_SIDE = "the leg of the better squeeze is the stronger one"


class SqueezeSpec(Protocol):
    """The settings that the rows read: those of the analysis' ``Spec``."""

    @property
    def squeeze(self) -> str: ...  # noqa: D102
    @property
    def strength(self) -> str: ...  # noqa: D102
    @property
    def mdc_pct(self) -> float | None: ...  # noqa: D102
    @property
    def mdc_source(self) -> str: ...  # noqa: D102
    @property
    def visit(self) -> str: ...  # noqa: D102
    @property
    def resamples(self) -> int: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
    @property
    def level(self) -> float: ...  # noqa: D102


def name_asymmetry(strength: str) -> str:
    """Name the variable that ln(right / left) of a strength is; the strength where there is none.

    Examples
    --------
    >>> name_asymmetry("hip_ext_nm_kg"), name_asymmetry("leg_press_1rm_kg")
    ('hip_ext_asym_log', 'leg_press_1rm_kg')
    """
    name = "_".join([*strength.split("_")[:2], "asym_log"])
    return name if name in variables() else strength


class SqueezeRows:
    """The estimates, with what they share."""

    def __init__(
        self, cohort: Cohort, spec: SqueezeSpec, found: Squeezed, *, quick: bool = False
    ) -> None:
        from gluteal.frames.legs import measure_error, stated_error

        self.cohort, self.spec, self.found = cohort, spec, found
        self.error: AsymmetryError | None = None
        if spec.mdc_pct is not None:
            self.error = stated_error(spec.mdc_pct, spec.mdc_source)
        elif not quick:
            self.error = measure_error(cohort, spec.strength, spec.visit)

    def row(self, value: Estimate | Interval, **more: Any) -> dict[str, Any]:
        """Write one estimate."""
        from gluteal.estimators.inference import Estimate

        n = len(self.found.grade)
        common: dict[str, Any] = {
            "threat": "crude", "outcome": name_asymmetry(self.spec.strength),
            "exposure": self.spec.squeeze,
            "term": f"{self.spec.squeeze}, right - left ({NOT_VALIDATED})", "unit": "",
            "n_obs": n, "n_people": n, "n_missing": self.found.n_missing,
            "missing_method": "complete cases", "adjusted_for": "", "level": self.spec.level,
            "converged": True, "warnings": WARNING,
        }  # fmt: skip
        if isinstance(value, Estimate):
            return {**common, **value.row(), "converged": isfinite(value.se), **more}
        keys = ("estimate", "low", "high", "se", "df")
        numbers: dict[str, Any] = dict(zip(keys, value, strict=True))
        numbers["df"] = value.df if isfinite(value.df) else None
        return {**common, **numbers, "converged": isfinite(value.value), **more}

    def correlate(
        self, found: Squeezed | None = None, model: str = "all people", **more: Any
    ) -> dict[str, Any]:
        """Estimate the rank correlation of the side differences."""
        from gluteal.estimators.rank_correlation import spearman

        people = found or self.found
        text = f"squeeze grade, right - left ({NOT_VALIDATED}), with ln(right/left) of strength"
        how = {
            "model": model, "contrast": text, "estimand": "rank correlation of side differences",
            "scale": "correlation", "se_type": "Fisher z scale (Bonett and Wright)",
            "estimator": "Spearman", "n_obs": len(people.grade), "n_people": len(people.grade),
            "n_missing": people.n_missing,
        }  # fmt: skip
        return self.row(spearman(people.grade, people.asymmetry, self.spec.level), **how, **more)

    def beside(self) -> Iterator[dict[str, Any]]:
        """Yield what stands beside the headline, from the same people."""
        from gluteal.estimators.rank_correlation import somers_d
        from gluteal.frames import squeeze as frames

        spec, found = self.spec, self.found
        second: dict[str, Any] = {"role": "secondary", "model": "all people"}
        yield self.row(
            somers_d(found.grade, found.asymmetry, spec.level), **second, scale="correlation",
            estimand="Somers' D", estimator="pairs of people", se_type="jackknife, Fisher z scale",
            contrast=f"pairs of people who differ in squeeze ({NOT_VALIDATED})",
        )  # fmt: skip
        share, same, n = frames.sign_agreement(found, spec.level)
        size = {"n_obs": n, "n_people": n, "n_events": same}
        yield self.row(share, **second, **size, scale="proportion", estimand="agreement of sides",
                       contrast=f"{SAME_SIDE} ({NOT_VALIDATED}); chance: 0.5", se_type="Wilson",
                       estimator="legs that differ in grade")  # fmt: skip
        yield from self._beyond(second)
        text = f"per grade more ({NOT_VALIDATED})"
        ratio = {"scale": "ratio", "estimand": "ratio of strength", "contrast": text}
        ratio |= {"estimator": "least squares on the log", "outcome": spec.strength}
        within = frames.within_slope(found, spec.level)
        yield self.row(within, **second | {"model": "two legs of one person"}, **ratio,
                       se_type="HC3, log scale", n_obs=2 * len(found.grade))  # fmt: skip
        between = frames.between_slope(found, spec.squeeze, spec.strength, spec.level)
        yield self.row(between, **second | {"model": "legs of all people"}, **ratio,
                       se_type="CR2, log scale", n_obs=2 * len(found.grade))  # fmt: skip

    def _beyond(self, second: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield kappa, area and Youden's J against a strength difference beyond its MDC."""
        from gluteal.estimators.accuracy import accuracy
        from gluteal.estimators.auc import area_interval, areas
        from gluteal.frames.squeeze import detect, side_kappa

        if self.error is None:
            return
        spec, found, mdc = self.spec, self.found, self.error.mdc
        beyond = f"strength differs by more than its MDC of {write_number(100 * mdc, 2)} %"
        agree = side_kappa(found, mdc, spec.resamples, spec.seed, spec.level)
        yield self.row(agree, **second, scale="kappa", estimand="agreement beyond chance",
                       contrast=f"weaker leg, linear weights ({NOT_VALIDATED}); {beyond}",
                       se_type="bootstrap of people", estimator="weighted kappa")  # fmt: skip
        for least in (1, 2):
            test, truth = detect(found, mdc, least)
            try:
                got = accuracy(test, truth, level=spec.level)
            except UserError as error:
                yield self._failed(f"squeeze uneven by {least} or more", str(error))
                continue
            counts = {"n_events": got.table[0] + got.table[2]}
            for name, value, scale in (
                ("Youden's J", got.youden, "difference"),
                ("sensitivity", got.sensitivity, "proportion"),
                ("specificity", got.specificity, "proportion"),
            ):
                text = f"squeeze uneven by {least} or more ({NOT_VALIDATED}); {beyond}"
                yield self.row(value, **second, **counts, scale=scale, estimand=name,
                               contrast=text, se_type="binomial",
                               estimator="two-by-two table")  # fmt: skip
        truth = detect(found, mdc, 1)[1]
        try:
            area = area_interval(areas(truth, abs(found.grade)), 0, spec.level)
        except UserError as error:
            yield self._failed("area under the ROC curve", str(error))
            return
        yield self.row(area, **second, scale="auc", estimand="area under the ROC curve",
                       contrast=f"size of the squeeze difference ({NOT_VALIDATED}); {beyond}",
                       se_type="DeLong", estimator="pairs of people")  # fmt: skip

    def _failed(self, model: str, reason: str, **more: Any) -> dict[str, Any]:
        pair = {"outcome": name_asymmetry(self.spec.strength), "exposure": self.spec.squeeze}
        common = {"role": "sensitivity", "model": model, "converged": False, **pair}
        return {**common, "warnings": f"{reason}; {WARNING}", **more}

    def other_measures(self) -> Iterator[dict[str, Any]]:
        """Yield the correlation for other muscles, for hold time, and without back pain."""
        import numpy as np

        from gluteal.frames.squeeze import take_squeeze

        spec, lacks = self.spec, self.cohort.lacks
        tries = [(spec.squeeze, m) for m in MUSCLES if m != spec.strength and not lacks([m])]
        if not lacks([HOLD]):
            tries.append((HOLD, spec.strength))
        for squeeze, strength in tries:
            name = HOLD if squeeze == HOLD else strength
            model = write_label(variable(name).label)
            more = {"role": "sensitivity", "outcome": name_asymmetry(strength), "exposure": squeeze}
            try:
                people = take_squeeze(self.cohort, squeeze, strength, spec.visit)
                yield self.correlate(people, model, **more)
            except UserError as error:
                yield self._failed(model, str(error), **more)
        if "lbp" not in self.cohort.people:
            return
        facts = self.cohort.people.set_index("participant_id")["lbp"].astype("Float64")
        facts.index = facts.index.astype("str")
        lbp = facts.reindex(self.found.person).to_numpy("float64", na_value=float("nan"))
        if len(np.unique(lbp[np.isfinite(lbp)])) < 2:
            return  # patients alone: there is nobody to leave out
        for value, label in enumerate(variables()["lbp"].levels.values()):
            same = {"role": "sensitivity", "threat": "exclusion"}
            try:
                people = self.found.keep(np.asarray(lbp == value))
                yield self.correlate(people, f"people with {label}", **same)
            except UserError as error:
                yield self._failed(f"people with {label}", str(error), **same)

    def reliability(self) -> Iterator[dict[str, Any]]:
        """Yield weighted kappa of two assessors, people resampled with both their legs."""
        import numpy as np

        from gluteal.estimators.kappa import Weights, mean_kappa
        from gluteal.frames.squeeze import rate_twice

        known, spec = variable(self.spec.squeeze), self.spec
        scores, person = rate_twice(self.cohort.trials, spec.squeeze, spec.visit)
        people = len(np.unique(person))
        if known.kind != "category" or people < RATERS:
            return
        kinds: tuple[Weights, ...] = ("quadratic", "linear")
        size = {"n_obs": len(scores), "n_people": people, "n_missing": 0}
        for kind in kinds:
            value = mean_kappa(
                scores, len(known.levels), kind, person, spec.resamples, spec.seed, spec.level
            )
            yield self.row(value, **size, role="secondary", model="two assessors", scale="kappa",
                           outcome=spec.squeeze, estimand="agreement beyond chance",
                           contrast=f"squeeze grade, {kind} weights ({NOT_VALIDATED})",
                           se_type="bootstrap of people", estimator="weighted kappa")  # fmt: skip
