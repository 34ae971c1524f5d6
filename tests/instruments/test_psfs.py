import numpy as np
import pytest


def sheet(*answers):
    return {f"activity_{i}": a for i, a in enumerate(answers, 1)}


GAP = np.nan


def test_mean_of_the_activities_by_hand(score):
    # (2 + 4 + 6) / 3 = 4; five activities: (2 + 4 + 6 + 8 + 10) / 5 = 6
    scores, notes = score("psfs", [sheet(2, 4, 6), sheet(2, 4, 6, 8, 10)])
    assert scores["psfs_0_10"].tolist() == [4, 6]
    assert notes["complete"] == 2


def test_the_set_is_the_baselines(score):
    # Week 4 rates a fourth activity (9) that was not named at baseline: (5 + 5 + 5) / 3 = 5
    # Week 8 leaves one of the three out: (6 + 8) / 2 = 7
    scores, notes = score(
        "psfs",
        [sheet(2, 4, 6), sheet(5, 5, 5, 9), sheet(6, 8, GAP)],
        people=["A"] * 3,
        visits=["baseline", "week04", "week08"],
    )
    assert scores["psfs_0_10"].tolist() == [4, 5, 7]
    assert notes["activities not of the baseline set left out"] == 1
    assert notes["some of the baseline set missing"] == 1


def test_the_boundary_of_three_activities(score):
    scores, notes = score("psfs", [sheet(2, 4), sheet(2, 4, 6)])
    assert np.isnan(scores["psfs_0_10"][0])
    assert scores["psfs_0_10"][1] == 4
    assert notes["not scored (baseline set unknown or too small)"] == 1
    scores, _ = score("psfs", [sheet(2, 4)], min_activities=2)
    assert scores["psfs_0_10"].tolist() == [3]


def test_without_a_baseline_the_set_is_unknown(score):
    scores, notes = score("psfs", [sheet(2, 4, 6)], visits=["week04"])
    assert np.isnan(scores["psfs_0_10"][0])
    assert notes["not scored (baseline set unknown or too small)"] == 1


def test_only_other_activities_rated(score):
    scores, notes = score(
        "psfs",
        [sheet(2, 4, 6), sheet(GAP, GAP, GAP, 9, 9)],
        people=["A", "A"],
        visits=["baseline", "week04"],
    )
    assert np.isnan(scores["psfs_0_10"][1])
    assert notes["not scored (none of the baseline set answered)"] == 1


def test_people_do_not_share_sets(score):
    scores, _ = score(
        "psfs",
        [sheet(2, 4, 6), sheet(GAP, GAP, 3, 6, 9), sheet(1, 1, 1, 9, 9)],
        people=["A", "B", "B"],
        visits=["baseline", "baseline", "week04"],
    )
    assert scores["psfs_0_10"].tolist() == pytest.approx([4, 6, 19 / 3])
