import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.repeats import list_measures, take_repeats


@pytest.fixture(scope="module")
def trials():
    """Two assessors; B saw the first two people, and P3 has one trial only on the left."""
    rows = []
    for who, number in (("P1", 1.0), ("P2", 2.0), ("P3", 3.0)):
        for side in ("left", "right"):
            for trial in (1, 2, 3):
                if who == "P3" and side == "left" and trial > 1:
                    continue
                rows.append((who, side, "hip_abd_nm_kg", "A", trial, number + trial / 10))
                if who != "P3":
                    rows.append((who, side, "hip_abd_nm_kg", "B", trial, number + trial / 10 + 1))
    rows.append(("P1", "na", "cst30_reps", "A", 1, 12.0))
    names = ["participant_id", "side", "variable", "assessor", "trial", "value"]
    table = pd.DataFrame(rows, columns=names)
    words = ["participant_id", "side", "variable", "assessor"]
    return table.astype(dict.fromkeys(words, "category"))


def test_an_assessors_score_is_the_mean_of_the_trials(trials):
    (found,) = take_repeats(trials, "hip_abd_nm_kg", ["assessor"], ["right"])
    assert list(found.scores.columns) == ["A", "B"]
    assert list(found.scores.index) == ["P1", "P2"]
    assert found.scores.loc["P1"].tolist() == pytest.approx([1.2, 2.2])
    assert found.model == "between assessors, right side"


def test_trials_are_those_of_the_first_assessor(trials):
    left, right = take_repeats(trials, "hip_abd_nm_kg", ["trial"], ["left", "right", "na"])
    assert right.scores.loc["P2"].tolist() == pytest.approx([2.1, 2.2, 2.3])
    assert right.missing == 0
    assert left.missing == 2
    assert len(left.complete().scores) == 2


def test_order_of_rows_does_not_matter(trials):
    mixed = trials.sample(frac=1, random_state=1)
    for one, other in zip(
        take_repeats(trials, "hip_abd_nm_kg", ["assessor", "trial"], ["left", "right"]),
        take_repeats(mixed, "hip_abd_nm_kg", ["assessor", "trial"], ["left", "right"]),
        strict=True,
    ):
        pd.testing.assert_frame_equal(one.scores, other.scores)


def test_what_was_measured_once_has_no_repeats(trials):
    assert not list(take_repeats(trials, "cst30_reps", ["assessor", "trial"], ["na"]))
    assert not list(take_repeats(trials, "sls_time_s", ["trial"], ["right"]))
    lost = trials.assign(value=np.nan)
    assert not list(take_repeats(lost, "hip_abd_nm_kg", ["trial"], ["right"]))


def test_a_visit_without_side_says_no_side(trials):
    table = trials[trials["side"] == "left"].assign(side="na")
    assert next(take_repeats(table, "hip_abd_nm_kg", ["trial"], ["na"])).model == "between trials"


def test_of_one_force_only_the_form_per_body_mass_is_listed():
    assert list_measures(["hip_er_n", "hip_er_nm", "hip_er_nm_kg"]) == ["hip_er_nm_kg"]
    assert list_measures(["hip_er_n", "trendelenburg_pos"]) == ["hip_er_n", "trendelenburg_pos"]
