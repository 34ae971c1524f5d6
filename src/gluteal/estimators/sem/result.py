"""What a fitted structural equation model holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan

from gluteal.errors import UserError
from gluteal.estimators.inference import Estimate, Floats, Model
from gluteal.estimators.sem.moments import Moments
from gluteal.estimators.sem.specification import Specification
from gluteal.estimators.sem.structure import Structure


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """Test of a model against the saturated one.

    Attributes
    ----------
    statistic, df, p : float, int, float
    scaling : float
        The statistic divided by it is the Yuan-Bentler statistic; NaN unless robust.
    scaled_statistic, scaled_p : float
    """

    statistic: float
    df: int
    p: float
    scaling: float = nan
    scaled_statistic: float = nan
    scaled_p: float = nan


@dataclass(frozen=True, slots=True)
class SemFit:
    """A fitted model.

    Attributes
    ----------
    specification : Specification
    names : tuple of str
        Of the coefficients of ``model``: free parameters, then constrained, then defined ones.
    model : Model
        ``coef`` and ``cov`` of all named quantities (delta method for derived ones).
    free : int
        Free parameters.
    test : ChiSquare
    log_likelihood, saturated_log_likelihood : float
    implied_mean, implied_cov, saturated_mean, saturated_cov : ndarray
        In the order of ``variables``.
    n, dropped : int
        People used and not used.
    converged : bool
    warnings : tuple of str
        What keeps the result from being taken as it stands.
    """

    specification: Specification
    names: tuple[str, ...]
    model: Model
    free: int
    test: ChiSquare
    log_likelihood: float
    saturated_log_likelihood: float
    implied_mean: Floats
    implied_cov: Floats
    saturated_mean: Floats
    saturated_cov: Floats
    variables: tuple[str, ...]
    n: int
    dropped: int
    converged: bool
    iterations: int
    warnings: tuple[str, ...]
    theta: Floats = field(repr=False)
    free_cov: Floats = field(repr=False)
    structure: Structure = field(repr=False)
    moments: Moments = field(repr=False)
    robust: bool = False
    information: str = "expected"

    def estimate(self, name: str, level: float = 0.95) -> Estimate:
        """Estimate a named parameter with a Wald interval.

        Raises
        ------
        UserError
            If the model has no such parameter.
        """
        if name not in self.names:
            raise UserError(f"the model has no parameter {name!r}")
        return self.model.coefficient(self.names.index(name), level)
