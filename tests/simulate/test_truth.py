import json

import numpy as np
import pytest

from gluteal.simulate.streams import settle
from gluteal.simulate.survey import BATCH
from gluteal.simulate.truth import exact, measure_truths, tell_truth, truths, write_truths
from gluteal.simulate.worlds import WORLDS


def compare(world, n, seed, limit):
    """Name the constants that lie further from a new sample than chance allows."""
    found = measure_truths(world, n, seed)
    wrong = {}
    for name, (value, error) in truths(world).items():
        again, spread = found[name]
        if np.isnan(spread):
            spread = error * np.sqrt(1_000_000 / n)
        z = (again - value) / max(np.hypot(error, spread), 1e-9)
        if abs(z) > limit:
            wrong[name] = (value, again, round(z, 1))
    return wrong


@pytest.mark.parametrize("world", ["evidence", "reverse"])
def test_the_constants_are_those_of_the_code(world):
    assert not compare(world, BATCH, 99, 4.5)


@pytest.mark.nightly
@pytest.mark.parametrize("world", WORLDS)
def test_the_constants_hold_in_a_large_sample(world):
    assert not compare(world, 20 * BATCH, 98, 5)


def test_the_adjusted_difference_of_the_domain_note():
    for world, value in (("evidence", -0.114), ("seed", -0.100), ("reverse", -0.112), ("null", 0)):
        assert truths(world)["m1_adjusted_abd_nm_kg"][0] == pytest.approx(value, abs=0.003)


def test_parts_add_up():
    found = exact(WORLDS["evidence"])
    whole = found["m4_through_strength_week12"] + found["m4_direct_week12"]
    assert found["m4_arm_week12_latent"] == pytest.approx(whole) == pytest.approx(-0.56, abs=0.01)
    assert exact(WORLDS["seed"])["m5_strength_tilt_lordosis_pain_per_sd"] == pytest.approx(-0.05625)


def test_the_file_is_json_with_the_path_matrix():
    told = json.loads(json.dumps(tell_truth(settle(10, 1, "evidence"))))
    within = told["within_person"]
    four = np.array(within["transition_4_weeks"])
    assert four.tolist() == [[0.55, -0.01], [-0.9, 0.4]]
    import scipy.linalg as la

    drift = np.array(within["drift_per_week"])
    assert la.expm(4 * drift) == pytest.approx(four, abs=1e-8)
    assert la.expm(14 * drift) == pytest.approx(np.array(within["transition_14_weeks"]), abs=1e-8)
    entry = told["estimands"]["m1_adjusted_abd_nm_kg"]
    assert entry["unit"] == "Nm/kg"
    assert 0 < entry["se_monte_carlo"] < 0.002


def test_constants_are_written_as_they_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr("gluteal.simulate.truth.WORLDS", {"null": WORLDS["null"]})
    write_truths(tmp_path / "t.csv", n=800, seed=1)
    lines = (tmp_path / "t.csv").read_text().splitlines()
    assert lines[0] == "world,name,value,se"
    assert len(lines) - 1 == len(truths("null"))
