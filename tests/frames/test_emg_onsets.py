import numpy as np
import pandas as pd
import pytest

from gluteal.frames.emg_onsets import add_delays, order_onsets, tabulate_orders


@pytest.fixture
def frame():
    rng = np.random.default_rng(8)
    n = 60
    x = rng.normal(1.3, 0.3, n)
    made = pd.DataFrame(
        {
            "participant_id": [f"P{k // 2}" for k in range(n)],
            "hip_abd_nm_kg": x,
            "emg_gmax_onset_ms": rng.normal(20, 30, n),
            "emg_bf_onset_ms": rng.normal(-10, 30, n) + 100 * (x - 1.3),
            "emg_bf_rms_uv": 50.0,
        }
    )
    made.loc[:3, "emg_gmax_onset_ms"] = np.nan
    return add_delays(made)


def test_an_onset_not_detected_is_missing(frame):
    assert frame["delay bf"].isna().sum() == 4
    assert frame["first bf"].isna().sum() == 4
    (one,) = order_onsets(frame, "hip_abd_nm_kg", ())
    assert (one.both, one.lost) == (56, 4)
    assert one.first == int((frame["delay bf"] < 0).sum())


def test_the_delay_follows_the_exposure(frame):
    (one,) = order_onsets(frame, "hip_abd_nm_kg", ())
    assert one.later.per(1.0, 0.95).low > 0
    assert one.earlier.per(1.0, 0.95).estimate < 0


def test_without_an_onset_of_gluteus_maximus_there_is_no_order(frame):
    bare = frame[["participant_id", "hip_abd_nm_kg", "emg_bf_onset_ms"]]
    assert order_onsets(add_delays(bare), "hip_abd_nm_kg", ()) == []


def test_small_counts_are_hidden(frame):
    few = frame.assign(**{"delay bf": [*(-1.0,) * 2, *(5.0,) * 58]})
    (row,) = tabulate_orders(order_onsets(few, "hip_abd_nm_kg", ()))
    assert row["Before gluteus maximus"] == "hidden"
    (row,) = tabulate_orders(order_onsets(frame, "hip_abd_nm_kg", ()))
    assert row["Before gluteus maximus"].endswith("%")
    assert row["Not detected"] == "<5"


def test_all_first_is_said_and_stops_nothing(frame):
    same = frame.assign(**{"first bf": 1.0, "delay bf": -np.arange(1.0, 61.0)})
    (one,) = order_onsets(same, "hip_abd_nm_kg", ())
    assert one.earlier is None
    assert "one value" in one.fault
    assert one.later is not None
