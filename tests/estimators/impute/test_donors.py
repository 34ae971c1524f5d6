import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.estimators.impute.donors import draw_donors


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 8), st.booleans())
def test_the_donor_is_among_the_nearest(seed, donors, k, coarse):
    rng = np.random.default_rng(seed)
    predicted = rng.normal(size=donors).astype(np.float32)
    wanted = 2 * rng.normal(size=40)
    if coarse:
        predicted, wanted = np.round(predicted), np.round(wanted)
    got = draw_donors(predicted, wanted, k, rng.random(40))
    goal = wanted.astype(np.float32).astype(float)
    far = np.abs(predicted.astype(float) - goal[:, None])
    limit = np.sort(far, axis=1)[:, min(k, donors) - 1]
    assert (far[np.arange(40), got] <= limit + 1e-12).all()


def test_all_nearest_have_the_same_chance():
    predicted = np.array([5, 1, 9, 2, 3, 4, 100], dtype=np.float32)
    u = (np.arange(5000) + 0.5) / 5000
    got = draw_donors(predicted, np.full(5000, 3.1), 5, u)
    assert np.bincount(got, minlength=7).tolist() == [1000, 1000, 0, 1000, 1000, 1000, 0]


def test_ties_share_their_chance():
    """Two near donors and three drawn from ten that are equally far: each of these 3/50."""
    predicted = np.array([0.0, 0.1] + [1.0] * 10 + [50.0], dtype=np.float32)
    rng = np.random.default_rng(1)
    got = np.bincount(draw_donors(predicted, np.zeros(200_000), 5, rng.random(200_000)))
    np.testing.assert_allclose(got[:2] / 200_000, 0.2, atol=0.005)
    np.testing.assert_allclose(got[2:12] / 200_000, 0.06, atol=0.003)
    assert len(got) == 12


def test_one_prediction_for_all_draws_from_all():
    rng = np.random.default_rng(2)
    got = draw_donors(np.zeros(8, dtype=np.float32), rng.normal(size=80_000), 5, rng.random(80_000))
    np.testing.assert_allclose(np.bincount(got, minlength=8) / 80_000, 1 / 8, atol=0.006)


def test_negative_predictions_are_ordered_too():
    predicted = np.array([-3, -1, -2, -10], dtype=np.float32)
    got = draw_donors(predicted, np.array([-9.0, -1.2, -2.9]), 1, np.array([0.0, 0.5, 0.9]))
    assert got.tolist() == [3, 1, 0]
