import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.trajectories import fit_trajectories, regress_classes


@pytest.mark.parametrize("method", ["ML", "BCH"])
def test_three_steps_equal_r_by_hand(three, covariates, answers, method):
    found = regress_classes(three, covariates, method=method)
    want = answers("trajectories")["steps"][method.lower()]
    np.testing.assert_allclose(found.error, answers("trajectories")["steps"]["error"], rtol=1e-7)
    np.testing.assert_allclose(found.model.coef, want["coef"], rtol=1e-6)
    # The sandwich, and a little more for what is not known of the classes themselves.
    se = np.sqrt(np.diag(found.model.cov))
    assert (se >= want["sandwich"]).all()
    np.testing.assert_allclose(se, want["sandwich"], rtol=0.02)
    assert found.converged


def test_plain_information_equals_r(three, covariates, answers):
    found = regress_classes(three, covariates, method="ML")
    plain = np.sqrt(np.diag(found.model.classical_cov))
    np.testing.assert_allclose(plain, answers("trajectories")["steps"]["ml"]["plain"], rtol=1e-6)


def test_certain_assignment_is_a_multinomial_regression(draw):
    y, time, person, which, x = draw(np.random.default_rng(3), 150, (0.0, 50.0, 90.0), slope=0.7)
    found = fit_trajectories(y, time, person, 3, degree=1)
    design = np.column_stack([np.ones(150), x])
    ml = regress_classes(found, design)
    bch = regress_classes(found, design, method="BCH")
    np.testing.assert_allclose(ml.model.coef, bch.model.coef, rtol=1e-6)
    np.testing.assert_allclose(ml.error, np.eye(3), atol=1e-8)
    # The scores of a multinomial logit are zero there.
    eta = np.column_stack([np.zeros(150), design @ ml.model.coef.reshape(2, 2).T])
    chance = np.exp(eta) / np.exp(eta).sum(1, keepdims=True)
    residual = np.eye(3)[which] - chance
    assert np.abs(design.T @ residual).max() < 1e-6


@pytest.mark.parametrize("method", ["ML", "BCH"])
def test_truth_is_recovered_where_the_assignment_alone_is_biased(draw, method):
    truth, slopes, covered, naive = 1.0, [], [], []
    for seed in range(60):
        y, time, person, _, x = draw(np.random.default_rng(seed), 300, (2.0, 3.4), truth, sd=1.4)
        found = fit_trajectories(y, time, person, 2, degree=1, starts=6, refined=2)
        design = np.column_stack([np.ones(300), x])
        slope = regress_classes(found, design, method=method).log_odds(1, 1)
        slopes.append(slope.estimate)
        covered.append(slope.low < truth < slope.high)
        mean = np.array([x[found.assigned == c].mean() for c in (0, 1)])
        naive.append((mean[1] - mean[0]) / x.var())
    error = np.std(slopes) / np.sqrt(60)
    assert abs(np.mean(slopes) - truth) < max(4 * error, 0.03)
    assert np.mean(covered) > 0.89
    assert np.mean(naive) < 0.9


def test_another_reference_turns_the_contrast_round(three, covariates):
    low = regress_classes(three, covariates).log_odds(2, 1)
    high = regress_classes(three, covariates, reference=2).log_odds(0, 1)
    assert high.estimate == pytest.approx(-low.estimate, rel=1e-7)
    assert high.se == pytest.approx(low.se, rel=1e-6)


def test_another_unit_changes_nothing(three, covariates):
    scaled = regress_classes(three, covariates * [1, 100, 0.1])
    plain = regress_classes(three, covariates)
    np.testing.assert_allclose(
        scaled.model.coef.reshape(2, 3) * [1, 100, 0.1], plain.model.coef.reshape(2, 3), rtol=1e-7
    )


def test_separation_is_flagged(three):
    design = np.column_stack([np.ones(200), three.assigned == 2])
    found = regress_classes(three, design)
    assert not found.converged
    assert any("separate" in text for text in found.warnings)
    assert np.isnan(found.model.cov).all()


def test_faults(courses, three, covariates):
    with pytest.raises(UserError, match="one class"):
        regress_classes(fit_trajectories(*courses, 1), covariates)
    with pytest.raises(UserError, match="row of covariates each"):
        regress_classes(three, covariates[:-1])
    with pytest.raises(UserError, match="combination"):
        regress_classes(three, np.column_stack([covariates, covariates[:, 1]]))
    gap = covariates.copy()
    gap[3, 1] = np.nan
    with pytest.raises(UserError, match="row 3"):
        regress_classes(three, gap)
    with pytest.raises(ValueError, match="reference 3"):
        regress_classes(three, covariates, reference=3)
    with pytest.raises(ValueError, match="ML or BCH"):
        regress_classes(three, covariates, method="modal")
