import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.frames.emg import fit_rise, fit_scales, log_name, muscles_in


def frame(n=80, seed=1, slope=0.0):
    rng = np.random.default_rng(seed)
    x = rng.normal(1.3, 0.3, n)
    top = np.exp(5 + 0.3 * x + rng.normal(0, 0.2, n))
    raw = np.exp(4 + slope * x + rng.normal(0, 0.3, n))
    columns = {"rms_uv": raw, "mvic_uv": top, "pct_mvic": 100 * raw / top}
    made = pd.DataFrame({f"ln emg_bf_{scale}": np.log(v) for scale, v in columns.items()})
    made["hip_abd_nm_kg"] = x
    made["participant_id"] = [f"P{k // 2}" for k in range(n)]
    return made


@given(st.integers(0, 10_000), st.floats(-1, 1))
def test_percent_is_raw_less_maximum(seed, slope):
    """On the log scale the % takes over, with the other sign, whatever the maximum does."""
    found = fit_scales(frame(seed=seed, slope=slope), "bf", "hip_abd_nm_kg", ())
    plain = {scale: rise.plain(1.0, 0.95).estimate for scale, rise in found.items()}
    assert plain["pct_mvic"] == pytest.approx(plain["rms_uv"] - plain["mvic_uv"], abs=1e-10)


def test_scales_share_their_rows():
    made = frame()
    made.loc[3, "ln emg_bf_mvic_uv"] = np.nan
    found = fit_scales(made, "bf", "hip_abd_nm_kg", ())
    assert {len(rise.outcome) for rise in found.values()} == {79}
    assert muscles_in(made, ("bf", "st")) == ["bf"]


def test_people_with_several_rows_are_clustered():
    rise = fit_rise(frame(), "ln emg_bf_rms_uv", "hip_abd_nm_kg", ())
    assert rise.model.se_type == "CR2"
    assert rise.people == 40
    one = fit_rise(frame().iloc[::2], "ln emg_bf_rms_uv", "hip_abd_nm_kg", ())
    assert one.model.se_type == "HC3"


def test_ratios_multiply_and_differences_add():
    rise = fit_rise(frame(slope=0.5), "ln emg_bf_rms_uv", "hip_abd_nm_kg", ())
    assert rise.per(2.0, 0.95).estimate == pytest.approx(rise.per(1.0, 0.95).estimate ** 2)
    plain = fit_rise(frame(slope=0.5), "ln emg_bf_rms_uv", "hip_abd_nm_kg", (), log=False)
    assert plain.per(2.0, 0.95).estimate == pytest.approx(2 * plain.per(1.0, 0.95).estimate)


def test_faults_name_the_variable_and_not_its_logarithm():
    flat = frame().assign(**{"ln emg_bf_rms_uv": 1.0})
    with pytest.raises(UserError, match="column emg_bf_rms_uv"):
        fit_rise(flat, "ln emg_bf_rms_uv", "hip_abd_nm_kg", ())
    gone = frame().assign(**{"ln emg_bf_rms_uv": np.nan})
    with pytest.raises(UserError, match="column emg_bf_rms_uv"):
        fit_rise(gone, "ln emg_bf_rms_uv", "hip_abd_nm_kg", ())
    alone = frame().assign(participant_id="P1")
    with pytest.raises(UserError, match="one person"):
        fit_rise(alone, "ln emg_bf_rms_uv", "hip_abd_nm_kg", ())
    assert log_name("emg_es_gmax_log_ratio") == "emg_es_gmax_log_ratio"
    assert log_name("emg_bf_rms_uv") == "ln emg_bf_rms_uv"
