import pandas as pd

from gluteal.cohort.derived import Cohort, typed
from gluteal.estimators.identities import PELVIS, check_pelvis


def cohort_of(*angles):
    visits = pd.DataFrame(list(angles), columns=list(PELVIS))
    visits.insert(0, "visit", "baseline")
    visits.insert(0, "participant_id", [f"p{k}" for k in range(len(visits))])
    visits = typed(visits)
    return Cohort(visits[["participant_id"]], visits, visits.iloc[:0], visits.iloc[:0])


def test_geometry_holds():
    (row,) = check_pelvis(cohort_of((60, 20, 40), (50, 10, 40.005)))
    assert row["ok"] is True
    assert "2 of 2 rows" in row["meaning"]


def test_a_swapped_column_is_seen():
    (row,) = check_pelvis(cohort_of((60, 20, 40), (10, 50, 40)))
    assert row["ok"] is False
    assert row["value"] == 80
    assert "1 of 2 rows" in row["meaning"]


def test_nothing_is_said_where_an_angle_is_missing():
    assert check_pelvis(cohort_of((60, 20, None))) == []
