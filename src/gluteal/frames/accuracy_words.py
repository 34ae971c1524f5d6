"""What is said of the accuracy of a self-test: Methods sentences, threats that it does not know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gluteal.estimates import diagnostic
from gluteal.variables import variable

if TYPE_CHECKING:
    from gluteal.estimators.screening import Screen


UNASKED = {
    "adjusted": "the accuracy of a test compares no groups: there is nothing to adjust for",
    "weighted": "the accuracy of a test has no confounders",
    "doubly robust": "the accuracy of a test has no confounders",
    "exposure error": "the error of the test is part of its accuracy; that of the reference is "
    "not taken out",
    "early events out": "test and reference are of one visit",
    "negative control": "the accuracy of a test has no confounders",
    "unmeasured confounding": "the accuracy of a test has no confounders",
}
"""Threats to an effect that do not threaten the accuracy of a test."""


def list_unasked() -> Iterator[dict[str, Any]]:
    """Give the reason for each threat that accuracy does not know, for its table of threats.

    Examples
    --------
    >>> next(list_unasked())["name"]
    'threat: adjusted'
    """
    for threat, reason in UNASKED.items():
        yield diagnostic(f"threat: {threat}", "not applicable", None, reason)


def write_accuracy(units: Any, got: Screen, times: Sequence[float]) -> Iterator[str]:
    """Say what was compared, and how, filled from the settings.

    Parameters
    ----------
    units : Units
        The legs or people of ``self_test_accuracy``, with its settings.
    got : Screen
        The comparison.
    times : sequence of float
        By what the reference's cut-point was multiplied in the sensitivity analyses.
    """
    from gluteal.estimators import accuracy, auc, cutoff

    spec, n, people = units.spec, sum(got.accuracy.table), got.accuracy.people
    test, reference = variable(spec.test), variable(spec.reference)
    what = spec.reference_cut.describe(reference) if reference.numeric else reference.label
    source = f" ({spec.positive_source})" if spec.positive_source else ""
    where = f"{n:,} legs of {people:,} people" if units.by_leg else f"{people:,} people"
    yield (
        f"{test.label} counted as positive at {spec.rule.sign} {got.cut:.4g}{source} and was "
        f"compared with this condition: {what}, at {spec.visit}, in {where}"
    )
    if reference.numeric and spec.reference_cut.quantile:
        yield (
            "This is an internal reference, who is weak among these people; the cut-point was "
            f"varied from {times[0]:g} to {times[-1]:g} times its value"
        )
    yield accuracy.CITED_CLUSTERED if units.by_leg else accuracy.CITED_SIMPLE
    yield f"{auc.CITED_CLUSTERED if units.by_leg else auc.CITED_SIMPLE}; {accuracy.CITED_RATIOS}"
    if got.searched is not None:
        yield f"{cutoff.CITED}; {got.searched.resamples:,} resamples"
