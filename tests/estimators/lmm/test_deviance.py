import numpy as np
import pytest

from gluteal.estimators.lmm.deviance import full_derivatives, profile
from gluteal.estimators.lmm.fit import covariance_shape
from gluteal.estimators.lmm.grouped import group_rows


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(13)
    codes = np.repeat(np.arange(20), 4)
    z = np.column_stack([np.ones(80), np.tile(np.arange(4.0), 20)])
    table = np.column_stack([z, rng.normal(size=20)[codes] + rng.normal(size=80)])
    return group_rows(table, z, codes, 20, *covariance_shape(2, True))


AT = np.array([0.8, 0.1, 0.3])


def differences(function, at, h=1e-4):
    return np.array(
        [(function(at + h * e) - function(at - h * e)) / (2 * h) for e in np.eye(len(at))]
    )


@pytest.mark.parametrize("reml", [True, False])
def test_profiled_derivatives(data, reml):
    found = profile(data.parts(AT), 80, reml)
    value = lambda omega: profile(data.parts(omega), 80, reml).deviance  # noqa: E731
    slope = lambda omega: profile(data.parts(omega), 80, reml).gradient  # noqa: E731
    np.testing.assert_allclose(found.gradient, differences(value, AT), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found.hessian, differences(slope, AT), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("reml", [True, False])
def test_full_derivatives(data, reml):
    sigma2 = 1.3

    def value(v):
        found = profile(data.parts(v[:3]), 80, reml)
        m = 78 if reml else 80
        rss = found.sigma2 * m
        return found.deviance - m * (1 + np.log(rss / m)) + m * np.log(v[3] ** 2) + rss / v[3] ** 2

    at = np.append(AT, sigma2**0.5)
    gradient, hessian = full_derivatives(data.parts(AT), 80, reml, sigma2)
    np.testing.assert_allclose(gradient, differences(value, at), rtol=1e-6, atol=1e-6)
    slope = lambda v: full_derivatives(data.parts(v[:3]), 80, reml, v[3] ** 2)[0]  # noqa: E731
    np.testing.assert_allclose(hessian, differences(slope, at), rtol=1e-5, atol=1e-5)


def test_without_random_effects_it_is_least_squares(data):
    found = profile(data.parts(np.zeros(3)), 80, False)
    z, y = data.gram[:2, :2], data.gram[:2, 2]
    rss = data.gram[2, 2] - y @ np.linalg.solve(z, y)
    assert found.deviance == pytest.approx(80 * (1 + np.log(2 * np.pi * rss / 80)))
    np.testing.assert_allclose(found.b, np.linalg.solve(z, y))
