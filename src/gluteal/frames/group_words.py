"""The Methods sentences of a comparison of two groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gluteal.frames.column_words import write_adjusted, write_labels
from gluteal.notation import write_list

if TYPE_CHECKING:
    from gluteal.frames.groups import Comparison


def write_groups(made: Comparison, spec: Any, others: Sequence[str]) -> list[str]:
    """Say what was done, filled from the settings of the analysis and its fit.

    Parameters
    ----------
    made : Comparison
        The adjusted comparison.
    spec : Spec
        Settings of ``group_difference``.
    others : sequence of str
        Other scales of the outcome for which it was repeated.
    """
    ones, zeros = made.sizes
    adjusted = write_adjusted(spec.covariates)
    scale = "within-group standard deviations" if spec.bound_unit == "sd" else "units"
    measure, split = write_labels((spec.outcome, spec.exposure))
    text = [
        f"The association between {split} and {measure} was estimated as a difference of means, "
        f"{adjusted}, by ordinary least squares with HC3 standard errors "
        f"(doi:10.1080/00031305.2000.10474549) and the t distribution with {made.found.df:g} "
        f"degrees of freedom, in {ones + zeros:,} people with complete data ({ones:,} and "
        f"{zeros:,}); {made.design.n_missing:,} were left out for missing values.",
        "The crude difference is Welch's (doi:10.1093/biomet/34.1-2.28); the standardised "
        "difference is Hedges' g with an interval from the noncentral t distribution "
        "(doi:10.1037/1082-989X.9.2.164).",
        f"Equivalence within ±{spec.equivalence_bound:g} {scale} was examined by two one-sided "
        "tests (doi:10.1007/BF01068419).",
        "The groups were compared at one time, which says nothing about what came first.",
    ]
    if others:
        scales = write_list(write_labels(others))
        text.append(
            f"The comparison was repeated for {scales}; forces and torques not divided by mass "
            "were adjusted for log body mass."
        )
    return text
