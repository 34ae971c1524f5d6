import numpy as np
import pytest

from gluteal.estimators.auc import areas
from gluteal.estimators.resampling import bootstrap_area, resample_people


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(3)
    return rng.integers(0, 2, 60).astype(float), rng.normal(size=60)


def test_the_bootstrap_area_is_that_of_each_resample(noise):
    y, x = noise
    x = x.round(1)
    who = np.repeat(np.arange(30), 2)
    found = bootstrap_area(y, x, who, repeats=5, seed=4)
    # The bootstrap numbers people as they come in its sorted order; relabel them the same way.
    order = np.concatenate([np.flatnonzero(y == 1), np.flatnonzero(y == 0)])
    order = np.concatenate(
        [o[np.argsort(x[o])] for o in (order[: int(y.sum())], order[int(y.sum()) :])]
    )
    first = {person: place for place, person in reversed(list(enumerate(who[order])))}
    rank = {person: place for place, person in enumerate(sorted(first, key=first.get))}
    for value, weights in zip(found, np.concatenate(list(resample_people(30, 5, 4))), strict=True):
        legs = np.repeat(np.arange(60), weights[[rank[person] for person in who]])
        assert value == pytest.approx(areas(y[legs], x[legs]).values[0])


def test_the_bootstrap_error_is_that_of_delong():
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 400)
    x = rng.normal(size=400) + y
    found = bootstrap_area(y, x)
    assert found.std(ddof=1) == pytest.approx(areas(y, x).covariance[0, 0] ** 0.5, rel=0.06)


def test_copies_of_legs_do_not_narrow_the_bootstrap():
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 100)
    x = rng.normal(size=100) + y
    who = np.tile(np.arange(100), 2)
    twice = bootstrap_area(np.tile(y, 2), np.tile(x, 2), who, 1000)
    assert twice.std() == pytest.approx(bootstrap_area(y, x, None, 1000).std(), rel=0.1)


def test_the_same_seed_gives_the_same_resamples():
    one, two = (np.concatenate(list(resample_people(7, 20, 3))) for _ in range(2))
    assert (one == two).all()
    assert (one.sum(1) == 7).all()
    assert one.shape == (20, 7)
