import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.sem import fit_sem, riclpm
from gluteal.estimators.sem.curvature import meat
from gluteal.estimators.sem.influence import influences, person_scores

NAMES = ("x1", "x2", "x3", "y1", "y2", "y3")


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(3)
    trait, now = rng.normal(size=(2, 300, 2))
    waves = [now]
    for _ in range(2):
        now = now @ [[0.4, 0.2], [0.1, 0.3]] + rng.normal(size=(300, 2))
        waves.append(now)
    data = np.hstack([np.column_stack([trait[:, k] + wave[:, k] for wave in waves]).reshape(300, 3)
                      for k in (0, 1)])  # fmt: skip
    data[rng.random(data.shape) < 0.1] = np.nan
    data = data[np.isfinite(data).any(1)]
    return fit_sem(riclpm(NAMES[:3], NAMES[3:]), data, NAMES, robust=True), data


def test_scores_sum_to_nothing_at_the_maximum_and_their_products_to_the_meat(fitted):
    fit, _data = fitted
    scores = person_scores(fit.structure, fit.moments, fit.theta)
    size = np.sqrt((scores**2).sum(0))
    assert np.all(np.abs(scores.sum(0)) < 1e-5 * size)
    want = meat(fit.structure, fit.moments, fit.theta)
    np.testing.assert_allclose(scores.T @ scores, want, atol=1e-8 * want.max())


def test_products_of_influences_are_the_robust_covariance(fitted):
    fit, _data = fitted
    own = influences(fit, fit.names)
    np.testing.assert_allclose(own.T @ own, fit.model.cov, rtol=1e-6, atol=1e-12)


def test_constrained_and_defined_parameters_have_influences():
    rng = np.random.default_rng(4)
    x = rng.normal(size=200)
    m = 0.5 * x + rng.normal(size=200)
    y = 0.4 * m + rng.normal(size=200)
    text = "m ~ a*x; y ~ b*m; ab := a*b"
    fit = fit_sem(text, np.column_stack([x, m, y]), ("x", "m", "y"), robust=True)
    own = influences(fit, ("ab", "a"))
    assert np.sqrt(own[:, 0] @ own[:, 0]) == pytest.approx(fit.estimate("ab").se, rel=1e-8)


def test_a_path_of_complete_data_has_the_influence_of_least_squares():
    rng = np.random.default_rng(5)
    x = rng.normal(size=150)
    y = 0.4 * x + rng.normal(size=150)
    fit = fit_sem("y ~ b*x", np.column_stack([x, y]), ("x", "y"), robust=True, means=True)
    design = np.column_stack([np.ones(150), x])
    model = fit_linear(design, y, "HC0")
    own = influences(fit, ("b",))[:, 0]
    # The one differs from the other by the observed curvature alone.
    want = np.linalg.pinv(design)[1] * (y - model.fitted)
    np.testing.assert_allclose(own, want, atol=1e-10)


def test_rows_follow_people(fitted):
    fit, data = fitted
    order = np.random.default_rng(1).permutation(len(data))
    turned = fit_sem(riclpm(NAMES[:3], NAMES[3:]), data[order], NAMES, robust=True)
    name = "within_y2 ~ within_x1"
    one, two = influences(fit, (name,)), influences(turned, (name,))
    np.testing.assert_allclose(two, one[order], atol=1e-5 * np.abs(one).max())


def test_no_such_parameter_is_said(fitted):
    with pytest.raises(UserError, match="no parameter 'q'"):
        influences(fitted[0], ("q",))
