"""The static glute squeeze: a graded sign WITHOUT any validated instrument behind it.

The grades (domain note 1.5) are a decision of this project: 0 none; 1 flicker; 2 partial, not
held; 3 full, held under 10 s or visibly weaker than the other side; 4 full, held 10 s. Its
reliability has to come from the study's own data.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gluteal.constants import constant
from gluteal.measures.trials import Floats, as_floats, refuse, require_positive

GRADES = (0, 1, 2, 3, 4)


def squeeze_grade(grade: ArrayLike) -> Floats:
    """Return the grades, every one of them 0 to 4 or missing.

    Raises
    ------
    UserError
        For any other number: half grades and 1-to-5 scales are not this instrument.

    Examples
    --------
    >>> squeeze_grade([4, 2])
    array([4., 2.])
    """
    found = as_floats(grade)
    wrong = ~np.isnan(found) & ~np.isin(found, GRADES)
    if wrong.any():
        refuse(found, wrong, "squeeze_grade", "the grade is 0, 1, 2, 3 or 4")
    return found


def squeeze_contradicts(grade: ArrayLike, hold_s: ArrayLike) -> NDArray[np.bool_]:
    """Say which grades their own hold time contradicts; for the query list, never mended.

    Grade 4 needs a hold of 10 s, and grade 0 cannot be held. Grade 3 fits any time, since it also
    means "weaker than the other side"; 1 and 2 are not held, but how short that is, is not said.

    Examples
    --------
    >>> squeeze_contradicts([4, 4, 0], [10.0, 6.0, 8.0])
    array([False,  True,  True])
    """
    found, held = squeeze_grade(grade), require_positive(hold_s, "squeeze_hold_s", zero=True)
    full = constant("cut_squeeze_full_hold").value
    return ((found == 4) & (held < full)) | ((found == 0) & (held > 0))


def squeeze_difference(right: ArrayLike, left: ArrayLike) -> Floats:
    """Grade right minus grade left (-4 to 4); above zero = stronger right.

    Grades are ordered, not measured: the sign is safe, the size is not.

    Examples
    --------
    >>> squeeze_difference([4, 3], [2, 3])
    array([2., 0.])
    """
    return squeeze_grade(right) - squeeze_grade(left)
