"""Fit one planned analysis to the derived tables."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluteal.errors import Fault, UserError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gluteal.cohort.derived import Cohort
    from gluteal.estimates import Fit
    from gluteal.spec import Spec

HELP = "fit one planned analysis; write its estimates, diagnostics and figure data"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the plan, the derived tables and the folder of products."""
    parser.add_argument("plan", type=Path, help="plan written by 'gluteal plan'")
    parser.add_argument("cohort", type=Path, help="folder of the derived tables")
    parser.add_argument("products", type=Path, help="folder that gets estimates/ and so on")


def _plain(value: Any) -> Any:
    """Turn numpy and pandas scalars into what JSON knows; a missing number becomes null."""
    import math

    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return None if str(value) in ("<NA>", "NaT") else str(value)


def read_plan(path: Path) -> tuple[dict[str, Any], Any, Spec]:
    """Read a plan; return it with the module of its method and its validated settings.

    Raises
    ------
    UserError
        If the file cannot be read, is no plan, or its settings are not those of its method.
    """
    from pydantic import ValidationError

    from gluteal.analyses import METHODS, method

    remedy = "Write it with gluteal plan."
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        name, _, _ = plan["spec"]["method"], plan["analysis"], plan["code"]
    except OSError as error:
        raise UserError(Fault(str(path), f"cannot be read ({error.strerror})", remedy)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(Fault(str(path), "is no plan of an analysis", remedy)) from error
    if name not in METHODS:
        raise UserError(Fault(str(path), "no such method", suggest(name, METHODS), value=name))
    module = method(name)
    try:
        return plan, module, module.Spec.model_validate(plan["spec"])
    except ValidationError as error:
        faults = [
            Fault(str(path), item["msg"], remedy, column=".".join(map(str, item["loc"])))
            for item in error.errors()
        ]
        raise UserError(faults) from error


def write_confidential(
    lists: Mapping[str, Sequence[Mapping[str, Any]]], folder: Path, analysis: str
) -> None:
    """Write the lists that name people beside the derived tables, readable by their owner alone.

    Products are passed on; this folder is not among them, and nothing reads it.
    """
    import pandas as pd

    from gluteal.cohort.files import replace_file

    for name, rows in lists.items():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with replace_file(folder / f"{analysis}_{name}.csv") as path:
            pd.DataFrame(list(rows)).to_csv(path, index=False, lineterminator="\n")
            path.chmod(0o600)


def impute(plan: Mapping[str, Any], module: Any, spec: Spec, cohort: Cohort, folder: Path) -> Fit:
    """Fit the complete cases and, where the plan has imputations, pool those beside them."""

    def within(tables: Cohort) -> Cohort:
        return tables.only(spec.only) if spec.only else tables

    fit: Fit = module.fit(within(cohort), spec)
    settings = plan.get("imputation")
    if not settings or fit.needs:
        return fit
    from gluteal.frames.completed import read_completed
    from gluteal.frames.imputed_rows import Question, add_imputed, read_account

    completed = read_completed(cohort, folder, settings["variables"])
    # One question for all imputations: what a slope is per must not change with the imputed SD.
    fixed = module.freeze(within(cohort), spec) if hasattr(module, "freeze") else spec
    asked = Question(
        lambda tables: module.headline(within(tables), fixed),
        spec,
        settings["variables"],
        settings["deltas"],
        read_account(folder),
    )
    return add_imputed(fit, completed, asked)


def say_lacking(error: UserError) -> str:
    """Say in plain words what a question lacks in this cohort, without the file.

    Examples
    --------
    >>> from gluteal.errors import CannotTest
    >>> rule = "nobody has the arm control"
    >>> say_lacking(CannotTest(Fault("the derived tables", rule, "Record it.", column="arm")))
    'arm: nobody has the arm control'
    """
    from gluteal.notation import write_label
    from gluteal.variables import variables

    known = variables()
    said: list[str] = []
    for one in error.faults:
        name = (
            write_label(known[one.column].label)
            if one.column in known
            else one.column.replace("_", " ")
        )
        rule = f"{one.rule} ({one.value})" if one.value else one.rule
        said.append(f"{name}: {rule}" if name else rule)
    return "; ".join(dict.fromkeys(said)) or str(error).strip().rstrip(".")


def try_fit(plan: Mapping[str, Any], module: Any, spec: Spec, cohort: Cohort, folder: Path) -> Fit:
    """Fit; what a cohort merely lacks stops this analysis alone, and is said in its place.

    A fault of the config or of the data stops the run. Estimators see only arrays, so what they
    refuse, without naming a place, is what these people's values cannot carry.
    """
    from gluteal.errors import CannotTest
    from gluteal.estimates import Fit

    try:
        return impute(plan, module, spec, cohort, folder)
    except UserError as error:
        if error.faults and not isinstance(error, CannotTest):
            raise
        return Fit(reason=say_lacking(error))


def run(args: argparse.Namespace) -> int:
    """Fit, and write the three products, each whole or not at all."""
    from gluteal.cohort.derived import FILES, read_cohort
    from gluteal.cohort.files import replace_file, write_text
    from gluteal.estimates import DIAGNOSTICS, tabulate
    from gluteal.provenance import hash_file, hash_text

    plan, module, spec = read_plan(args.plan)
    name = plan["analysis"]
    cohort = read_cohort(args.cohort)
    data_sha = hash_text("".join(hash_file(args.cohort / f"{f}.parquet") for f in FILES))
    fit = try_fit(plan, module, spec, cohort, args.cohort)

    import pandas as pd

    table = tabulate(fit, name, spec, data_sha, plan["code"])
    with replace_file(args.products / "estimates" / f"{name}.csv") as path:
        table.to_csv(path, index=False, lineterminator="\n")
    rows = pd.DataFrame(list(fit.diagnostics), columns=list(DIAGNOSTICS))
    with replace_file(args.products / "diagnostics" / f"{name}.csv") as path:
        rows.to_csv(path, index=False, lineterminator="\n")
    drawn = {
        "analysis": name,
        "figure": module.FIGURE,
        "needs": list(fit.needs),
        "reason": fit.reason,
        "sentences": list(fit.sentences),
        "panels": fit.panels,
        "tables": fit.tables,
    }
    write_confidential(fit.confidential, args.cohort / "confidential", name)
    text = json.dumps(_plain(drawn), indent=1, ensure_ascii=False)
    write_text(args.products / "fits" / f"{name}.json", text + "\n")
    return 0
