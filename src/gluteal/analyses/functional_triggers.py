"""Whether weak hips go with pain on standing, walking and rising, or at the sacroiliac joint.

Outcomes of one kind are stacked, a row a person (or leg) and trigger, and one slope is estimated
for all of them by estimating equations with people as clusters: that is the headline, so that eight
items are one question. Each trigger's own slope stands beside it, its p adjusted by Holm's rule,
with a test that the slopes differ. Strength enters as a number; it is never cut into groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from gluteal.estimates import Fit
from gluteal.frames.amounts import faults_of_amount
from gluteal.frames.column_words import write_adjusted, write_column
from gluteal.notation import write_label, write_list
from gluteal.spec import ModelSpec
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.frames.trigger_rows import TriggerRows
    from gluteal.frames.triggers import Family

FIGURE = "triggers"
IMPUTES = True
FEW_PEOPLE = 50
FAMILIES = {
    "linear": "linear",
    "logistic": "logistic",
    "poisson": "modified Poisson (doi:10.1093/aje/kwh090)",
}


class Spec(ModelSpec):
    """Settings of ``functional_triggers``; ``outcome`` is the first trigger."""

    method: Literal["functional_triggers"] = "functional_triggers"
    also: tuple[str, ...] = Field((), description="The other triggers, of the same kind and unit")
    unit: Literal["person", "side"] = Field(
        "person", description="side: a row is a leg, with its own strength and its own side's pain"
    )
    family: Literal["auto", "linear", "logistic", "poisson"] = Field(
        "auto",
        description="auto: logistic for yes/no, else linear; poisson gives prevalence ratios",
    )
    per: Literal["sd"] | float = Field("sd", description="The slope is per SD, or per this amount")
    working: Literal["auto", "exchangeable", "independence"] = Field(
        "auto",
        description="Working correlation of a person's rows; auto: exchangeable, but independence "
        "for unit side, where strength differs within a person",
    )

    @model_validator(mode="after")
    def _agree(self) -> Spec:
        if len(set(self.outcomes)) < len(self.outcomes):
            raise ValueError("also: a trigger is named twice")
        if self.exposure in self.also:
            raise ValueError(f"also: {self.exposure} is the exposure")
        if not isinstance(self.adjust, str) and set(self.adjust) & set(self.also):
            raise ValueError("adjust: a covariate is one of the triggers")
        if faults := faults_of_amount(self.per):
            raise ValueError(faults[0])
        known = [variables()[name] for name in self.outcomes if name in variables()]
        kinds = {("boolean" if one.kind == "boolean" else "number", one.unit) for one in known}
        if len(kinds) > 1:
            raise ValueError(
                "also: the triggers must be of one kind and unit, so that one slope makes sense: "
                f"{', '.join(self.outcomes)}"
            )
        return self

    @property
    def correlation(self) -> Literal["exchangeable", "independence"]:
        """The working correlation.

        Where the exposure differs within a cluster, any other than independence mixes a leg's
        outcome with the other leg's strength.
        """
        if self.working != "auto":
            return self.working
        return "independence" if self.unit == "side" else "exchangeable"

    @property
    def outcomes(self) -> tuple[str, ...]:
        """All triggers."""
        return (self.outcome, *self.also)


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the triggers, the exposure and the covariates."""
    from gluteal.frames.triggers import list_triggers

    triggers = [name for one in list_triggers(spec.outcomes, spec.unit) for name in one]
    return tuple(dict.fromkeys((*triggers, spec.exposure, *spec.named)))


