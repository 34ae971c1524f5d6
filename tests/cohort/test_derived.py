import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort, read_cohort, typed, write_cohort
from gluteal.errors import CannotTest, UserError


@pytest.fixture
def cohort():
    people = typed(
        pd.DataFrame(
            {
                "participant_id": list("abc"),
                "sex": ["f", "m", "f"],
                "lbp": [True, False, None],
                "age_years": [30, 40, 50],
            }
        )
    )
    visits = typed(
        pd.DataFrame(
            {
                "participant_id": ["a", "a", "b", "c"],
                "visit": ["baseline", "week04"] + ["baseline"] * 2,
                "nprs_avg": [5.0, 3.0, 0.0, None],
                "hip_abd_nm_kg": [1.1, 1.2, 1.5, 1.3],
            }
        )
    )
    sides = typed(
        pd.DataFrame(
            {
                "participant_id": ["a", "a", "b", "b"],
                "visit": ["baseline"] * 4,
                "side": ["left", "right"] * 2,
                "hip_abd_nm_kg": [1.0, 1.2, 1.4, 1.6],
                "trendelenburg_pos": [True, False, False, False],
            }
        )
    )
    trials = pd.DataFrame(
        {
            "participant_id": ["a"],
            "visit": ["baseline"],
            "side": ["left"],
            "variable": ["hip_abd_n"],
            "assessor": ["A"],
            "session": ["1"],
            "trial": [1],
            "value": [120.0],
        }
    )
    return Cohort(people, visits, sides, trials, {"title": "t"}, pd.DataFrame({"stage": ["x"]}))


def test_a_person_takes_the_values_of_one_visit(cohort):
    frame = cohort.frame(["nprs_avg", "sex", "hip_abd_nm_kg"])
    assert list(frame["participant_id"]) == ["a", "b", "c"]
    assert frame.loc[0, "nprs_avg"] == 5
    assert frame.loc[0, "hip_abd_nm_kg"] == 1.1


def test_a_side_keeps_its_own_value_and_repeats_the_person(cohort):
    frame = cohort.frame(["hip_abd_nm_kg", "age_years", "nprs_avg"], unit="side")
    assert list(frame["hip_abd_nm_kg"]) == [1.0, 1.2, 1.4, 1.6]
    assert list(frame["age_years"]) == [30, 30, 40, 40]


def test_all_visits_or_one(cohort):
    assert len(cohort.frame(["nprs_avg"], unit="visit", visit=None)) == 4
    assert len(cohort.frame(["nprs_avg"], unit="visit")) == 3


def test_a_finer_variable_cannot_be_one_row_a_person(cohort):
    with pytest.raises(UserError, match="trendelenburg_pos: not available"):
        cohort.frame(["trendelenburg_pos"])


def test_what_is_lacking_is_named(cohort):
    assert cohort.lacks(["sex", "odi_pct"]) == ["odi_pct"]
    with pytest.raises(UserError, match="lacks odi_pct"):
        cohort.frame(["odi_pct"])


def test_only_keeps_people_in_every_table(cohort):
    women = cohort.only({"sex": ["f"]})
    assert list(women.people["participant_id"]) == ["a", "c"]
    assert set(women.sides["participant_id"]) == {"a"}
    assert set(cohort.only({"lbp": ["1"]}).people["participant_id"]) == {"a"}


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ({"sex": ["x"]}, "no level x"),
        ({"hip": ["1"]}, "no such fact"),
        ({"lbp": ["1"], "sex": ["m"]}, "nobody"),
    ],
)
def test_an_empty_or_unknown_restriction_is_refused(cohort, levels, words):
    with pytest.raises(UserError, match=words):
        cohort.only(levels)


def test_written_and_read_again_it_is_the_same(cohort, tmp_path):
    write_cohort(cohort, tmp_path)
    again = read_cohort(tmp_path)
    pd.testing.assert_frame_equal(again.people, cohort.people)
    pd.testing.assert_frame_equal(again.sides, cohort.sides)
    assert again.meta == {"title": "t"}


def test_the_same_tables_give_the_same_bytes(cohort, tmp_path):
    write_cohort(cohort, tmp_path / "one")
    write_cohort(cohort, tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_absent_tables_are_one_message(tmp_path):
    with pytest.raises(UserError, match="gluteal derive"):
        read_cohort(tmp_path)


def test_a_damaged_table_is_one_message(cohort, tmp_path):
    write_cohort(cohort, tmp_path)
    (tmp_path / "visits.parquet").write_bytes(b"not parquet")
    (tmp_path / "derived.json").write_text("{")
    with pytest.raises(UserError) as caught:
        read_cohort(tmp_path)
    assert [fault.file.rpartition("/")[2] for fault in caught.value.faults] == [
        "visits.parquet",
        "derived.json",
    ]


def test_what_is_for_a_clinician_alone_cannot_be_taken(cohort):
    cohort.visits["phq9_safety"] = pd.array([True, False, None, None], dtype="boolean")
    with pytest.raises(UserError, match="phq9_safety: for a clinician alone"):
        cohort.frame(["nprs_avg", "phq9_safety"])


def test_a_place_without_a_value_is_no_wrong_grain():
    """A pelvis measured on one side alone has a tilt of that side, and none as a whole."""
    ids = ["P1", "P2"]
    keys = {"participant_id": ids, "visit": "baseline"}
    sides = pd.DataFrame({**keys, "side": "right", "pelvic_tilt_asis_psis_deg": [8.0, 9.0]})
    made = Cohort(pd.DataFrame({"participant_id": ids}), pd.DataFrame(keys), sides, pd.DataFrame())
    frame = made.frame(["pelvic_tilt_asis_psis_deg"])
    assert frame["pelvic_tilt_asis_psis_deg"].isna().all()
    assert frame["pelvic_tilt_asis_psis_deg"].dtype == "float64"


def test_nobody_of_those_asked_about_is_said_in_words():
    people = pd.DataFrame({"participant_id": ["P1"], "lbp": pd.array([False], dtype="boolean")})
    made = Cohort(people, people[["participant_id"]], people[["participant_id"]], people)
    with pytest.raises(CannotTest, match="low back pain at entry: low back pain"):
        made.only({"lbp": ["1"]})
    with pytest.raises(UserError, match="no level sick") as found:
        made.only({"lbp": ["sick"]})
    assert found.value.faults and not isinstance(found.value, CannotTest)
