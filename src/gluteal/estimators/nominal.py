"""Do slopes of an ordered outcome change from cut to cut? Likelihood ratio tests, one a covariate.

Where Brant's test compares separate logistic fits, this frees one covariate at a time in the
ordered model itself, and so needs no cut to have a fit of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
from numpy.typing import ArrayLike

from gluteal.estimators.inference import JointTest
from gluteal.estimators.ordinal import RUNAWAY, check_categories, maximise, spread_of


def nominal_tests(
    x: ArrayLike, y: ArrayLike, terms: Sequence[Sequence[int]] | None = None
) -> list[JointTest | None]:
    """Test for each term that its slopes are the same at every cut (proportional odds).

    Parameters
    ----------
    x : array_like, shape (n, p)
        Design without intercept.
    y : array_like of int, shape (n,)
        Categories 0 to K-1.
    terms : sequence of sequence of int, optional
        Columns that belong together, as the indicators of one factor; else each column alone.

    Returns
    -------
    list of JointTest or None
        Chi-square on (K-2) times the term's columns. None where covariates separate the outcome
        or the freed model does not converge.

    References
    ----------
    Peterson and Harrell 1990, doi:10.2307/2347760. Equal to ``ordinal::nominal_test``.

    Examples
    --------
    >>> rng = np.random.default_rng(1); x = rng.normal(size=(200, 1))
    >>> y = np.digitize(x[:, 0] + rng.logistic(size=200), [-1, 1])
    >>> nominal_tests(x, y)[0].df
    1
    """
    from scipy import special

    design, codes = check_categories(x, y)
    n, p = design.shape
    design = design - design.mean(0)
    cuts = int(codes.max())
    ones = np.ones((n, 1))
    whole = maximise(design, codes, ones)
    sound = whole.converged and spread_of(whole, design, ones) <= RUNAWAY
    found: list[JointTest | None] = []
    for term in terms or [[j] for j in range(p)]:
        free = list(term)
        rest = [j for j in range(p) if j not in free]
        df = (cuts - 1) * len(free)
        if not df or not sound:
            found.append(None)
            continue
        # A slope of the freed model may run off to infinity; its likelihood has a limit there.
        own = np.column_stack([ones, -design[:, free]])
        end = maximise(design[:, rest], codes, own)
        if not end.converged:
            found.append(None)
            continue
        statistic = max(2 * (end.log_likelihood - whole.log_likelihood), 0.0)
        found.append(JointTest(statistic, df, inf, float(special.chdtrc(df, statistic))))
    return found
