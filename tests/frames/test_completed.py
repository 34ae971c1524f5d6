import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort
from gluteal.errors import UserError
from gluteal.frames.completed import attach, read_completed


@pytest.fixture
def tables():
    people = pd.DataFrame({"participant_id": ["a", "b", "c"]})
    people["sex"] = pd.Categorical(["f", None, "m"], ["f", "m"])
    visits = pd.DataFrame(
        {"participant_id": list("abcabc"), "visit": ["baseline"] * 3 + ["week04"] * 3}
    )
    visits["nprs_avg"] = [1.0, np.nan, 3.0, np.nan, 5.0, np.nan]
    visits["med_opioid"] = pd.array([True, None, False, True, True, None], dtype="boolean")
    sides = pd.DataFrame({"participant_id": [], "visit": [], "side": []})
    return Cohort(people, visits, sides, pd.DataFrame())


def cells_of(*rows):
    names = ("table", "participant_id", "visit", "variable", "m", "value")
    return pd.DataFrame(rows, columns=list(names))


@pytest.fixture
def cells():
    pain = [
        ("visits", who, visit, "nprs_avg", k, value + k)
        for who, visit, value in (
            ("b", "baseline", 1.0),
            ("a", "week04", 4.0),
            ("c", "week04", 7.0),
        )
        for k in (1, 2)
    ]
    pain.sort(key=lambda row: (row[2], row[4]))
    return cells_of(*pain, ("people", "b", "", "sex", 1, 0.0), ("people", "b", "", "sex", 2, 1.0))


def test_each_imputation_fills_its_own_values(tables, cells):
    filled = attach(tables, cells)
    assert filled.m == 2
    assert filled.complete(0).visits["nprs_avg"].tolist() == [1, 2, 3, 5, 5, 8]
    assert filled.complete(1).visits["nprs_avg"].tolist() == [1, 3, 3, 6, 5, 9]
    assert filled.complete(0).people["sex"].tolist() == ["f", "f", "m"]
    assert filled.complete(1).people["sex"].tolist() == ["f", "m", "m"]
    assert filled.complete(1).people["sex"].dtype == tables.people["sex"].dtype


def test_the_cohort_itself_is_left_alone(tables, cells):
    before = tables.visits.copy()
    attach(tables, cells).complete(0)
    pd.testing.assert_frame_equal(tables.visits, before)


def test_only_asked_variables_are_filled_and_a_shift_stays_in_range(tables, cells):
    filled = attach(tables, cells)
    one = filled.complete(0, ["sex"])
    assert one.visits["nprs_avg"].isna().sum() == 3
    shifted = filled.complete(0, ["nprs_avg"], ("nprs_avg", 3.0))
    assert shifted.visits["nprs_avg"].tolist() == [1, 5, 3, 8, 5, 10]


def test_cells_are_counted_by_visit(tables, cells):
    filled = attach(tables, cells)
    assert filled.count(["nprs_avg", "sex", "phq9"]) == {"nprs_avg": 3, "sex": 1}
    assert filled.count(["nprs_avg"], "baseline") == {"nprs_avg": 1}


def test_an_imputation_that_is_not_there(tables, cells):
    with pytest.raises(IndexError):
        attach(tables, cells).complete(2)
    assert attach(tables, cells.iloc[:0]).m == 0


def test_cells_of_other_tables_are_refused(tables, cells):
    strange = cells.assign(participant_id="z")
    with pytest.raises(UserError, match=r"nprs_avg.*gluteal impute"):
        attach(tables, strange)
    known = cells_of(("visits", "a", "baseline", "nprs_avg", 1, 4.0))
    with pytest.raises(UserError, match="recorded values"):
        attach(tables, known)


def test_files(tables, cells, tmp_path):
    with pytest.raises(UserError, match="Run gluteal impute first"):
        read_completed(tables, tmp_path)
    (tmp_path / "imputed.parquet").write_text("no table")
    with pytest.raises(UserError, match="cannot be read"):
        read_completed(tables, tmp_path)
    cells.to_parquet(tmp_path / "imputed.parquet", index=False)
    assert len(read_completed(tables, tmp_path, ["sex"]).blocks) == 1
    assert len(read_completed(tables, tmp_path).blocks) == 2
