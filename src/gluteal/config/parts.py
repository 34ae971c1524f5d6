"""The parts of a study: its claims, a simulated cohort, a deviation from the frozen plan."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from gluteal.errors import UserError, suggest
from gluteal.spec import Strict


class Claim(Strict):
    """One claim to be tested, both ways.

    The verdict compares the headline interval of ``analysis`` with ``smallest_effect``, the
    smallest effect of interest, in the claimed ``direction``.
    """

    sentence: str = Field(description="The claim in one sentence")
    direction: Literal["positive", "negative"] = Field(
        "positive", description="Claimed sign of the headline estimate (ratios: above or below 1)"
    )
    smallest_effect: float | None = Field(
        None, gt=0, description="Smallest effect of interest; for ratios above 1"
    )
    scale: Literal["difference", "ratio"] = "difference"
    smallest_effect_source: str = Field("", description="Where the smallest effect comes from")
    analysis: str | None = Field(None, description="The analysis whose headline answers it")
    method: str | None = Field(None, description="The method that would answer it, if none does")
    reason: str = Field("", description="Why no data of this kind can answer it")
    needs: tuple[str, ...] = Field((), description="Variables without which it is not testable")


class Deviation(Strict):
    """A change after the plan was frozen, with its date and its reason."""

    what: str = Field(min_length=1, description="analyses.<name>, a key of it, or words")
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Day of the change: 2026-11-24")
    reason: str = Field(min_length=1)

    @field_validator("date", mode="before")
    @classmethod
    def _write(cls, given: Any) -> Any:
        # YAML reads 2026-11-24 without quotes as a day, not as text.
        return given.isoformat() if isinstance(given, date) else given


class Simulated(Strict):
    """A simulated cohort that the workflow makes first; its truth lies beside it."""

    world: str = Field("evidence", description="evidence, seed, reverse or null")
    design: str = Field("full", description="full, case_control, cohort, repeated or programme")
    n: int = Field(400, ge=1, description="Number of people")
    seed: int = Field(1, ge=0)

    @model_validator(mode="after")
    def _exist(self) -> Simulated:
        from gluteal.simulate.streams import DESIGNS
        from gluteal.simulate.worlds import find_world

        try:
            find_world(self.world)
        except UserError as error:
            raise ValueError(str(error)) from error
        if self.design not in DESIGNS:
            raise ValueError(
                f"no design {self.design!r}. {suggest(self.design, DESIGNS)}"
                f"Designs: {', '.join(DESIGNS)}."
            )
        return self
