"""Mistakes of the field are refused in any model, unless the config says why."""

import pytest

from gluteal.config.guards import find_misuses
from gluteal.config.study import parse_study
from gluteal.errors import UserError
from gluteal.spec import ModelSpec


def misuses(outcome, exposure, adjust=(), reason=None):
    pair = {"outcome": outcome, "exposure": exposure, "adjust": adjust, "override_reason": reason}
    return [rule for _, _, rule, _ in find_misuses("analyses.a", ModelSpec(**pair))]


@pytest.mark.parametrize(
    ("outcome", "exposure", "words"),
    [
        ("nprs_avg", "hip_abd_n", "mostly body mass"),
        ("hip_abd_nm", "lbp", "mostly body mass"),
        ("nprs_avg", "leg_press_1rm_kg", "mostly body mass"),
        ("emg_gmax_pct_mvic", "hip_ext_nm_kg", "denominator"),
        ("hip_abd_nm_kg", "emg_gmed_pct_mvic", "denominator"),
        ("emg_gmed_pct_mvic", "emg_gmed_mvic_uv", "denominator"),
        ("hip_abd_n_kg", "hip_abd_nm_kg", "the same strength"),
    ],
)
def test_a_mistake_is_refused(outcome, exposure, words):
    (rule,) = misuses(outcome, exposure)
    assert words in rule
    assert misuses(outcome, exposure, reason="Shown to be wrong.") == []


def test_what_is_right_passes():
    assert misuses("nprs_avg", "hip_abd_nm_kg") == []
    assert misuses("hip_abd_nm", "lbp", ("body_mass_kg",)) == []
    assert misuses("emg_es_ipsi_pct_mvic", "hip_abd_nm_kg") == []
    assert misuses("hip_ext_nm_kg", "hip_abd_nm_kg") == []


def test_the_config_names_the_place():
    raw = {
        "title": "T",
        "design": "case_control",
        "cohort": "c",
        "analyses": {
            "a": {"method": "dose_response", "outcome": "nprs_avg", "exposure": "hip_abd_n"}
        },
    }
    with pytest.raises(UserError) as caught:
        parse_study(raw)
    (fault,) = caught.value.faults
    assert fault.column == "analyses.a.exposure" and fault.value == "hip_abd_n"
    assert "per kg" in fault.remedy
