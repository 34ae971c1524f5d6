import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from gluteal.errors import UserError
from gluteal.estimators.mediation import mediate_counterfactual, nonlinear

ORDER = ("CDE", "PNDE", "TNDE", "PNIE", "TNIE", "total")


@pytest.fixture(scope="module")
def said(answers):
    return answers("mediation")["counterfactual"]


def ours(base, links, **more):
    frame = base.assign(weak=(base["glute"] < base["glute"].median()) * 1.0)
    return mediate_counterfactual(
        frame["prior_lbp"],
        frame["tilt" if links[0] == "linear" else "weak"],
        frame["pain" if links[1] == "linear" else "lbp"],
        frame[["age", "female", "bmi"]],
        mediator_link=links[0],
        outcome_link=links[1],
        **{"resamples": 20, **more},
    )


@pytest.mark.parametrize(
    "links",
    [
        ("linear", "logit"),
        ("linear", "probit"),
        ("logit", "linear"),
        ("probit", "logit"),
        ("logit", "probit"),
    ],
)
def test_effects_equal_integrals_in_r(base, said, links):
    found = ours(base, links)
    got = [found.effect(name).estimate for name in ORDER]
    np.testing.assert_allclose(got, said["_".join(links)], atol=1e-8)
    assert found.wald == ()
    if links[1] != "linear":
        none = found.effect("total").estimate / (found.effect("total ratio").estimate - 1)
        product = found.effect("PNDE ratio").estimate * found.effect("TNIE ratio").estimate
        assert product == pytest.approx(found.effect("total ratio").estimate)
        assert 0 < none < 1


def test_jobs_probit(real_data):
    """Closed form from R's fits; R's mediate with 2,000 draws says 0.0027 and 0.0541."""
    jobs = pd.read_csv(real_data / "mediation-r" / "jobs.csv")
    found = mediate_counterfactual(
        jobs["treat"],
        jobs["job_seek"],
        (jobs["work1"] == "psyemp") * 1.0,
        jobs[["econ_hard", "sex", "age"]],
        outcome_link="probit",
        interaction=False,
        resamples=20,
    )
    want = {"PNIE": 0.0026536214, "TNIE": 0.0028544314, "PNDE": 0.0540396943, "TNDE": 0.0542405043}
    for name, value in want.items():
        assert found.effect(name).estimate == pytest.approx(value, abs=1e-9)


def test_linear_models_give_the_closed_form(base):
    """The same question by g-computation, with parametric draws."""
    drawn = ours(base, ("linear", "linear"), draws="parametric", resamples=4000)
    closed = ours(base, ("linear", "linear"), resamples=50)
    for k, name in enumerate(ORDER):
        assert drawn.effect(name).estimate == pytest.approx(closed.effect(name).estimate, abs=1e-10)
        # A product near 0 has more spread than the delta method says.
        if name in ("CDE", "PNDE", "TNDE", "total"):
            assert drawn.effect(name).se == pytest.approx(closed.wald[k].se, rel=0.08)


def test_both_kinds_of_draws_agree_in_a_large_sample():
    rng = np.random.default_rng(2)
    n = 3000
    x = rng.integers(0, 2, n)
    m = 0.7 * x + rng.normal(size=n)
    y = (rng.uniform(size=n) < special.expit(-0.5 + 0.4 * x + 0.8 * m)).astype(float)
    one, two = (
        mediate_counterfactual(x, m, y, outcome_link="logit", draws=draws, resamples=400)
        for draws in ("bootstrap", "parametric")
    )
    for name in one.names:
        assert one.effect(name).se == pytest.approx(two.effect(name).se, rel=0.2)
    assert one.effect("TNIE").low > 0
    assert one.proportion.estimate == pytest.approx(
        one.effect("TNIE").estimate / one.effect("total").estimate
    )


def test_people_of_equal_rows_count_once(base):
    twice = pd.concat([base, base]).assign(person=np.tile(np.arange(len(base)), 2))
    plain = ours(base, ("linear", "logit"), resamples=100)
    people = ours(twice, ("linear", "logit"), resamples=100, cluster=twice["person"])
    total = plain.effect("total").se
    assert people.effect("total").se == pytest.approx(total, rel=0.02)
    rows = ours(twice, ("linear", "logit"), resamples=100)
    assert rows.effect("total").se < 0.85 * total


