import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.power import odds_ratio, risk_ratio, simulate_design


@pytest.mark.parametrize(
    ("make", "family", "se"),
    [(risk_ratio, "poisson", "HC0"), (odds_ratio, "logistic", "classical")],
)
def test_each_replicate_is_the_regression_of_its_people(make, family, se):
    design = make(0.3, 1.5, share=0.4)
    a, b, m, other = design.make(np.random.default_rng(2), 200)
    found = design.fit((a, b, m, other), 0.95)
    exposed = np.repeat([1.0, 0.0], [m, other])
    y = np.r_[np.arange(m) < a[0], np.arange(other) < b[0]].astype(float)
    fit = fit_glm(np.column_stack([np.ones(200), exposed]), y, family, se)
    want = fit.coefficient(1)
    for name in ("estimate", "se", "low", "high"):
        assert getattr(found, name) == pytest.approx(getattr(want, name), rel=1e-6)


@pytest.mark.parametrize("make", [risk_ratio, odds_ratio])
def test_level_and_coverage(make):
    null = simulate_design(make(0.3, 1.0), 500, replicates=10_000)
    assert null.type_one.value == pytest.approx(0.05, abs=0.012)
    found = simulate_design(make(0.2, 1.8), 500, replicates=10_000)
    assert found.coverage.value == pytest.approx(0.95, abs=0.012)
    assert abs(found.bias.value) < 0.02


def test_empty_cells_give_no_result():
    found = simulate_design(risk_ratio(0.03, 1.5), 40, replicates=500)
    assert found.used < 500
    assert found.converged.value < 1
    assert np.isfinite(found.coverage.value)


def test_faults():
    with pytest.raises(UserError, match=r"risks of 0\.5 and 1"):
        risk_ratio(0.5, 2.0)
    with pytest.raises(UserError, match="risks of 0 "):
        odds_ratio(0.0, 2.0)
