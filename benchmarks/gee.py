"""Estimating equations beside statsmodels and geepack: 5 000 people with five visits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import harness
import numpy as np
from harness import Row, compare, floor_of, run_r

from gluteal.estimators.gee import fit_gee

FAMILIES = (("linear", "gaussian"), ("logistic", "binomial"))


def data(family: str, people: int, visits: int = 5) -> tuple[Any, Any, Any]:
    """Draw an outcome with a shared part, a covariate that changes and three that do not."""
    rng = np.random.default_rng([11, people])
    person = np.repeat(np.arange(people), visits)
    fixed = rng.normal(size=(people, 3))[person]
    x = np.column_stack([np.ones(len(person)), rng.normal(size=len(person)), fixed])
    eta = x @ [0.2, -0.4, 0.3, 0.2, -0.1] + 0.8 * rng.normal(size=people)[person]
    if family == "linear":
        return x, eta + rng.normal(size=len(eta)), person
    return x, (rng.uniform(size=len(eta)) < 1 / (1 + np.exp(-eta))).astype(float), person


def statsmodels(x: Any, y: Any, person: Any, family: str, errors: str = "robust") -> np.ndarray:
    """Fit the same model; coefficients, then errors."""
    import statsmodels.api as sm

    kind = sm.families.Gaussian() if family == "linear" else sm.families.Binomial()
    model = sm.GEE(y, x, groups=person, family=kind, cov_struct=sm.cov_struct.Exchangeable())
    found: Any = model.fit(cov_type=errors)
    return np.r_[found.params, found.bse]


def rows() -> Iterator[Row]:
    """Compare fits with an exchangeable correlation and the plain sandwich."""
    for family, name in FAMILIES:
        x, y, person = data(family, 5_000)

        def ours(
            by: str, x: Any = x, y: Any = y, person: Any = person, family: Any = family
        ) -> Any:
            fit = fit_gee(x, y, person, family, errors="robust", df="normal", alpha_by=by)  # pyright: ignore
            return np.r_[fit.coef, np.sqrt(np.diag(fit.cov))]

        def corrected(x: Any = x, y: Any = y, person: Any = person, family: Any = family) -> Any:
            fit = fit_gee(x, y, person, family, errors="bias_reduced", df="normal")
            return np.r_[fit.coef, np.sqrt(np.diag(fit.cov))]

        def apart(mine: Any, said: Any) -> float:
            other = np.r_[said["coef"], said["se"]] if isinstance(said, dict) else said
            return float(np.abs(mine / other - 1).max())

        columns = {f"x{j}": x[:, j] for j in range(1, x.shape[1])}
        # Reads and cross-products of one pass for each of the steps that both engines take.
        floor = 4 * floor_of(read_bytes=x.nbytes + y.nbytes, flops=2 * x.size * x.shape[1])
        said = {"agreement": "largest relative difference of coefficients and errors"}
        known: dict[str, Any] = {"floor_s": floor, "floor": "4 reads and cross-products"}
        yield compare(
            f"GEE exchangeable, {name}",
            "statsmodels",
            "5,000 people x 5",
            lambda ours=ours: ours("moment"),
            lambda x=x, y=y, person=person, family=family: statsmodels(x, y, person, family),
            apart,
            promised=100,
            tolerance=1e-6,
            **said,
            **known,
        )
        yield compare(
            f"GEE exchangeable, {name}, Mancl and DeRouen's errors",
            "statsmodels",
            "5,000 people x 5",
            corrected,
            lambda x=x, y=y, person=person, family=family: statsmodels(
                x, y, person, family, "bias_reduced"
            ),
            apart,
            promised=50,
            tolerance=1e-6,
            peer_rounds=2,
            **said,
            **known,
        )
        yield compare(
            f"GEE exchangeable, {name}",
            "geepack (R)",
            "5,000 people x 5",
            lambda ours=ours: ours("estimating_equation"),
            lambda columns=columns, y=y, person=person, name=name: run_r(
                "gee", {**columns, "y": y, "person": person}, family=name
            ),
            apart,
            promised=30,
            # geepack's alternation stops at 1e-6 here, as ours at 1e-9 would only cost it time.
            tolerance=1e-5,
            **said,
            **known,
        )


def growing(family: str, **how: Any) -> Callable[[int], Callable[[], Any]]:
    """Prepare people with five visits."""

    def make(n: int) -> Callable[[], Any]:
        x, y, person = data(family, n)
        return lambda: fit_gee(x, y, person, family, **how)  # pyright: ignore[reportArgumentType]

    return make


GROWTH = {
    "GEE exchangeable, linear": growing("linear"),
    "GEE exchangeable, logistic": growing("logistic"),
    "GEE AR(1), logistic": growing("logistic", working="ar1"),
}

if __name__ == "__main__":
    for row in rows():
        print(harness.as_json(row), flush=True)
