import numpy as np
import pyarrow as pa
import pytest

from gluteal.cohort.grid import Grid
from gluteal.cohort.measured import Measured, accepted_units, check_measurements, list_tests
from gluteal.cohort.tables import factor
from gluteal.variables import variable, variables

BASE = {
    "participant_id": "P1",
    "visit": "baseline",
    "test": "hip_force",
    "muscle": "abd",
    "side": "left",
    "trial": "1",
    "value": "150",
    "unit": "N",
    "status": "done",
}


def measured(*rows):
    cells = [BASE | row for row in rows]
    names = dict.fromkeys(name for row in cells for name in row)
    table = pa.table({name: [row.get(name, "na") for row in cells] for name in names})
    return Measured(Grid("measurements", "m.csv", table))


def rules(*rows):
    return [(f.column, f.rule, f.severity) for f in check_measurements(measured(*rows))]


def test_every_measured_variable_can_be_found_by_its_test():
    listed = {pair[0].name for by in list_tests().values() for pair in by.values()}
    assert listed == {v.name for v in variables().values() if "measurements" in v.tables and v.test}
    assert set(list_tests()["hip_force"]) == {"abd", "ext", "er"}
    assert list(list_tests()["cst30"]) == ["na"]


@pytest.mark.parametrize("name", [v.name for v in variables().values() if v.test])
def test_the_dictionary_s_own_unit_is_accepted(name):
    known = variable(name)
    assert accepted_units(known).get(known.unit or "1") == 1.0


def test_forces_are_compared_in_newton():
    found = measured({"value": "10", "unit": "kgf"}, {"value": "10", "unit": "lbf", "trial": "2"})
    assert found.value == pytest.approx([10 * (factor("kgf", "N") or 0), 44.482216152605])
    assert rules({"value": "10", "unit": "kgf"}) == []
    assert rules({"value": "200", "unit": "kgf"})[0][1] == "is outside 5 to 1200 N"


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ({"test": "hip_froce"}, "test", "is no test of the dictionary"),
        ({"muscle": "na"}, "muscle", "is no muscle of hip_force"),
        ({"test": "cst30", "side": "na", "unit": "1"}, "muscle", "cst30 has no muscle"),
        ({"unit": "Nm"}, "unit", "is no unit of hip_force_n"),
        ({"unit": "NA:not_recorded"}, "unit", "a value without its unit"),
        ({"side": "na"}, "side", "this test has no meaning without its side"),
        ({"value": "NA:lost"}, "value", "status is done, but there is no value"),
        ({"status": "not_done"}, "value", "status is not_done, but there is a value"),
        ({"version": "1"}, "correction_reason", "a correction without its reason"),
    ],
)
def test_one_wrong_cell_is_one_fault(row, column, rule):
    assert rules(row) == [(column, rule, "error")]


def test_what_is_missing_needs_no_unit():
    assert rules({"value": "NA:pain", "status": "not_done", "unit": "na"}) == []


def test_soft_ranges_follow_the_muscle():
    assert rules({"value": "300"}) == []
    ((column, rule, severity),) = rules({"muscle": "er", "value": "300"})
    assert (column, severity) == ("value", "query")
    assert rule == "is unusual (outside 30 to 250 N)"


@pytest.mark.parametrize(("value", "word"), [("70", "cm"), ("700", "mm")])
def test_lever_arms(value, word):
    ((_, rule, severity),) = rules({"test": "lever_arm", "unit": "m", "value": value})
    assert severity == "error"
    assert rule.endswith(f"looks like {word}")
    assert rules({"test": "lever_arm", "unit": word, "value": value}) == []


def test_grades_signs_and_counts():
    base = {"muscle": "na", "unit": "1"}
    grade = base | {"test": "squeeze_grade"}
    assert rules(grade | {"value": "4"}) == []
    assert rules(grade | {"value": "5"})[0][1] == "is no level of squeeze_grade"
    count = base | {"test": "cst30", "side": "na"}
    assert rules(count | {"value": "12.5"})[0][1] == "is not a whole number"


def test_a_later_version_takes_the_place_of_an_earlier_one():
    later = {"version": "1", "value": "160", "correction_reason": "misread"}
    found = measured({"version": "0"}, later, {"version": "0", "trial": "2"})
    assert found.current.tolist() == [False, True, True]
    assert check_measurements(found) == []


def test_sets_share_all_but_the_trial():
    rows = ({"trial": "2"}, {"side": "right"}, {"visit": "week04"}, {"assessor": "B"})
    keys = measured({}, *rows).sets()
    assert keys[0] == keys[1]
    assert len(np.unique(keys)) == 4
