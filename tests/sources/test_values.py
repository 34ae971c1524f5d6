import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.sources.values import (
    Converter,
    Misfit,
    Target,
    convert,
    plain_number,
    scaled,
    units_of,
)
from gluteal.variables import variable


def test_an_answer_none_stays_an_answer():
    target = Target("number", codes={"None": "0", "Mild": "1"}, missing={"NA": "NA:no_answer"})
    assert convert("None", target) == ("0", "none")
    assert convert("NA", target) == ("NA:no_answer", "none")


def test_a_code_that_is_not_declared_is_refused_with_the_nearest():
    with pytest.raises(Misfit) as caught:
        convert("Mld", Target("number", codes={"None": "0", "Mild": "1"}))
    assert "Mild" in caught.value.remedy


def test_an_empty_cell_needs_a_reason():
    with pytest.raises(Misfit, match="empty"):
        convert("", Target("number"))


def test_censoring_only_where_declared():
    assert convert(">30", Target("number", censored={">": "right"})) == ("30", "right")
    with pytest.raises(Misfit, match="not declared"):
        convert(">30", Target("number"))


@pytest.mark.parametrize(
    "text", ["1,5", "1.5.2", "1 5", "nan", "inf", "1_000", "١٢", "12kg", "1e", "--1"]
)
def test_text_is_no_number(text):
    with pytest.raises(Misfit, match="not a number"):
        plain_number(text)


def test_a_decimal_comma_is_read_where_declared_and_a_point_is_then_refused():
    assert plain_number("63,02", decimal=",") == "63.02"
    with pytest.raises(Misfit):
        plain_number("1.234,5", decimal=",")


def test_whole_numbers():
    assert plain_number("7.0", "integer") == "7"
    with pytest.raises(Misfit, match="whole"):
        plain_number("7.5", "integer")


@given(st.decimals(min_value=-1000, max_value=1000, places=6))
def test_digits_are_kept_as_they_came(value):
    text = f"{value:f}"
    assert plain_number(text) == text


def test_units_are_converted_in_decimals():
    assert scaled("178", 0.01) == "1.78"
    assert scaled("1780", 0.001) == "1.78"


def test_units_that_variables_accept():
    assert units_of(variable("hip_force_n")) == ("N", "kgf", "lbf")
    assert "1" in units_of(variable("trendelenburg_pos"))
    assert "1" in units_of(variable("cst30_reps"))


def test_words_are_checked():
    with pytest.raises(Misfit, match="word"):
        convert("Hernia", Target("category", words=("normal", "disc_hernia")))


def test_a_date_in_a_text_is_refused_and_not_shown():
    with pytest.raises(Misfit) as caught:
        convert("2020-01-31", Target("text"))
    assert not caught.value.show


def test_a_converter_raises_each_time():
    read = Converter(Target("number"))
    for _ in range(2):
        with pytest.raises(Misfit):
            read("x")
    assert read("1.50") == ("1.50", "none")
