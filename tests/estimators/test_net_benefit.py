import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.net_benefit import decision_curve


@pytest.fixture(scope="module")
def risks(parity):
    return pd.read_csv(parity / "data" / "risks.csv")


def test_curves_equal_their_formula_in_r(risks, answers):
    said = answers("calibration")
    found = decision_curve(risks["y"], risks["p"], said["at"], resamples=10)
    np.testing.assert_allclose(found.net_benefit.value, said["net_benefit"], atol=1e-14)
    np.testing.assert_allclose(found.treat_all.value, said["treat_all"], atol=1e-14)
    share = risks["y"].mean()
    np.testing.assert_allclose(found.standardised.value, found.net_benefit.value / share)
    gain = found.net_benefit.value - found.treat_all.value
    np.testing.assert_allclose(found.over_all.value, gain, atol=1e-14)
    odds = np.array(said["at"]) / (1 - np.array(said["at"]))
    np.testing.assert_allclose(found.avoided, 100 * gain / odds)


@pytest.mark.parametrize("legs", [1, 2])
def test_the_interval_is_that_of_people_drawn_one_by_one(risks, legs):
    y, p, at = risks["y"].to_numpy(float), risks["p"].to_numpy(), np.array([0.1, 0.3, 0.5])
    people = 300 // legs
    found = decision_curve(y, p, at, np.arange(300) // legs, resamples=4000)
    assert found.people == people
    rng = np.random.default_rng(5)
    odds, drawn = at / (1 - at), []
    for _ in range(1500):
        who = rng.integers(0, people, people)
        rows = (who[:, None] * legs + np.arange(legs)).ravel()
        act = p[rows, None] >= at
        hits, alarms = act[y[rows] == 1].sum(0), act[y[rows] == 0].sum(0)
        drawn.append((hits - alarms * odds) / rows.size)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    np.testing.assert_allclose(found.net_benefit.low, low, atol=0.012)
    np.testing.assert_allclose(found.net_benefit.high, high, atol=0.012)


def test_clusters_of_one_are_people_and_copies_do_not_narrow(risks):
    y, p = risks["y"], risks["p"]
    plain = decision_curve(y, p, [0.2, 0.4], resamples=3000)
    twice = decision_curve(
        np.tile(y, 2), np.tile(p, 2), [0.2, 0.4], np.tile(np.arange(300), 2), resamples=3000
    )
    for one in ("low", "high"):
        np.testing.assert_allclose(
            getattr(twice.net_benefit, one), getattr(plain.net_benefit, one), atol=0.01
        )


def test_a_known_prevalence_replaces_that_of_a_case_control_study(risks):
    y, p = risks["y"].to_numpy(), risks["p"].to_numpy()
    found = decision_curve(y, p, [0.2], prevalence=0.1, resamples=500)
    act = p >= 0.2
    want = act[y == 1].mean() * 0.1 - act[y == 0].mean() * 0.9 * 0.25
    assert found.net_benefit.value[0] == pytest.approx(want)
    assert found.treat_all.low[0] == pytest.approx(found.treat_all.high[0])


def test_one_acts_at_the_threshold_itself():
    found = decision_curve([0, 1], [0.2, 0.2], [0.2, 0.3], resamples=20)
    assert found.net_benefit.value[0] == found.treat_all.value[0]
    assert found.net_benefit.value[1] == 0


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_bounds_hold_and_order_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    p, y = rng.uniform(size=40).round(2), rng.integers(0, 2, 40)
    y[:2] = [0, 1]
    found = decision_curve(y, p, resamples=50)
    assert (found.net_benefit.value <= y.mean() + 1e-12).all()
    assert (found.standardised.value <= 1 + 1e-12).all()
    order = rng.permutation(40)
    again = decision_curve(y[order], p[order], resamples=50)
    np.testing.assert_array_equal(again.net_benefit.low, found.net_benefit.low)
    perfect = decision_curve(y, y.astype(float), resamples=2)
    np.testing.assert_allclose(perfect.standardised.value, 1)


def test_resamples_without_events_are_counted():
    found = decision_curve([1, 0, 0, 0], [0.9, 0.1, 0.2, 0.3], [0.5], resamples=200)
    assert "of 200 resamples" in found.warnings[0]
    assert np.isfinite(found.net_benefit.low).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"thresholds": [0.0, 0.5]}, "between 0 and 1 and rise"),
        ({"thresholds": [0.5, 0.2]}, "between 0 and 1 and rise"),
        ({"thresholds": []}, "between 0 and 1 and rise"),
        ({"prevalence": 1.0}, "prevalence must lie"),
        ({"person": [1, 1, 1]}, "one person"),
        ({"risk": [0.1, 0.2, 3]}, "found 3"),
    ],
)
def test_faults_are_named(change, words):
    given_ = {"outcome": [0, 1, 1], "risk": [0.1, 0.4, 0.6], "thresholds": [0.3]}
    with pytest.raises(UserError, match=words):
        decision_curve(**(given_ | change))


def test_people_of_other_rows_are_refused():
    with pytest.raises(UserError, match="4 units need a person each"):
        decision_curve([0, 0, 1, 1], [0.1, 0.4, 0.3, 0.8], [0.2], person=[1, 2])
