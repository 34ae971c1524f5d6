from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.notation import (
    claim_order,
    read_number,
    write_count,
    write_interval,
    write_list,
    write_number,
    write_p,
    write_plain,
)

finite = st.floats(-1e6, 1e6, allow_nan=False)


def read(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


@given(finite)
def test_written_numbers_read_back(value):
    assert "-" not in write_number(value)
    assert read(write_number(value)) == pytest.approx(value, rel=0.006, abs=1e-6)


def test_a_rounded_zero_has_no_minus():
    assert write_number(-0.0001, decimals=2) == "0.00"
    assert write_number(-0.0) == "0.00"


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_is_no_number_is_a_dash(value):
    assert write_number(value) == "–"
    assert write_p(value) == "–"
    assert write_count(value) == "–"


@given(finite, st.floats(1e-3, 1e4), st.floats(1e-3, 1e4))
def test_an_interval_keeps_its_order_and_one_number_of_decimals(middle, below, above):
    text = write_interval(middle, middle - below, middle + above)
    estimate, _, rest = text.partition(" [")
    low, high = rest.rstrip("]").split(" to ")
    assert len({t.partition(".")[2].__len__() for t in (estimate, low, high)}) == 1
    assert read(low) <= read(estimate) <= read(high)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((-0.08312, -0.1213, -0.0449), "−0.083 [−0.121 to −0.045]"),
        ((17.543, 16.5, 18.6), "17.5 [16.5 to 18.6]"),
        ((1523.0, 1400.0, 1650.0), "1,523 [1,400 to 1,650]"),
        ((0.9543, 0.9460, 0.9614), "0.954 [0.946 to 0.961]"),
        ((44.83, 44.41, 45.25), "44.83 [44.41 to 45.25]"),
        ((0.5, None, None), "0.500"),
        ((0.5, math.nan, 2.0), "0.500"),
        ((None, 1.0, 2.0), "–"),
    ],
)
def test_intervals(values, text):
    assert write_interval(*values) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0, "<0.001"), (0.00099, "<0.001"), (0.001, "0.001"), (0.0421, "0.042"), (0.0996, "0.10"),
     (0.5, "0.50"), (0.999, ">0.99"), (1.0, ">0.99")],
)  # fmt: skip
def test_p(p, text):
    assert write_p(p) == text


def test_p_with_its_sign():
    assert write_p(0.0001, sign=True) == "p < 0.001"
    assert write_p(0.2, sign=True) == "p = 0.20"


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0"), (1, "<5"), (4, "<5"), (5, "5"), (1e5, "100,000")]
)
def test_counts(n, text):
    assert write_count(n) == text


def test_a_stricter_cell():
    assert write_count(9, least=10) == "<10"


@pytest.mark.parametrize(
    ("words", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_lists(words, text):
    assert write_list(words) == text


@pytest.mark.parametrize("cell", ["", "NA", None, "nan", math.nan, math.inf, [1]])
def test_cells_without_a_number(cell):
    assert read_number(cell) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_cells_with_a_number(value):
    assert read_number(str(value)) == value
    assert read_number(value) == value


def test_claims_stand_in_the_order_of_their_numbers():
    names = ["H10", "H2", "", "H1b", "H1", "other", "H2 "]
    assert sorted(names, key=claim_order) == ["", "H1", "H1b", "H2", "H2 ", "H10", "other"]


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ("difference between arms at week12", "difference between arms at week 12"),
        (
            "−0.59 [−0.97 to −0.22] 0-10 (95 % interval)",
            "−0.59 [−0.97 to −0.22] points (95 % interval)",
        ),
        ("smallest effect of interest: 0.33 0-10.", "smallest effect of interest: 0.33 points."),
        ("Pain (NPRS), worst (0-10)", "Pain (NPRS), worst (0 to 10)"),
        ("0.12 [−0.34 to 0.58] 0-10 per 0.1 Nm/kg", "0.12 [−0.34 to 0.58] points per 0.1 Nm/kg"),
        ("Week00 and week26", "Week 0 and week 26"),
        ("(1 deg), per 1 deg more, 1.1 deg", "(1 degree), per 1 degree more, 1.1 degrees"),
        ("1.1 deg; 0.2 Nm/kg", "1.1 degrees; 0.2 Nm/kg"),
        ("doi:10.1000/week and 2019-2020", "doi:10.1000/week and 2019-2020"),
    ],
)
def test_codes_become_words(code, plain):
    assert write_plain(code) == plain
