import subprocess
import sys

from gluteal.frames.emg_coupling import RATIOS, find_coupling, is_strength, read_measure
from gluteal.variables import variables


def test_every_variable_of_the_dictionary_is_read():
    for name in variables():
        amplitude = name.startswith("emg_") and "cci" not in name
        assert (read_measure(name) is not None) is amplitude, name
    assert set(RATIOS) <= set(variables())


def test_coupling_by_what_divides():
    assert find_coupling("hip_ext_nm_kg", "emg_gmed_pct_mvic") == "same"
    assert find_coupling("emg_bf_mvic_uv", "emg_bf_pct_mvic") == "same"
    assert find_coupling("emg_bf_mvic_uv", "emg_ham_gmax_log_ratio") == "same"
    assert find_coupling("emg_bf_mvic_uv", "emg_es_gmax_log_ratio") == ""
    assert find_coupling("leg_press_1rm_kg", "emg_ham_gmax_log_ratio") == "denominator"
    assert find_coupling("lbp", "emg_gmax_pct_mvic") == ""
    assert find_coupling("hip_abd_nm_kg", "emg_gmax_rms_uv") == ""
    assert find_coupling("emg_bf_rms_uv", "emg_bf_mvic_uv") == "same"
    assert is_strength("hip_abd_n")
    assert not is_strength("nprs_avg")


def test_settings_are_checked_without_numpy():
    code = (
        "import sys; from gluteal.analyses.emg_compensation import Spec;"
        "Spec(exposure='hip_abd_nm_kg'); print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
