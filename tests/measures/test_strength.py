import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.measures.strength import (
    allometric_exponent,
    carry_mass,
    force_n,
    n_kg,
    pct_bw,
    torque_allom,
    torque_nm,
    torque_nm_kg,
)

FORCES = st.lists(st.floats(1, 1000), min_size=1, max_size=10)


def test_units_by_hand():
    # 20 kgf = 20 x 9.80665 = 196.133 N; 45 lbf = 45 x 4.4482216 = 200.169973 N
    found = force_n([20, 45, 100], ["kgf", "lbf", "N"])
    np.testing.assert_allclose(found, [196.133, 200.1699726867, 100], rtol=1e-10)


def test_one_unit_for_all():
    assert force_n([10, 20], "kgf").tolist() == pytest.approx([98.0665, 196.133])


@given(FORCES)
def test_unit_change_changes_nothing(forces):
    in_kgf = np.array(forces) / 9.80665
    np.testing.assert_allclose(force_n(in_kgf, "kgf"), force_n(forces, "N"))
    np.testing.assert_allclose(
        pct_bw(force_n(in_kgf, "kgf"), 70.0), pct_bw(force_n(forces, "N"), 70.0)
    )


def test_unknown_units_are_all_named():
    with pytest.raises(UserError) as caught:
        force_n([1, 2, 3], ["kg", "N", ""])
    assert [fault.value for fault in caught.value.faults] == ["", "kg"]


@pytest.mark.parametrize("raw", [0.0, -12.0])
def test_zero_and_negative_force_are_refused(raw):
    with pytest.raises(UserError, match="force"):
        force_n([100.0, raw], "N")


def test_torque_and_body_size_by_hand():
    # 150 N x 0.80 m = 120 Nm; 120 / 75 kg = 1.6 Nm/kg; 150 / 75 = 2 N/kg
    # 150 N / (75 kg x 9.80665) = 20.394 % of body weight
    torque = torque_nm([150.0], [0.80])
    assert torque[0] == pytest.approx(120)
    assert torque_nm_kg(torque, [75.0])[0] == pytest.approx(1.6)
    assert n_kg([150.0], [75.0])[0] == pytest.approx(2)
    assert pct_bw([150.0], [75.0])[0] == pytest.approx(20.394, abs=5e-4)


@pytest.mark.parametrize(("lever", "unit"), [(42.0, "cm"), (420.0, "mm"), (1.51, "cm")])
def test_a_lever_in_the_wrong_unit_is_refused_not_mended(lever, unit):
    with pytest.raises(UserError) as caught:
        torque_nm([100.0, 100.0], [0.4, lever])
    fault = caught.value.faults[0]
    assert fault.column == "lever_arm_m"
    assert unit in fault.remedy


def test_the_longest_lever_is_allowed():
    assert torque_nm([100.0], [1.5])[0] == pytest.approx(150)


def test_missing_stays_missing():
    assert np.isnan(torque_nm([np.nan, 100.0], [0.4, np.nan])).all()
    assert np.isnan(torque_nm_kg([100.0], [np.nan]))[0]


def test_zero_mass_is_refused():
    with pytest.raises(UserError, match="body_mass_kg"):
        torque_nm_kg([100.0], [0.0])


@given(st.floats(0.2, 1.5), st.floats(1, 3), st.integers(0, 2**32 - 1))
def test_exponent_is_recovered_whatever_the_sexes_differ_by(b, men, seed):
    rng = np.random.default_rng(seed)
    mass = rng.uniform(45, 110, 20)
    sex = np.array(["f", "m"] * 10)
    torque = np.where(sex == "m", men, 1.0) * mass**b
    found = allometric_exponent(torque, mass, sex)
    assert found.b == pytest.approx(b, abs=1e-8)
    assert found.n == 20
    # With the sample's own exponent, mass no longer tells people of one sex apart.
    scaled = torque_allom(torque, mass, found.b)
    assert np.ptp(scaled[sex == "f"]) == pytest.approx(0, abs=1e-8)


def test_exponent_and_its_error_equal_least_squares():
    rng = np.random.default_rng(3)
    mass = rng.uniform(50, 100, 60)
    sex = np.where(rng.random(60) < 0.5, "f", "m")
    torque = np.where(sex == "m", 1.4, 1.1) * mass**0.8 * np.exp(rng.normal(0, 0.2, 60))
    found = allometric_exponent(torque, mass, sex)
    x = np.column_stack([sex == "f", sex == "m", np.log(mass)]).astype(float)
    y = np.log(torque)
    beta, rest, *_ = np.linalg.lstsq(x, y, rcond=None)
    se = np.sqrt(rest[0] / (60 - 3) * np.linalg.inv(x.T @ x)[2, 2])
    assert found.b == pytest.approx(beta[2], rel=1e-9)
    assert found.se == pytest.approx(se, rel=1e-9)


def test_exponent_leaves_out_the_incomplete():
    mass = [50.0, 60.0, 70.0, np.nan, 80.0]
    torque = [50.0, 60.0, 70.0, 70.0, np.nan]
    found = allometric_exponent(torque, mass, ["f"] * 5)
    assert (found.n, round(found.b, 9)) == (3, 1.0)


@pytest.mark.parametrize("mass", [[70.0, 70.0, 70.0, 70.0], [70.0, np.nan, np.nan, np.nan]])
def test_exponent_needs_differing_masses(mass):
    with pytest.raises(UserError, match="body_mass_kg"):
        allometric_exponent([80.0, 90.0, 100.0, 110.0], mass, ["f", "f", "f", "f"])


def test_exponent_1_is_the_plain_ratio():
    assert torque_allom([120.0], [80.0], 1.0)[0] == torque_nm_kg([120.0], [80.0])[0]


def test_mass_is_carried_eight_weeks_and_no_further():
    # Person 1: weighed at week 0; week 8 takes it, week 12 is too late.
    # Person 2: nothing before week 4, and nobody else's mass is borrowed.
    mass = [80, np.nan, np.nan, np.nan, 60, np.nan]
    filled, carried = carry_mass(mass, [0, 8, 12, 0, 4, 8], [1, 1, 1, 2, 2, 2])
    np.testing.assert_array_equal(filled, [80, 80, np.nan, np.nan, 60, 60])
    assert carried.tolist() == [False, True, False, False, False, True]


@given(st.permutations(range(6)))
def test_order_of_visits_does_not_matter(order):
    mass = np.array([80, np.nan, np.nan, np.nan, 60, np.nan])
    week, who = np.array([0, 8, 12, 0, 4, 8]), np.array([1, 1, 1, 2, 2, 2])
    filled, carried = carry_mass(mass, week, who)
    order = list(order)
    again = carry_mass(mass[order], week[order], who[order])
    np.testing.assert_array_equal(again[0], filled[order])
    np.testing.assert_array_equal(again[1], carried[order])
