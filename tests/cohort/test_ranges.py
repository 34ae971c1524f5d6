import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.cohort.grid import Grid
from gluteal.cohort.ranges import Bounds, bounds_of, check_ranges, outside
from gluteal.variables import variable


def found(name, *cells):
    grid = Grid("participants", "p.csv", pa.table({name: list(cells)}))
    which = np.zeros(grid.n, dtype=int)
    return check_ranges(grid, name, grid.column(name).numbers, [bounds_of(variable(name))], which)


@pytest.mark.parametrize(
    ("cell", "severity", "rule"),
    [
        ("15", "error", "is outside 16 to 110 years"),
        ("111", "error", "is outside 16 to 110 years"),
        ("95", "query", "is unusual (outside 18 to 90 years)"),
        ("999", "error", "is outside 16 to 110 years and looks like a code for missing"),
    ],
)
def test_age(cell, severity, rule):
    (fault,) = found("age_years", cell)
    assert (fault.severity, fault.rule, fault.value, fault.row) == (severity, rule, cell, 2)


@pytest.mark.parametrize("cell", ["16.5", "110", "18", "90", "x", "NA:lost", ""])
def test_bounds_belong_to_the_range_and_no_number_is_no_fault(cell):
    assert not [fault for fault in found("age_years", cell) if fault.severity == "error"]


@pytest.mark.parametrize(
    ("name", "cell", "unit"),
    [("height_m", "175", "cm"), ("height_m", "1750", "mm"), ("leg_length_diff_mm", "0.5", "")],
)
def test_another_unit_is_recognised(name, cell, unit):
    faults = found(name, cell)
    assert [f"looks like {unit}" in fault.rule for fault in faults] == ([True] if unit else [])


def test_a_code_is_asked_about_even_inside_the_range():
    (fault,) = found("lbp_duration_wk", "999")
    assert (fault.severity, fault.rule) == ("query", "may be a code for missing")


def test_the_narrower_variable_gives_the_soft_range():
    at = bounds_of(variable("hip_force_n"), variable("hip_er_n"))
    assert (at.low, at.high, at.soft_low, at.soft_high, at.unit) == (5, 1200, 30, 250, "N")
    at = bounds_of(variable("hip_force_n"))
    assert np.isnan(at.soft_low)


@given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan"))))
def test_outside_is_what_it_says(numbers):
    flags = outside(np.array(numbers, dtype=float), -5.0, float("nan"))
    assert flags.tolist() == [number < -5 for number in numbers]


def test_rows_without_a_range_are_left_alone():
    grid = Grid("participants", "p.csv", pa.table({"a": ["1", "2"]}))
    at = Bounds(5, 6, np.nan, np.nan, "")
    faults = check_ranges(grid, "a", grid.column("a").numbers, [at], np.array([-1, 0]))
    assert [fault.row for fault in faults] == [3]
    assert check_ranges(grid, "a", grid.column("a").numbers, [], np.array([-1, -1])) == []
