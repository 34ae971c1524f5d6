"""Compare nested models, such as equal lags with free ones."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from gluteal.estimators.sem.result import SemFit

SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Difference:
    """Likelihood-ratio test of a narrower model within a wider one.

    Attributes
    ----------
    statistic, df, p : float, int, float
        Scaled (Satorra and Bentler 2001) if both fits are robust.
    scaling : float
        NaN unless scaled.
    warnings : tuple of str
    """

    statistic: float
    df: int
    p: float
    scaling: float
    warnings: tuple[str, ...]


def compare_models(narrow: SemFit, wide: SemFit) -> Difference:
    """Test the constraints that lead from the wide model to the narrow one.

    Parameters
    ----------
    narrow, wide : SemFit
        Fits to the same people and variables; the narrow one has fewer parameters.

    Raises
    ------
    ValueError
        If the fits do not belong together.

    References
    ----------
    Satorra and Bentler 2001, doi:10.1007/BF02296192.

    Examples
    --------
    >>> import numpy as np
    >>> from gluteal.estimators.sem.fit import fit_sem
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(100, 2)); y = x @ [1, 1] + rng.normal(size=100)
    >>> data, names = np.column_stack([x, y]), ("u", "v", "y")
    >>> narrow = fit_sem("y ~ a*u + a*v", data, names)
    >>> compare_models(narrow, fit_sem("y ~ u + v", data, names)).df
    1
    """
    from scipy import special

    df = narrow.test.df - wide.test.df
    if (
        narrow.n != wide.n
        or narrow.variables[: len(narrow.implied_mean)]
        != (wide.variables[: len(wide.implied_mean)])
    ):
        raise ValueError("the fits are of different people or variables")
    if df <= 0:
        raise ValueError("the narrow model has no fewer parameters than the wide one")
    notes = [*narrow.warnings, *(w for w in wide.warnings if w not in narrow.warnings)]
    statistic, scaling = narrow.test.statistic - wide.test.statistic, nan
    if statistic < -SAME * max(1.0, wide.test.statistic):
        notes.append("the narrow model fits better than the wide one: a search failed")
    statistic = max(statistic, 0.0)
    if narrow.robust and wide.robust:
        wide_part = wide.test.df * wide.test.scaling if wide.test.df else 0.0
        scaling = (narrow.test.df * narrow.test.scaling - wide_part) / df
        if scaling > 0:
            statistic /= scaling
        else:
            notes.append("the scaling factor of the difference is negative: no scaled test")
            statistic = nan
    p = float(special.chdtrc(df, statistic)) if statistic == statistic else nan
    return Difference(statistic, df, p, scaling, tuple(notes))
