"""The words of an adjusted comparison: its estimand and its Methods sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluteal.frames.column_words import write_adjusted, write_labels
from gluteal.frames.exposed import MINUS
from gluteal.frames.followed import EVENT
from gluteal.notation import write_label
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.frames.exposed import Exposed, Question

SOURCES = {
    "aipw": "augmented inverse-probability weights, which hold if either the model of the exposure "
    "or that of the outcome does (doi:10.1111/j.1541-0420.2005.00377.x)",
    "shift": "a doubly robust estimator of a shift, which holds if either the model of the "
    "exposure or that of the outcome does (doi:10.1111/j.1541-0420.2011.01685.x)",
    "standardised": "g-computation (doi:10.1093/aje/kwq472)",
    "weights": "stabilised inverse-probability weights (doi:10.1097/00001648-200009000-00011)",
    "density": "weights by the ratio of two normal densities of the exposure "
    "(doi:10.1002/sim.5907)",
}


def name_estimand(data: Exposed, outcome: str, kind: str) -> str:
    """Name what is estimated; "later" stands in it only where the outcome came after.

    Parameters
    ----------
    data : Exposed
    outcome : str
    kind : {"difference", "ratio", "number"}
    """
    risk = data.risk
    head = {
        "difference": "risk difference" if risk else "mean difference",
        "ratio": "risk ratio" if risk else "ratio of means",
        "number": "number needed for one case less",
    }[kind]
    label = write_label(variables()[outcome].label)
    adjusted = "standardised " if data.covariates else ""
    if data.later:
        return f"{adjusted}{head}, later {label}"
    return f"{adjusted}{head}, {label} (both at one time: an association)"


def write_exposed(
    data: Exposed, ask: Question, truncate: tuple[float, float], source: str
) -> list[str]:
    """Say what was done, filled from the fit.

    Parameters
    ----------
    data : Exposed
    ask : Question
    truncate : (float, float)
    source : str
        Where the cut between groups comes from, if there is one.
    """
    adjusted = write_adjusted(data.covariates)
    outcome, exposure = write_labels((ask.outcome, ask.exposure))
    two = data.groups is not None
    kind = "risk" if data.risk else "mean"
    more, less = data.contrast.split(f" {MINUS} ")
    text = [
        f"The {kind} of {outcome} {data.at} was compared between two states of the same people: "
        f"{more}, and {less} ({exposure} at {ask.visit}). The difference was estimated {adjusted}, "
        f"by {SOURCES['aipw' if two else 'shift']}, in {len(data.y):,} people with complete data; "
        f"{data.n_missing:,} were left out for missing values. Standard errors count in the "
        "estimation of all models (doi:10.1198/000313002753631330)."
    ]
    if ask.outcome == EVENT:
        text.append(
            "Some people left before the last visit. Pseudo-observations of the risk stand for the "
            "outcome of everyone who was seen again (doi:10.1177/0962280209105020), with linear "
            "models; leaving must not depend on the pain to come."
        )
    if data.groups is not None and ask.cut is not None:
        text.append(f"The groups are {data.groups[0]} and {data.groups[1]} ({source}).")
    if not two:
        text.append(
            "The exposure was not divided into groups: each person keeps what was measured, and "
            "the same amount is added for everyone."
        )
    weights = SOURCES["weights" if two else "density"]
    ends = " and ".join(f"{100 * q:g}" for q in truncate)
    text.append(
        f"Beside it stand {SOURCES['standardised']} and {weights}; weights were also cut at their "
        f"percentiles {ends} (doi:10.1093/aje/kwn164). Overlap and balance of the covariates after "
        "weighting were examined (doi:10.1002/sim.3697)."
    )
    if data.later:
        text.append(
            "The exposure was measured before the outcome. To read the difference as what stronger "
            "muscles would do, nothing may be left that leads to both, and it must not matter how "
            "people come to be stronger."
        )
    else:
        text.append("Exposure and outcome were measured at one time, and which came first is not "
                    "known: the difference is an association.")  # fmt: skip
    return text
