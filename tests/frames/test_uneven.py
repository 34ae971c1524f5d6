import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.frames import uneven

COVARIATES = ("age_years", "hip_abd_nm_kg")


@pytest.fixture
def frame(two_legs):
    names = ["hip_abd_asym_log", "nprs_avg", "lbp", *COVARIATES]
    return two_legs.frame(names, "person")


def test_it_equals_r(frame, parity):
    want = json.loads((parity / "two_legs.json").read_text())["absolute"]
    size = 10 * abs(frame["hip_abd_asym_log"].to_numpy())
    found = uneven.fit_uneven(frame, "nprs_avg", size, COVARIATES, "linear").slope(0.95)
    for key, value in want.items():
        assert getattr(found, key) == pytest.approx(value, rel=1e-8), key


def test_a_family_that_does_not_suit_is_named(frame):
    size = abs(frame["hip_abd_asym_log"].to_numpy())
    with pytest.raises(UserError) as caught:
        uneven.fit_uneven(frame, "nprs_avg", size, COVARIATES, "logistic")
    assert caught.value.faults[0].column == "nprs_avg"
    frame["nprs_avg"] = 3.0
    with pytest.raises(UserError, match="one value only"):
        uneven.fit_uneven(frame, "nprs_avg", size, COVARIATES, "linear")


@given(st.floats(-0.3, 0.3), st.floats(0.01, 0.2))
def test_the_mean_of_a_folded_normal(mean, sd):
    draws = np.abs(mean + sd * np.random.default_rng(1).standard_normal(40_000))
    got = float(uneven.fold(np.array([mean]), sd)[0])
    assert got == pytest.approx(draws.mean(), abs=5 * sd / 200)
    assert uneven.fold(np.array([mean]), 0.0)[0] == abs(mean)


def test_calibrated_sizes_undo_the_dilution():
    """With half the variance noise the plain slope is diluted; the calibrated one is not."""
    rng = np.random.default_rng(5)
    true = rng.normal(0, 0.06, 20_000)
    seen = true + rng.normal(0, 0.06, 20_000)
    pain = 10 * abs(true) + rng.normal(0, 0.5, 20_000)
    plain = np.polyfit(abs(seen), pain, 1)[0]
    better = np.polyfit(uneven.expect_size(seen, 0.06), pain, 1)[0]
    assert plain < 6
    assert better == pytest.approx(10, abs=1)


def test_noise_alone_makes_asymmetry():
    rng = np.random.default_rng(2)
    noise = rng.normal(0, 0.05, 100_000)
    assert uneven.noise_alone(0.05) == pytest.approx(abs(noise).mean(), rel=0.01)
    beyond = (abs(noise) > np.log(1.1)).mean()
    assert uneven.noise_beyond(0.05, 10) == pytest.approx(beyond, abs=0.003)
    assert uneven.noise_beyond(0.0, 10) == 0
    share, low, high, count = uneven.share_beyond(np.r_[noise[:1000], np.nan], 0.098, 0.95)
    assert share == count / 1000
    assert low < share < high


def test_another_index_is_counted_in_its_sds(frame):
    frame["index"] = 100 * frame["hip_abd_asym_log"]
    got = uneven.index_of(frame, "index")
    assert got.std(ddof=1) == pytest.approx(1)
    assert (uneven.index_of(frame.assign(index=0.0), "index") == 0).all()
