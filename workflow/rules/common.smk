import os
import subprocess
import sys
import tempfile
from pathlib import Path

from gluteal.config import plan as planning
from gluteal.config.study import parse_study
from gluteal.errors import UserError
from gluteal.provenance import fingerprint

# The rules call `gluteal`, whether or not its environment is activated.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

try:
    study = parse_study(config, Path(os.path.relpath(workflow.configfiles[-1])))
except UserError as error:
    print(f"gluteal: {error}", file=sys.stderr)
    sys.exit(2)

PRODUCTS = str(study.products)
PROCESSED = str(study.processed / study.study)
COHORT = str(study.cohort)
DERIVED = [
    f"{PROCESSED}/{name}.parquet" for name in ("people", "visits", "sides", "trials")
]
REPORTS = [f"{PRODUCTS}/report.{form}" for form in ("html", "docx", "pdf")]
FIGURES = ("svg", "png", "pdf")


def plan_text(wildcards):
    return planning.plan_text(study, wildcards.analysis)


def figure_code(wildcards):
    return planning.figure_code(study, wildcards.analysis)


def code(*modules):
    """What a rule's code means; a comment or a date changes nothing."""
    return fingerprint(*modules)


def package_files(wildcards):
    """The files of the cohort package: their content decides, never their dates."""
    if study.mapping is not None:
        return [f"{COHORT}/datapackage.json"]
    return sorted(
        str(path) for path in Path(COHORT).glob("*.*") if path.name != "README.md"
    )


def start_warm():
    """Start the process that has the heavy imports and forks per job."""
    folder = tempfile.mkdtemp(prefix="gluteal-")  # private to the user (0700)
    os.environ["GLUTEAL_WARM"] = f"{folder}/socket"
    globals()["_warm"] = subprocess.Popen(["gluteal", "warm", f"{folder}/socket"])


def stop_warm():
    """End it, and remove its socket."""
    socket = Path(os.environ.pop("GLUTEAL_WARM", ""))
    if process := globals().pop("_warm", None):
        process.terminate()
        process.wait()
        socket.unlink(missing_ok=True)
        socket.parent.rmdir()


def tell_where():
    print(f"\nThe report is ready: {PRODUCTS}/report.html (also .docx and .pdf)\n")


onstart:
    start_warm()


onsuccess:
    stop_warm()
    tell_where()


onerror:
    stop_warm()
