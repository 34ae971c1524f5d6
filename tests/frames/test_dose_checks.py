import numpy as np
import pandas as pd
import pytest

from gluteal.frames.dose import fit_curve, fit_slope
from gluteal.frames.dose_checks import check_dose


def checks(frame, outcome, family, low=None, high=None, cluster=None):
    line = fit_slope(frame, outcome, "hip_abd_nm_kg", ("age_years",), family, cluster)
    rows = check_dose(line, fit_curve(line, 4), len(frame), low, high)
    return {row["name"]: row for row in rows}


@pytest.fixture
def frame():
    rng = np.random.default_rng(3)
    n = 200
    x = rng.normal(1.4, 0.3, n)
    return pd.DataFrame(
        {
            "participant_id": [f"P{i % 20}" for i in range(n)],
            "hip_abd_nm_kg": x,
            "age_years": rng.normal(43, 10, n),
            "nprs_avg": np.clip(np.round(6 - 3 * x + rng.normal(size=n) * 2), 0, 10),
            "lbp": pd.array(rng.uniform(size=n) < 0.05, dtype="boolean"),
            "days_with_pain_28d": rng.negative_binomial(0.5, 0.05, n).astype(float),
        }
    )


def test_floor_is_counted_and_flagged(frame):
    found = checks(frame, "nprs_avg", "linear", 0, 10)["share at the floor"]
    assert found["value"] == pytest.approx((frame["nprs_avg"] == 0).mean())
    assert found["ok"] == (found["value"] <= 0.15)


def test_few_events_are_flagged(frame):
    found = checks(frame, "lbp", "logistic")
    assert found["events per parameter"]["ok"] is False
    assert found["events per parameter"]["value"] == pytest.approx(frame["lbp"].sum() / 3)
    assert found["share with the outcome"]["ok"]


def test_overdispersion_is_flagged_for_poisson_only(frame):
    assert checks(frame, "days_with_pain_28d", "poisson")["dispersion"]["ok"] is False
    assert checks(frame, "days_with_pain_28d", "negative_binomial")["dispersion"]["ok"]


def test_few_clusters_are_flagged(frame):
    found = checks(frame, "nprs_avg", "linear", cluster="participant_id")["clusters"]
    assert (found["value"], found["ok"]) == (20, False)


def test_missing_values_lower_the_share_of_complete_rows(frame):
    frame.loc[:49, "age_years"] = np.nan
    found = checks(frame, "nprs_avg", "linear")["complete cases"]
    assert (found["value"], found["ok"]) == (0.75, False)


def test_no_curve_is_said(frame):
    frame["hip_abd_nm_kg"] = np.where(frame["hip_abd_nm_kg"] > 1.4, 2.0, 1.0)
    assert checks(frame, "nprs_avg", "linear")["spline"]["ok"] is False
