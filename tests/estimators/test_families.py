import numpy as np
import pytest

from gluteal.estimators.families import CLUSTERED, fit_family, link_p, slope
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.ordinal import fit_ordinal


@pytest.mark.parametrize(
    ("family", "outcome", "kind"),
    [
        ("linear", "pain", "HC3"),
        ("logistic", "lbp", "HC3"),
        ("poisson", "lbp", "HC3"),
        ("negative_binomial", "days", "observed information"),
        ("ordinal", "grade", "observed information"),
    ],
)
def test_each_family_has_its_covariance(base, matrix, family, outcome, kind):
    x, y = matrix(base, "glute", "age"), base[outcome].to_numpy(dtype=float)
    model = fit_family(family, x, y)
    assert model.se_type == kind
    assert model.coef.shape == (3,)
    assert model.converged
    assert 0 < link_p(model, family, x, y, None) <= 1


def test_an_ordinal_model_keeps_the_place_of_the_intercept(base, matrix):
    x, y = matrix(base, "glute", "age"), base["grade"].to_numpy(dtype=float)
    np.testing.assert_allclose(fit_family("ordinal", x, y).coef[1:], fit_ordinal(x[:, 1:], y).coef)


@pytest.mark.parametrize("family", ["ordinal", "negative_binomial"])
def test_no_cluster_where_there_is_no_method(base, matrix, family):
    assert family not in CLUSTERED
    with pytest.raises(ValueError, match="cluster"):
        fit_family(family, matrix(base, "glute"), base["grade"].to_numpy(), base["id"].to_numpy())


def test_slopes_are_ratios_except_for_linear(base, matrix):
    x, y = matrix(base, "glute"), base["lbp"].to_numpy(dtype=float)
    model = fit_glm(x, y, "poisson")
    found = slope(model, "poisson", x, y, 1, 2.0, 0.95)
    assert found.estimate == pytest.approx(np.exp(2 * model.coef[1]))
    assert found.se == pytest.approx(2 * model.coefficient(1).se)
    linear = fit_family("linear", x, base["pain"].to_numpy())
    assert slope(linear, "linear", x, y, 1, -3.0, 0.9).estimate == pytest.approx(
        -3 * linear.coef[1]
    )


def test_link_test_finds_a_bend():
    rng = np.random.default_rng(1)
    z = rng.normal(size=400)
    x = np.column_stack([np.ones(400), z])
    y = z + z**2 + rng.normal(size=400)
    assert link_p(fit_family("linear", x, y), "linear", x, y, None) < 1e-6
