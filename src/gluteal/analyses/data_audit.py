"""Are the data fit to use? Missing values, dropout, floor and ceiling, flow, core outcomes."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from gluteal import spec
from gluteal.errors import CannotTest, Fault, UserError, suggest
from gluteal.estimates import Fit, diagnostic
from gluteal.notation import write_count, write_list, write_number
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.cohort.derived import Cohort
    from gluteal.frames.completeness import Edges, Missing

FIGURE = "missingness"
EVENTS = 10
"""Missed visits below which no dropout model is fitted."""


class Spec(spec.Spec):
    """Settings of the audit."""

    method: Literal["data_audit"] = "data_audit"
    role: spec.Role = "exploratory"
    variables: tuple[str, ...] = Field((), description="What to audit; all measured if empty")
    pain: str = Field("nprs_avg", description="The score that may drive people away")
    edge_share: float = Field(0.15, gt=0, lt=1, description="Share that counts as floor or ceiling")
    min_cell: int = Field(5, ge=1, description="Smaller counts are not shown")


def needs(spec: Spec) -> tuple[str, ...]:
    """Name the variables that it cannot do without: none beyond those asked for."""
    return spec.variables


def fit(cohort: Cohort, spec: Spec) -> Fit:
    """Count what is there and what is missing.

    Returns
    -------
    Fit
        ``estimates``: the share of people who attended the last visit (Wilson interval); with
        enough missed visits the odds ratio of missing the next visit per point of pain at the one
        before (CR2 by person). With one visit only: the share of values present. ``tables``:
        ``missing`` by variable and visit, ``floor_and_ceiling``, ``core_outcomes``, ``flow``,
        ``set_aside``, ``scoring``, ``queries``; those that the cohort has.

    Raises
    ------
    UserError
        If the cohort has no people or none of the variables asked for.
    """
    from gluteal.estimators.identities import check_pelvis
    from gluteal.frames.audit_tables import (
        lay_out_core,
        lay_out_derivation,
        lay_out_edges,
        lay_out_missing,
        share_panel,
    )
    from gluteal.frames.completeness import (
        choose_variables,
        count_edges,
        count_missing,
        order_visits,
    )

    where = "the derived tables"
    if not len(cohort.people):
        raise CannotTest(Fault(where, "there are no people", "Look at the exclusions in the flow."))
    _check(spec)
    names = choose_variables(cohort, spec.variables)
    if spec.variables and not names:
        return Fit(needs=spec.variables)
    missing = count_missing(cohort, names)
    if not missing:
        raise CannotTest(Fault(where, "no variable has a value", "Look at the cohort package."))
    edges = count_edges(cohort, names)
    visits = order_visits(cohort.visits)
    estimates, diagnostics = _attendance(cohort, spec, missing, visits)
    diagnostics += _diagnose(missing, edges, spec) + check_pelvis(cohort)
    core, sentence = lay_out_core(cohort, visits, spec.min_cell)
    return Fit(
        estimates=estimates,
        diagnostics=diagnostics,
        panels={"missing": share_panel(missing, visits, spec.min_cell)},
        tables={
            "missing": lay_out_missing(missing, visits, spec.min_cell),
            "floor_and_ceiling": lay_out_edges(edges, visits, spec.min_cell),
            "core_outcomes": core,
            **lay_out_derivation(cohort, spec.min_cell),
        },
        sentences=_sentences(spec, estimates, sentence),
    )


def _check(spec: Spec) -> None:
    known = variables()
    unknown = [name for name in (*spec.variables, spec.pain) if name not in known]
    if unknown:
        where, rule = "the settings", "no such variable in the dictionary"
        raise UserError(
            [Fault(where, rule, suggest(n, known), column=n) for n in unknown],
        )


def _attendance(
    cohort: Cohort, spec: Spec, missing: list[Missing], visits: list[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if len(visits) < 2 or "attended" not in cohort.visits:
        total = sum(one.n for one in missing)
        present = total - sum(one.n_missing for one in missing)
        said = "share of values present, of all variables recorded"
        return [
            {
                "term": "values present",
                "estimand": said,
                "scale": "proportion",
                "estimate": present / total,
                "se_type": "none: a count of this cohort",
                "n_obs": total,
                "n_people": len(cohort.people),
                "n_missing": total - present,
                "estimator": "proportion",
            }
        ], []
    from gluteal.estimators.intervals import wilson

    last = cohort.visits[cohort.visits["visit"] == visits[-1]]
    came = int(last["attended"].fillna(False).astype("bool").sum())
    people = len(cohort.people)
    share = wilson(came, people, spec.level)
    head = {
        "outcome": "attended",
        "term": visits[-1],
        "estimand": f"share of people who attended {visits[-1]}, the last visit",
        "scale": "proportion",
        "estimate": share.value,
        "se": share.se,
        "se_type": "binomial; Wilson interval",
        "low": share.low,
        "high": share.high,
        "n_obs": people,
        "n_people": people,
        "n_events": came,
        "n_missing": 0,
        "estimator": "proportion",
    }
    dropout, said = _dropout(cohort, spec)
    return [head, *dropout], [said]


def _dropout(cohort: Cohort, spec: Spec) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Estimate how pain tells who misses the next visit, where enough visits were missed."""
    from gluteal.frames.dropout import fit_dropout, pair_visits

    name = "missed visits for the dropout model"
    if spec.pain not in cohort.visits or not cohort.visits[spec.pain].notna().any():
        label = variables()[spec.pain].label
        return [], diagnostic(name, "", None, f"not fitted: this cohort lacks {label}")
    steps = pair_visits(cohort.visits, spec.pain)
    events = int(steps.missed.sum())
    enough = min(events, len(steps.missed) - events) >= EVENTS and len(set(steps.value)) > 1
    if not enough:
        shown = write_count(events, spec.min_cell)
        said = f"not fitted: {shown} visits missed by people whose pain before is known"
        return [], diagnostic(name, shown, None, said, f">= {EVENTS}")
    model = fit_dropout(steps)
    found = model.coefficient(1, spec.level)
    row = {
        "role": "exploratory",
        "model": "logistic regression, robust to clusters of people",
        "outcome": "attended",
        "exposure": spec.pain,
        "term": spec.pain,
        "contrast": "one point more at the visit before",
        "estimand": "odds ratio of missing the next visit",
        "scale": "ratio",
        "unit": f"per point of {variables()[spec.pain].label}",
        "estimate": exp(found.estimate) if model.converged else float("nan"),
        "se": found.se,
        "se_type": "CR2 on the log scale",
        "df": found.df,
        "low": exp(found.low) if model.converged else float("nan"),
        "high": exp(found.high) if model.converged else float("nan"),
        "p": found.p,
        "n_obs": len(steps.missed),
        "n_people": len(set(steps.person)),
        "n_events": events,
        "n_missing": steps.n_missing,
        "adjusted_for": "visit",
        "missing_method": "complete steps",
        "estimator": "logistic maximum likelihood",
        "converged": model.converged,
        "warnings": "; ".join(model.warnings),
    }
    related = bool(model.converged and (found.low > 0 or found.high < 0))
    said = "who misses a visit differs by pain at the visit before: analyses that assume "
    said += "dropout at random without pain in the model are biased"
    if not related:
        said = "no clear relation of dropout with pain at the visit before"
    return [row], diagnostic(name, events, not related, said, f">= {EVENTS}")


