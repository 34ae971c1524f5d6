import numpy as np
import pandas as pd

from gluteal.cohort.derived import Cohort
from gluteal.frames.lagged import fit_lagged
from gluteal.frames.lagged_checks import check_lagged, check_timing
from gluteal.frames.panel import Panel, Schedule
from gluteal.frames.score_error import NOTHING, stated_error

PAIR = ("hip_abd_nm_kg", "nprs_avg")


def panel(n=300, floor=False):
    rng = np.random.default_rng(3)
    trait = rng.normal(size=(n, 1, 2))
    state = rng.normal(size=(n, 4, 2))
    for k in range(1, 4):
        state[:, k] += 0.4 * state[:, k - 1]
    values = trait + state
    outcome = np.round(5 + values[..., 1])
    if floor:
        outcome[:90, 3] = 0
    schedule = Schedule(("baseline", "week04", "week08", "week12"), (0.0, 4.0, 8.0, 12.0))
    none = np.zeros((n, 0))
    return Panel(schedule, np.arange(n), values[..., 0], outcome, none, (), 0)


def checks(made, errors=(NOTHING, NOTHING), free=True):
    main = fit_lagged(made, "equal", (errors[0].variance, errors[1].variance))
    more = fit_lagged(made, "free", (errors[0].variance, errors[1].variance)) if free else None
    return {row["name"]: row for row in check_lagged(main, more, made, errors, PAIR)}


def test_a_good_model_passes():
    found = checks(panel())
    assert found["admissible"]["ok"]
    assert found["starts that agree"]["value"] == 1
    assert found["RMSEA"]["ok"]
    assert found["CFI"]["ok"]
    assert found["equal lags, p (8 df)"]["ok"] is not None
    assert found["people per parameter"]["ok"]


def test_scores_taken_as_exact_are_flagged_unless_they_are_counts():
    found = checks(panel(), free=False)
    assert found["error of a score: Hip abduction torque per body mass"]["ok"] is False
    found = checks(panel(), (stated_error("hip_abd_nm_kg", 0.3), NOTHING), free=False)
    assert found["error of a score: Hip abduction torque per body mass"]["ok"] is True
    reliable = found["within-person reliability: Hip abduction torque per body mass"]
    assert 0.8 < reliable["value"] < 0.97


def test_a_floor_is_printed_and_flagged():
    name = "share at 0: Pain (NPRS), average of the last week"
    assert checks(panel(), free=False)[name]["value"] < 0.05
    flagged = checks(panel(floor=True), free=False)[name]
    assert flagged["ok"] is False
    assert "week12" in flagged["meaning"]


def test_visits_off_schedule_are_measured():
    made = panel()
    visits = pd.DataFrame({"visit": ["baseline", "week04"], "week_nominal": [0.0, 4.0],
                           "week_actual": [0.0, 6.0]})  # fmt: skip
    some = Cohort(pd.DataFrame(), visits, pd.DataFrame(), pd.DataFrame())
    (row,) = check_timing(some, made)
    assert row["value"] == np.sqrt(2) / 4
    assert row["ok"] is False
    visits["week_actual"] = np.nan
    assert check_timing(some, made) == []
