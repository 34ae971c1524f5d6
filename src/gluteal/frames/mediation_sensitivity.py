"""What a mediated part becomes with other assumptions, each as a row beside the headline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.errors import UserError
from gluteal.frames.column_words import label_of
from gluteal.frames.mediation import Chain
from gluteal.frames.mediation_effects import (
    Drawing,
    Effects,
    fit_corrected,
    fit_natural,
    fit_paths,
    mediator_evalue,
)
from gluteal.frames.mediation_rows import ARROW, Mediated
from gluteal.notation import write_label, write_number
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.estimators.mediation import RhoSensitivity

NOTHING = dict.fromkeys(("estimate", "se", "df", "low", "high", "p"))
"""What a row that failed has of numbers: none of the headline's, whose words it takes."""


def sensitivity_rows(made: Mediated, rho: Mapping[str, RhoSensitivity]) -> Iterator[dict[str, Any]]:
    """Yield what changes with other assumptions; what fails says so and stops nothing."""
    chain, how, form = made.chain, made.how, made.form
    few = Drawing(min(how.resamples, 1000), how.seed, "percentile", how.level)
    headline = made.first()
    part = "indirect" if made.through == "all" else "indirect (whole chain)"
    same: dict[str, Any] = {"role": "sensitivity", "estimand": headline["estimand"]}

    def attempt(
        model: str, run: Callable[[], Effects], key: str = made.key, **more: Any
    ) -> dict[str, Any]:
        try:
            effects = run()
        except UserError as error:
            return {**headline, **NOTHING, **same, "model": model, "converged": False,
                    "warnings": str(error), **more}  # fmt: skip
        return made.row(effects.by_name[key], effects, **{**same, "model": model, **more})

    if chain.adjusted:
        bare = chain.crude()
        yield attempt(f"{part}, unadjusted", lambda: _again(made, bare, few), threat="crude",
                      adjusted_for="")  # fmt: skip
    if not made.risks:
        kind: Any = "bca" if how.kind == "percentile" else "percentile"
        other = Drawing(few.resamples, how.seed, kind, how.level)
        yield attempt(f"{part}, {kind.upper() if kind == 'bca' else kind} interval",
                      lambda: fit_paths(chain, form, other),
                      se_type=f"bootstrap of people, {kind} interval")  # fmt: skip
    else:
        yield attempt(f"{part}, linear probability", lambda: fit_paths(chain, form, few))
    for k, name in enumerate(chain.names[1:-1]):
        one = chain.alone(k)
        label = label_of(name) if len(chain.names) > 3 else "exposure × mediator"
        natural = cache(lambda one=one: fit_natural(one, few, interaction=True))
        for key, title in (("indirect", "TNIE"), ("direct", "PNDE")):
            words = {"indirect": "total natural indirect", "direct": "pure natural direct"}
            yield attempt(f"{title}, {label}{' alone' if len(chain.names) > 3 else ''}",
                          natural, key, estimand=made.name(words[key]),
                          term=ARROW.join(one.names))  # fmt: skip
    yield from _other_order(made, few, attempt)
    if any(made.sem):
        # The error is in the columns; with it, the same paths are closer to 0 or shared out wrong.
        yield attempt(f"{part}, corrected for error of measurement",
                      lambda: fit_corrected(chain, form, made.sem, how),
                      threat="exposure error", estimator="errors in variables")  # fmt: skip
    for name, found in rho.items():
        values = {"estimate": found.rho_at_zero, "low": found.rho_low, "high": found.rho_high}
        yield {**headline, **values, "se": None, "p": None, "role": "sensitivity",
               "threat": "unmeasured confounding", "model": f"rho at zero{_which(made, name)}",
               "estimand": "correlation of errors at which the indirect part is 0",
               "scale": "correlation", "unit": "", "term": name,
               "converged": found.converged, "warnings": "; ".join(found.warnings)}  # fmt: skip
    for k, name in enumerate(chain.names[1:-1]):
        yield _evalue(made, headline, k, name)


def _again(made: Mediated, chain: Chain, how: Drawing) -> Effects:
    """Fit the headline's model to another chain."""
    if made.risks:
        return fit_natural(chain, how, interaction=made.interaction)
    return fit_paths(chain, made.form, how)


def _other_order(
    made: Mediated, how: Drawing, attempt: Callable[..., dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Turn the arrows round, where the order was assumed and not seen."""
    chain = made.chain
    if chain.one_visit and made.variable.name != "arm" and made.form != "parallel":
        turned = chain.reversed()
        text, contrast = "reversed order", f"per SD of {label_of(turned.names[0])} more"
    elif made.form == "serial":
        turned = chain.turned()
        text, contrast = "mediators in reversed order", made.contrast
    else:
        return
    key = ARROW.join(turned.names) if made.through == "chain" else "indirect"
    yield attempt(f"{text}: {ARROW.join(label_of(one) for one in turned.names)}",
                  lambda: fit_paths(turned, made.form, how), key, term=ARROW.join(turned.names),
                  exposure=turned.names[0].partition("@")[0], contrast=contrast)  # fmt: skip


def _which(made: Mediated, name: str) -> str:
    """Name a mediator where there are several."""
    return f", {write_label(label_of(name))}" if len(made.chain.names) > 3 else ""


def _evalue(made: Mediated, headline: Mapping[str, Any], k: int, name: str) -> dict[str, Any]:
    """Write the E-value of one mediator and the outcome."""
    row: dict[str, Any] = {
        **headline, "role": "sensitivity", "threat": "unmeasured confounding",
        "model": f"E-value of mediator and outcome{_which(made, name)}", "term": name,
        "estimand": "E-value of mediator and outcome", "estimator": "E-value", "scale": "E-value",
        "unit": "",
        "se": None, "low": None, "high": None, "p": None, "se_type": "", "warnings": "",
    }  # fmt: skip
    try:
        found = mediator_evalue(made.chain, k)
    except UserError as error:
        return {**row, **NOTHING, "converged": False, "warnings": str(error)}
    sd = float(made.chain.mediators[:, k].std(ddof=1))
    known = variables()[name.partition("@")[0]]
    amount = f"{write_number(sd)} {known.unit}".strip()
    limit = write_number(found.limit) if np.isfinite(found.limit) else "not known"
    text = f"per SD ({amount}) of the mediator; {limit} moves the interval to no association"
    return {**row, "estimate": found.point, "contrast": text, "converged": True}