def _diagnose(missing: list[Missing], edges: list[Edges], spec: Spec) -> list[dict[str, Any]]:
    known = variables()
    worst = max(missing, key=lambda one: one.share)
    place = "" if worst.visit == "once" else f" at {worst.visit}"
    share = f"{write_number(100 * worst.share, decimals=0)} %"
    meaning = f"the variable with the most missing values is {known[worst.variable].label}{place}"
    found = [diagnostic("largest share missing", share, None, meaning)]
    over = [one for one in edges if one.worst > spec.edge_share]
    names = dict.fromkeys(known[one.variable].label for one in over)
    limit = f"{100 * spec.edge_share:g} %"
    meaning = f"no score has more than {limit} of people at an end of its scale"
    if names:
        meaning = f"more than {limit} of people sit at an end of the scale of "
        meaning += f"{write_list(list(names))} at some visit: change beyond it cannot be seen"
    if edges:
        found.append(diagnostic("floor or ceiling", len(names), not names, meaning, limit))
    return found


def _sentences(spec: Spec, estimates: list[dict[str, Any]], core: str) -> list[str]:
    said = [
        "Missing values were counted by variable and visit, of all people planned for it; a visit "
        "not attended counts as missing.",
        f"Floor and ceiling: more than {100 * spec.edge_share:g} % of people at an end of a scale "
        "(McHorney and Tarlov 1995), among people with low back pain where others are in the data.",
    ]
    if len(estimates) > 1:
        said.append(
            "Missing the next visit was regressed on pain at the visit before and the visit "
            "(logistic, standard errors robust to clusters of people, CR2)."
        )
    return [*said, core]