def _begin(cohort: Cohort, spec: Spec) -> TriggerRows:
    """Stack the triggers."""
    from gluteal.errors import CannotTest, Fault, UserError
    from gluteal.frames.trigger_rows import TriggerRows
    from gluteal.frames.triggers import list_triggers, stack_triggers

    if spec.unit == "side" and spec.exposure not in cohort.sides:
        remedy = "With unit side each leg needs its own strength; or use unit person."
        rule = "is not measured leg by leg"
        kind = CannotTest if "sides" in variables()[spec.exposure].derived else UserError
        raise kind(Fault("the derived tables", rule, remedy, column=spec.exposure))
    frame = cohort.frame(list(needs(spec)), spec.unit, spec.visit)
    family: Family = "linear"
    if spec.family != "auto":
        family = spec.family
    elif variables()[spec.outcome].kind == "boolean":
        family = "logistic"
    triggers = list_triggers(spec.outcomes, spec.unit)
    stack = stack_triggers(frame, triggers, spec.exposure, spec.covariates, family)
    per = None if isinstance(spec.per, str) else spec.per
    return TriggerRows(stack, spec.exposure, spec.outcome, per, spec.correlation, spec.level)


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Estimate the slope that all triggers share, and that of each.

    Raises
    ------
    UserError
        If an outcome does not suit, does not vary, or there are too few people; the column is
        named.
    """
    if lacking := cohort.lacks(needs(spec)):
        return Fit(needs=lacking)
    made = _begin(cohort, spec)
    rows = [made.common(), *made.beside(_ill(cohort, spec, made))]
    return Fit(
        estimates=rows,
        diagnostics=list(_diagnose(made, spec)),
        panels={"rows": _lay(made, rows)} if made.stack.people >= 10 else {},
        sentences=list(_write_sentences(made, spec)),
    )


def headline(cohort: Cohort, spec: Spec) -> dict[str, Any]:
    """Return the common slope alone.

    Raises
    ------
    UserError
        As ``fit``.
    """
    return _begin(cohort, spec).common()


def freeze(cohort: Cohort, spec: Spec) -> Spec:
    """Fix what the slope is per, so that all imputed tables answer one question."""
    return spec.model_copy(update={"per": _begin(cohort, spec).units})


def _ill(cohort: Cohort, spec: Spec, made: TriggerRows) -> Any:
    """Say which rows are of people with low back pain; None where that is not known."""
    if "lbp" not in cohort.people or "lbp" in needs(spec):
        return None
    facts = cohort.people.set_index("participant_id")["lbp"].astype("Float64")
    facts.index = facts.index.astype("str")
    values = facts.reindex(made.stack.person).to_numpy("float64", na_value=float("nan"))
    return values == 1


def _diagnose(made: TriggerRows, spec: Spec) -> Iterator[dict[str, Any]]:
    """Say what limits the reading."""
    import numpy as np

    from gluteal.estimators.checks import check, check_ends

    stack = made.stack
    text = "clusters: what a person answers to several items goes together"
    people = stack.people
    yield check("people", people, f">= {FEW_PEOPLE}", people >= FEW_PEOPLE, text)
    share = len(stack.y) / (len(stack.y) + stack.n_missing)
    text = "share of answers with exposure and covariates; the rest must be missing at random"
    yield check("answers analysed", share, ">= 0.9", share >= 0.9, text)
    if made.interaction:
        p = made.interaction.p
        text = "test that the slope is the same at every trigger; small: read them one by one"
        yield check("slopes differ between triggers, p", p, ">= 0.05", bool(p >= 0.05), text)
    text = "correlation of a person's rows that the equations work with"
    yield check("working correlation", made.alpha, "", None, text)
    for name, value in sorted(made.criteria.items()):
        text = "of both working correlations; smaller is better"
        yield check(f"QIC, {name}", value, "", None, text)
    text = "strength and pain of the same day say nothing about what came first"
    yield check("same day", 1.0, "", None, text)
    if stack.family != "linear":
        share = float(stack.y.mean())
        events = int(stack.y.sum())
        per = min(events, len(stack.y) - events) / stack.x.shape[1]
        text = "rarer answers per coefficient; few make the slope run away"
        yield check("events per parameter", per, ">= 10", per >= 10, text)
        yield check(
            "share with the outcome", share, "", None, "an odds ratio is no ratio of shares"
        )
        return
    known = variables()[spec.outcome]
    yield from check_ends(np.asarray(stack.y), known.low, known.high)


def _lay(made: TriggerRows, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lay the rows of the figure: the headline, each trigger, and the others of its scale."""
    head, labels = rows[0], made.stack.labels
    found: list[dict[str, Any]] = []
    for index, row in enumerate(rows):
        same = all(row.get(key) == head[key] for key in ("scale", "unit"))
        if not same or row.get("estimate") is None:
            continue
        several = len(labels) > 1 and row["model"] in labels
        group = "headline" if index == 0 else "trigger" if several else "other"
        entry = {"label": row["model"], "group": group, "n": row["n_people"]}
        fine = bool(row.get("converged", True))
        numbers = {key: row[key] if fine else None for key in ("estimate", "low", "high")}
        found.append(entry | numbers | {"p_adj": row.get("p_adj")})
    return found


def _write_sentences(made: TriggerRows, spec: Spec) -> Iterator[str]:
    """Say what was done, filled from the settings."""
    stack = made.stack
    adjusted = write_adjusted(stack.covariates)
    labels = write_list([write_label(label) for label in stack.labels])
    what = "legs (each with its own strength)" if spec.unit == "side" else "people"
    yield (
        f"The association between {write_column(spec.exposure)} and {labels} was "
        f"estimated per {made.amount} by generalised estimating equations "
        f"(doi:10.1093/biomet/73.1.13), {FAMILIES[stack.family]}, {adjusted}, in "
        f"{len(stack.y):,} answers of {stack.people:,} people; rows are {what}"
    )
    yield (
        f"People were clusters, {spec.correlation} the working correlation; errors are Kauermann "
        "and Carroll's (doi:10.1198/016214501753382309) with Satterthwaite degrees of freedom "
        "(doi:10.1080/07350015.2016.1247004)"
    )
    if len(stack.labels) > 1:
        yield (
            "One slope for all triggers is the headline; slopes of single triggers have p adjusted "
            "by Holm's rule, and a Wald test asks whether they differ"
        )
    if spec.unit == "side" and spec.correlation == "independence":
        yield (
            "Strength differs between the legs of a person, where another working correlation "
            "would mix the legs (doi:10.1080/03610919408813210)"
        )
    yield "Strength was used as a number and not cut into groups; both were taken on the same day"
