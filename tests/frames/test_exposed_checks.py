from dataclasses import replace

import numpy as np
import pytest

from gluteal.frames.exposed import Question, gather_exposed
from gluteal.frames.exposed_checks import (
    calibration_gap,
    check_exposed,
    lay_out_overlap,
    overlap_of,
)
from gluteal.frames.exposed_fits import balance_of, fit_main

ASK = Question("nprs_avg", "hip_abd_nm_kg", ("age_years", "sex"), "baseline", "week04", None, 0.1)


@pytest.fixture(scope="module")
def shifted(followed_up):
    return gather_exposed(followed_up, ASK)


@pytest.fixture(scope="module")
def groups(followed_up):
    return gather_exposed(followed_up, replace(ASK, cut=1.6))


def told(data):
    return {row["name"]: row for row in check_exposed(data, fit_main(data), balance_of(data))}


def test_overlap_comes_first(shifted, groups):
    for data in (shifted, groups):
        rows = check_exposed(data, fit_main(data), balance_of(data))
        assert rows[0]["name"] == "overlap"
        assert rows[0]["ok"] is True
    assert "nearly certain exposure" in told(groups)
    assert "nearly certain exposure" not in told(shifted)
    assert told(shifted)["exposure before outcome"]["ok"]


def test_a_shift_beyond_everyone_has_no_overlap(shifted):
    far = replace(shifted, shift=2.0)
    rows = told(far)
    assert rows["overlap"]["ok"] is False
    assert rows["effective share"]["ok"] is False
    assert overlap_of(far, fit_main(far))[0] < 0.05


def test_calibration_finds_a_bend_that_the_model_lacks(shifted):
    assert calibration_gap(shifted) < 3
    a = shifted.a - shifted.a.mean()
    assert calibration_gap(replace(shifted, y=np.exp(3 * a))) > 3


def test_two_curves_of_at_least_ten_people(shifted, groups):
    for data, names in ((shifted, ("as measured", "shifted")), (groups, groups.groups)):
        rows = lay_out_overlap(data, fit_main(data))
        assert {row["group"] for row in rows} == set(names)
        assert {row["side"] for row in rows} == {0, 1}
    shares = [row["x"] for row in lay_out_overlap(groups, fit_main(groups))]
    assert min(shares) >= 0
    assert max(shares) <= 1
    few = replace(groups, a=(np.arange(len(groups.a)) < 9).astype(float))
    assert lay_out_overlap(few, fit_main(groups)) == []
