import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.survival import (
    expand_visits,
    fit_discrete,
    predict_incidence,
    standardise_incidence,
)


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(400, 2))
    hit = rng.random((400, 3)) < 0.1 * np.exp(0.4 * x[:, :1])
    status = np.maximum.accumulate(hit, axis=1).astype(float)
    return x, fit_discrete(expand_visits(status), x, se="HC0")


def test_one_person_is_the_prediction_for_that_person(made):
    _x, fit = made
    person = np.array([[0.3, -1.0]])
    found, want = standardise_incidence(fit, [person]).curve(), predict_incidence(fit, person)
    for one, other in zip(found, want, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_the_gradient_is_that_of_the_mean_risk(made):
    x, fit = made
    found = standardise_incidence(fit, [x])
    for c in range(len(fit.model.coef)):
        ends = []
        for sign in (1, -1):
            coef = fit.model.coef.copy()
            coef[c] += sign * 1e-6
            hazard = np.exp(coef[:3]).cumsum() * np.exp(x @ coef[3:])[:, None]
            ends.append((1 - np.exp(-hazard)).mean(0))
        np.testing.assert_allclose(
            found.gradient[0, :, c], (ends[0] - ends[1]) / 2e-6, rtol=1e-6, atol=1e-10
        )


def test_the_mean_of_all_as_they_are_is_near_what_was_seen(made):
    x, fit = made
    risk, cov = standardise_incidence(fit, [x, x + np.array([1.0, 0.0])]).by_the_end()
    assert risk[1] > risk[0]
    assert cov[0, 0] > 0
    assert abs(risk[0] - fit.events.sum() / 400) < 0.02


def test_a_period_without_events_keeps_the_risk():
    status = [[0, 0, 1], [1, 1, 1], [0, 0, 0], [0, 0, 1], [0, 0, 0], [1, 1, 1]]
    fit = fit_discrete(expand_visits(status), [[1.0], [1], [0], [1], [0], [0]])
    found = standardise_incidence(fit, [np.zeros((3, 1))])
    assert found.risk[0, 0] == found.risk[0, 1] < found.risk[0, 2]


def test_refuses_other_designs_and_models_without_an_answer(made):
    _x, fit = made
    with pytest.raises(UserError, match="2 finite covariates"):
        standardise_incidence(fit, [np.zeros((4, 3))])
    alone = fit_discrete(
        expand_visits([[1], [1], [1], [0], [0], [0]]), [[1.0], [1], [1], [0], [0], [0]]
    )
    with pytest.raises(UserError, match="no incidence"):
        standardise_incidence(alone, [np.zeros((4, 1))])
