"""The one result type: what every analysis returns, and every figure, ledger and report reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from gluteal.spec import Spec

COLUMNS: tuple[str, ...] = (
    "analysis",
    "claim",
    "role",
    "threat",
    "model",
    "outcome",
    "exposure",
    "term",
    "contrast",
    "estimand",
    "scale",
    "unit",
    "estimate",
    "se",
    "se_type",
    "df",
    "low",
    "high",
    "level",
    "p",
    "p_adj",
    "n_obs",
    "n_people",
    "n_events",
    "n_missing",
    "adjusted_for",
    "missing_method",
    "m",
    "estimator",
    "converged",
    "warnings",
    "seed",
    "data_sha",
    "code_sha",
)
THREATS: tuple[str, ...] = (
    "crude",
    "adjusted",
    "imputed",
    "robust",
    "weighted",
    "doubly robust",
    "exposure error",
    "exclusion",
    "early events out",
    "negative control",
    "unmeasured confounding",
    "missing not at random",
)
"""What could be wrong with one effect, in the order of the table that shows it under each.

A row of estimates names in ``threat`` the one that it answers; the headline is ``adjusted``.
"""
NUMBERS = ("estimate", "se", "df", "low", "high", "level", "p", "p_adj")
COUNTS = ("n_obs", "n_people", "n_events", "n_missing", "m", "seed")
DIAGNOSTICS = ("name", "value", "threshold", "ok", "meaning")


@dataclass(frozen=True)
class Fit:
    """What one analysis found.

    Parameters
    ----------
    estimates : sequence of mapping
        One mapping per estimate, keys of ``COLUMNS``; absent keys stay empty.
    diagnostics : sequence of mapping
        Keys ``name, value, threshold, ok, meaning``; ``ok`` is False where the reader must know.
    panels : mapping of str to list of mapping
        The data that the figure draws, one list of rows a panel. Aggregates only, unless the
        panel shows at least ``spec``-wide minimum many people.
    tables : mapping of str to list of mapping
        Display tables: a list of rows, column titles as keys.
    sentences : sequence of str
        Methods sentences, filled from the actual settings.
    needs : sequence of str
        Variables that the cohort lacks. Not empty means: not testable, and no estimates.
    reason : str
        Why these data cannot answer, where no variable is absent but people, visits, groups or
        events are. Not empty means: not testable, and no estimates.
    confidential : mapping of str to list of mapping
        Lists that name people, for a clinician alone. They are written beside the derived tables,
        never among the products, and no report, figure or log reads them.
    """

    estimates: Sequence[Mapping[str, Any]] = ()
    diagnostics: Sequence[Mapping[str, Any]] = ()
    panels: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    sentences: Sequence[str] = ()
    needs: Sequence[str] = ()
    reason: str = ""
    confidential: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


def tabulate(fit: Fit, analysis: str, spec: Spec, data_sha: str, code_sha: str) -> pd.DataFrame:
    """Lay a fit's estimates out in the fixed columns, in their fixed order.

    Rows that the analysis left without claim, role, level or seed take them from its settings. An
    estimate that did not converge keeps its row but loses its interval and p, adjusted or not: it
    must not look like a result.
    """
    import pandas as pd

    common = {
        "analysis": analysis,
        "claim": spec.claim,
        "role": spec.role,
        "level": spec.level,
        "seed": spec.seed,
        "converged": True,
        "data_sha": data_sha,
        "code_sha": code_sha,
    }
    rows = [{**common, **row} for row in fit.estimates]
    stray = sorted({key for row in rows for key in row} - set(COLUMNS))
    if stray:
        raise ValueError(f"estimates have columns that do not exist: {', '.join(stray)}")
    threats = sorted({str(row["threat"]) for row in rows if row.get("threat")} - set(THREATS))
    if threats:
        raise ValueError(f"no such threat: {', '.join(threats)}")
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in NUMBERS:
        table[name] = pd.to_numeric(table[name]).astype("float64")
    for name in COUNTS:
        table[name] = pd.to_numeric(table[name]).astype("Int64")
    table["converged"] = table["converged"].astype("boolean")
    table.loc[~table["converged"].fillna(False), ["se", "low", "high", "p", "p_adj"]] = float("nan")
    return table


def diagnostic(
    name: str, value: float | str, ok: bool | None, meaning: str, threshold: str = ""
) -> dict[str, Any]:
    """Write one diagnostic row; ``ok=None`` marks a fact that is neither good nor bad."""
    return {"name": name, "value": value, "threshold": threshold, "ok": ok, "meaning": meaning}
