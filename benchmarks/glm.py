"""Regressions beside R: a random intercept beside lme4's, CR2 beside clubSandwich's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import harness
import numpy as np
from growth_glm import data, event
from harness import Row, compare, floor_of, run_r

from gluteal.estimators.glm import fit_glm
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.logit_mixed import fit_logit_mixed

POINTS = 9


def apart(mine: Any, said: Any) -> float:
    """Return the largest difference beside the largest value of its kind."""
    return max(
        float(np.abs(np.asarray(one) - other).max() / np.abs(other).max())
        for one, other in zip(mine, (np.asarray(part) for part in said["answer"]), strict=True)
    )


def mixed(x: Any, y: Any, who: Any) -> Any:
    """Fit a random intercept; coefficients, errors, standard deviation."""
    fit = fit_logit_mixed(x, y, who, points=POINTS)
    return fit.coef, np.sqrt(np.diag(fit.cov)), [fit.extra["sd"]]


def clustered(x: Any, y: Any, who: Any, family: str) -> Any:
    """Fit with CR2; coefficients, errors, degrees of freedom of each."""
    fit = (
        fit_linear(x, y, "CR2", who)
        if family == "gaussian"
        else fit_glm(x, y, "logistic", "CR2", who)
    )
    found = [fit.coefficient(j) for j in range(x.shape[1])]
    return fit.coef, [f.se for f in found], [f.df for f in found]


def rows() -> Iterator[Row]:
    """Compare both."""
    said: dict[str, Any] = {"agreement": "largest difference beside the largest value of its kind"}
    x, eta, who = data(1_000, 5)
    y = event(eta)
    table = {**{f"x{j}": x[:, j] for j in range(1, x.shape[1])}, "y": y, "who": who}
    yield compare(
        f"random-intercept logistic, {POINTS} points",
        "lme4 (R)",
        "1,000 people x 5",
        lambda: mixed(x, y, who),
        lambda: run_r("glm", table, work="mixed", points=POINTS),
        apart,
        promised=10,
        # lme4 stops its optimiser at 1e-6 or so, and differences its deviance for errors.
        tolerance=1e-4,
        floor_s=floor_of(normals=POINTS * len(y)),
        floor="one exponential a row and point, taken as costly as a normal draw",
        peer_rounds=2,
        **said,
    )
    for family in ("gaussian", "binomial"):
        x, eta, who = data(400, 5)
        y = eta if family == "gaussian" else event(eta)
        table = {**{f"x{j}": x[:, j] for j in range(1, x.shape[1])}, "y": y, "who": who}
        yield compare(
            f"CR2 with Satterthwaite's df, {family}",
            "clubSandwich (R)",
            "400 people x 5",
            lambda x=x, y=y, who=who, family=family: clustered(x, y, who, family),
            lambda table=table, family=family: run_r("glm", table, work="cr2", family=family),
            apart,
            promised=50,
            tolerance=1e-7,
            peer_rounds=1,
            **said,
        )


if __name__ == "__main__":
    for row in rows():
        print(harness.as_json(row), flush=True)
