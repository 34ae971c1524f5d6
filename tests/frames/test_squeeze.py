import json

import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
from gluteal.frames import squeeze


@pytest.fixture
def found(two_legs):
    return squeeze.take_squeeze(two_legs, "squeeze_grade", "hip_abd_nm_kg", "baseline")


def test_people_with_four_values_are_taken(two_legs):
    two_legs.sides.loc[0, "squeeze_grade"] = np.nan
    two_legs.sides.loc[3, "hip_abd_nm_kg"] = np.nan
    found = squeeze.take_squeeze(two_legs, "squeeze_grade", "hip_abd_nm_kg", "baseline")
    assert (len(found.grade), found.n_missing) == (118, 2)
    alone = two_legs.sides.drop(index=[10]).reset_index(drop=True)  # a leg without a row
    object.__setattr__(two_legs, "sides", alone)
    found = squeeze.take_squeeze(two_legs, "squeeze_grade", "hip_abd_nm_kg", "baseline")
    assert (len(found.grade), found.n_missing) == (117, 3)


@pytest.mark.parametrize("name", ["within", "between"])
def test_slopes_equal_r(found, parity, name):
    want = json.loads((parity / "two_legs.json").read_text())[name]
    got = squeeze.within_slope(found, 0.95)
    if name == "between":
        got = squeeze.between_slope(found, "squeeze_grade", "hip_abd_nm_kg", 0.95)
    for key, value in want.items():
        assert getattr(got, key) == pytest.approx(value, rel=1e-7), key


def test_signs_are_counted_where_both_differ(found):
    share, same, n = squeeze.sign_agreement(found, 0.95)
    uneven = found.grade != 0
    assert n == uneven.sum()
    assert share.value == pytest.approx(np.mean((found.grade * found.asymmetry)[uneven] > 0))
    assert same == round(share.value * n)


def test_agreement_on_the_weaker_leg_is_kappa(found):
    from gluteal.estimators.kappa import cohen_kappa, cross

    got = squeeze.side_kappa(found, 0.05, 200, 1, 0.95)
    side = np.where(abs(found.asymmetry) > 0.05, np.sign(found.asymmetry), 0)
    table = cross(np.sign(found.grade) + 1, side + 1, 3)
    assert got.value == pytest.approx(cohen_kappa(table, "linear").kappa.value)


def test_bands_hold_everybody_once(found):
    assert sum(len(values) for _, values in squeeze.bands(found.grade, found.asymmetry)) == 120
    test, truth = squeeze.detect(found, 0.05, 2)
    assert test.sum() == (abs(found.grade) >= 2).sum()
    assert truth.sum() == (abs(found.asymmetry) > 0.05).sum()
    assert len(found.keep(found.grade > 0).pairs) == (found.grade > 0).sum()


def test_two_assessors_of_a_leg(two_legs):
    rows = [(f"P{i}", "baseline", side, "squeeze_grade", who, 1, float(i % 3))
            for i in range(4) for side in ("left", "right") for who in "AB"]  # fmt: skip
    names = ["participant_id", "visit", "side", "variable", "assessor", "trial", "value"]
    scores, person = squeeze.rate_twice(pd.DataFrame(rows, columns=names), "squeeze_grade",
                                        "baseline")  # fmt: skip
    assert scores.shape == (8, 2)
    assert len(set(person)) == 4
    assert (scores[:, 0] == scores[:, 1]).all()
    none, _ = squeeze.rate_twice(two_legs.trials, "squeeze_grade", "baseline")
    assert len(none) == 0


def test_few_people_or_no_difference_are_refused(two_legs):
    same = two_legs.sides.copy()
    two_legs.sides["hip_abd_nm_kg"] = 1.0
    with pytest.raises(UserError) as caught:
        squeeze.take_squeeze(two_legs, "squeeze_grade", "hip_abd_nm_kg", "baseline")
    assert caught.value.faults[0].column == "hip_abd_nm_kg"
    object.__setattr__(two_legs, "sides", same.iloc[:18])
    with pytest.raises(UserError, match="9 people"):
        squeeze.take_squeeze(two_legs, "squeeze_grade", "hip_abd_nm_kg", "baseline")
