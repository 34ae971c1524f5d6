import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.causal import (
    estimate_shift,
    set_exposure,
    shift_imbalance,
    shift_support,
    standardise_outcome,
    weigh_shift,
)

SHIFT = 0.5


def make(seed, n=500):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    a = 0.5 * z + rng.normal(size=n)
    y = rng.random(n) < 1 / (1 + np.exp(1.5 - 0.8 * z + 0.5 * a))
    one = np.ones(n)
    x = np.column_stack([one, a, z])
    return y.astype(float), a, np.column_stack([one, z]), (x, x + np.array([0, SHIFT, 0]))


def truth():
    y, _a, _z, (x, more) = make(99, 400_000)
    del y

    def risk(design):
        return 1 / (1 + np.exp(1.5 - 0.8 * design[:, 2] + 0.5 * design[:, 1]))

    return (risk(more) - risk(x)).mean()


def test_either_model_suffices_and_errors_are_right():
    want, found = truth(), []
    for seed in range(150):
        y, a, z, models = make(seed)
        bare = (z, z)  # an outcome model without the exposure
        answers = (
            estimate_shift(y, a, z, SHIFT, models=models, family="logistic"),
            estimate_shift(y, a, z, SHIFT),
            estimate_shift(y, a, z, SHIFT, models=bare, family="logistic"),
            estimate_shift(y, a, z[:, :1], SHIFT, models=models, family="logistic"),
        )
        found.append([(d.estimate, d.se) for d in (one.difference() for one in answers)])
    values = np.array(found)
    for estimate, se in values.transpose(1, 2, 0):
        assert abs(estimate.mean() - want) < 3 * estimate.std() / np.sqrt(150)
        assert se.mean() == pytest.approx(estimate.std(), rel=0.15)
        assert np.mean(np.abs(estimate - want) < 1.96 * se) > 0.9


def test_a_straight_outcome_model_is_the_slope_times_the_shift():
    y, a, z, models = make(1)
    found = estimate_shift(y, a, z, SHIFT, models=models).difference()
    line = standardise_outcome(models[0], y, [models[0], set_exposure(models[0], 1, a + SHIFT)])
    # The augmentation is small where the outcome model is nearly right.
    assert found.estimate == pytest.approx(line.difference().estimate, abs=0.3 * found.se)


def test_weights_of_no_shift_are_one():
    y, a, z, models = make(2)
    weights = weigh_shift(a, z, 0.0)
    np.testing.assert_allclose(weights.values, 1.0)
    found = estimate_shift(y, a, z, 0.0, models=(models[0], models[0]), family="logistic")
    assert found.difference().estimate == pytest.approx(0.0, abs=1e-10)


def test_the_unit_of_the_exposure_does_not_matter():
    y, a, z, (x, _more) = make(3)
    wide = x * np.array([1, 9.81, 1])
    models = (wide, wide + np.array([0, 9.81 * SHIFT, 0]))
    one = estimate_shift(y, a, z, SHIFT, models=(x, x + np.array([0, SHIFT, 0])), family="logistic")
    two = estimate_shift(y, 9.81 * a, z, 9.81 * SHIFT, models=models, family="logistic")
    np.testing.assert_allclose(two.means, one.means, rtol=1e-9)
    np.testing.assert_allclose(two.cov, one.cov, rtol=1e-6)


def test_truncation_cuts_the_weights():
    y, a, z, _models = make(4)
    whole = estimate_shift(y, a, z, 1.0)
    cut = estimate_shift(y, a, z, 1.0, truncate=(0.01, 0.99))
    assert cut.extra["weights"].high < whole.extra["weights"].high


def test_weighted_people_look_like_everyone():
    _y, a, z, _models = make(5, 20_000)
    weights = weigh_shift(a, z, SHIFT).values
    assert abs(shift_imbalance(z[:, 1:], weights)[0]) < 0.05
    alone = weigh_shift(a, z[:, :1], SHIFT).values
    assert shift_imbalance(z[:, 1:], alone)[0] > 0.15  # without the covariate it moves, too
    assert shift_imbalance(np.ones((20_000, 1)), weights)[0] == 0


def test_support_falls_with_the_shift():
    rest = np.random.default_rng(6).normal(size=2000)
    shares = [shift_support(rest, shift) for shift in (0.0, 0.5, 1.0, 8.0)]
    assert shares[0] == pytest.approx(0.98, abs=0.002)
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0


def test_large_shifts_are_said_to_rest_on_few():
    y, a, z, models = make(7)
    found = estimate_shift(y, a, z, 3.0, models=models, family="logistic")
    assert any("effective rows" in text for text in found.warnings)


def test_faults_are_named():
    y, a, z, models = make(8)
    with pytest.raises(UserError, match="one finite outcome"):
        estimate_shift(y[:10], a, z, SHIFT)
    with pytest.raises(UserError, match="shifted design"):
        estimate_shift(y, a, z, SHIFT, models=(models[0], models[1][:, :2]))
    with pytest.raises(UserError, match="follows exactly"):
        weigh_shift(2 * z[:, 1] + 1, z, SHIFT)
