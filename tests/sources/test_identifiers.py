import pytest

from gluteal.sources.identifiers import names_a_person, shows_a_person


@pytest.mark.parametrize(
    "column",
    [
        "name",
        "FirstName",
        "Last name",
        "e-mail",
        "DOB",
        "date_of_birth",
        "Phone number",
        "IPAddress",
    ],
)
def test_columns_that_name_a_person(column):
    assert names_a_person(column)


@pytest.mark.parametrize(
    "column", ["filename", "test_name", "age", "diagnosis", "side", "mobility"]
)
def test_columns_that_do_not(column):
    assert not names_a_person(column)


def test_cells_that_show_a_person():
    assert shows_a_person("ask jo@example.org") == "an e-mail address"
    assert shows_a_person("born 01.02.1980") == "a calendar date"
    assert shows_a_person("P0012") == ""
    assert shows_a_person("63.0278175") == ""
