import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.measures import symmetry as s

STRENGTH = st.floats(0.05, 5)
SIGNED = (s.asym_log, s.asym_pct_signed, s.asym_pct_max, s.sym_angle_pct)


def test_every_formula_by_hand():
    # R 1.2, L 1.0: ln 1.2 = 0.18232; 0.2 / 1.1 = 18.182 %; 0.2 / 1.2 = 16.667 %
    # atan(1 / 1.2) = 39.806 deg; (45 - 39.806) / 90 = 5.772 %
    r, left = [1.2], [1.0]
    assert s.asym_log(r, left)[0] == pytest.approx(0.182322, abs=1e-6)
    assert s.asym_abs_log(left, r)[0] == pytest.approx(0.182322, abs=1e-6)
    assert s.asym_pct_signed(r, left)[0] == pytest.approx(18.1818, abs=1e-4)
    assert s.asym_pct_max(r, left)[0] == pytest.approx(16.6667, abs=1e-4)
    assert s.asym_pct_max(left, r)[0] == pytest.approx(-16.6667, abs=1e-4)
    assert s.sym_angle_pct(r, left)[0] == pytest.approx(5.7716, abs=1e-3)
    # Painful right: 1.2 / 1.0 = 120 %, deficit -20 %; painful left: 83.33 %, deficit 16.67 %
    assert s.lsi_pct(r, left, ["right"])[0] == pytest.approx(120)
    assert s.asym_involved_pct(r, left, ["right"])[0] == pytest.approx(-20)
    assert s.lsi_pct(r, left, ["left"])[0] == pytest.approx(83.3333, abs=1e-4)
    assert s.asym_involved_pct(r, left, ["left"])[0] == pytest.approx(16.6667, abs=1e-4)


@given(STRENGTH, STRENGTH)
def test_swapping_the_sides_turns_the_sign(right, left):
    for formula in SIGNED:
        np.testing.assert_allclose(formula([right], [left]), -formula([left], [right]), atol=1e-9)


@given(STRENGTH, STRENGTH, STRENGTH)
def test_the_log_ratio_adds_up(a, b, c):
    total = s.asym_log([a], [b]) + s.asym_log([b], [c])
    np.testing.assert_allclose(s.asym_log([a], [c]), total, atol=1e-12)


@given(STRENGTH, STRENGTH, st.floats(0.01, 100))
def test_the_unit_does_not_matter(right, left, factor):
    for formula in SIGNED:
        scaled = formula([right * factor], [left * factor])
        np.testing.assert_allclose(formula([right], [left]), scaled, atol=1e-8)


@given(STRENGTH, STRENGTH)
def test_all_formulae_agree_on_the_stronger_side_and_stay_in_range(right, left):
    signs = {float(np.sign(np.round(formula([right], [left])[0], 9))) for formula in SIGNED}
    assert len(signs) == 1
    assert abs(s.asym_pct_signed([right], [left])[0]) < 200
    assert abs(s.asym_pct_max([right], [left])[0]) < 100
    assert abs(s.sym_angle_pct([right], [left])[0]) < 50


@given(STRENGTH, STRENGTH)
def test_the_involved_forms_are_one_another(right, left):
    index, deficit = (f([right], [left], ["left"])[0] for f in (s.lsi_pct, s.asym_involved_pct))
    assert index + deficit == pytest.approx(100)


@pytest.mark.parametrize("side", ["none", "bilateral", "central", None, float("nan")])
def test_without_an_involved_side_there_is_no_involved_form(side):
    sides = np.array([side], dtype=object)
    assert np.isnan(s.lsi_pct([1.0], [1.0], sides))[0]
    assert np.isnan(s.asym_involved_pct([1.0], [1.0], sides))[0]
    assert s.lsi_pct([0.8], [1.0], sides, left_over_right=True)[0] == pytest.approx(125)


@pytest.mark.parametrize("bad", [0.0, -1.0])
def test_zero_and_negative_strength_are_refused(bad):
    for formula in (*SIGNED, s.asym_abs_log):
        with pytest.raises(UserError, match="left side"):
            formula([1.0], [bad])


def test_a_side_not_tested_gives_no_asymmetry():
    for formula in SIGNED:
        assert np.isnan(formula([1.0], [np.nan]))[0]
