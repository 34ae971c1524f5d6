"""The estimates of a mediation in rows: what is estimated, in whose words, beside what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from gluteal.estimators.checks import check
from gluteal.frames.amounts import find_amount
from gluteal.frames.column_words import label_of
from gluteal.frames.mediation import Chain, known_errors, reliabilities
from gluteal.frames.mediation_effects import (
    Drawing,
    Effects,
    Form,
    fit_natural,
    fit_paths,
    fit_rho,
)
from gluteal.notation import write_interval
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.estimators.inference import Estimate
    from gluteal.estimators.mediation import RhoSensitivity

ARROW, MINUS = " \N{RIGHTWARDS ARROW} ", "\N{MINUS SIGN}"


class Mediated:
    """One fitted mediation and the words for it.

    Parameters
    ----------
    chain : Chain
        The exposure in its own unit.
    per : float or None
        Units of the exposure that effects are for; None: a standard deviation.
    randomised : bool
        Whether chance allocated the exposure: only then is anything called an effect.
    """

    def __init__(
        self,
        chain: Chain,
        *,
        how: Drawing,
        form: Form,
        through: Literal["all", "chain"],
        per: float | None,
        interaction: bool,
        randomised: bool,
        sem_of: Callable[[str], float],
    ) -> None:
        self.how, self.through = how, through
        self.form: Form = form
        self.interaction, self.sem_of = interaction, sem_of
        self.variable = variables()[chain.names[0]]
        if chain.levels:
            self.units, self.contrast = 1.0, f"{chain.levels[1]} {MINUS} {chain.levels[0]}"
        else:
            self.units, words = find_amount(chain.exposure, self.variable.name, per or "sd")
            self.contrast = f"per {words} more"
        self.chain = chain.per(self.units)
        self.risks = chain.yes_no and chain.mediators.shape[1] == 1
        self.randomised = randomised
        self.word = "effect" if self.randomised else "association"

    @cached_property
    def effects(self) -> Effects:
        """The effects that the headline belongs to."""
        if self.risks:
            return fit_natural(self.chain, self.how, interaction=self.interaction)
        return self.linear

    @cached_property
    def linear(self) -> Effects:
        """Products of linear paths."""
        return fit_paths(self.chain, self.form, self.how)

    @property
    def key(self) -> str:
        """The name of the headline's effect."""
        return ARROW.join(self.chain.names) if self.through == "chain" else "indirect"

    @cached_property
    def sem(self) -> Sequence[float]:
        """Known standard errors of measurement, in the order of the columns."""
        return known_errors(self.chain, self.sem_of, self.units).tolist()

    @cached_property
    def reliability(self) -> dict[str, float]:
        """Of exposure and mediators whose error of measurement is known."""
        return reliabilities(self.chain, self.sem)

    def name(self, part: str) -> str:
        """Name an estimand: the part, association or effect, and whether the outcome came later."""
        later = self.chain.ordered and not self.randomised
        return f"{part} {self.word}{' with the later outcome' if later else ''}"

    def between(self) -> str:
        """List the mediators, by which the ledger names what an indirect part runs through."""
        return "; ".join(name.partition("@")[0] for name in self.chain.names[1:-1])

    def row(self, found: Estimate, effects: Effects, **more: Any) -> dict[str, Any]:
        """Write one estimate."""
        chain = self.chain
        logistic = effects.model == "logistic"
        estimator = "standardised risks" if logistic else "products of linear paths"
        kind = "percentile" if logistic else self.how.kind
        outcome = chain.names[-1].partition("@")[0]
        common = {
            "outcome": outcome, "exposure": chain.names[0], "term": self.between(),
            "contrast": self.contrast, "scale": "difference",
            "unit": "1" if chain.yes_no else variables()[outcome].unit,
            "se_type": f"bootstrap of people, {kind} interval",
            "n_obs": len(chain.outcome), "n_people": chain.people,
            "n_events": int(chain.outcome.sum()) if chain.yes_no else None,
            "n_missing": chain.n_missing, "adjusted_for": "; ".join(chain.adjusted),
            "missing_method": "complete cases", "estimator": estimator,
            "converged": effects.converged, "warnings": "; ".join(_faults(effects)),
        }  # fmt: skip
        return {**common, **found.row(), **more}

    def first(self) -> dict[str, Any]:
        """Write the headline."""
        part = "indirect" if self.through == "all" else "indirect (whole chain)"
        adjusted = bool(self.chain.adjusted)
        more = {
            "threat": "adjusted" if adjusted else "crude",
            "model": f"{part}, {'adjusted' if adjusted else 'unadjusted'}",
        }
        found = self.effects.by_name[self.key]
        return self.row(found, self.effects, estimand=self.name(part), **more)

    def beside(self) -> Iterator[dict[str, Any]]:
        """Yield the direct and the total part, each path, and the share that is mediated."""
        effects = self.effects
        same: dict[str, Any] = {"role": "secondary"}
        if self.through == "chain":
            found = effects.by_name["indirect"]
            yield self.row(found, effects, **same, model="indirect, all paths",
                           estimand=self.name("indirect"))  # fmt: skip
        for part in ("direct", "total"):
            yield self.row(effects.by_name[part], effects, **same, model=part,
                           estimand=self.name(part))  # fmt: skip
        if effects.proportion:
            yield self.row(effects.proportion, effects, **same, model="proportion mediated",
                           estimand="share of the total that is indirect", scale="proportion",
                           unit="1")  # fmt: skip
        several = self.chain.mediators.shape[1] > 1
        for name, found in self.linear.by_name.items():
            stops = name.split(ARROW)
            if len(stops) > 2 and several and name != self.key:
                model = "through " + ARROW.join(label_of(one) for one in stops[1:-1])
                yield self.row(found, self.linear, **same, model=model, term=name,
                               estimand=self.name("indirect (one path)"))  # fmt: skip
            elif len(stops) == 2 and stops != [self.chain.names[0], self.chain.names[-1]]:
                yield self.row(found, self.linear, **same, **self._path(stops))

    def _path(self, stops: list[str]) -> dict[str, Any]:
        """Name one arrow: its ends, and the unit of its slope."""
        start, end = stops
        known = variables()[end.partition("@")[0]]
        first = start == self.chain.names[0]
        unit = variables()[start.partition("@")[0]].unit
        word = self.word if first else "association"
        return {
            "model": f"path {label_of(start)}{ARROW}{label_of(end)}",
            "term": ARROW.join(stops),
            "outcome": known.name,
            "exposure": start.partition("@")[0],
            "contrast": self.contrast if first else f"per 1 {unit} more".replace("  ", " "),
            "estimand": f"{word} along one path",
            "unit": "1" if known.kind == "boolean" else known.unit,
        }

    def said(self) -> list[dict[str, Any]]:
        """Say why there is no proportion mediated, and how the draws went."""
        found: list[dict[str, Any]] = []
        if self.effects.proportion is None:
            why = [one for one in self.effects.warnings if one.startswith("no proportion")]
            text = why[0] if why else "no proportion mediated"
            found.append(check("proportion mediated", 0.0, "", None, text))
        text = "1: every interval stands on enough resamples that have an estimate"
        fine = self.effects.converged
        found.append(check("resamples with an estimate", float(fine), "1", fine, text))
        return found

    def rhos(self) -> dict[str, RhoSensitivity]:
        """Follow the indirect part of each mediator alone over correlated errors."""
        if self.chain.yes_no:
            return {}
        found: dict[str, RhoSensitivity] = {}
        for k, name in enumerate(self.chain.names[1:-1]):
            found[name] = fit_rho(self.chain.alone(k), self.how)
        return found

    def table(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Show the estimates of the main models with their intervals."""
        shown = [row for row in rows if row.get("role") != "sensitivity"]
        return [
            {"Part": row["model"], "Contrast": row["contrast"], "Unit": row["unit"],
             "Estimate": write_interval(row["estimate"], row["low"], row["high"])}
            for row in shown
        ]  # fmt: skip


def _faults(effects: Effects) -> list[str]:
    """Leave out why there is no proportion mediated: that is a diagnostic and no fault."""
    return [one for one in effects.warnings if not one.startswith("no proportion")]
