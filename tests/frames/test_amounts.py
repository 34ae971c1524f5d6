import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.frames.amounts import (
    faults_of_amount,
    find_amount,
    name_amount,
    usual_amount,
    write_amount,
    write_stated,
)

VALUES = np.array([1.0, 2.0, 3.0])


def test_an_amount_is_found_with_its_words():
    assert find_amount(VALUES, "hip_abd_nm_kg", 0.1) == (0.1, "0.100 Nm/kg")
    assert find_amount(VALUES, "hip_abd_nm_kg") == (1.0, "SD (1.00 Nm/kg)")


def test_the_contrast_of_a_yes_or_no_names_both_levels():
    assert name_amount(VALUES, "lbp")[1] == "low back pain − no low back pain"
    assert name_amount(VALUES, "hip_abd_nm_kg", 0.1) == (0.1, "per 0.100 Nm/kg more")


def test_a_detectable_change_has_the_unit_of_the_exposure():
    with pytest.raises(UserError, match="column mdc"):
        name_amount(VALUES, "hip_abd_nm_kg", "mdc", "mdc_pelvic_drop")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((0.0,), "per must not be 0"),
        ((0.0, None, "shift"), "shift must not be 0"),
        (("mdc", None), "per: mdc needs mdc, the name of a constant"),
        (("mdc", "mdc_pelvic_drup", "shift"), "mdc_pelvic_drop"),
    ],
)
def test_faults_name_the_setting(given, words):
    (fault,) = faults_of_amount(*given)
    assert words in fault


@pytest.mark.parametrize("given", [("sd",), ("auto",), (-0.5,), ("mdc", "mdc_pelvic_drop")])
def test_an_amount_without_fault(given):
    assert faults_of_amount(*given) == []


def test_amounts_that_settings_state_come_first():
    assert usual_amount("hip_abd_nm_kg", 0.3) == 0.3
    assert usual_amount("hip_abd_nm_kg") == 0.1


def test_words_of_amounts_have_the_unit_where_there_is_one():
    assert write_amount(0.25, "lbp", "SD") == "SD (0.250)"
    assert write_stated(-1.0, "nprs_avg") == "−1 point"
