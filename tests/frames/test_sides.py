import json

import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
from gluteal.frames import sides

EXPOSURE = "hip_abd_asym_log"


@pytest.fixture
def frame(two_legs):
    names = [EXPOSURE, "pain_side", "pain_site_left_si", "pain_site_right_si"]
    return two_legs.frame(names, "person")


def test_it_is_the_conditional_logit_of_survival(frame, parity):
    want = json.loads((parity / "two_legs.json").read_text())
    found = sides.take_one_sided(frame, "pain_side", EXPOSURE)
    model, _x, at = sides.fit_side(found)
    assert model.coef[at] == pytest.approx(want["clogit"]["coef"][0], rel=1e-8)
    assert model.coef[0] == pytest.approx(want["clogit"]["coef"][1], rel=1e-7)
    np.testing.assert_allclose(
        np.sqrt(np.diag(model.classical_cov))[[1, 0]], want["clogit"]["se"], rtol=1e-7
    )


def test_without_the_side_there_is_no_intercept(frame):
    found = sides.take_one_sided(frame, "pain_side", EXPOSURE)
    model, x, at = sides.fit_side(found, side=False)
    assert (x.shape[1], at) == (1, 0)
    assert model.converged


def test_the_side_is_read_from_two_marks(frame):
    frame.loc[0, "pain_site_left_si"] = pd.NA
    where = sides.read_side(frame, "pain_site_right_si")
    left, right = (frame[f"pain_site_{s}_si"].astype("Float64") for s in ("left", "right"))
    assert where[0] == ""
    assert (where == "bilateral").sum() == ((left == 1) & (right == 1)).sum()
    assert (where == "left").sum() == ((left == 1) & (right == 0)).sum()


def test_swapped_legs_change_nothing(frame):
    plain = sides.fit_side(sides.take_one_sided(frame, "pain_side", EXPOSURE))[0]
    turned = frame.assign(**{EXPOSURE: -frame[EXPOSURE]})
    turned["pain_side"] = turned["pain_side"].astype("str").replace(
        {"left": "right", "right": "left"}
    )  # fmt: skip
    other = sides.fit_side(sides.take_one_sided(turned, "pain_side", EXPOSURE))[0]
    assert other.coef == pytest.approx(plain.coef * [-1, 1])


def test_the_dominant_leg_is_the_one_covariate(frame):
    frame["dominant_side"] = ["right", "left", "both"] * 40
    found = sides.take_one_sided(frame, "pain_side", EXPOSURE, ("age_years", "dominant_side"))
    assert found.names == ("dominant_side",)
    assert set(found.x[:, 2]) == {-1.0, 0.0, 1.0}
    frame["dominant_side"] = "right"
    found = sides.take_one_sided(frame, "pain_side", EXPOSURE, ("dominant_side",))
    assert (found.names, found.x.shape[1]) == ((), 2)


def test_people_are_counted(frame):
    frame.loc[frame["pain_side"] == "left", EXPOSURE] = np.r_[
        np.nan, frame.loc[frame["pain_side"] == "left", EXPOSURE].iloc[1:]
    ]
    found = sides.take_one_sided(frame, "pain_side", EXPOSURE)
    counts = sides.count_sides(found)
    assert found.n_missing == 1
    assert sum(counts.values()) == 120
    assert counts["left"] + counts["right"] == len(found.right) + 1
    same, differ = sides.matched_share(found)
    assert same == (sides.painful_deficit(found) > 0).sum()
    assert differ <= len(found.right)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"pain_side": "central"}, "pain_side"),
        ({"pain_side": "left"}, "pain_side"),
        ({EXPOSURE: 0.1}, EXPOSURE),
    ],
)
def test_what_tells_no_side_is_refused(frame, change, column):
    with pytest.raises(UserError) as caught:
        sides.take_one_sided(frame.assign(**change), "pain_side", EXPOSURE)
    assert caught.value.faults[0].column == column


def test_separated_legs_get_a_penalty(frame):
    frame[EXPOSURE] = np.where(frame["pain_side"] == "right", -1.0, 1.0) * abs(frame[EXPOSURE])
    model, _x, _at = sides.fit_side(sides.take_one_sided(frame, "pain_side", EXPOSURE))
    assert model.extra["penalised"]


def test_a_profile_without_an_end_is_a_fault_of_the_data(frame, monkeypatch):
    from gluteal.estimators import families

    def fail(*_given):
        raise ValueError("f(a) and f(b) must have different signs")

    monkeypatch.setattr(families, "slope", fail)
    found = sides.take_one_sided(frame, "pain_side", EXPOSURE)
    model, x, at = sides.fit_side(found)
    with pytest.raises(UserError, match="too few people"):
        sides.slope_of(model, "logistic", x, found.right, at, 0.95, EXPOSURE)
