from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gluteal.frames.negative_controls import answer_controls
from gluteal.frames.one_effect import take_effect


@pytest.fixture(scope="module")
def effect():
    rng = np.random.default_rng(8)
    n = 1500
    hidden = rng.normal(size=n)
    strength = 1.5 - 0.2 * hidden + rng.normal(0, 0.2, n)
    frame = pd.DataFrame(
        {
            "hip_abd_nm_kg": strength,
            "nprs_avg": 4 + 1.0 * hidden + rng.normal(0, 1, n),
            "leg_length_diff_mm": 5 + hidden + rng.normal(size=n),
            "height_m": np.where(np.arange(n) % 9 == 0, np.nan, rng.normal(1.7, 0.1, n)),
            "body_mass_kg": np.full(n, 70.0),
        }
    )
    return take_effect(frame, "nprs_avg", "hip_abd_nm_kg", ())


def test_a_shared_confounder_shows_in_a_control_outcome(effect):
    (one,), (check,) = answer_controls(effect, ("leg_length_diff_mm",), (), 0.95)
    assert one.found.high < 0
    assert one.more["outcome"] == "leg_length_diff_mm"
    assert one.more["unit"] == "SD"
    assert check["ok"] is False


def test_an_unrelated_control_exposure_is_nothing(effect):
    (one,), (check,) = answer_controls(effect, (), ("height_m",), 0.95)
    assert one.found.low < 0 < one.found.high
    assert one.more["n_people"] == int(effect.frame["height_m"].notna().sum())
    assert one.more["contrast"].startswith("per SD (0.0985 m)")
    assert check["ok"] is True


def test_a_control_outcome_is_the_slope_in_its_sds(effect):
    (one,), _ = answer_controls(effect, ("leg_length_diff_mm",), (), 0.95)
    values = effect.frame["leg_length_diff_mm"]
    y = ((values - values.mean()) / values.std()).to_numpy()
    want = np.linalg.lstsq(effect.x, y, rcond=None)[0][1] * effect.units
    assert one.found.estimate == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("cst30_reps", "cst30_reps not recorded"), ("body_mass_kg", "one value only")],
)
def test_a_control_that_cannot_be_asked_gives_its_reason(effect, name, reason):
    (one,), checks = answer_controls(effect, (name,), (), 0.95)
    assert one.failed
    assert reason in one.reason
    assert not checks


def test_none_named_is_a_reason(effect):
    (one,), _ = answer_controls(effect, (), (), 0.95)
    assert one.reason == "no negative control is named"
