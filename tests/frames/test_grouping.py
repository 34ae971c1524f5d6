"""Groups of people and one variable in them."""

from __future__ import annotations

import pandas as pd
import pytest

from gluteal.cohort.derived import typed
from gluteal.errors import UserError
from gluteal.frames.grouping import Row, as_levels, part_people
from gluteal.variables import variables


@pytest.fixture
def people():
    return typed(
        pd.DataFrame(
            {
                "participant_id": list("abcdefgh"),
                "lbp": [False, True, True, None, False, True, True, False],
                "sex": ["f", "m", "f", "m", None, "f", "f", "m"],
                "occ_lifting": ["0", "2", "2", "1", "0", "0", "2", None],
                "age_years": [20, 30, 40, 50, None, 60, 70, 80],
            }
        )
    )


def test_people_are_parted_in_the_order_of_the_dictionary(people):
    groups = part_people(people, "lbp")
    assert groups.labels == ["no low back pain", "low back pain"]
    assert groups.sizes == [3, 4]
    assert groups.n_without == 1
    assert part_people(people, "prior_lbp" if "prior_lbp" in people else "sex").labels == [
        "female",
        "male",
    ]


def test_yes_and_no_take_the_name_of_their_variable(people):
    frame = people.rename(columns={"lbp": "prior_lbp"})
    assert part_people(frame, "prior_lbp").labels == [
        "Previous low back pain: no",
        "Previous low back pain: yes",
    ]


@pytest.mark.parametrize("name", ["age_years", "participant_id"])
def test_what_cannot_group_people_is_named(people, name):
    with pytest.raises(UserError, match=f"column {name}: cannot group people"):
        part_people(people, name)


def test_one_level_is_no_grouping(people):
    with pytest.raises(UserError, match="column sex: has only one level here: female"):
        part_people(people[people["sex"] == "f"], "sex")
    with pytest.raises(UserError, match="column lbp: has only one level here: no value"):
        part_people(people[people["lbp"].isna()], "lbp")


def test_a_missing_value_is_counted_and_is_no_level(people):
    row = Row(people, "sex", part_people(people, "lbp"), 1)
    assert row.missing == [1, 0]
    assert row.sizes == [2, 4]
    cells = {(c.level, c.group): (c.n, c.total) for c in row.cells()}
    assert cells == {
        (0, 0): (1, 2), (0, 1): (3, 4), (0, 2): (4, 6),
        (1, 0): (1, 2), (1, 1): (1, 4), (1, 2): (2, 6),
    }  # fmt: skip
    assert as_levels(people, variables()["lbp"]).isna().sum() == 1


def test_a_number_is_described_in_each_group_and_in_all(people):
    row = Row(people, "age_years", part_people(people, "lbp"), 3)
    assert [about.n for about in row.about()] == [2, 4, 6]
    assert [about.mean for about in row.about()] == [50, 50, 50]
    assert row.enough() == [False, True, False]  # two are too few, and all would give them away
    assert Row(people, "age_years", part_people(people, "lbp"), 2).enough() == [True] * 3


def test_free_text_is_refused(people):
    with pytest.raises(UserError, match="column participant_id: is free text"):
        Row(people, "participant_id", part_people(people, "lbp"), 5)
