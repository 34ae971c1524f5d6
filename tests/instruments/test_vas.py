import pytest

from gluteal.errors import UserError
from gluteal.instruments import score_responses


def test_millimetres_as_given(score):
    scores, notes = score("vas", [{"mm": 42.5}])
    assert scores["vas_mm"].tolist() == [42.5]
    assert notes == {}


def test_centimetres_are_declared(score, rows):
    # 4.2 cm = 42 mm
    scores, _ = score("vas", [{"mm": 4.2}], unit="cm")
    assert scores["vas_mm"].tolist() == [42]
    with pytest.raises(UserError, match="0 to 10"):
        score_responses(rows("vas", {"mm": 42}), {"vas": {"unit": "cm"}})


def test_an_undeclared_file_in_cm_is_noted_not_mended(score):
    scores, notes = score("vas", [{"mm": 10.0}] * 20)
    assert scores["vas_mm"].max() == 10
    assert list(notes.values()) == [20]
    assert score("vas", [{"mm": 10.0}] * 19)[1] == {}
    assert score("vas", [{"mm": 10.0}] * 20 + [{"mm": 10.5}])[1] == {}
