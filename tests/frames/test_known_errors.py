from gluteal.constants import constant
from gluteal.frames.known_errors import KNOWN, faults_of, sem_of
from gluteal.variables import variables


def test_each_error_is_in_the_unit_of_its_variable():
    assert faults_of(KNOWN) == []
    for name, source in KNOWN.items():
        assert constant(source).unit == variables()[name].unit


def test_faults_are_named():
    found = faults_of({"hip_abd_nm_kg": "sem_lordosis_surface", "nprs": "mdc_nprs"})
    assert "is in deg" in found[0]
    assert "no such variable" in found[1]


def test_without_a_known_error_there_is_none():
    assert sem_of("nprs_avg", KNOWN) == 0.0
    assert sem_of("hip_ext_nm_kg", KNOWN) == 0.13
