import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.survival.discrete import fit_discrete
from gluteal.estimators.survival.incidence import predict_incidence
from gluteal.estimators.survival.kaplan_meier import kaplan_meier
from gluteal.estimators.survival.visits import expand_times, expand_visits

ALL = ["glute", "age", "female", "prior_lbp"]


def test_curves_equal_the_delta_method_in_r(visits, incident, said):
    fit = fit_discrete(expand_visits(visits[0]), incident[ALL])
    found = predict_incidence(fit, [[2, 40, 1, 0]])
    np.testing.assert_allclose(np.array(found)[:, 0], said["visits"]["incidence"], rtol=1e-7)


def test_without_covariates_it_is_kaplan_meier():
    period, event = np.array([1, 2, 2, 3, 4, 4]), np.array([1, 1, 0, 0, 1, 0])
    fit = fit_discrete(expand_times(period, event), np.empty((6, 0)))
    found = predict_incidence(fit, np.empty((1, 0)))
    survival = kaplan_meier(period, event).at([1, 2, 3, 4])[0]
    np.testing.assert_allclose(found.incidence[0], 1 - survival, atol=1e-9)
    assert found.incidence[0, 1] == found.incidence[0, 2]  # nothing happened in period 3
    assert "no event in period 3" in fit.model.warnings[0]


def test_covariates_of_periods_are_followed(visits, incident):
    fit = fit_discrete(expand_visits(visits[0]), incident[ALL])
    fixed = np.array([2.0, 40, 1, 0])
    path = np.tile(fixed, (1, 6, 1))
    np.testing.assert_allclose(
        predict_incidence(fit, path).incidence, predict_incidence(fit, [fixed]).incidence
    )
    path[0, 3:, 0] = 0.5  # weaker from the fourth period on
    more = predict_incidence(fit, path).incidence[0] - predict_incidence(fit, [fixed]).incidence[0]
    assert (more[:3] == 0).all()
    assert (more[3:] > 0).all()


def test_what_cannot_be_predicted_is_refused(visits, incident):
    fit = fit_discrete(expand_visits(visits[0]), incident[ALL])
    with pytest.raises(UserError, match="4 finite covariates"):
        predict_incidence(fit, [[1.0, 2]])
    status = [[0, 1], [1, 1], [0, 1], [1, 1], [0, 0], [0, 0], [0, 0], [0, 0]]
    runaway = fit_discrete(expand_visits(status), np.repeat([1.0, 0.0], 4))
    with pytest.raises(UserError, match="no finite estimate"):
        predict_incidence(runaway, [[1.0]])
