import numpy as np

from gluteal.estimators.resampling import resample_people


def test_the_same_seed_gives_the_same_resamples():
    one, two = (np.concatenate(list(resample_people(7, 20, 3))) for _ in range(2))
    assert (one == two).all()
    assert (one.sum(1) == 7).all()
    assert one.shape == (20, 7)


def test_everyone_is_drawn_once_on_average():
    counts = np.concatenate(list(resample_people(5, 4000, 1)))
    np.testing.assert_allclose(counts.mean(0), 1, atol=0.06)
    np.testing.assert_allclose(counts.var(0), 0.8, atol=0.08)
