import os
import sys
from pathlib import Path

from gluteal.cli import lifecycle
from gluteal.config import answering
from gluteal.config import plan as planning
from gluteal.config.imputation import imputation_text, uses_imputation
from gluteal.config.registration import check_unlocked
from gluteal.config.study import parse_study
from gluteal.errors import UserError
from gluteal.provenance import fingerprint

lifecycle.find_commands()

try:
    study = parse_study(config, Path(os.path.relpath(workflow.configfiles[-1])))
    check_unlocked(study)
except UserError as error:
    print(f"gluteal: {error}", file=sys.stderr)
    sys.exit(2)

PRODUCTS = str(study.products)
PROCESSED = str(study.processed / study.study)
COHORT = str(study.cohort)
DERIVED = [
    f"{PROCESSED}/{name}.parquet" for name in ("people", "visits", "sides", "trials")
]
IMPUTED = [f"{PROCESSED}/imputed.{form}" for form in ("parquet", "json")]
REPORTS = [f"{PRODUCTS}/report.{form}" for form in ("html", "docx", "pdf")]
FIGURES = ("svg", "png", "pdf")


def plan_text(wildcards):
    return planning.plan_text(study, wildcards.analysis)


def figure_code(wildcards):
    return planning.figure_code(study, wildcards.analysis)


def imputed_tables(wildcards):
    """What an analysis that is fitted on completed tables needs besides the derived ones."""
    return IMPUTED if uses_imputation(study, wildcards.analysis) else []


ANSWERING = answering.name_answering(study)


def claim_answers(wildcards):
    """The estimates of all analyses of one claim, that of its headline first."""
    names = answering.name_group(study, wildcards.analysis)
    return [f"{PRODUCTS}/estimates/{name}.csv" for name in names]


def smallest_effect(wildcards):
    return answering.write_smallest_effect(study, wildcards.analysis)


def cohort_folder(wildcards):
    return COHORT


def processed_folder(wildcards):
    return PROCESSED


def products_folder(wildcards):
    return PRODUCTS


def figure_stem(wildcards, output):
    """The figure's path without its form."""
    return str(Path(output[0]).with_suffix(""))


def code(*modules):
    """What a rule's code means; a comment or a date changes nothing."""
    return fingerprint(*modules)


def package_files(wildcards):
    """The files of the cohort package: their content decides, never their dates."""
    if study.mapping is not None or study.simulated is not None:
        return [f"{COHORT}/datapackage.json"]
    return sorted(
        str(path) for path in Path(COHORT).glob("*.*") if path.name != "README.md"
    )


def tell_where():
    print(f"\nThe report is ready: {PRODUCTS}/report.html (also .docx and .pdf)\n")


onstart:
    lifecycle.start_warm()


onsuccess:
    lifecycle.stop_warm()
    tell_where()


onerror:
    lifecycle.stop_warm()
