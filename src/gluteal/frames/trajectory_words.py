"""Tables, checks and sentences of classes of courses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gluteal.estimators.checks import check, share_at
from gluteal.frames.column_words import write_adjusted
from gluteal.frames.trajectories import Classes
from gluteal.notation import HIDDEN, write_count, write_label, write_number
from gluteal.variables import variables

Rows = list[dict[str, Any]]
SMALL_SAMPLE, SMALL_CLASS, SURE, SEPARATE, LARGE_END = 200, 0.05, 0.7, 0.8, 0.15


def tabulate_selection(made: Classes) -> Rows:
    """Compare the numbers of classes."""
    rows: Rows = []
    for one in made.selection.fits:
        row: dict[str, Any] = {"Classes": f"{one.classes}"}
        if one.classes == made.chosen.classes:
            row["Classes"] += " (chosen)"
        row["BIC"] = write_number(one.bic, decimals=1)
        row["Entropy"] = write_number(one.entropy, decimals=2)
        row["Smallest class, %"] = write_number(100 * one.smallest, decimals=0)
        row["Least mean certainty (APPA)"] = write_number(float(one.appa.min()), decimals=2)
        row["Best optimum found again"] = f"{one.replicated} of {one.refined}"
        row["Converged"] = "yes" if one.converged else "no"
        rows.append(row)
    return rows


def tabulate_classes(made: Classes, least: int, unit: str) -> Rows:
    """Describe the classes: share, outcome at start and end, mean exposure, all by posterior."""
    rows: Rows = []
    chosen, courses = made.chosen, made.courses
    first, last = (float(f(courses.week)) for f in (np.min, np.max))
    ends = courses.on_scale(np.array([first, last]))
    powers = ends[:, None] ** np.arange(chosen.degree + 1)
    for k in range(chosen.classes):
        n = int((chosen.assigned == k).sum())
        weight = chosen.posterior[:, k]
        mean = float(weight @ courses.x[:, 1] / weight.sum()) * courses.sd
        start, end = (float(v) for v in powers @ chosen.coef[k])
        shown = n >= least
        row = {"Course": _name(k, chosen.classes)}
        row["Share, %"] = write_number(100 * float(chosen.share[k]), decimals=0)
        row["People"] = write_count(n, least)
        row["Outcome at the start"] = write_number(start, decimals=1) if shown else HIDDEN
        row["Outcome at the end"] = write_number(end, decimals=1) if shown else HIDDEN
        row[f"Exposure, mean{f' ({unit})' if unit else ''}"] = (
            write_number(mean) if shown else HIDDEN
        )
        rows.append(row)
    return rows


def _name(k: int, classes: int) -> str:
    ends = {0: " (best)", classes - 1: " (worst)"} if classes > 1 else {}
    return f"{k + 1}{ends.get(k, '')}"


def check_classes(made: Classes, continuum: float, low: float | None, least: float) -> Rows:
    """Check how far the classes may be believed."""
    chosen, courses = made.chosen, made.courses
    n = len(courses.x)
    text = "fewer people rarely support more than three classes"
    found = [check("people", n, f">= {SMALL_SAMPLE}", n >= SMALL_SAMPLE, text)]
    fine = chosen.converged
    found.append(check("model converged", float(fine), "1", fine, "the fit of the classes"))
    again = chosen.replicated / max(chosen.refined, 1)
    text = "share of the carried climbs that found the same optimum; one alone may be a local one"
    alone = chosen.classes > 1 and chosen.replicated < 2
    found.append(check("optimum found again", again, "> one climb", not alone, text))
    text = "share of people in the smallest class"
    fine = bool(chosen.smallest >= least)
    found.append(check("smallest class", float(chosen.smallest), f">= {least}", fine, text))
    text = "1: people are told apart with certainty, 0: by chance; allowed for in the odds ratios"
    fine = bool(chosen.entropy >= SEPARATE)
    found.append(check("entropy", float(chosen.entropy), f">= {SEPARATE}", fine, text))
    sure = float(chosen.appa.min())
    text = "least mean probability of the class among those assigned to it"
    found.append(check("least mean certainty", sure, f">= {SURE}", sure >= SURE, text))
    gap = float(continuum - chosen.bic)
    text = (
        "BIC of a model in which people differ along a line, less that of the classes; below 0 "
        "the classes cut a continuum into slices. Either way they are summaries, not types"
    )
    found.append(check("classes against a continuum", gap, "> 0", gap > 0, text))
    top = max(one.classes for one in made.selection.fits)
    if chosen.classes == top and top > 1:
        text = "the most classes tried were the best: more might be better still, without end"
        found.append(check("classes at the limit", float(top), f"< {top}", False, text))
    share = share_at(courses.y, low)
    if share:
        text = "share of values at the floor, where residuals are not normal"
        fine = share <= LARGE_END
        found.append(check("share at the floor", share, f"<= {LARGE_END}", fine, text))
    return found


def say_classes(
    outcome: str, exposure: str, covariates: Sequence[str], made: Classes, starts: int, given: bool
) -> list[str]:
    """Say how the classes were made and related to the exposure."""
    known, chosen, courses = variables(), made.chosen, made.courses
    shape = {1: "straight lines", 2: "parabolas", 3: "cubic curves"}[chosen.degree]
    time = "ln(1 + week)" if courses.scale == "log_week" else "weeks"
    most = max(one.classes for one in made.selection.fits)
    how = "set beforehand" if given else f"chosen among 1 to {most} by the BIC (people counted)"
    text = (
        f"Courses of {write_label(known[outcome].label)} of {len(courses.x):,} people were put "
        f"into {chosen.classes} latent classes ({how}) by latent class growth analysis "
        f"(doi:10.1037/1082-989X.4.2.139): {shape} in {time}, one residual variance, "
        f"{starts} starts, visits missed taken as missing at random. Classes are summaries of "
        "the data, not types of people."
    )
    if made.regression is None:
        return [text]
    return [
        text,
        f"Belonging to a class was related to {write_label(known[exposure].label)} at the "
        f"baseline, {write_adjusted(covariates, 'without covariates')}, by multinomial regression "
        "that allows for the error of assignment (three steps, doi:10.1093/pan/mpq025); "
        "exploratory.",
    ]
