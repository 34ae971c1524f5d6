import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.ordinal import fit_ordinal
from gluteal.estimators.predictions import predict, predict_categories


@pytest.fixture(scope="module")
def said(answers):
    return answers("margins")


@pytest.mark.parametrize("family", ["linear", "logistic", "poisson"])
def test_predictions_equal_emmeans(base, said, family):
    sex = base["female"]
    x = np.column_stack([np.ones(len(base)), base["glute"], sex, base["age"], base["glute"] * sex])
    y = base[{"linear": "pain", "logistic": "lbp", "poisson": "days"}[family]]
    fit = fit_linear(x, y) if family == "linear" else fit_glm(x, y, family)
    grid = [[1, g, f, 40, g * f] for f in (0, 1) for g in (1.5, 2)]
    found, want = predict(fit, family, grid), said["grid"][family]
    for name in ("mean", "se", "low", "high", "cov"):
        np.testing.assert_allclose(getattr(found, name), want[name], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("rows", ["all", "one"])
def test_shares_of_categories_equal_the_delta_method_in_r(base, said, rows):
    x = base[["glute", "age"]].to_numpy()
    fit = fit_ordinal(x, base["grade"])
    found = predict_categories(fit, x if rows == "all" else [[2, 40]])
    np.testing.assert_allclose(found.mean, said["categories"][rows]["mean"], rtol=1e-6)
    np.testing.assert_allclose(found.se, said["categories"][rows]["se"], rtol=1e-6)
    assert found.mean.sum() == pytest.approx(1)
    np.testing.assert_allclose(found.cov.sum(0), 0, atol=1e-12)  # shares add up to 1
    assert ((found.low < found.mean) & (found.mean < found.high)).all()


def test_weighted_shares_are_those_of_repeated_rows(base):
    x = base[["glute", "age"]].to_numpy()
    fit, times = fit_ordinal(x, base["grade"]), np.arange(len(base)) % 3
    few = predict_categories(fit, x, weights=times)
    many = predict_categories(fit, np.repeat(x, times, axis=0))
    np.testing.assert_allclose(few.mean, many.mean, rtol=1e-12)
    np.testing.assert_allclose(few.cov, many.cov, atol=1e-14)


def test_a_prediction_at_the_means_of_a_linear_model_is_the_mean(base, matrix):
    x = matrix(base, "glute", "age")
    fit = fit_linear(x, base["pain"], "classical")
    found = predict(fit, "linear", x.mean(0))
    assert found.mean[0] == pytest.approx(base["pain"].mean())
    sigma = np.sqrt(fit.deviance / (len(base) - 3))
    assert found.se[0] == pytest.approx(sigma / np.sqrt(len(base)))
    assert found.df[0] == len(base) - 3


def test_limits_stay_on_the_scale():
    x = np.column_stack([np.ones(12), np.arange(12)])
    fit = fit_glm(x, [0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1], "logistic")
    found = predict(fit, "logistic", [[1, -40], [1, 50]])
    assert (found.low >= 0).all()
    assert (found.high <= 1).all()


def test_faults_are_named(base):
    x = base[["glute", "age"]].to_numpy()
    ordinal = fit_ordinal(x, base["grade"])
    fit = fit_linear(np.ones((4, 1)), [1, 2, 3, 4])
    with pytest.raises(UserError, match="missing or infinite"):
        predict(fit, "linear", [[np.nan]])
    with pytest.raises(UserError, match="missing or infinite"):
        predict_categories(ordinal, [[np.inf, 1]])
    with pytest.raises(ValueError, match="2 columns for 1"):
        predict(fit, "linear", [[1, 2]])
    with pytest.raises(ValueError, match="1 columns for 2"):
        predict_categories(ordinal, [[1]])
