import numpy as np
import pytest

from gluteal.estimators.trajectories.em import expect
from gluteal.estimators.trajectories.information import (
    free_parameters,
    information,
    posteriors,
    spread_parameters,
)


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
