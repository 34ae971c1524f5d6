"""The published course of back pain under usual care, for a programme without a control arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from gluteal.constants import Constant, constant
from gluteal.estimators.inference import Floats

Duration = Literal["acute", "persistent"]
WEEKS = (0, 6, 26, 52)
SPANS = {"0-10": 10.0, "mm": 100.0, "%": 100.0}
"""Width of the scale of pain outcomes, by unit; the published course is on 0-100."""
PAIN_NODE = "LBP1"


@dataclass(frozen=True)
class NaturalCourse:
    """Mean pain over weeks on the outcome's own scale."""

    values: Floats
    source: Constant

    def at(self, weeks: Floats) -> Floats:
        """Interpolate linearly between the published weeks; NaN after the last one."""
        return np.interp(weeks, WEEKS, self.values, right=np.nan)

    def change(self, week: float) -> float:
        """Change from week 0."""
        return float(self.at(np.array([week]))[0] - self.values[0])


def find_course(duration: Duration, unit: str, node: str) -> NaturalCourse | None:
    """Return the course for an outcome; None where it is no pain on a scale of known width.

    References
    ----------
    Costa and colleagues 2012, doi:10.1503/cmaj.111271.

    Examples
    --------
    >>> round(find_course("persistent", "0-10", "LBP1").change(12), 2)
    -2.01
    """
    if node != PAIN_NODE or unit not in SPANS:
        return None
    found = [constant(f"course_{duration}_wk{week}_costa2012") for week in WEEKS]
    values = np.array([one.value for one in found]) * SPANS[unit] / 100
    return NaturalCourse(values, found[0])
