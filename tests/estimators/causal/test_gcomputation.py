import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.causal.gcomputation import set_exposure, standardise_outcome
from gluteal.estimators.glm import mean_of

KINDS = ["few", "missing", "separated", "collinear", "constant", "huge"]


@pytest.fixture(scope="module")
def said(answers):
    return answers("causal")


def test_what_if_chapter_13(nhefs, said):
    """Printed there: 3.5; R to the last digits, with the stacked error by numerical derivatives."""
    found = standardise_outcome(nhefs.x, nhefs.y, nhefs.designs)
    np.testing.assert_allclose(found.means, said["nhefs"]["gcomp"]["means"], rtol=1e-9)
    np.testing.assert_allclose(found.means, [1.75621312, 5.27358732], atol=6e-9)
    assert found.difference().estimate == pytest.approx(3.51737420, abs=1e-8)
    assert found.difference().se == pytest.approx(said["nhefs"]["gcomp"]["stacked"], rel=1e-6)


def test_risks_of_birthwt(births, said):
    of = births("low")
    found = standardise_outcome(of.x, of.y, of.designs, "logistic")
    np.testing.assert_allclose(found.means, [0.2458059961, 0.4162711200], atol=1e-9)
    assert found.difference().se == pytest.approx(said["low"]["gcomp"]["stacked"], rel=1e-6)
    assert found.ratio().estimate == pytest.approx(1.6934945710, abs=1e-8)
    delta = standardise_outcome(of.x, of.y, of.designs, "logistic", se="classical")
    assert delta.difference().estimate == pytest.approx(0.1704651238, abs=1e-9)
    assert delta.difference().se == pytest.approx(said["low"]["delta"], rel=1e-9)
    # R's glm stops early by default, and then prints 0.0729563141.
    assert delta.difference().se == pytest.approx(0.0729563141, rel=2e-5)


def test_the_effect_in_the_exposed(nhefs, births, said):
    low = births("low")
    for of, family, name in ((nhefs, "linear", "nhefs"), (low, "logistic", "low")):
        found = standardise_outcome(of.x, of.y, of.designs, family, among=of.a == 1)
        want = said[name]["exposed"]
        np.testing.assert_allclose(found.means, want["means"], rtol=1e-9)
        assert found.difference().se == pytest.approx(want["stacked"], rel=1e-6)
        delta = standardise_outcome(of.x, of.y, of.designs, family, among=of.a, se="HC0")
        np.testing.assert_allclose(delta.means, want["means"], rtol=1e-9)


def test_without_interaction_a_linear_effect_is_the_coefficient(births, said):
    of = births("bwt")
    found = standardise_outcome(of.x, of.y, of.designs, se="HC0").difference()
    assert found.estimate == pytest.approx(-351.3142033, abs=1e-6)
    stacked = standardise_outcome(of.x, of.y, of.designs).difference()
    assert stacked.se == pytest.approx(found.se, rel=1e-9)
    assert stacked.se == pytest.approx(said["bwt"]["gcomp"]["stacked"], rel=1e-7)


def test_a_shift_of_a_measurement_is_its_slope_times_the_shift(base, matrix):
    x, y = matrix(base, "glute", "age", "female"), base["pain"]
    both = [x, set_exposure(x, 1, x[:, 1] + 0.25)]
    found = standardise_outcome(x, y, both)
    assert found.difference().estimate == pytest.approx(0.25 * found.extra["coef"][1], rel=1e-9)
    two = standardise_outcome(x, y, [set_exposure(x, 1, v) for v in (1.2, 1.7)])
    assert two.difference().estimate == pytest.approx(0.5 * found.extra["coef"][1], rel=1e-9)


def test_people_with_several_rows(long, matrix):
    """The same rows twice are no more people."""
    x, y = matrix(long, "glute", "age", "wave"), long["lbp"].to_numpy(float)
    both = [set_exposure(x, 1, v) for v in (1.2, 1.7)]
    once = standardise_outcome(x, y, both, "logistic", person=long["id"])
    twice = standardise_outcome(
        np.vstack([x, x]),
        np.r_[y, y],
        [np.vstack([b, b]) for b in both],
        "logistic",
        person=np.r_[long["id"], long["id"]],
    )
    np.testing.assert_allclose(twice.cov, once.cov, rtol=1e-8)
    assert once.units == twice.units == long["id"].nunique()
    cr2 = standardise_outcome(x, y, both, "logistic", se="CR2", person=long["id"])
    assert cr2.difference().se == pytest.approx(once.difference().se, rel=0.1)


