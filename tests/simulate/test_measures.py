import numpy as np
import pytest

from gluteal.simulate.measures import ACTIVITY, make_measurements
from gluteal.simulate.streams import settle


@pytest.fixture(scope="module")
def rows():
    return next(make_measurements(settle(600, 8))).to_pandas()


def test_there_are_about_190_rows_a_person(rows):
    assert 180 < len(rows) / 600 < 200


def test_every_test_of_the_note_is_there(rows):
    assert {
        "hip_force",
        "lever_arm",
        "sls_time",
        "pelvic_drop",
        "trendelenburg",
        "squeeze_grade",
        "squeeze_hold",
        "cst30",
        "sts5",
        "sts_trunk_lean",
        "sts_uses_back_lean",
        "gait_pelvic_drop",
        "pelvic_tilt_asis_psis",
        "lumbar_lordosis_surface",
        "emg_rms",
        "emg_mvic",
        "emg_onset",
        "days_with_pain",
        "sij_tests",
    } == set(rows["test"])


def test_no_key_is_there_twice(rows):
    key = ["participant_id", "visit", "test", "muscle", "side", "trial", "assessor"]
    assert not rows.duplicated(key).any()


def test_what_was_not_done_says_why_and_nothing_else_does(rows):
    gone = rows["status"] == "not_done"
    assert rows.loc[gone, "value"].str.startswith("NA:").all()
    assert (rows.loc[gone, "reason_not_done"] == rows.loc[gone, "value"].astype(str)).all()
    assert (rows.loc[~gone, "reason_not_done"] == "na").all()
    force = rows["test"] == "hip_force"
    assert gone[force].mean() == pytest.approx(0.028, abs=0.01)


def test_activity_comes_out_at_the_specified_share_of_the_maximum():
    rows = next(make_measurements(settle(3000, 9, "null", "case_control"))).to_pandas()
    rows = rows[rows["test"].isin(["emg_rms", "emg_mvic"])]
    wide = rows.assign(value=rows["value"].astype(str).astype(float)).pivot_table(
        index=["participant_id", "side", "muscle"], columns="test", values="value", observed=True
    )
    pct = 100 * wide["emg_rms"] / wide["emg_mvic"]
    for muscle in ("gmax", "bf"):
        found = pct.xs(muscle, level="muscle")
        assert found.mean() == pytest.approx(ACTIVITY[muscle][0], rel=0.04)
        assert found.std() / found.mean() == pytest.approx(0.4, abs=0.04)
    back = pct.xs("es_ipsi", level="muscle")
    assert back.mean() == pytest.approx(30 * (0.6 * 1.3 + 0.4), rel=0.05)


def test_stance_at_the_cap_is_censored(rows):
    stance = rows[rows["test"] == "sls_time"]
    at_cap = stance["value"].astype(str) == "45"
    assert ((stance["censored"] == "right") == at_cap).all()
    assert (rows.loc[rows["test"] != "sls_time", "censored"] == "none").all()


def test_lost_visits_have_no_rows(rows):
    came = rows.groupby("visit", observed=True)["participant_id"].nunique()
    assert came["baseline"] == 600
    assert came["week26"] < 540
    assert np.all(np.diff(came[["week04", "week12"]].to_numpy()) < 0)
