"""Methods sentences and estimands of a programme, of a single arm and of adherence."""

from __future__ import annotations

from collections.abc import Sequence

from gluteal.frames.column_words import write_adjusted
from gluteal.frames.course import Course
from gluteal.frames.natural_course import NaturalCourse
from gluteal.frames.responders import Threshold
from gluteal.notation import write_label, write_list, write_number
from gluteal.variables import variables

MIXED = "doi:10.1002/sim.3639"
KENWARD_ROGER = "doi:10.2307/2533558"
BARE = "without covariates"


def name_difference(end: str, randomised: bool | None) -> str:
    """Name what is estimated between arms; known to be without a lot, it is an association."""
    if randomised is not False:
        return f"difference between arms at {end} (treatment policy)"
    return f"association: difference between arms at {end}, not drawn by lot"


def say_arms(
    outcome: str, covariates: Sequence[str], course: Course, end: str, randomised: bool | None
) -> str:
    """Say how the arms were compared."""
    ones, zeros = course.sizes()
    lots = {True: ", drawn by lot,", False: ", not drawn by lot, so that it is an association,"}
    lot = "" if randomised is None else lots[randomised]
    return (
        f"The difference of {write_label(variables()[outcome].label)} between the programme "
        f"({ones:,} people) and the control arm ({zeros:,}){lot} was estimated at {end} by a "
        f"constrained longitudinal model ({MIXED}): all visits, one mean for both arms at the "
        f"baseline, visits as categories, a random intercept of the person, "
        f"{write_adjusted(covariates, BARE)}, restricted maximum likelihood with degrees of "
        f"freedom by Kenward and Roger ({KENWARD_ROGER}). People are analysed in the arm they were "
        "given, whatever they did of it (treatment policy); visits missed are taken as missing at "
        "random given the others. Analysis of covariance with HC3 errors "
        "(doi:10.1136/bmj.323.7321.1123) stands beside it. Changes were not regressed on the "
        "baseline, and changes within arms were not tested against each other."
    )


def say_responders(threshold: Threshold) -> str:
    """Say what counts as response, with the sources of the thresholds."""
    return (
        f"A person responded with a fall of the minimal important change, "
        f"{threshold.mic.cite()}, and of {threshold.percent.value:g} % of their baseline; people "
        f"with less than {write_number(threshold.floor)} at the baseline are not counted. A "
        f"fall within the minimal detectable change, {threshold.mdc.cite()}, is not called "
        "improvement. Both thresholds are for persons; the difference of the arms' means is not "
        "held against them. Differences of shares have Newcombe's interval; the share that passes "
        "each cut-off is drawn (doi:10.1016/j.jpainsymman.2005.08.018)."
    )


def say_change(outcome: str, course: Course, end: str, natural: NaturalCourse | None) -> str:
    """Say what a single arm can show."""
    text = (
        "No control arm is part of this analysis. The mean change of "
        f"{write_label(variables()[outcome].label)} from the baseline to {end} in "
        f"{len(course.y):,} people of the programme was estimated by a mixed model of all visits "
        "with a random intercept and Kenward-Roger degrees of "
        f"freedom ({KENWARD_ROGER}). It is a change during the programme and holds natural course "
        "and regression to the mean; no effect can be read from it."
    )
    if natural is None:
        return text
    return (
        f"{text} The published course under usual care ({natural.source.source}, "
        "doi:10.1503/cmaj.111271), linear between its weeks, is drawn for comparison; other "
        "people, other entry criteria, and its own error is not counted."
    )


def say_adherence(
    outcome: str,
    covariates: Sequence[str],
    history: Sequence[str],
    end: str,
    truncate: tuple[float, float],
) -> str:
    """Say how adherence was analysed."""
    known = variables()
    measured = [write_label(known[name].label) for name in history if name in known]
    past = write_list(["the outcome before each interval", *measured])
    low, high = (f"{100 * q:g}" for q in truncate)
    return (
        f"The relation between adherence up to {end} (dose done over dose prescribed) and "
        f"{write_label(known[outcome].label)} then was estimated among people with sessions by a "
        "marginal structural model with stabilised weights "
        f"(doi:10.1097/00001648-200009000-00011): the adherence in each interval between visits "
        f"was modelled as normal given {past} and earlier adherence; the numerator and the final "
        "model held the outcome at the baseline and were otherwise "
        f"{write_adjusted(covariates, BARE)}. Weights for staying came from a logistic model of "
        "the same history "
        f"(doi:10.1097/00001648-200009000-00012). Weights were truncated at their {low}st and "
        f"{high}th percentiles (doi:10.1093/aje/kwn164); standard errors count the estimation of "
        "the weights in. Adherence was not drawn by lot: common causes that were not measured "
        "remain in the estimate."
    )
