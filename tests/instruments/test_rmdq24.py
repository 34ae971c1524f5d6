import numpy as np
import pytest

from gluteal.errors import UserError


def sheet(yes, missing=0):
    answers = [1] * yes + [0] * (24 - yes - missing) + [np.nan] * missing
    return {f"item_{i}": a for i, a in enumerate(answers, 1)}


def test_complete(score):
    scores, _ = score("rmdq24", [sheet(0), sheet(9), sheet(24)])
    assert scores["rmdq_0_24"].tolist() == [0, 9, 24]


def test_the_boundary_of_two_missing(score):
    # 11 yes of 22 answered: 24 x 11 / 22 = 12; with three missing there is no score
    scores, notes = score("rmdq24", [sheet(11, 2), sheet(11, 3)])
    assert scores["rmdq_0_24"][0] == pytest.approx(12)
    assert np.isnan(scores["rmdq_0_24"][1])
    assert notes["prorated (up to 2 missing)"] == 1
    assert notes["not scored (over 2 missing)"] == 1


def test_missing_read_as_no(score):
    scores, notes = score("rmdq24", [sheet(11, 3), sheet(5, 0), {}], rule="no")
    np.testing.assert_array_equal(scores["rmdq_0_24"], [11, 5, np.nan])
    assert notes == {"complete": 1, "missing read as no": 1}


def test_missing_is_missing(score):
    scores, _ = score("rmdq24", [sheet(11, 1), sheet(11)], rule="missing", max_missing=2)
    np.testing.assert_array_equal(scores["rmdq_0_24"], [np.nan, 11])


def test_the_other_form_of_23_items_is_refused(score):
    with pytest.raises(UserError) as caught:
        score("rmdq24", [sheet(9, 1)] * 10)
    assert [fault.column for fault in caught.value.faults] == ["item_24"]
    score("rmdq24", [sheet(9, 1)] * 9)  # nine people may all have left it out
    score("rmdq24", [sheet(9, 1)] * 10 + [sheet(9)])
