"""The Methods sentences of a model of new pain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gluteal.frames.column_words import write_adjusted
from gluteal.notation import write_label, write_list
from gluteal.variables import variables

if TYPE_CHECKING:
    from gluteal.frames.followed import Followed
    from gluteal.frames.hazards import Answer


def write_incidence(
    everyone: Followed, main: Answer, amount: str, models: Sequence[str], week: float
) -> list[str]:
    """Say what was done, filled from the fit.

    Parameters
    ----------
    everyone : Followed
        Everyone free of pain at the start.
    main : Answer
        The main model.
    amount : str
        What the ratio is for.
    models : sequence of str
        Models that gave an estimate, by the name of their row.
    week : float
        The sensitivity analysis starts after it.
    """
    known = variables()
    adjusted = write_adjusted(everyone.covariates)
    exposure = write_label(known[everyone.names[0]].label)
    unseen = int((~everyone.seen).sum())
    text = [
        f"Of {everyone.flow['at the visit']:,} people, any with low back pain at the start were "
        f"left out. The hazard of new low back pain in relation to {exposure} at the start was "
        f"estimated in {main.n_people:,} people free of it, {main.n_events:,} of whom got it; "
        f"{everyone.flow['without a covariate']:,} were left out for missing values and {unseen:,} "
        "because they were not seen again.",
    ]
    if "Firth" in main.estimator:
        text.append(
            "As there was no finite estimate without a penalty, the headline is an odds ratio "
            "between visits by logistic regression with Firth's penalty and a profile interval "
            f"(doi:10.1002/sim.1047), {adjusted}, per {amount} more."
        )
    else:
        text.append(
            "Pain found at a visit came since the visit before, so the hazard ratio is from a "
            "discrete-time model with a complementary log-log link and a hazard of its own for "
            f"each interval (doi:10.2307/2529588), {adjusted}, with standard errors clustered by "
            "person (CR2 with Satterthwaite degrees of freedom, "
            f"doi:10.1080/07350015.2016.1247004), per {amount} more."
        )
    said = {
        "Cox, exact days": "Cox regression on exact days (doi:10.1111/j.2517-6161.1972.tb00899.x), "
        "with the score test of proportional hazards (doi:10.1093/biomet/81.3.515)",
        "logit link, Firth's penalty": "a logit link with Firth's penalty (doi:10.1002/sim.1047)",
        f"after week {week:g}": f"a start after week {week:g}, as "
        "pain that was on its way may have weakened people already",
        "weighted for staying": "weights for the inverse probability of staying "
        "(doi:10.1097/00001648-200009000-00012)",
        "corrected for measurement error": "regression calibration for the error of the exposure "
        "(doi:10.1002/sim.4780080905)",
    }
    if done := [words for name, words in said.items() if name in models]:
        text.append(f"Sensitivity analyses used {write_list(done)}.")
    if any(name.startswith("standardised risk") for name in models):
        text.append(
            "Risks at two values of the exposure were averaged over the people analysed "
            "(g-computation, doi:10.1093/aje/kwq472) with intervals by the delta method."
        )
    text.append(
        "The exposure was measured before the pain came, which is no proof that it brought it."
    )
    return text
