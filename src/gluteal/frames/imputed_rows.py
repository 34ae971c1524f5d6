"""Set the answer from multiple imputation beside (or before) that of complete cases."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluteal.errors import Fault, UserError
from gluteal.estimates import Fit, diagnostic
from gluteal.estimators.impute.imputed import MOST_R_HAT
from gluteal.frames.completed import Completed
from gluteal.frames.pooling import POOLED, Pool, find_tips, pool_headline
from gluteal.notation import write_label, write_list, write_number
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.spec import Spec

Row = dict[str, Any]
MINUS = "\N{MINUS SIGN}"
CHAINED, RUBIN = "doi:10.18637/jss.v045.i03", "doi:10.1002/9780470316696"
FREEDOM, SHIFTED = "doi:10.1093/biomet/86.4.948", "doi:10.1002/sim.8569"


@dataclass(frozen=True)
class Question:
    """What is asked of the completed cohorts.

    Attributes
    ----------
    headline : callable
        Of a cohort; returns the first estimate.
    spec : Spec
    names : sequence of str
        Variables of the analysis that may be filled in.
    shifts : sequence of float
        Amounts by which missing values of the outcome may differ from what is predicted.
    account : mapping
        What ``gluteal impute`` wrote down.
    """

    headline: Callable[[Cohort], Mapping[str, Any]]
    spec: Spec
    names: Sequence[str]
    shifts: Sequence[float] = ()
    account: Mapping[str, Any] | None = None

    @property
    def outcome(self) -> str:
        """The outcome; empty where the method has none."""
        return str(getattr(self.spec, "outcome", ""))


def read_account(folder: Path) -> dict[str, Any]:
    """Read what ``gluteal impute`` wrote down beside the imputed cells.

    Raises
    ------
    UserError
        If there is no such file or it is no JSON.
    """
    path = folder / "imputed.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        rule = f"cannot be read ({type(error).__name__})"
        raise UserError(Fault(str(path), rule, "Run gluteal impute again.")) from error


def add_imputed(fit: Fit, completed: Completed, asked: Question) -> Fit:
    """Add the pooled headline to a fit, first if the study wants it so, and its shifted versions.

    Parameters
    ----------
    fit : Fit
        From complete cases; its first estimate is the headline.
    completed : Completed
    asked : Question

    Returns
    -------
    Fit
        The same where no cell of the analysis was imputed; a diagnostic then says so.
    """
    if fit.needs or not fit.estimates:
        return fit
    complete, *others = (dict(row) for row in fit.estimates)
    counts = completed.count(asked.names)
    pooled = None
    if counts and completed.m:
        pooled = pool_headline(completed, asked.headline, asked.names, asked.spec.level)
    if pooled is None or _changes_nothing(pooled, complete):
        text = "no cell of this analysis was imputed: only complete cases stand here"
        if counts:
            text = "imputed cells play no part in the headline, which has every value it needs"
        said = diagnostic("values imputed", 0.0, None, text)
        return replace(fit, diagnostics=[*fit.diagnostics, said])
    first = asked.spec.missing == "imputed"
    name = f"{complete.get('model', '')}, {POOLED}".lstrip(", ")
    common: Row = {"contrast": complete.get("contrast"), "estimand": complete.get("estimand")}
    row = pooled.row(
        **common, model=name, threat="imputed", role=asked.spec.role if first else "sensitivity"
    )
    shifted = list(_shift(completed, asked, complete, common))
    if first:
        complete |= {"role": "sensitivity"}
        complete["model"] = f"{complete.get('model', '')}, complete cases".lstrip(", ")
        rows = [row, complete, *others]
    else:
        rows = [complete, row, *others]
    rows += [one for _, one in shifted]
    found = [*fit.diagnostics, *_diagnose(pooled, row, complete, asked)]
    if shifted:
        found.append(_tip([(0.0, row), *shifted], asked))
    said = [*fit.sentences, _sentence(asked, completed.m, bool(shifted), first)]
    return replace(fit, estimates=rows, diagnostics=found, sentences=said)


def _changes_nothing(pooled: Pool, complete: Mapping[str, Any]) -> bool:
    """Say whether every imputation gave the answer of complete cases: its cells play no part."""
    if pooled.failures or len(pooled.rows) < pooled.m:
        return False
    keys = ("estimate", "se", "n_obs")
    return all(row.get(key) == complete.get(key) for row in pooled.rows for key in keys)


def _shift(
    completed: Completed, asked: Question, complete: Mapping[str, Any], common: Mapping[str, Any]
) -> Iterator[tuple[float, Row]]:
    """Yield the pooled headline again, the missing values of the outcome shifted."""
    if asked.outcome not in completed.count([asked.outcome]):
        return
    unit = variables()[asked.outcome].unit
    unit = "" if unit[:1].isdigit() else f" {unit}"  # "0-10" names a scale, not a unit
    for amount in sorted(set(asked.shifts) - {0.0}):
        moved = (asked.outcome, float(amount))
        pooled = pool_headline(completed, asked.headline, asked.names, asked.spec.level, moved)
        words = f"{amount:+g}{unit}".replace("-", MINUS).strip()
        yield (
            float(amount),
            pooled.row(
                **common,
                model=f"{complete.get('model', '')}, imputed, missing values shifted by {words}",
                threat="missing not at random",
                role="sensitivity",
            ),
        )


def _diagnose(
    pooled: Pool, row: Mapping[str, Any], complete: Mapping[str, Any], asked: Question
) -> Iterator[Row]:
    """Say how far the imputation may be trusted."""
    gained = int(row.get("n_obs") or 0) - int(complete.get("n_obs") or 0)
    text = "rows that complete cases leave out and imputation keeps"
    yield diagnostic("rows gained by imputation", float(gained), None, text)
    text = "imputations whose model could not be fitted; any makes the pooled row invalid"
    failed = len(pooled.failures)
    yield diagnostic("failed imputations", float(failed), failed == 0, text, "0")
    if pooled.found is not None:
        share = float(pooled.found.fmi)
        text = "share of the information about the estimate that is missing; needs as many "
        text += "imputations as it has per cent"
        enough = pooled.m >= 100 * share
        bound = f"{pooled.m / 100:g}"
        yield diagnostic("fraction of missing information", share, enough, text, bound)
    known = [
        float(one["r_hat"])
        for one in (asked.account or {}).get("variables", ())
        if one["variable"] in asked.names and one.get("r_hat") is not None
    ]
    if known:
        text = "spread of the imputation chains against that within them; above it, more cycles"
        good = max(known) <= MOST_R_HAT
        yield diagnostic("imputation chains, worst R-hat", max(known), good, text, f"{MOST_R_HAT}")


def _tip(shifted: Sequence[tuple[float, Row]], asked: Question) -> Row:
    """Say at which shift the interval meets no difference."""
    label = write_label(variables()[asked.outcome].label)
    sound = [(amount, row) for amount, row in shifted if row["converged"]]
    tips = find_tips([amount for amount, _ in sound], [row for _, row in sound])
    amounts = [amount for amount, _ in shifted]
    ends = f"{min(amounts):g} to {max(amounts):g}".replace("-", MINUS)
    name = "tipping point of missing values"
    text = f"shift of missing {label} at which the interval meets no difference"
    if not tips:
        text += f"; none within {ends}: the conclusion holds for all of these"
        return diagnostic(name, "none", None, text, ends)
    nearest = min(tips, key=abs)
    more = [write_number(tip) for tip in tips if tip != nearest]
    text += f" (also {write_list(more)})" if more else ""
    return diagnostic(name, nearest, None, text, ends)


def _sentence(asked: Question, m: int, shifted: bool, first: bool) -> str:
    """Say what was done."""
    beside = "the complete cases stand beside it" if first else "it stands beside complete cases"
    text = (
        f"Missing values were imputed {m} times by chained equations ({CHAINED}), all visits of a "
        f"person in one row, as missing at random; the estimates were pooled by Rubin's rules "
        f"({RUBIN}) with the degrees of freedom of Barnard and Rubin ({FREEDOM}), and {beside}."
    )
    if shifted:
        label = write_label(variables()[asked.outcome].label)
        text += (
            f" To examine values missing not at random, the imputed {label} was shifted by fixed "
            f"amounts, held within its range, and the model fitted again ({SHIFTED})."
        )
    return text
