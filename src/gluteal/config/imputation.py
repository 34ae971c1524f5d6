"""Multiple imputation as the config states it, and what each step is told of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator

from gluteal.analyses import method
from gluteal.errors import suggest
from gluteal.spec import ModelSpec, Spec, Strict
from gluteal.variables import NOT_APPLICABLE, variables

if TYPE_CHECKING:
    from gluteal.config.study import Study

ENDS = ("m", "cycles", "seed", "donors")


class Imputation(Strict):
    """How missing values are imputed: m completed data sets by chained equations.

    ``variables: auto`` takes the outcomes, exposures and covariates of all models of the study.
    ``deltas`` asks what would follow if the missing values of an outcome were not missing at
    random but differed by these amounts from what the other values of a person predict.
    """

    m: int = Field(0, ge=0, description="Imputations; 0 for none, 20 or more for a paper")
    cycles: int = Field(40, ge=1, description="Cycles of the chained equations")
    seed: int = Field(1, ge=0, description="Seed of the imputation")
    donors: int = Field(5, ge=1, description="Observed values that matching draws from")
    variables: Literal["auto"] | tuple[str, ...] = Field(
        "auto", description="auto: what the models of this study use; or the variables by name"
    )
    never: tuple[str, ...] = Field((), description="Variables that are never imputed")
    normal: tuple[str, ...] = Field(
        (),
        description="Numbers drawn from a regression, not matched: where one end of the scale is "
        "missing, so that no observed value could be right",
    )
    deltas: dict[str, tuple[float, ...]] = Field(
        default_factory=dict,
        description="Shifts of missing values of an outcome, in its unit: {nprs_avg: [1, 2]}",
    )

    @field_validator("m")
    @classmethod
    def _several(cls, m: int) -> int:
        if m == 1:
            raise ValueError("one imputation cannot be pooled: 0 for none, else 2 or more")
        return m


def check_imputation(study: Study) -> Iterator[tuple[str, str, str, str]]:
    """Yield (place, value, rule, remedy) for every variable that cannot be meant."""
    chosen = study.imputation
    known = variables()
    listed = () if isinstance(chosen.variables, str) else chosen.variables
    places = {"variables": listed, "never": chosen.never, "normal": chosen.normal}
    for key, names in {**places, "deltas": tuple(chosen.deltas)}.items():
        place = f"imputation.{key}"
        for name in names:
            if name not in known:
                remedy = suggest(name, known) or "See the data dictionary."
                yield place, name, "no such variable in the dictionary", remedy
            elif key in ("normal", "deltas") and not known[name].numeric:
                yield place, name, "is not a number", "Name a number."
            elif key == "variables" and name in NOT_APPLICABLE:
                yield place, name, f"{NOT_APPLICABLE[name]}: its gaps are no gaps", "Remove it."


def list_models(study: Study) -> list[dict[str, Any]]:
    """List the variables of every model of the study, with its visits; each combination once.

    What is imputed for a model must know of it: an outcome of another visit predicts, too.
    """
    from gluteal.config.adjust import advise

    found: list[dict[str, Any]] = []
    for spec in study.analyses.values():
        covariates: tuple[str, ...] = ()
        if isinstance(spec, ModelSpec):
            covariates = advise(study.dag, spec).covariates
        elif not getattr(method(spec.method), "IMPUTES", False):
            continue  # it only describes
        names = sorted({*_read(spec), *covariates})
        found.append({"variables": names, "visits": _visits(spec)})
    unique = {json.dumps(one, sort_keys=True): one for one in found}
    return [unique[key] for key in sorted(unique)]


def _visits(spec: Spec) -> list[str]:
    """Name the visits that a model takes values from, those of its settings that end in visit."""
    named = (value for key, value in spec if key == "visit" or key.endswith("_visit"))
    return sorted({value for value in named if isinstance(value, str)})


def _read(spec: Spec) -> tuple[str, ...]:
    """Name what a method reads, as far as the dictionary has it."""
    module = method(spec.method)  # pyright: ignore[reportAttributeAccessIssue]
    return tuple(name for name in module.needs(spec) if name in variables())


def chosen_variables(study: Study) -> list[str]:
    """Name the variables to be imputed, in the order of the dictionary."""
    chosen = study.imputation
    if isinstance(chosen.variables, str):
        names = {name for model in list_models(study) for name in model["variables"]}
    else:
        names = set(chosen.variables)
    return [name for name in variables() if name in names - set(chosen.never)]


def imputation_text(study: Study) -> str:
    """Lay out what ``gluteal impute`` is told, the same bytes for the same settings."""
    chosen = study.imputation
    settings: dict[str, Any] = {key: getattr(chosen, key) for key in ENDS}
    settings |= {
        "variables": chosen_variables(study),
        "never": sorted(chosen.never),
        "normal": sorted(chosen.normal),
        "models": list_models(study),
    }
    return json.dumps(settings, sort_keys=True, ensure_ascii=True)


def uses_imputation(study: Study, analysis: str) -> bool:
    """Say whether an analysis is fitted on completed tables as well."""
    spec = study.analyses[analysis]
    module = method(spec.method)
    able = getattr(module, "IMPUTES", False) and hasattr(module, "headline")
    return bool(study.imputation.m and able and getattr(spec, "unit", "person") != "side")


def plan_imputation(study: Study, analysis: str, covariates: tuple[str, ...]) -> dict[str, Any]:
    """Write down the imputation as far as it decides one analysis."""
    spec, chosen = study.analyses[analysis], study.imputation
    read = {*_read(spec), *covariates}
    found: dict[str, Any] = {key: getattr(chosen, key) for key in ENDS}
    found["variables"] = [name for name in chosen_variables(study) if name in read]
    found["deltas"] = list(chosen.deltas.get(getattr(spec, "outcome", ""), ()))
    return found
