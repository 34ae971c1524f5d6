import numpy as np
import pytest

from gluteal.cohort.conditions import Rule
from gluteal.errors import UserError
from gluteal.estimators.accuracy import accuracy
from gluteal.estimators.screening import screen


@pytest.fixture(scope="module")
def legs():
    rng = np.random.default_rng(6)
    z = np.repeat(rng.normal(size=150), 2)
    weak = (z + rng.normal(0, 0.5, 300) < -0.4).astype(float)
    return 20 + 6 * z + rng.normal(0, 6, 300), weak, np.repeat(np.arange(150), 2)


def test_a_stated_cutoff_is_taken_as_it_is(legs):
    hold, weak, who = legs
    found = screen(hold, weak, Rule("<", 18.0), who)
    assert found.accuracy == accuracy(hold < 18, weak, who)
    assert found.searched is None
    assert 0 < found.p < 1e-4
    assert found.youden == found.accuracy.youden


@pytest.mark.parametrize(("sign", "turn"), [("<", 1), (">", -1)])
def test_a_searched_cutoff_is_applied_on_its_own_side(legs, sign, turn):
    hold, weak, who = legs
    found = screen(turn * hold, weak, Rule(sign, None), who, resamples=200)
    assert found.searched is not None
    assert found.accuracy.sensitivity.value == pytest.approx(found.searched.sensitivity)
    assert found.accuracy.specificity.value == pytest.approx(found.searched.specificity)
    assert found.youden.value < found.searched.youden
    assert found.p is None


def test_a_test_that_never_varies_is_refused(legs):
    hold, weak, who = legs
    with pytest.raises(UserError, match="the test is negative in all"):
        screen(hold, weak, Rule("<", -999.0), who)
