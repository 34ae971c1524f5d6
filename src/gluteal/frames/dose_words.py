"""The Methods sentences of a dose-response relation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gluteal.frames.column_words import write_adjusted
from gluteal.notation import write_label, write_list, write_number
from gluteal.variables import Variable

if TYPE_CHECKING:
    from gluteal.frames.dose import Curve, Slope

ERRORS = {
    "HC3": "HC3 standard errors",
    "CR2": "standard errors clustered by person (CR2 with Satterthwaite degrees of freedom, "
    "doi:10.1080/07350015.2016.1247004)",
}
FIRTH = "Firth's penalty and profile intervals (doi:10.1002/sim.1047)"


def write_dose(
    line: Slope,
    curve: Curve | None,
    ends: tuple[Variable, Variable],
    covariates: Sequence[str],
    model: tuple[str, str, str],
    people: int,
) -> list[str]:
    """Say what was done, filled from the fit.

    Parameters
    ----------
    line : Slope
        The fitted slope.
    curve : Curve or None
        The fitted spline, if there is one.
    ends : (Variable, Variable)
        Outcome and exposure.
    covariates : sequence of str
        Variables adjusted for.
    model : (str, str, str)
        Name of the regression, its source, and the amount that the slope is for.
    people : int
        People in the rows analysed.
    """
    outcome, exposure = ends
    name, source, amount = model
    adjusted = write_adjusted(covariates)
    errors = ERRORS.get(line.model.se_type, "standard errors from the observed information")
    if line.model.extra.get("penalised"):
        errors = FIRTH
    text = [
        f"The association between {write_label(exposure.label)} and {write_label(outcome.label)} "
        f"was estimated by {name} ({source}), {adjusted}, with {errors}, in "
        f"{len(line.outcome):,} rows of {people:,} people; {line.design.n_missing:,} rows were "
        f"left out for missing values. The slope is given per {amount} of the exposure, which "
        "was not divided into groups."
    ]
    if curve:
        places = write_list([write_number(float(k)) for k in curve.knots])
        text.append(
            f"The shape was examined with a restricted cubic spline with {len(curve.knots)} knots "
            f"at {places} {exposure.unit} (doi:10.1007/978-3-319-19425-7), shown between the 5th "
            "and 95th percentile against the median."
        )
    if name.startswith("proportional-odds"):
        text.append("Proportional odds were examined by Brant's test (doi:10.2307/2532457).")
    return text
