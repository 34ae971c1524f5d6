import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.survival import kaplan_meier, pseudo_risks


def test_without_losses_they_are_the_outcomes():
    rng = np.random.default_rng(1)
    hit = rng.random(200) < 0.3
    last = np.where(hit, rng.integers(1, 5, 200), 4)
    np.testing.assert_array_equal(pseudo_risks(last, hit, 4), hit)
    np.testing.assert_array_equal(pseudo_risks(last, hit, 2), hit & (last <= 2))


def test_their_mean_is_the_risk_and_they_are_a_jackknife():
    rng = np.random.default_rng(2)
    last, hit = rng.integers(1, 5, 60), rng.random(60) < 0.4
    found = pseudo_risks(last, hit, 3)

    def risk(keep):
        return 1 - kaplan_meier(last[keep], hit[keep]).at([3])[0][0]

    everyone = np.ones(60, dtype=bool)
    assert found.mean() == pytest.approx(risk(everyone), abs=0.01)
    for person in (0, 7, 31):
        others = everyone.copy()
        others[person] = False
        want = 60 * risk(everyone) - 59 * risk(others)
        assert found[person] == pytest.approx(want)


def test_they_undo_leaving_early():
    rng = np.random.default_rng(3)
    n = 40_000
    hit = rng.random((n, 4)) < 0.1
    first = np.where(hit.any(1), hit.argmax(1) + 1, 5)
    left = rng.integers(1, 6, n)
    last, event = np.minimum(np.minimum(first, left), 4), first <= np.minimum(left, 4)
    found = pseudo_risks(last, event, 4).mean()
    known = event | (last >= 4)
    assert found == pytest.approx(1 - 0.9**4, abs=0.012)
    assert event[known].mean() > found + 0.1  # those known alone would say far more


def test_faults_are_named():
    with pytest.raises(UserError, match="do not fit"):
        pseudo_risks([1, 2], [0], 2)
    with pytest.raises(UserError, match="one period or more"):
        pseudo_risks([0, 2], [0, 1], 2)
    with pytest.raises(UserError, match="nobody is followed"):
        pseudo_risks([1, 2], [0, 1], 3)
