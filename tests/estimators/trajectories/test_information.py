import numpy as np
import pytest

from gluteal.estimators.trajectories.em import climb, expect, gradient
from gluteal.estimators.trajectories.information import (
    free_parameters,
    information,
    polish,
    posteriors,
    spread_parameters,
)
from gluteal.estimators.trajectories.starts import draw_starts
from gluteal.estimators.trajectories.sums import sum_people


def test_information_is_the_curvature_of_the_likelihood(three):
    data, mixture = three.person_sums, three.mixture
    found = information(data, mixture, shared=True)
    base = free_parameters(mixture, shared=True)
    assert len(base) == three.parameters

    def value(shift):
        moved = spread_parameters((base + shift)[None], mixture, shared=True)
        return expect(data.sums[None], moved)[1][0, 0]

    rng = np.random.default_rng(1)
    for _ in range(5):
        line = rng.normal(size=len(base))
        h = 1e-3
        bend = (value(h * line) - 2 * value(0 * line) + value(-h * line)) / h**2
        assert -bend == pytest.approx(line @ found @ line, rel=1e-3)


def test_posteriors_are_those_of_bayes(three):
    own = posteriors(three.person_sums.sums, three.mixture)[:, 0]
    np.testing.assert_allclose(own, three.posterior, rtol=1e-12)
    np.testing.assert_allclose(own.mean(0), three.share, rtol=1e-6)


def test_newton_ends_where_em_would(courses):
    """Four poorly parted classes: EM creeps, Newton does not, both end at one maximum."""
    data = sum_people(*courses, 1)
    begin = draw_starts(data.sums[None], 2, 4, 1, np.random.default_rng(2))
    _, value, settled = climb(data.sums[None], begin, shared=False, steps=5000, tolerance=1e-9)
    polished, done = polish(data, begin, shared=False)
    assert done == settled.all()
    again = expect(data.sums[None], polished)[1][0, 0]
    assert again == pytest.approx(value[0, 0], abs=1e-6)
    slope = gradient(expect(data.sums[None], polished)[0], polished, shared=False)
    assert np.abs(slope).max() < 1e-3
