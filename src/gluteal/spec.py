"""The settings of one analysis: strict, frozen, the same object from config to report."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Role = Literal["primary", "secondary", "sensitivity", "exploratory"]
Design = Literal["cross_sectional", "case_control", "cohort", "repeated_measures", "programme"]


class Strict(BaseModel):
    """Settings that refuse what they do not know: a misspelt key is an error, not a default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Spec(Strict):
    """What every analysis may be told; each method adds its own settings.

    ``claim`` names the entry of ``claims`` that this analysis speaks to (``H1``), if any;
    ``caption`` is the question in the reader's words.
    """

    claim: str | None = Field(None, description="The claim this analysis speaks to, such as H1")
    role: Role = Field("secondary", description="Primary analyses share the Holm family")
    caption: str = Field("", description="The question, in the reader's words")
    visit: str = Field("baseline", description="The visit whose values are analysed")
    only: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Keep people with these levels: {sex: [f]}"
    )
    design: Design | None = Field(
        None, description="The design of this analysis, where it is not the study's"
    )
    missing: Literal["complete", "imputed"] = Field(
        "complete",
        description="Which headline answers the claim: complete cases or pooled imputations; the "
        "other one stands beside it",
    )
    level: float = Field(0.95, gt=0.5, lt=1, description="Level of the intervals")
    seed: int = Field(1, ge=0, description="Seed of anything random in this analysis")


class ModelSpec(Spec):
    """Settings of a model of one outcome on one exposure.

    ``adjust: dag`` asks the causal graph for the minimal sufficient set; the plan replaces it by
    the variables themselves, so that a ``fit`` only ever sees names. A covariate that the graph
    calls a mediator, a collider or a descendant of the outcome is refused, unless
    ``override_reason`` says why; the report prints that reason.
    """

    outcome: str = Field(description="A variable of the dictionary")
    exposure: str = Field(description="A variable of the dictionary")
    adjust: Literal["dag"] | tuple[str, ...] = Field(
        "dag", description="'dag', or the covariates by name"
    )
    override_reason: str | None = Field(
        None, description="Why the graph's advice is not followed; printed in the report"
    )

    @property
    def named(self) -> tuple[str, ...]:
        """The covariates that the settings name; none while the graph is to be asked."""
        return () if isinstance(self.adjust, str) else self.adjust

    @property
    def in_model(self) -> tuple[str, ...]:
        """Outcome, exposure and covariates that the settings name, each once.

        Examples
        --------
        >>> ModelSpec(outcome="nprs_avg", exposure="hip_abd_nm_kg", adjust=("sex",)).in_model
        ('nprs_avg', 'hip_abd_nm_kg', 'sex')
        """
        return tuple(dict.fromkeys((self.outcome, self.exposure, *self.named)))

    @property
    def covariates(self) -> tuple[str, ...]:
        """The covariates by name, once the plan has resolved them."""
        if isinstance(self.adjust, str):
            raise TypeError("adjust: dag is resolved when the plan is made, not in a fit")
        return self.adjust


class PanelSpec(ModelSpec):
    """Settings of a model of one outcome and one exposure over the visits of the same people."""

    by_visit: tuple[str, ...] = Field(
        ("arm", "adherence"),
        description="Groups, and doses of the programme, with a course of their own; used where "
        "the cohort has them",
    )

    @model_validator(mode="after")
    def _fit_a_panel(self) -> PanelSpec:
        from gluteal.errors import suggest
        from gluteal.variables import variables

        if self.exposure == self.outcome:
            raise ValueError("exposure and outcome are the same variable")
        if stray := [name for name in self.by_visit if name not in variables()]:
            raise ValueError(f"by_visit: no variable {stray[0]}. {suggest(stray[0], variables())}")
        return self
