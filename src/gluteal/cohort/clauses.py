"""Clauses of a referral rule: settings that say what counts as not improved, each with a source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from gluteal.cohort.conditions import RULE, read_rule
from gluteal.constants import constant, constants
from gluteal.errors import suggest
from gluteal.spec import Strict
from gluteal.variables import variables

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def cite(name: str) -> str:
    """Cite a constant; a decision says so once.

    Examples
    --------
    >>> cite("cut_referral_risk")
    '0.3 (project decision)'
    """
    return constant(name).cite().replace("project decision; project decision", "project decision")


class Clause(Strict):
    """One reason for a referral: too little improvement, or getting worse, and where one stands."""

    reason: str = Field(description="The reason in the reader's words")
    variable: str = Field(description="A score that was taken at both visits")
    improved_below: float | None = Field(
        None, gt=0, description="Improved by less than this, in units of the score"
    )
    improved_below_pct: float | None = Field(
        None, gt=0, lt=100, description="Improved by less than this, in % of the first value"
    )
    worse_by: float | None = Field(None, gt=0, description="Got worse by this or more")
    and_now: str = Field("", description="And stands at, such as '>= 4'; empty: anywhere")
    better: Literal["lower", "higher"] = Field("lower", description="Which scores are better")
    constants: tuple[str, ...] = Field((), description="Constants that the cut-points come from")
    source: str = Field("", description="Another source of the cut-points")

    @model_validator(mode="after")
    def _one_change_with_a_source(self) -> Clause:
        given = (self.improved_below, self.improved_below_pct, self.worse_by)
        if sum(value is not None for value in given) != 1:
            raise ValueError("give one of improved_below, improved_below_pct and worse_by")
        if self.and_now and not (
            re.match(RULE, self.and_now) and read_rule(self.and_now).cut is not None
        ):
            raise ValueError(f"and_now: {self.and_now!r} is no rule such as '>= 4'")
        if not self.constants and not self.source:
            raise ValueError("a cut-point needs a stated source: name constants, or give source")
        for name in self.constants:
            if name not in constants():
                raise ValueError(f"no constant {name!r}. {suggest(name, constants())}".strip())
        return self

    def write(self) -> str:
        """Say the clause in words.

        Examples
        --------
        >>> Clause(reason="worse", variable="nprs_avg", worse_by=2, source="x").write()
        'Pain (NPRS), average of the last week got worse by 2 or more'
        """
        known = variables()[self.variable]
        unit = f" {known.unit}" if known.unit in ("%", "mm", "T") else ""
        if self.worse_by is not None:
            said = f"got worse by {self.worse_by:g}{unit} or more"
        elif self.improved_below is not None:
            points = unit or " points"
            said = f"improved by less than {self.improved_below:g}{points}"
        else:
            said = f"improved by less than {self.improved_below_pct:g}% of its first value"
        now = f" and is now {self.and_now}{unit}" if self.and_now else ""
        return f"{known.label} {said}{now}"

    def cite(self) -> str:
        """Name the sources of the cut-points; what is unverified says so."""
        found = [cite(name) for name in self.constants]
        return "; ".join([*found, *([self.source] if self.source else [])])

    def judge(self, before: NDArray[np.float64], now: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say of each person whether the clause holds: 1, 0, or NaN where that is not known.

        Where one half of the clause fails, the other need not be known.
        """
        import numpy as np

        gain = before - now if self.better == "lower" else now - before
        if self.worse_by is not None:
            changed = np.where(np.isnan(gain), np.nan, -gain >= self.worse_by)
        else:
            # A product, not a quotient: a first value of 0 leaves no per cent to compute.
            share = self.improved_below_pct
            least = self.improved_below if share is None else np.abs(before) * share / 100
            changed = np.where(np.isnan(gain), np.nan, gain < np.asarray(least))
        if not self.and_now:
            return changed
        rule = read_rule(self.and_now)
        stands = rule.apply(now, float(rule.cut or 0.0))
        unknown = np.isnan(changed) | np.isnan(stands)
        return np.where((changed == 0) | (stands == 0), 0.0, np.where(unknown, np.nan, 1.0))
