"""The checks are tested beside the rows that they read, in test_emg_rows."""

import pandas as pd

from gluteal.frames.emg_checks import tabulate_activity


def test_without_amplitudes_there_is_no_table():
    assert tabulate_activity(pd.DataFrame({"participant_id": ["P1"]})) == []
