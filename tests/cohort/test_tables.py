import pytest

from gluteal.cohort.tables import REASONS, TABLES, UNITS, factor
from gluteal.variables import variables


def test_a_kilogram_force_is_its_standard_weight():
    assert factor("kgf", "N") == 9.80665
    assert factor("lbf", "N") == pytest.approx(4.4482216, abs=1e-7)
    assert factor("cm", "m") == 0.01
    assert factor("N", "N") == 1
    assert factor("stone", "kg") is None


def test_factors_of_length_and_time_invert():
    assert factor("mm", "m") * factor("m", "mm") == 1
    assert factor("s", "ms") * factor("ms", "s") == 1


def test_keys_are_columns_and_every_table_knows_the_participant():
    for table in TABLES.values():
        names = [column.name for column in table.columns]
        assert set(table.key) <= set(names)
        assert names[0] == "participant_id"
        assert len(set(names)) == len(names)


def test_every_unit_of_a_measurement_converts_to_itself():
    for known in variables().values():
        if "measurements" in known.tables and known.unit in UNITS:
            assert factor(known.unit, known.unit) == 1


def test_reasons_are_codes_that_no_answer_looks_like():
    assert all(code.startswith("NA:") and label for code, label in REASONS.items())
