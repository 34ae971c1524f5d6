"""Say before the data what a design can show: power, errors and precision for planned numbers.

Nothing is read but settings, and, where they ask for it, people, one SD at baseline and attendance
of a cohort: never a later value, never a comparison. The study is simulated and analysed as it
will be, with a formula beside it. Power after the data is no answer to them: intervals are.
"""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal import spec as base
from gluteal.estimates import Fit, diagnostic
from gluteal.spec import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gluteal.cohort.derived import Cohort
    from gluteal.estimators.power.performance import Performance
    from gluteal.frames.power_plan import Planned

FIGURE = "power"
SIZES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
LEAST = {"group_difference": 20, "arm_difference": 20, "incidence": 60, "within_person": 20}
WORDS = {
    "group_difference": "difference of two groups",
    "arm_difference": "difference of two arms at the last visit, given the first",
    "incidence": "hazard ratio of new pain per SD",
    "within_person": "slope from one visit to the next within people",
}
APART = 0.05
CAREFUL = 0.8


class Spec(base.Spec):
    """Settings of ``design_power``."""

    method: Literal["design_power"] = "design_power"
    role: Role = "exploratory"
    study: Literal["group_difference", "arm_difference", "incidence", "within_person"] = Field(
        description="What kind of study is planned"
    )
    n: int | None = Field(None, ge=20, description="People enrolled; none: those of the cohort")
    sizes: tuple[int, ...] = Field((), description="Sizes of the curve; none: parts of n")
    effects: tuple[float, ...] = Field(
        min_length=1,
        description="The smallest effect of interest first; a hazard ratio for incidence",
    )
    effect_source: str = Field(description="Where the smallest effect of interest comes from")
    unit: str = Field("SD", description="Unit of the effects")
    sd: float = Field(1.0, gt=0, description="SD of the outcome, error of measurement included")
    share: float = Field(0.5, gt=0, lt=1, description="Share of people in the second group or arm")
    explained: float = Field(0.0, ge=0, lt=1, description="Variance explained by covariates")
    correlation: float = Field(0.5, gt=-1, lt=1, description="Of first and last value in an arm")
    risk: float = Field(0.15, gt=0, lt=1, description="Share with new pain by the end")
    visits: int = Field(4, ge=3, description="Visits of each person")
    sd_within: float = Field(
        1.0, gt=0, description="SD of the exposure within people, without error"
    )
    reliability: float = Field(1.0, gt=0, le=1, description="Of the exposure, as it is measured")
    dropout: float = Field(0.0, ge=0, lt=1, description="Share without the last visit")
    from_cohort: bool = Field(
        False, description="Take n, SD and attendance from the cohort's baseline instead"
    )
    measure: str = Field("", description="Whose SD is taken from the cohort")
    targets: tuple[float, ...] = Field((0.8, 0.9), description="Power that is wanted")
    replicates: int = Field(1000, ge=200, description="Simulated studies for each number")

    @model_validator(mode="after")
    def _say_enough(self) -> Spec:
        if self.n is None and not self.from_cohort:
            raise ValueError("give n, the people to be enrolled, or from_cohort: true")
        if self.measure and not self.from_cohort:
            raise ValueError("measure is read with from_cohort: true only")
        if any(not 0 < target < 1 for target in self.targets):
            raise ValueError("targets lie between 0 and 1")
        if self.study == "incidence":
            if any(one <= 0 or one == 1 for one in self.effects):
                raise ValueError("effects of incidence are hazard ratios: above 0 and not 1")
        elif any(one == 0 for one in self.effects):
            raise ValueError("an effect of 0 cannot be shown: leave it out, it is simulated anyway")
        return self


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the measure whose SD is read, if any."""
    return (spec.measure,) if spec.from_cohort and spec.measure else ()


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Simulate the planned study at several sizes; the first estimate is its power."""
    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    from gluteal.frames.power_tables import draw_panels, lay_out_settings, write_sentences

    how, plan = _plan(cohort, spec)
    n = int(how["n"])
    sizes = _sizes(spec, n)
    curve: list[dict[str, Any]] = []
    rows = [_headline(spec, plan, n)]
    for at, effect in enumerate(spec.effects):
        for size in sizes:
            got = _simulate(spec, plan, effect, size, at)
            formula = plan.power(plan.people(size), _scaled(spec, effect))
            curve.append(_point(spec, got, effect, size, formula))
            if (at, size) != (0, n):
                rows.append(_power_row(spec, got, effect, size, role="exploratory"))
    checks = _simulate(spec, plan, spec.effects[0], n, 0), _simulate(spec, plan, None, n, 0)
    rows += _operating(spec, *checks, n)
    rows += _solved(spec, plan, how, n)
    return Fit(
        estimates=rows,
        diagnostics=list(_diagnose(spec, plan, *checks, n)),
        panels=draw_panels(curve, n, spec.targets, _axis(spec)),
        tables={"settings": lay_out_settings(spec.study, how, spec.effects, spec.effect_source)},
        sentences=write_sentences(WORDS[spec.study], plan, how, spec),
    )


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Return the power at the planned size."""
    how, plan = _plan(cohort, spec)
    return _headline(spec, plan, int(how["n"]))


def _plan(cohort: Cohort, spec: Spec) -> tuple[dict[str, Any], Planned]:
    from gluteal.frames.power_plan import plan_study, read_spread

    keys = ("sd", "share", "explained", "correlation", "risk", "visits", "sd_within",
            "reliability", "dropout")  # fmt: skip
    how = {key: getattr(spec, key) for key in keys}
    if spec.from_cohort:
        how |= read_spread(cohort, spec.measure, spec.visit)
    if spec.n is not None:
        how["n"] = spec.n
    return how, plan_study(spec.study, spec.level, **{key: how[key] for key in keys})


def _sizes(spec: Spec, n: int) -> list[int]:
    asked = spec.sizes or tuple(round(n * part) for part in SIZES)
    return sorted({max(size, LEAST[spec.study]) for size in (*asked, n)})


def _scaled(spec: Spec, effect: float) -> float:
    return log(effect) if spec.study == "incidence" else effect


def _simulate(spec: Spec, plan: Planned, effect: float | None, n: int, at: int) -> Performance:
    """Simulate one size of one effect; None is no effect."""
    from gluteal.estimators.power.simulation import simulate_design

    design = plan.build(0.0 if effect is None else _scaled(spec, effect))
    seed = spec.seed + at + (1000 if effect is None else 0)
    people = plan.people(n)
    return simulate_design(design, people, replicates=spec.replicates, seed=seed, level=spec.level)


def _axis(spec: Spec) -> str:
    return "HR" if spec.study == "incidence" else spec.unit


def _name(spec: Spec, effect: float | None) -> str:
    if effect is None:
        return "no difference"
    text = f"{effect:g}".replace("-", "\N{MINUS SIGN}")
    return f"HR {text} per SD" if spec.study == "incidence" else f"{text} {spec.unit}"


def _row(spec: Spec, **more: Any) -> dict[str, Any]:
    return {
        "role": spec.role, "term": spec.study, "outcome": "", "exposure": "", "unit": "",
        "scale": "proportion", "n_obs": None, "n_people": None, "se_type": "Monte Carlo",
        "estimator": f"{spec.replicates:,} simulated studies", "converged": True, "warnings": "",
        "level": spec.level, "seed": spec.seed, **more,
    }  # fmt: skip


def _share(spec: Spec, got: Performance, part: str) -> dict[str, Any]:
    """Write a share of replicates with Wilson's interval."""
    from gluteal.estimators.intervals import wilson

    found = getattr(got, part)
    total = got.used if part == "coverage" else got.replicates
    value, low, high, *_ = wilson(round(found.value * total), total, spec.level)
    return {"estimate": value, "low": low, "high": high, "se": found.se}


