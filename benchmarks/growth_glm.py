"""How regressions grow with people; no peer is promised here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gluteal.estimators.counts import fit_negative_binomial
from gluteal.estimators.firth import fit_firth
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.logit_mixed import fit_logit_mixed
from gluteal.estimators.ordinal import fit_ordinal

Work = Callable[[], Any]


def data(people: int, visits: int = 1) -> tuple[Any, Any, Any]:
    """Draw a design of five columns, a linear predictor with a shared part, and who is who."""
    rng = np.random.default_rng([12, people])
    person = np.repeat(np.arange(people), visits)
    x = np.column_stack([np.ones(len(person)), rng.normal(size=(len(person), 4))])
    return x, x @ [0.1, -0.4, 0.3, 0.2, 0.0] + 0.7 * rng.normal(size=people)[person], person


def once(fit: Callable[[Any, Any], Any]) -> Callable[[int], Work]:
    """Prepare one row a person."""

    def make(n: int) -> Work:
        x, eta, _person = data(n)
        return lambda: fit(x, eta)

    return make


def often(fit: Callable[[Any, Any, Any], Any]) -> Callable[[int], Work]:
    """Prepare four visits a person."""

    def make(n: int) -> Work:
        x, eta, person = data(n, 4)
        return lambda: fit(x, eta, person)

    return make


def event(eta: Any) -> Any:
    """Draw what happened."""
    return (np.random.default_rng(3).uniform(size=len(eta)) < 1 / (1 + np.exp(-eta))).astype(float)


def count(eta: Any) -> Any:
    """Draw how often."""
    rng = np.random.default_rng(4)
    return rng.poisson(np.exp(0.5 + 0.5 * eta) * rng.gamma(2.0, 0.5, len(eta)))


GROWTH: dict[str, Callable[[int], Work]] = {
    "least squares, HC3": once(fit_linear),
    "logistic, HC3": once(lambda x, eta: fit_glm(x, event(eta), "logistic")),
    "modified Poisson, HC3": once(lambda x, eta: fit_glm(x, event(eta), "poisson")),
    "least squares, CR2": often(lambda x, eta, who: fit_linear(x, eta, "CR2", who)),
    "logistic, CR2": often(lambda x, eta, who: fit_glm(x, event(eta), "logistic", "CR2", who)),
    "Firth": once(lambda x, eta: fit_firth(x, event(eta))),
    "negative binomial": once(lambda x, eta: fit_negative_binomial(x, count(eta))),
    "proportional odds": once(
        lambda x, eta: fit_ordinal(x[:, 1:], np.digitize(eta, [-1.0, 0.0, 1.0]))
    ),
    "random-intercept logistic, 9 points": often(
        lambda x, eta, who: fit_logit_mixed(x, event(eta), who, points=9)
    ),
}
