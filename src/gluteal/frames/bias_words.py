"""The Methods sentences of the threats to one effect, each with its source."""

from __future__ import annotations

from collections.abc import Collection, Iterator

SENTENCES = {
    "robust": "Outlying outcomes were reined in by Huber's M-estimator with a sandwich covariance "
    "(doi:10.1214/aoms/1177703732)",
    "weighted": "People were weighted by stabilised inverse-probability weights, or ratios of "
    "normal densities where the exposure is a number, cut at their 1st and 99th percentile "
    "(doi:10.1097/00001648-200009000-00011, doi:10.1093/aje/kwn164), with errors that count in "
    "that the weights were estimated (doi:10.1002/sim.1903)",
    "doubly robust": "The estimate called weighted and adjusted holds if the model of the exposure "
    "or that of the outcome does (doi:10.1111/j.1541-0420.2005.00377.x)",
    "exposure error": "The error of the exposure was taken out by regression calibration "
    "(doi:10.1002/sim.4780080905) and by simulation and extrapolation "
    "(doi:10.1080/01621459.1994.10476871); both assume an error that does not depend on the "
    "outcome, which pain that inhibits force may break",
    "negative control": "Negative controls were put through the same model "
    "(doi:10.1097/EDE.0b013e3181d61eeb)",
    "unmeasured confounding": "For a confounder that nobody measured, E-values "
    "(doi:10.7326/M16-2607) and, for linear models, robustness values and bounds by known "
    "covariates (doi:10.1111/rssb.12348) were computed",
    "missing not at random": "Missing outcomes were predicted and shifted along the exposure "
    "until the answer tipped (doi:10.1080/01621459.1993.10594302, doi:10.1002/sim.8569)",
}


def write_bias(answered: Collection[str]) -> Iterator[str]:
    """Say how each threat was answered, of those that were.

    Examples
    --------
    >>> [text[:18] for text in write_bias({"robust"})]
    ['Outlying outcomes ']
    """
    yield from (text for threat, text in SENTENCES.items() if threat in answered)