def _power_row(spec: Spec, got: Performance, effect: float, n: int, role: str) -> dict[str, Any]:
    model = f"n = {n:,}, {_name(spec, effect)}"
    good = got.converged.value >= CAREFUL
    return _row(
        spec, role=role, model=model, contrast=_name(spec, effect), estimand="power",
        converged=good, warnings="; ".join(got.warnings), **_share(spec, got, "rejection"),
    )  # fmt: skip


def _headline(spec: Spec, plan: Planned, n: int) -> dict[str, Any]:
    got = _simulate(spec, plan, spec.effects[0], n, 0)
    return _power_row(spec, got, spec.effects[0], n, spec.role)


def _point(spec: Spec, got: Performance, effect: float, n: int, formula: float) -> dict[str, Any]:
    share = _share(spec, got, "rejection")
    return {
        "effect": _name(spec, effect), "n": n, "power": share["estimate"], "low": share["low"],
        "high": share["high"], "formula": formula, "half_width": got.width.value / 2,
    }  # fmt: skip


def _operating(spec: Spec, got: Performance, none: Performance, n: int) -> Iterator[dict[str, Any]]:
    """Give the errors, bias, coverage and precision of the planned study."""
    from gluteal.estimators.inference import quantile

    at = {"contrast": _name(spec, spec.effects[0]), "model": f"n = {n:,}"}
    yield _row(spec, model=f"n = {n:,}", contrast=_name(spec, None), estimand="type I error",
               **_share(spec, none, "rejection"))  # fmt: skip
    yield _row(spec, estimand="coverage of the interval", **at, **_share(spec, got, "coverage"))
    unit = "log HR" if spec.study == "incidence" else spec.unit
    half_width = quantile(spec.level)
    for name, part in (("bias", got.bias), ("mean half-width of the interval", got.width)):
        half = 2 if part is got.width else 1
        value, se = part.value / half, part.se / half
        yield _row(spec, estimand=name, **at, scale="difference", unit=unit, estimate=value,
                   se=se, low=value - half_width * se, high=value + half_width * se)  # fmt: skip
    if got.exaggeration == got.exaggeration:
        yield _row(spec, estimand="exaggeration of what is found significant", **at,
                   scale="ratio", estimate=got.exaggeration)  # fmt: skip
        yield _row(spec, estimand="wrong sign among what is found significant", **at,
                   estimate=got.wrong_sign)  # fmt: skip