def test_the_stacked_error_is_the_spread_over_studies(simulate):
    found = [
        standardise_outcome(s.x, s.y, s.designs, "logistic").difference()
        for s in (simulate(300, k, binary=True) for k in range(150))
    ]
    spread = np.std([f.estimate for f in found], ddof=1)
    assert np.mean([f.se for f in found]) == pytest.approx(spread, rel=0.2)
    rng = np.random.default_rng(3)
    c = rng.normal(size=200_000) * 2**0.5
    truth = mean_of("logistic", (c + 2) / 2 - 0.5).mean() - mean_of("logistic", c / 2 - 0.5).mean()
    assert np.mean([f.estimate for f in found]) == pytest.approx(truth, abs=3 * spread / 150**0.5)


@settings(max_examples=20)
@given(seed=st.integers(0, 500), scale=st.floats(0.01, 100), move=st.floats(-50, 50))
def test_invariants(simulate, seed, scale, move):
    s = simulate(80, seed)
    plain = standardise_outcome(s.x, s.y, s.designs).difference()
    order = np.random.default_rng(seed).permutation(80)
    mixed = standardise_outcome(s.x[order], s.y[order], [d[order] for d in s.designs]).difference()
    units = np.array([1.0, scale, 1.0, 1.0])
    other = standardise_outcome(
        s.x * units, 3 * s.y + move, [d * units for d in s.designs]
    ).difference()
    for got, factor in ((mixed, 1), (other, 3)):
        assert got.estimate == pytest.approx(factor * plain.estimate, rel=1e-7, abs=1e-8)
        assert got.se == pytest.approx(factor * plain.se, rel=1e-6)


def test_faults_are_named_at_once(simulate):
    s = simulate(50, 1)
    sick = s.y.copy()
    sick[3] = np.nan
    with pytest.raises(UserError, match=r"row 3.*exposure 1 has the shape"):
        standardise_outcome(s.x, sick, [s.designs[0], s.designs[1][:, :2]])
    with pytest.raises(UserError, match="combination"):
        standardise_outcome(np.c_[s.x, s.x[:, 1]], s.y, [np.c_[s.x, s.x[:, 1]]])
    with pytest.raises(UserError, match="no exposure"):
        standardise_outcome(s.x, s.y, [])
    with pytest.raises(UserError, match="missing or infinite"):
        standardise_outcome(s.x, s.y, [np.full_like(s.x, np.inf)])
    with pytest.raises(UserError, match="cannot carry"):
        standardise_outcome(s.x[:4], s.y[:4], [d[:4] for d in s.designs])
    with pytest.raises(UserError, match="other rows"):
        standardise_outcome(s.x, s.y, [d[:9] for d in s.designs])
    with pytest.raises(UserError, match="other rows"):
        standardise_outcome(s.x, s.y, [d[:9] for d in s.designs], among=s.a, se="HC3")
    target = standardise_outcome(s.x, s.y, [d[:9] for d in s.designs], se="HC3")
    assert target.mean(0).se > 0  # another population, by the delta method
    with pytest.raises(UserError, match="one person"):
        standardise_outcome(s.x, s.y, s.designs, person=np.zeros(50))
    with pytest.raises(UserError, match="nobody is left"):
        standardise_outcome(s.x, s.y, s.designs, among=np.zeros(50))
    for among in (np.ones(3), np.full(50, 2)):
        with pytest.raises(UserError, match="yes or no"):
            standardise_outcome(s.x, s.y, s.designs, among=among)
    with pytest.raises(UserError, match="one person"):
        standardise_outcome(s.x, s.y, s.designs, se="CR2", person=np.zeros(50))
    with pytest.raises(ValueError, match="several rows"):
        standardise_outcome(s.x, s.y, s.designs, se="HC3", person=np.arange(50))


def test_separated_outcomes_are_flagged(simulate):
    s = simulate(40, 2)
    y = (s.x[:, 1] > 0).astype(float)
    found = standardise_outcome(s.x, y, s.designs, "logistic")
    assert not found.converged
    assert found.extra["separated"]
    assert np.isfinite(found.means).all()


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 14),
    kind=st.sampled_from(KINDS),
    family=st.sampled_from(["linear", "logistic", "poisson"]),
)
def test_poor_data_are_refused_or_flagged(poor_data, seed, n, kind, family):
    y, a, z = poor_data(seed, n, kind)
    y = y if family == "linear" else np.where(np.isfinite(y), (y > 0) * 1.0, y)
    designs = [np.c_[z, np.full(n, v)] for v in (0.0, 1.0)]
    try:
        found = standardise_outcome(np.c_[z, a], y, designs, family)
    except UserError as error:
        assert str(error)
        return
    assert found.warnings
    assert np.isfinite(found.means).all()
    assert np.isfinite(found.cov).all()
