import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.measures.emg import cci_pct, log_ratio, mvic_uv, onset_ms, onset_order, pct_mvic

PCT = st.floats(0.1, 300)


def test_percent_of_the_larger_maximal_contraction():
    # Prone 180, standing 240 µV -> 240; 60 / 240 = 25 %. Over 100 % is kept.
    mvic = mvic_uv([180.0, np.nan, np.nan], [240.0, 50.0, np.nan])
    np.testing.assert_array_equal(mvic, [240, 50, np.nan])
    np.testing.assert_array_equal(pct_mvic([60, 75, 10], mvic), [25, 150, np.nan])


def test_amplitudes_that_cannot_be():
    with pytest.raises(UserError, match="emg_mvic_uv"):
        pct_mvic([10.0], [0.0])
    with pytest.raises(UserError, match="emg_rms_uv"):
        pct_mvic([-1.0], [10.0])


def test_log_ratio_by_hand():
    # ln(60 / 30) = ln 2 = 0.693147; a silent muscle has no ratio
    found = log_ratio([60, 0, 60], [30, 30, 0])
    assert found[0] == pytest.approx(0.693147, abs=1e-6)
    assert np.isnan(found[1:]).all()


@given(PCT, PCT)
def test_log_ratio_is_antisymmetric(a, b):
    assert log_ratio([a], [b])[0] == pytest.approx(-log_ratio([b], [a])[0], abs=1e-12)


def test_co_contraction_by_hand():
    # (10/20) x 30 = 15 and (20/20) x 40 = 40; mean 27.5. Both silent: 0.
    assert float(cci_pct([10, 20], [20, 20])) == pytest.approx(27.5)
    assert float(cci_pct([0, 0], [0, 0])) == 0
    assert float(cci_pct([10, np.nan], [20, 20])) == pytest.approx(15)


@given(st.lists(st.tuples(PCT, PCT), min_size=1, max_size=9))
def test_co_contraction_is_symmetric_and_bounded(pairs):
    a, b = (np.array(x) for x in zip(*pairs, strict=True))
    found = float(cci_pct(a, b))
    assert found == pytest.approx(float(cci_pct(b, a)))
    assert 0 <= found <= (a + b).max() + 1e-9


def test_co_contraction_of_many_people_at_once():
    found = cci_pct([[10, 20], [0, 0]], [[20, 20], [5, 5]])
    np.testing.assert_allclose(found, [27.5, 0])


def signal(start, length=25, total=400):
    quiet = np.tile([1.0, 1.2], total // 2)
    quiet[start : start + length] = 9.0
    return quiet


def test_onset_before_and_after_the_movement():
    # 1000 Hz: sample 150 is 50 ms before a movement at sample 200, sample 230 is 30 ms after it.
    assert onset_ms(signal(150), 1000, 200, slice(0, 100)) == -50
    assert onset_ms(signal(230), 1000, 200, slice(0, 100)) == 30
    # At 500 Hz the same samples are twice as far apart, and 25 ms are 13 samples.
    assert onset_ms(signal(150, 13), 500, 200, slice(0, 100)) == -100


def test_a_burst_under_25_ms_is_no_onset():
    assert np.isnan(onset_ms(signal(150, 24), 1000, 200, slice(0, 100)))
    assert onset_ms(signal(150, 24), 1000, 200, slice(0, 100), hold_ms=24) == -50


def test_the_threshold_counts_standard_deviations():
    # Rest: mean 1.1, SD 0.1005 (n - 1); a burst of 1.5 is 3.98 SD over it.
    low = np.where(signal(150) == 9, 1.5, signal(150))
    assert onset_ms(low, 1000, 200, slice(0, 100), k=3) == -50
    assert np.isnan(onset_ms(low, 1000, 200, slice(0, 100), k=4))


def test_not_detected_is_missing_never_zero():
    assert np.isnan(onset_ms(np.ones(400), 1000, 200, slice(0, 100)))
    assert np.isnan(onset_ms(signal(150), 1000, 200, slice(0, 390)))


def test_a_baseline_too_short_is_said():
    with pytest.raises(UserError, match="baseline"):
        onset_ms(signal(150), 1000, 200, slice(0, 1))


def test_order_of_onsets():
    assert onset_order({"GM": 20, "HAM": -30, "ES": -5}) == "HAM<ES<GM"
    assert onset_order({"GM": 20, "ES": 20, "HAM": 5}) == "HAM<ES=GM"
    assert onset_order({"GM": float("nan"), "ES": 1}) == ""
    assert onset_order({}) == ""
