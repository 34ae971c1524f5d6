"""The plan of one analysis: its settings and the meaning of its code, all that decides a result.

Snakemake sees a plan as text: it changes when, and only when, settings, code, graph or the
versions of the libraries change. A comment, a date or another analysis does not touch it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gluteal.analyses import method
from gluteal.config.adjust import advise
from gluteal.config.allocation import settle_allocation
from gluteal.config.imputation import plan_imputation, uses_imputation
from gluteal.config.sets import settle_choices
from gluteal.provenance import fingerprint, hash_lock, versions
from gluteal.spec import ModelSpec

if TYPE_CHECKING:
    from gluteal.config.study import Study

FITTING = ("gluteal.cli.fit",)
DERIVING = ("gluteal.cli.derive",)
CHECKING = ("gluteal.cli.check",)
SIMULATING = ("gluteal.cli.simulate",)
IMPUTING = ("gluteal.cli.impute",)
INGESTING = ("gluteal.cli.ingest",)
CLAIMING = ("gluteal.cli.ledger",)
REPORTING = ("gluteal.cli.report",)


def settle(study: Study, analysis: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the settings with ``adjust`` resolved to variables, and the graph's advice if any."""
    spec = study.analyses[analysis]
    settings = spec.model_dump(mode="json")
    if "min_cell" in settings:  # the study may be stricter than a method, never laxer
        settings["min_cell"] = max(settings["min_cell"], study.min_cell)
    if not isinstance(spec, ModelSpec):
        return settings, None
    advice = advise(study.dag, spec)
    settings["adjust"] = list(advice.covariates)
    if "adjustment_sets" in settings:
        settings |= settle_choices(study.dag, spec)
    return settings, advice.as_dict()


def make_plan(study: Study, analysis: str) -> dict[str, Any]:
    """Write down everything besides the data that decides this analysis.

    Returns
    -------
    dict
        ``spec`` holds the validated settings with ``adjust`` resolved to variables and the study's
        allocation; ``advice`` what the causal graph says of them; ``code`` and ``lock`` the
        fingerprints.
    """
    settings, advice = settle(study, analysis)
    settings |= settle_allocation(study, study.analyses[analysis])
    plan: dict[str, Any] = {
        "analysis": analysis,
        "study": study.title,
        "design": study.design,
        "min_cell": study.min_cell,
        "spec": settings,
    }
    if advice is not None:
        plan["advice"] = advice
    if uses_imputation(study, analysis):
        plan["imputation"] = plan_imputation(study, analysis, settings.get("adjust", ()))
    module = f"gluteal.analyses.{settings['method']}"
    plan["code"] = fingerprint(module, *FITTING)
    plan["lock"] = hash_lock()
    return plan


def plan_text(study: Study, analysis: str) -> str:
    """Lay a plan out as text, the same bytes for the same plan."""
    return json.dumps(make_plan(study, analysis), indent=1, sort_keys=True, ensure_ascii=True)


def figure_code(study: Study, analysis: str) -> str:
    """Fingerprint what draws an analysis: a colour changed here refits no model."""
    figure = method(study.analyses[analysis].method).FIGURE
    return fingerprint("gluteal.cli.draw", f"gluteal.figures.{figure}")


def study_text(study: Study) -> str:
    """Lay the whole validated study out as text, for the ledger and the report."""
    from gluteal.config.registration import describe

    settings = study.model_dump(mode="json")
    settings["built_methods"] = sorted({spec.method for spec in study.analyses.values()})
    settings["versions"] = versions()
    settings["registration"] = describe(study)
    # Not sorted: claims and analyses keep the order that the researcher gave them.
    return json.dumps(settings, indent=1, ensure_ascii=True)


def derive_text(study: Study) -> str:
    """Lay the settings of derive out as one line."""
    return json.dumps({**study.derive, "min_cell": study.min_cell}, sort_keys=True)


def simulate_arguments(study: Study) -> str:
    """Lay the settings of a simulated cohort out as arguments; all are plain words and numbers."""
    if study.simulated is None:
        return ""
    given = study.simulated.model_dump().items()
    return " ".join(f"--{name} {value}" for name, value in given)


def raw_files(study: Study) -> list[str]:
    """Name the raw files that the study's mapping reads."""
    if study.mapping is None:
        return []
    from gluteal.sources.mapping import read_mapping

    return sorted({str(file.path) for file in read_mapping(study.mapping).files})
