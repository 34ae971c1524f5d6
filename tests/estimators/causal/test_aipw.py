import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.causal.aipw import estimate_aipw
from gluteal.estimators.causal.iptw import estimate_iptw

KINDS = ["few", "missing", "separated", "collinear", "constant", "huge"]

SMOKE_INTENSITY = 9


@pytest.fixture(scope="module")
def said(answers):
    return answers("causal")


@pytest.mark.parametrize("se", ["influence", "stacked"])
def test_nhefs(nhefs, said, se):
    found = estimate_aipw(nhefs.y, nhefs.a, nhefs.z, nhefs.z, modified_by=[SMOKE_INTENSITY], se=se)
    np.testing.assert_allclose(found.means, said["nhefs"]["aipw"]["means"], rtol=1e-8)
    assert found.difference().estimate == pytest.approx(3.45728429, abs=6e-9)
    assert found.difference().se == pytest.approx(said["nhefs"]["aipw"][se], rel=1e-6)
    plain = found.extra["outcome_means"]
    np.testing.assert_allclose(plain, said["nhefs"]["gcomp"]["means"], rtol=1e-9)


def test_nhefs_by_group_equals_statsmodels(nhefs):
    """TreatmentEffect.aipw of statsmodels 0.15, outcome models by group."""
    found = estimate_aipw(nhefs.y, nhefs.a, nhefs.z, nhefs.z)
    np.testing.assert_allclose(found.means, [1.77223145, 5.14549608], atol=6e-9)


@pytest.mark.parametrize(("data", "family"), [("bwt", "linear"), ("low", "logistic")])
@pytest.mark.parametrize("se", ["influence", "stacked"])
def test_birthwt(births, said, data, family, se):
    of = births(data)
    found = estimate_aipw(of.y, of.a, of.z, of.z, family, modified_by=(), se=se)
    np.testing.assert_allclose(found.means, said[data]["aipw"]["means"], rtol=1e-8)
    assert found.difference().se == pytest.approx(said[data]["aipw"][se], rel=1e-6)


@pytest.mark.parametrize(("exposure", "outcome"), [(True, False), (False, True), (True, True)])
def test_one_right_model_is_enough(simulate, exposure, outcome):
    """Truth 2; a wrong model lacks both confounders."""
    s = simulate(20_000, 11)
    right, wrong = s.z, s.z[:, :1]
    found = estimate_aipw(s.y, s.a, right if exposure else wrong, right if outcome else wrong)
    effect = found.difference()
    assert effect.estimate == pytest.approx(2.0, abs=3.5 * effect.se)
    assert effect.se < 0.05


def test_two_wrong_models_are_not(simulate):
    s = simulate(20_000, 11)
    effect = estimate_aipw(s.y, s.a, s.z[:, :1], s.z[:, :1]).difference()
    assert abs(effect.estimate - 2) > 5 * effect.se


def test_the_stacked_error_holds_where_one_model_is_wrong(simulate):
    estimates, errors = [], {"influence": [], "stacked": []}
    for k in range(150):
        s = simulate(300, k)
        for se, kept in errors.items():
            effect = estimate_aipw(s.y, s.a, s.z, s.z[:, :1], se=se).difference()
            kept.append(effect.se)
        estimates.append(effect.estimate)
    spread = np.std(estimates, ddof=1)
    assert np.median(errors["stacked"]) == pytest.approx(spread, rel=0.25)
    assert np.median(errors["influence"]) > 1.1 * np.median(errors["stacked"])


def test_a_saturated_model_makes_all_methods_one():
    rng = np.random.default_rng(4)
    z = np.c_[np.ones(80), np.repeat([0.0, 1.0], 40)]
    a = np.tile([0.0, 0, 0, 1], 20)
    a[50:70] = 1 - a[50:70]
    y = rng.normal(size=80)
    one = estimate_aipw(y, a, z, z)
    two = estimate_iptw(y, a, z)
    np.testing.assert_allclose(one.means, two.means, rtol=1e-8)
    np.testing.assert_allclose(one.cov, two.cov, rtol=1e-6)


@settings(max_examples=20)
@given(seed=st.integers(0, 500), move=st.floats(-50, 50), scale=st.floats(0.01, 100))
def test_invariants(simulate, seed, move, scale):
    s = simulate(100, seed)
    plain = estimate_aipw(s.y, s.a, s.z, s.z).difference()
    units = [1, scale, 1]
    other = estimate_aipw(2 * s.y + move, s.a, s.z * units, s.z * units).difference()
    assert other.estimate == pytest.approx(2 * plain.estimate, rel=1e-6, abs=1e-7)
    assert other.se == pytest.approx(2 * plain.se, rel=1e-5)
    flipped = estimate_aipw(s.y, 1 - s.a, s.z, s.z).difference()
    assert flipped.estimate == pytest.approx(-plain.estimate, rel=1e-7, abs=1e-9)
    order = np.random.default_rng(seed).permutation(100)
    mixed = estimate_aipw(s.y[order], s.a[order], s.z[order], s.z[order]).difference()
    assert mixed.se == pytest.approx(plain.se, rel=1e-7)


def test_people_with_several_rows_count_once(simulate):
    s = simulate(200, 5, binary=True)
    twice = [np.concatenate([v, v]) for v in (s.y, s.a, s.z, s.z)]
    once = estimate_aipw(s.y, s.a, s.z, s.z, "logistic")
    again = estimate_aipw(*twice, "logistic", person=np.tile(np.arange(200), 2))
    np.testing.assert_allclose(again.cov, once.cov, rtol=1e-7)


def test_degenerate_input(simulate):
    s = simulate(60, 1)
    with pytest.raises(UserError, match=r"value 0 only.*column 1"):
        estimate_aipw(s.y, np.zeros(60), s.z * [1, np.inf, 1], s.z)
    a = np.zeros(60)
    a[:2] = 1
    with pytest.raises(UserError, match="2 rows cannot carry 3"):
        estimate_aipw(s.y, a, s.z, s.z)
    with pytest.raises(UserError, match="between 0 and 1"):
        estimate_aipw(s.y, s.a, s.z, s.z, "logistic")
    split = estimate_aipw(s.y, (s.z[:, 1] > 0).astype(float), s.z, s.z)
    assert not split.converged
    assert "propensity" in split.warnings[0]


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 14), kind=st.sampled_from(KINDS))
def test_poor_data_are_refused_or_flagged(poor_data, seed, n, kind):
    y, a, z = poor_data(seed, n, kind)
    try:
        found = estimate_aipw(y, a, z, z[:, :2])
    except UserError as error:
        assert str(error)
        return
    assert found.warnings
    assert np.isfinite(found.means).all()
    assert np.isfinite(found.cov).all()
