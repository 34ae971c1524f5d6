import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.mediation import mediate, rho_sensitivity


@pytest.fixture(scope="module")
def said(answers):
    return answers("mediation")["medsens"]


def ours(base, **more):
    covariates = base[["age", "female", "bmi", "prior_lbp"]]
    return rho_sensitivity(
        base["glute"], base["tilt"], base["pain"], covariates, **{"resamples": 200, **more}
    )


def test_effects_equal_medsens(base, said):
    """Iterated to the end, R's feasible generalised least squares is the closed form."""
    found = ours(base, rho=said["rho"])
    np.testing.assert_allclose(found.indirect, said["indirect"], rtol=1e-8)
    np.testing.assert_allclose(found.direct, said["direct"], rtol=1e-8)
    left = np.prod([1 - value for value in said["r2"]])
    assert found.r2_total == pytest.approx(found.rho_at_zero**2 * left, rel=1e-10)


def test_jobs(real_data):
    jobs = pd.read_csv(real_data / "mediation-r" / "jobs.csv")
    found = rho_sensitivity(
        jobs["treat"],
        jobs["job_seek"],
        jobs["depress2"],
        jobs[["econ_hard", "sex", "age"]],
        rho=(-0.9, -0.5, 0, 0.5, 0.9),
        resamples=50,
    )
    want = (0.0985904, 0.0162282, -0.0157446450, -0.0477175, -0.1300797)
    np.testing.assert_allclose(found.indirect, want, atol=1e-4)
    assert found.rho_at_zero == pytest.approx(-0.2735, abs=5e-5)


def test_no_correlation_is_the_product_of_paths(base):
    found = ours(base, rho=(0.0,))
    plain = mediate(
        base["glute"],
        base["tilt"],
        base["pain"],
        base[["age", "female", "bmi", "prior_lbp"]],
        resamples=200,
    )
    assert found.indirect[0] == pytest.approx(plain.effect("indirect").estimate, rel=1e-10)
    assert found.indirect_low[0] == pytest.approx(plain.effect("indirect").low, rel=1e-10)
    assert found.direct[0] == pytest.approx(plain.effect("direct").estimate, rel=1e-10)


def test_an_unmeasured_confounder_is_undone_at_its_rho():
    """Mediator and outcome share a cause; at the true correlation the truth comes back."""
    rng = np.random.default_rng(3)
    n = 100_000
    x, u = rng.normal(size=n), rng.normal(size=n)
    m = 0.5 * x + u + rng.normal(size=n)
    y = 0.3 * m + 0.2 * x + u + rng.normal(size=n)
    found = rho_sensitivity(x, m, y, rho=(0.0, 0.5), resamples=20)
    assert found.indirect[0] == pytest.approx(0.5 * 0.8, abs=0.02)
    assert found.indirect[1] == pytest.approx(0.5 * 0.3, abs=0.02)


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), scale=st.floats(0.01, 100))
def test_invariants(seed, scale):
    rng = np.random.default_rng(seed)
    x, m, y = rng.normal(size=(3, 40))
    found = rho_sensitivity(x, m, y, resamples=5)
    other = rho_sensitivity(x * scale, m * 3 + 1, y - 5, resamples=5)
    np.testing.assert_allclose(other.indirect * scale, found.indirect, rtol=1e-6, atol=1e-10)
    assert other.rho_at_zero == pytest.approx(found.rho_at_zero, abs=1e-10)
    np.testing.assert_allclose(found.indirect + found.direct, found.indirect[0] + found.direct[0])
    # It crosses 0 where it says.
    zero = rho_sensitivity(x, m, y, rho=(found.rho_at_zero,), resamples=5)
    assert zero.indirect[0] == pytest.approx(0, abs=1e-9)


def test_faults_are_named(base):
    with pytest.raises(UserError, match="differ in rows"):
        rho_sensitivity([1, 2], [1, 2, 3], [1, 2, 3])
    rng = np.random.default_rng(1)
    x, m = rng.normal(size=(2, 20))
    with pytest.raises(UserError, match="Y is an exact combination of its predictors"):
        rho_sensitivity(x, m, 3 * x + 1)
    with pytest.raises(UserError, match="combinations of one another"):
        rho_sensitivity(x, 2 * x, m)
    for rho in ((1.0,), (), (np.nan,)):
        with pytest.raises(ValueError, match="within -1 and 1"):
            ours(base, rho=rho)
    with pytest.raises(ValueError, match="one mediator"):
        rho_sensitivity(base["glute"], base[["tilt", "bmi"]], base["pain"])