def _solved(spec: Spec, plan: Planned, how: dict[str, Any], n: int) -> Iterator[dict[str, Any]]:
    """Solve the formula for the smallest effect at n, and for n at the smallest effect."""
    incidence = spec.study == "incidence"
    effect = _scaled(spec, spec.effects[0])
    kept = 1.0 if spec.study == "within_person" else 1 - how["dropout"]
    most = 20 * abs(effect)
    for wanted in spec.targets:
        model, words = f"power {100 * wanted:g}%", {"estimator": plan.cited, "se_type": "formula"}
        found = plan.solve_effect(n, wanted, most)
        row = _row(spec, model=model, estimand="smallest effect that is detected", **words)
        if found is None:
            said = "no effect of a sensible size reaches this power"
            yield row | {"converged": False, "warnings": said}
        elif incidence:  # in the direction of the effect of interest
            ratio = exp(found if effect > 0 else -found)
            yield row | {"scale": "ratio", "unit": "HR", "estimate": ratio}
        else:
            yield row | {"scale": "difference", "unit": spec.unit, "estimate": found}
        size = plan.solve_people(effect, wanted, kept)
        row = _row(spec, model=model, estimand="people to be enrolled", **words,
                   contrast=_name(spec, spec.effects[0]), scale="difference",
                   unit="people")  # fmt: skip
        if size is None:
            yield row | {"converged": False, "warnings": "no size up to a million suffices"}
        else:
            yield row | {"estimate": size}


def _diagnose(
    spec: Spec, plan: Planned, got: Performance, none: Performance, n: int
) -> Iterator[dict[str, Any]]:
    formula = plan.power(plan.people(n), _scaled(spec, spec.effects[0]))
    apart = abs(formula - got.rejection.value)
    text = "distance of the formula from the simulation; where far, trust the simulation"
    yield diagnostic("formula beside simulation", apart, apart <= APART, text, f"<= {APART}")
    text = "share of simulated studies that find the effect at the planned size"
    share = got.rejection.value
    yield diagnostic("power", share, share >= CAREFUL, text, f">= {CAREFUL}")
    text, error = "share of studies that find something where nothing is", none.rejection.value
    bound = 1 - spec.level + 3 * none.rejection.se
    yield diagnostic("type I error", error, error <= bound, text, f"<= {bound:.3f}")
    text = "share of intervals that hold the truth; error of measurement moves them off it"
    held = got.coverage.value
    low = spec.level - 3 * got.coverage.se
    yield diagnostic("coverage", held, held >= low, text, f">= {low:.3f}")
    if got.exaggeration == got.exaggeration:
        text = "how much a significant estimate exaggerates; well above 1 where power is low"
        far = got.exaggeration <= 1.5
        yield diagnostic("exaggeration", got.exaggeration, far, text, "<= 1.5")
