import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.mediation import mediate, mediate_counterfactual

ORDER = ("CDE", "PNDE", "TNDE", "PNIE", "TNIE", "total")


@pytest.fixture(scope="module")
def said(answers):
    return answers("mediation")["counterfactual"]


def test_closed_form_equals_r(base, said):
    found = mediate_counterfactual(
        base["prior_lbp"], base["tilt"], base["pain"], base[["age", "female", "bmi"]], resamples=200
    )
    got = [found.effect(name).estimate for name in ORDER]
    np.testing.assert_allclose(got, said["linear_linear"], rtol=1e-9)
    # A product near 0 has more spread than the delta method says; the direct effects have none.
    for k in (1, 2, 5):
        assert found.bootstrap.se[k] == pytest.approx(found.wald[k].se, rel=0.2)


def test_jobs_with_interaction(real_data):
    """ACME of R's mediation: by hand from its lm fits."""
    jobs = pd.read_csv(real_data / "mediation-r" / "jobs.csv")
    found = mediate_counterfactual(
        jobs["treat"],
        jobs["job_seek"],
        jobs["depress2"],
        jobs[["econ_hard", "sex", "age"]],
        resamples=20,
    )
    assert found.effect("PNIE").estimate == pytest.approx(0.0656150034 * -0.3014201267, abs=1e-10)
    assert found.effect("TNIE").estimate == pytest.approx(-0.0140339568, abs=1e-10)


def test_without_interaction_it_is_the_product_of_paths(base):
    x, m, y, c = base["glute"], base["tilt"], base["pain"], base[["age", "bmi"]]
    found = mediate_counterfactual(
        x, m, y, c, interaction=False, exposed=3, unexposed=1, resamples=300
    )
    plain = mediate(x, m, y, c, resamples=300)
    for ours, theirs in (("TNIE", "indirect"), ("PNDE", "direct"), ("total", "total")):
        one, two = found.effect(ours), plain.effect(theirs)
        np.testing.assert_allclose(
            [one.estimate, one.low, one.high],
            np.array([two.estimate, two.low, two.high]) * 2,
            rtol=1e-9,
        )
        k, j = found.names.index(ours), plain.names.index(theirs)
        assert found.wald[k].se == pytest.approx(2 * plain.wald[j].se, rel=1e-9)


def test_truth_is_recovered():
    rng = np.random.default_rng(2)
    n = 20_000
    c, x = rng.normal(1, 1, n), rng.integers(0, 2, n)
    m = 0.5 + 0.8 * x + 0.4 * c + rng.normal(size=n)
    y = 0.3 * x + 0.5 * m + 0.6 * x * m + 0.2 * c + rng.normal(size=n)
    found = mediate_counterfactual(x, m, y, c, mediator_at=1.0, resamples=200)
    truth = {"CDE": 0.9, "PNIE": 0.4, "TNIE": 0.88, "PNDE": 0.84, "TNDE": 1.32, "total": 1.72}
    for name, value in truth.items():
        effect = found.effect(name)
        assert abs(effect.estimate - value) < 4 * effect.se, name
    assert found.proportion.estimate == pytest.approx(0.88 / 1.72, abs=0.03)


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), shift=st.floats(-50, 50))
def test_effects_add_up_and_do_not_depend_on_zero_points(seed, shift):
    rng = np.random.default_rng(seed)
    x, m, y, c = rng.normal(size=(4, 50))
    plain = mediate_counterfactual(x, m, y, c, resamples=5)
    e = {name: plain.effect(name).estimate for name in plain.names}
    assert e["total"] == pytest.approx(e["PNDE"] + e["TNIE"], abs=1e-12)
    assert e["total"] == pytest.approx(e["TNDE"] + e["PNIE"], abs=1e-12)
    moved = mediate_counterfactual(x, m + shift, y, c - shift, resamples=5)
    for name in plain.names:
        assert moved.effect(name).estimate == pytest.approx(e[name], abs=1e-8)
        assert moved.effect(name).se == pytest.approx(plain.effect(name).se, rel=1e-5)


def test_faults_are_named(base):
    x, m, y = (base[name].to_numpy(dtype=float) for name in ("glute", "tilt", "pain"))
    holes = np.where(np.arange(len(m)) == 3, np.nan, m)
    with pytest.raises(UserError, match="column M is missing or infinite in row 3"):
        mediate_counterfactual(x, holes, y)
    with pytest.raises(UserError, match="column X has the same value"):
        mediate_counterfactual(x * 0, m, y)
    with pytest.raises(UserError, match="combinations of one another"):
        # With a binary exposure that marks the mediator, their product is the mediator.
        mediate_counterfactual((m > 10) * 1.0, np.where(m > 10, m, 0), y)
    with pytest.raises(UserError, match="rows cannot carry"):
        mediate_counterfactual(x[:4], m[:4], y[:4])


def test_misuse_is_a_value_error(base):
    with pytest.raises(ValueError, match="must differ"):
        mediate_counterfactual(base["glute"], base["tilt"], base["pain"], exposed=0)
    with pytest.raises(ValueError, match="one mediator"):
        mediate_counterfactual(base["glute"], base[["tilt", "bmi"]], base["pain"])
