"""Pool fitted models: any contrast of theirs is the pool of the models' contrasts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gluteal.errors import UserError
from gluteal.estimators.impute.joint import pool_wald
from gluteal.estimators.impute.rubin import Pooled, pool
from gluteal.estimators.inference import Estimate, Floats, JointTest, Model


@dataclass(frozen=True, slots=True)
class PooledModel:
    """Models of m imputed data sets as one; asked as a ``Model`` is.

    Attributes
    ----------
    model : Model
        Pooled coefficients, total covariance and degrees of freedom for every contrast, for what
        takes a model. Its ``wald`` is no pooled test: use that of this class.
    pooled : Pooled
        The coefficients with riv, lambda and fmi.
    coefs : ndarray, shape (m, p)
    covs : ndarray, shape (m, p, p)
    df_complete : callable
        Degrees of freedom of a contrast in complete data: the mean over the imputations.
    """

    model: Model
    pooled: Pooled
    coefs: Floats
    covs: Floats
    df_complete: Callable[[Floats], float]

    @property
    def coef(self) -> Floats:
        """Return the pooled coefficients, shape (p,)."""
        return self.model.coef

    @property
    def cov(self) -> Floats:
        """Return the total covariance, shape (p, p)."""
        return self.model.cov

    @property
    def converged(self) -> bool:
        """Whether all models converged."""
        return self.model.converged

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the models warned of, with how many of them did."""
        return self.model.warnings

    def contrast(self, weights: ArrayLike, level: float = 0.95) -> Estimate:
        """Pool a weighted sum of coefficients.

        Parameters
        ----------
        weights : array_like, shape (p,)
        """
        return self.model.contrast(weights, level)

    def coefficient(self, index: int, level: float = 0.95) -> Estimate:
        """Pool one coefficient."""
        return self.model.coefficient(index, level)

    def wald(self, indices: Sequence[int]) -> JointTest:
        """Test that the named coefficients are all zero (D1).

        With Reiter's degrees of freedom where the models have finite ones and k(m-1) > 4.
        """
        at = list(indices)
        complete = min(self.df_complete(row) for row in np.eye(len(self.coef))[at])
        small = np.isfinite(complete) and len(at) * (self.pooled.m - 1) > 4
        q, u = self.coefs[:, at], self.covs[:, at][:, :, at]
        return pool_wald(q, u, complete if small else None)


def pool_models(models: Sequence[Model], df_complete: float | None = None) -> PooledModel:
    """Pool models that were fitted to m imputed data sets, coefficient by coefficient.

    Parameters
    ----------
    models : sequence of Model
        The same model of each imputed data set.
    df_complete : float, optional
        Degrees of freedom that complete data would give. By default those of the models
        themselves: n - p of least squares, Satterthwaite's or Kenward and Roger's of mixed
        models, none (inf) of logistic and Poisson models, for which R uses n - p.

    Returns
    -------
    PooledModel

    Raises
    ------
    UserError
        If a model has no finite coefficients or covariance (separation, collinearity): what it
        warned of is named.

    References
    ----------
    Rubin 1987, doi:10.1002/9780470316696; Barnard and Rubin 1999, doi:10.1093/biomet/86.4.948.

    Examples
    --------
    >>> from gluteal.estimators.linear import fit_linear
    >>> x = np.column_stack([np.ones(5), [0, 1, 2, 3, 4]])
    >>> fits = [fit_linear(x, [1, 3, 2, 5, last], "classical") for last in (4, 5, 7)]
    >>> found = pool_models(fits).coefficient(1)
    >>> round(found.estimate, 4), round(found.df, 3)
    (1.0667, 0.834)
    """
    if len({len(model.coef) for model in models}) > 1:
        raise ValueError("the models have different numbers of coefficients")
    sick = [
        f"imputation {i}" + "".join(f" ({text})" for text in model.warnings[:1])
        for i, model in enumerate(models)
        if not (np.isfinite(model.coef).all() and np.isfinite(model.cov).all())
    ]
    if sick:
        raise UserError(f"no finite estimate in {', '.join(sick)}: nothing pooled")
    coefs, covs = np.stack([m.coef for m in models]), np.stack([m.cov for m in models])

    def complete(weights: Floats) -> float:
        if df_complete is not None:
            return df_complete
        return float(np.mean([model.df_of(weights) for model in models]))

    p = coefs.shape[1]
    pooled = pool(coefs, covs, np.array([complete(row) for row in np.eye(p)]))

    def df_of(weights: Floats) -> float:
        return pooled.contrast(weights, complete(weights)).df

    said = Counter(text for model in models for text in dict.fromkeys(model.warnings))
    warnings = tuple(f"{text} (in {n} of {len(models)} imputations)" for text, n in said.items())
    first = models[0]
    alike = len({model.fitted.shape for model in models}) == 1
    fitted = np.mean([model.fitted for model in models], axis=0) if alike else np.empty(0)
    model = Model(
        pooled.coef,
        pooled.cov,
        df_of,
        f"pooled {first.se_type}",
        fitted,
        np.empty(0),
        np.mean([model.classical_cov for model in models], axis=0),
        converged=all(model.converged for model in models),
        warnings=warnings,
        extra={"fmi": pooled.fmi, "riv": pooled.riv, "lambda": pooled.lambda_, "m": len(models)},
    )
    return PooledModel(model, pooled, coefs, covs, complete)
