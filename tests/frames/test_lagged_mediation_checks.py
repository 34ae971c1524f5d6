from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort
from gluteal.frames.lagged_mediation_checks import check_traced, robustness
from gluteal.frames.lagged_mediation_rows import Settings, Traced
from gluteal.frames.score_error import NOTHING

PAIR = ("hip_abd_nm_kg", "nprs_avg")
ASKED = Settings(PAIR, (), "baseline", None, 0.95, 1)


def build(gain=0.15, lost=0.0, n=260):
    rng = np.random.default_rng(6)
    ids = [f"P{k:03d}" for k in range(n)]
    arm = np.arange(n) % 2
    people = pd.DataFrame({"participant_id": ids})
    people["arm"] = pd.Categorical(np.where(arm, "programme", "control"), ["control", "programme"])
    trait, state = rng.normal(size=(2, n, 2))
    tables = []
    for k, visit in enumerate(("baseline", "week04", "week08", "week12")):
        pain = 5 + trait[:, 1] + state[:, 1]
        if k == 3:
            pain[(arm == 1) & (rng.random(n) < lost)] = np.nan
        tables.append(pd.DataFrame({
            "participant_id": ids, "visit": visit, "week_nominal": 4.0 * k,
            "hip_abd_nm_kg": 1.2 + 0.2 * trait[:, 0] + 0.1 * state[:, 0] + gain * k / 3 * arm,
            "nprs_avg": pain,
        }))  # fmt: skip
        state = state @ [[0.5, -0.3], [0.0, 0.4]] + rng.normal(size=(n, 2))
    none = pd.DataFrame({"participant_id": [], "visit": [], "side": []})
    return Cohort(people, pd.concat(tables, ignore_index=True), none, none)


def checks(cohort):
    made = Traced(cohort, ASKED, (NOTHING, NOTHING))
    return {row["name"]: row for row in check_traced(made)}, made


@pytest.fixture(scope="module")
def sound():
    return checks(build())


def test_assumptions_are_said_as_plain_facts(sound):
    found, _made = sound
    said = [row for name, row in found.items() if name.startswith("assumed")]
    assert len(said) == 2
    assert all(row["ok"] is None for row in said)
    assert "too small" in said[0]["meaning"]


def test_gains_are_seen_where_they_are(sound):
    found, _made = sound
    assert found["gain at week08, z"]["ok"]
    assert not checks(build(gain=0.0))[0]["gain at week04, z"]["ok"]
    assert found["visits that count"]["value"] == 2


def test_who_is_lost_from_one_arm_is_flagged(sound):
    assert sound[0]["lost by arm"]["ok"]
    row = checks(build(lost=0.4))[0]["lost by arm"]
    assert not row["ok"]
    assert row["value"] > 25


def test_the_panel_models_own_checks_are_there(sound):
    found, _made = sound
    assert found["admissible"]["ok"]
    assert any(name.startswith("equal lags") for name in found)


def test_a_cause_must_be_as_strong_as_the_path(sound):
    """By hand: the partial R² that solves R⁴ / (1 - R²) = f²."""
    _found, made = sound
    strength = robustness(made.main)
    value = dict(zip(made.main.fit.names, made.main.fit.model.coef, strict=True))
    own = value["within_x1 ~~ within_x1"]
    own -= value["within_x1 ~~ within_y1"] ** 2 / value["within_y1 ~~ within_y1"]
    f2 = value["c"] ** 2 * own / value["within_y2 ~~ within_y2"]
    assert strength**2 / (1 - strength) == pytest.approx(f2)


def test_variances_below_nothing_have_no_such_strength():
    fit = SimpleNamespace(
        names=("within_x1 ~~ within_x1", "within_y1 ~~ within_y1", "within_y2 ~~ within_y2"),
        model=SimpleNamespace(coef=np.array([-0.1, 1.0, 1.0])), n=100,
    )  # fmt: skip
    found = SimpleNamespace(fit=fit, each=lambda _arrow: [SimpleNamespace(estimate=1.0)])
    assert np.isnan(robustness(found))
