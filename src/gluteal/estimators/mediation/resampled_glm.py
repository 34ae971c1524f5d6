"""Linear, logit and probit regressions of many resamples at once, by their rows' weights."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gluteal.errors import UserError
from gluteal.estimators.bootstrap.equations import solve_normal
from gluteal.estimators.bootstrap.moments import place
from gluteal.estimators.glm import is_separated
from gluteal.estimators.inference import Floats, Model, constant_df
from gluteal.estimators.inputs import as_design

Link = Literal["linear", "logit", "probit"]
MOST_STEPS, SETTLED, EXACT = 25, 1e-7, 1e-12
FAR = {"logit": 30.0, "probit": 8.0}


@dataclass(frozen=True, slots=True)
class Regression:
    """A regression that can be fitted to any weights of its rows.

    Attributes
    ----------
    x : ndarray, shape (n, p)
        Design, its columns divided by ``scale``.
    products : ndarray, shape (n, p(p+1)/2)
        Products of all pairs of columns.
    y : ndarray, shape (n,)
    coef : ndarray, shape (p,)
        Of the whole sample, in the units of the data.
    sigma : float
        Residual standard deviation of a linear regression; NaN for others.
    cov : ndarray, shape (p, p)
        Classical covariance of ``coef``.
    """

    x: Floats
    scale: Floats
    products: Floats
    y: Floats
    link: Link
    coef: Floats
    sigma: float
    cov: Floats

    def fit(self, weights: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Fit the regression to resamples.

        Parameters
        ----------
        weights : ndarray, shape (resamples, n)

        Returns
        -------
        coef : ndarray, shape (resamples, p)
            NaN where there is no estimate.
        sigma : ndarray, shape (resamples,)
        sound : ndarray of bool, shape (resamples,)
        """
        start = np.tile(self.coef * self.scale, (len(weights), 1))
        if self.link == "linear":
            coef, sound = self._step(weights, weights * self.y)
            left = (weights * (self.y - coef @ self.x.T) ** 2).sum(1)
            with np.errstate(divide="ignore", invalid="ignore"):
                sigma = np.sqrt(left / (weights.sum(1) - self.x.shape[1]))
            return coef / self.scale, sigma, sound & np.isfinite(sigma)
        coef, sound = self._iterate(weights, start)
        return coef / self.scale, np.full(len(weights), np.nan), sound

    def model(self) -> Model:
        """Return the fit of the whole sample with classical standard errors."""
        fitted = inverse(self.link, self.x @ (self.coef * self.scale))
        df = float(len(self.y) - len(self.coef)) if self.link == "linear" else inf
        none = np.empty(0)
        return Model(self.coef, self.cov, constant_df(df), "classical", fitted, none, self.cov)

    def _step(self, weights: Floats, pull: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Solve X'WX b = X'pull for each resample."""
        p = self.x.shape[1]
        totals = np.empty(((p + 1) * (p + 2) // 2, len(weights)))
        totals[: p * (p + 1) // 2] = (weights @ self.products).T
        totals[place(0, p) : place(0, p) + p] = (pull @ self.x).T
        coef, singular = solve_normal(totals, p)
        return coef, ~singular

    def _iterate(self, weights: Floats, coef: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        rows = len(weights)
        settled = np.zeros(rows, dtype=bool)
        active = np.arange(rows)
        used = weights
        for _ in range(MOST_STEPS):
            w, pull = working(self.link, coef[active] @ self.x.T, self.y)
            step, _ = self._step(used * w, used * pull)
            coef[active] += step
            size = np.abs(step).max(1)
            settled[active] = size < SETTLED
            # A resample that is singular or runs away has no estimate.
            going = (size >= SETTLED) & (size < 1e4)
            if not going.any():
                break
            if going.sum() < 0.7 * len(active):
                active, used = active[going], used[going]
        coef[~settled] = np.nan
        return coef, settled


def working(link: Link, eta: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return Fisher's weights, and the scores with respect to the linear predictor.

    Parameters
    ----------
    eta : ndarray, shape (resamples, n)
    y : ndarray, shape (n,)
    """
    from scipy import special

    eta = np.clip(eta, -FAR[link], FAR[link])
    if link == "logit":
        mu = special.expit(eta)
        return mu * (1 - mu), y - mu
    mu = special.ndtr(eta)
    density = np.exp(-(eta**2) / 2) / np.sqrt(2 * np.pi)
    spread = mu * special.ndtr(-eta)
    return density**2 / spread, (y - mu) * density / spread


def inverse(link: Link, eta: Floats) -> Floats:
    """Turn linear predictors into means."""
    from scipy import special

    if link == "linear":
        return eta
    return special.expit(eta) if link == "logit" else special.ndtr(eta)


def fit_regression(
    x: Floats, y: Floats, link: Link, names: tuple[str, ...], title: str, weights: Floats | None
) -> Regression:
    """Fit a regression to the whole sample and prepare it for resamples.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Design with its constant.
    title : str
        Of the outcome, for messages.
    weights : ndarray, shape (n,), optional

    Raises
    ------
    UserError
        For what ``as_design`` refuses, an outcome that is not 0 and 1 (logit, probit), or
        covariates that separate it.
    """
    x, y = as_design(x, y, names=names, least_df=1)
    if link != "linear":
        if not np.isin(y, (0, 1)).all():
            raise UserError(f"{title} must be 0 or 1 for a {link} model")
        if y.min() == y.max():
            raise UserError(f"{title} is {y[0]:.0f} in every row")
    n, p = x.shape
    scale = np.sqrt((x**2).mean(0))
    z = x / scale
    products = np.empty((n, p * (p + 1) // 2))
    for i in range(p):
        for j in range(i, p):
            products[:, place(i, j)] = z[:, i] * z[:, j]
    w = np.ones(n) if weights is None else weights
    bare = Regression(z, scale, products, y, link, np.zeros(p), 1.0, np.zeros((p, p)))
    coef, sigma, sound = bare.fit(w[None])
    eta = coef @ x.T
    away = link != "linear" and (not sound[0] or np.abs(eta).max() > FAR[link] / 2)
    if away and is_separated(x, y, "logistic"):
        raise UserError(f"the predictors separate {title}: no finite estimate")
    if not sound[0]:
        raise UserError(f"the {link} model of {title} has no estimate: the iterations fail")
    if link == "linear" and sigma[0] ** 2 < EXACT * y.var():
        raise UserError(f"{title} is an exact combination of its predictors: nothing is random")
    fisher = sigma[0] ** -2 if link == "linear" else working(link, eta, y)[0][0]
    information = (z * (w * fisher)[:, None]).T @ z
    cov = np.linalg.inv(information) / np.outer(scale, scale)
    return Regression(z, scale, products, y, link, coef[0], float(sigma[0]), cov)
