"""The panels are tested beside the rows that they show, in test_emg_rows."""

import pytest

from gluteal.frames.emg_panels import scale_name


@pytest.mark.parametrize(
    ("name", "scale"),
    [("emg_st_mvic_uv", "MVIC"), ("emg_es_gmax_log_ratio", "ratio of %"), ("nprs_avg", "")],
)
def test_scales_are_named_as_the_figure_does(name, scale):
    assert scale_name(name) == scale