def test_resamples_do_not_depend_on_how_many_are_held(base, monkeypatch):
    want = ours(base, ("logit", "logit"), resamples=30)
    monkeypatch.setattr(nonlinear, "AT_ONCE", 7 * len(base))
    got = ours(base, ("logit", "logit"), resamples=30)
    np.testing.assert_allclose(got.bootstrap.draws, want.bootstrap.draws, rtol=1e-9)


def test_weights_are_copies_of_rows(base):
    weights = np.tile([1.0, 2.0, 3.0], 60)
    copies = base.loc[np.repeat(base.index.to_numpy(), weights.astype(int))]
    one = ours(base, ("linear", "probit"), weights=weights)
    two = ours(copies, ("linear", "probit"))
    # The mediator's residual variance divides by rows less coefficients.
    assert one.effect("total").estimate == pytest.approx(two.effect("total").estimate, rel=1e-3)


def test_separated_resamples_are_flagged():
    rng = np.random.default_rng(1)
    x = np.tile([0.0, 1.0], 20)
    y = np.zeros(40)
    y[[0, 1, 3]] = 1
    found = mediate_counterfactual(
        x, rng.normal(size=40), y, outcome_link="logit", interaction=False, resamples=300
    )
    assert found.bootstrap.singular > 15
    assert not found.converged
    assert "resamples have no estimate" in found.warnings[0]
    assert np.isfinite(found.bootstrap.low).all()


def test_faults_are_named(base):
    with pytest.raises(UserError, match="M must be 0 or 1 for a logit model"):
        mediate_counterfactual(base["prior_lbp"], base["tilt"], base["pain"], mediator_link="logit")
    with pytest.raises(UserError, match="separate Y"):
        mediate_counterfactual(
            base["prior_lbp"], base["tilt"], (base["tilt"] > 10) * 1.0, outcome_link="probit"
        )
    with pytest.raises(UserError, match="column X has the same value"):
        mediate_counterfactual(np.ones(180), base["tilt"], base["lbp"], outcome_link="logit")
    with pytest.raises(UserError, match="at least 2 clusters"):
        ours(base, ("linear", "logit"), cluster=np.zeros(180))
    with pytest.raises(UserError, match="not negative"):
        ours(base, ("linear", "logit"), weights=-np.ones(180))
    with pytest.raises(UserError, match="cannot carry"):
        ours(base.iloc[:5].assign(lbp=[0, 1, 0, 1, 1]), ("linear", "logit"))


def test_misuse_is_a_value_error(base):
    with pytest.raises(ValueError, match="BCa"):
        ours(base, ("linear", "logit"), kind="bca")
    with pytest.raises(ValueError, match="neither clusters"):
        ours(base, ("linear", "logit"), draws="parametric", cluster=base["id"])
    with pytest.raises(ValueError, match="weight each"):
        ours(base, ("linear", "logit"), weights=[1.0])


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(4, 25),
    links=st.sampled_from([("linear", "logit"), ("logit", "linear"), ("probit", "probit")]),
    draws=st.sampled_from(["bootstrap", "parametric"]),
)
def test_a_clear_error_or_a_flagged_result(seed, n, links, draws):
    """Few people, often separated or without one of the outcomes."""
    rng = np.random.default_rng(seed)
    x, m, y, c = rng.normal(size=(4, n))
    m = m if links[0] == "linear" else (m > 0.5) * 1.0
    y = y if links[1] == "linear" else (y > 0.5) * 1.0
    try:
        found = mediate_counterfactual(
            (x > 0) * 1.0,
            m,
            y,
            c,
            mediator_link=links[0],
            outcome_link=links[1],
            draws=draws,
            interaction=bool(seed % 2),
            resamples=20,
        )
    except UserError:
        return
    boot = found.bootstrap
    assert np.isfinite(boot.estimate).all()
    if boot.singular:
        assert found.warnings
    if not np.isfinite([boot.low, boot.high, boot.se]).all():
        assert not found.converged


@pytest.mark.parametrize("factor", [1e-5, 10.0])
def test_only_proportions_of_weights_count(base, factor):
    weights = 1 + base["age"].to_numpy() / 40
    one, other = (ours(base, ("linear", "logit"), weights=weights * by) for by in (1.0, factor))
    np.testing.assert_allclose(other.bootstrap.estimate, one.bootstrap.estimate, rtol=1e-10)
    np.testing.assert_allclose(other.bootstrap.draws, one.bootstrap.draws, rtol=1e-8)
    np.testing.assert_allclose(other.models[0].cov, one.models[0].cov, rtol=1e-9)
