import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.causal.weighing import weigh_binary, weigh_density, weigh_remaining


@pytest.fixture(scope="module")
def said(answers):
    return answers("causal")


def test_known_weights_of_one_binary_covariate():
    z = np.column_stack([np.ones(8), np.repeat([0, 1], 4)])
    a = np.array([1, 0, 0, 0, 1, 1, 1, 0])
    p = np.where(z[:, 1] == 1, 0.75, 0.25)
    made = weigh_binary(a, z, stabilised=False)
    np.testing.assert_allclose(made.values, np.where(a == 1, 1 / p, 1 / (1 - p)), rtol=1e-9)
    att = weigh_binary(a, z, estimand="ATT").values
    np.testing.assert_allclose(att, np.where(a == 1, 1, p / (1 - p)), rtol=1e-9)
    ato = weigh_binary(a, z, estimand="ATO").values
    np.testing.assert_allclose(ato, np.where(a == 1, 1 - p, p), rtol=1e-9)
    stable = weigh_binary(a, z)
    np.testing.assert_allclose(stable.values, made.values / 2, rtol=1e-9)


def numerical(make, z, a):
    """Differentiate log weights along the direction that refits make when a row counts more."""
    w = make(z, a)
    rows = np.r_[np.arange(len(a)), 0]
    more = make(z[rows], a[rows])
    # One more copy of row 0 moves the coefficients by its share, to first order in 1/n.
    return np.log(more.values[:-1]) - np.log(w.values), w.gradient @ w.shares[0]


@pytest.mark.parametrize(
    "make",
    [
        lambda z, a: weigh_binary(a, z),
        lambda z, a: weigh_binary(a, z, numerator=z[:, :2]),
        lambda z, a: weigh_binary(a, z, estimand="ATT"),
        lambda z, a: weigh_binary(a, z, estimand="ATO"),
        lambda z, a: weigh_density(a + z[:, 1] ** 2, z, numerator=z[:, :2]),
    ],
)
def test_gradients_and_shares_foretell_a_refit(simulate, make):
    s = simulate(5000, 4)
    seen, foretold = numerical(make, s.z, s.a)
    np.testing.assert_allclose(seen, foretold, atol=0.1 * np.abs(foretold).max())


def test_staying_foretells_a_refit_too(simulate):
    s = simulate(5000, 4)
    rows = np.r_[np.arange(5000), 0]
    w = weigh_remaining(s.a, s.z, numerator=s.z[:, :2])
    more = weigh_remaining(s.a[rows], s.z[rows], numerator=s.z[rows][:, :2])
    here = s.a == 1
    seen = np.log(more.values[:-1][here]) - np.log(w.values[here])
    foretold = (w.gradient @ w.shares[0])[here]
    np.testing.assert_allclose(seen, foretold, atol=0.1 * np.abs(foretold).max())
    assert not w.values[~here].any()


def test_stabilised_weights_of_those_who_stayed_add_up_to_them(simulate):
    s = simulate(2000, 6)
    plain = weigh_remaining(s.a, s.z, stabilised=False)
    assert plain.values.sum() == pytest.approx(2000, rel=0.1)
    assert weigh_remaining(s.a, s.z).values.mean() == pytest.approx(s.a.mean(), rel=0.1)


def test_density_weights_equal_r(base, matrix, said):
    z = matrix(base, "age", "female", "bmi", "prior_lbp")
    made = weigh_density(base["glute"], z, numerator=matrix(base, "female"))
    want = said["continuous"]["weights"]
    np.testing.assert_allclose([made.values.min(), made.values.max()], want, rtol=1e-9)


def test_degenerate_exposures(simulate):
    s = simulate(60, 1)
    with pytest.raises(UserError, match=r"value 1 only.*no finite value"):
        weigh_binary(np.ones(60), s.z * np.nan)
    with pytest.raises(UserError, match="value 3 only"):
        weigh_density(np.full(60, 3.0), s.z)
    with pytest.raises(UserError, match="no overlap"):
        weigh_density(s.z[:, 1], s.z)
    with pytest.raises(UserError, match="staying has the value 1 only"):
        weigh_remaining(np.ones(60), s.z)
    with pytest.raises(UserError, match="staying has the value 0 only"):
        weigh_remaining(np.zeros(60), s.z)


def test_no_overlap_is_flagged(simulate):
    s = simulate(60, 1)
    a = (s.z[:, 1] > 0.1).astype(float)
    made = weigh_binary(a, s.z)
    assert not made.converged
    assert any("separate" in text for text in made.warnings)
    assert any("positivity: 6" in text for text in made.warnings)
    assert np.isfinite(made.values).all()
    gone = weigh_remaining(a, s.z)
    assert any("probability of staying" in text for text in gone.warnings)


def test_heavy_density_ratios_are_flagged(simulate):
    s = simulate(300, 1)
    a = 10 * s.z[:, 1] + 0.5 * s.y
    assert "not near 1" in weigh_density(a, s.z).warnings[0]
