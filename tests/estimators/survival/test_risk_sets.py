import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.estimators.survival.risk_sets import build_risk_sets
from gluteal.estimators.survival.times import as_times


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), late=st.booleans())
def test_sums_are_those_of_a_loop_over_people(seed, late):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 25))
    time = rng.integers(2, 8, n).astype(float)
    event = rng.integers(0, 2, n)
    event[0] = 1
    stratum = rng.integers(0, 3, n)
    stratum = np.unique(stratum, return_inverse=True)[1]
    entry = time - rng.integers(1, 6, n) if late else None
    found = as_times(time, event, entry)
    sets = build_risk_sets(found, stratum)
    value = rng.normal(size=n)
    groups = {(s, t) for s, t, e in zip(stratum, time, event, strict=True) if e}
    at = list(zip(sets.group_stratum.tolist(), sets.event_time.tolist(), strict=True))
    assert set(at) == groups
    assert len(at) == len(groups) == sets.groups
    member = np.array([(stratum == s) & (time >= t) & (found.entry < t) for s, t in at])
    np.testing.assert_allclose(sets.at_risk(value[sets.order]), member @ value, atol=1e-12)
    dead = np.array([(stratum == s) & (time == t) & (event == 1) for s, t in at])
    np.testing.assert_allclose(sets.of_dead(value[sets.order]), dead @ value, atol=1e-12)
    hazard = rng.uniform(size=len(at))
    np.testing.assert_allclose(sets.over_time(hazard), (member.T @ hazard)[sets.order], atol=1e-12)
    assert sets.deaths.tolist() == dead.sum(1).tolist()


def test_breslow_takes_nothing_off_tied_weight():
    sets = build_risk_sets(as_times([1.0, 1, 2], [1, 1, 0]), np.zeros(3, dtype=int))
    assert sets.part.tolist() == [0, 0.5]
    assert sets.without_efron().part.tolist() == [0, 0]
