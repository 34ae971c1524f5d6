import numpy as np
import pytest

from gluteal.frames.asymmetry_panels import smooth_pairs, summarise_levels


def test_groups_of_ten_are_described_in_percent():
    values = np.linspace(-0.1, 0.1, 11)
    (row,) = summarise_levels([("few", values[:9]), ("enough", np.r_[values, np.nan])])
    assert (row["label"], row["n"]) == ("enough", 11)
    assert row["mean"] == pytest.approx(0, abs=1e-9)
    assert (row["q25"], row["q75"]) == pytest.approx((-5, 5))
    assert row["low"] == -row["high"]


def test_half_of_the_people_are_inside_the_line_of_one_half():
    rng = np.random.default_rng(1)
    middle = rng.normal(1.3, 0.3, 500)
    left, right = middle + rng.normal(0, 0.05, 500), middle + rng.normal(0, 0.05, 500)
    rows = smooth_pairs(left, right)
    axis = np.unique([row["left"] for row in rows])
    z = np.array([row["outside"] for row in rows]).reshape(len(axis), len(axis))
    at = [np.abs(axis[:, None] - values).argmin(0) for values in (left, right)]
    assert np.mean(z[at[0], at[1]] <= 0.5) == pytest.approx(0.5, abs=0.12)


def test_few_people_have_no_cloud():
    assert smooth_pairs(np.arange(39.0), np.arange(39.0) ** 1.1) == []
    assert smooth_pairs(np.ones(60), np.ones(60)) == []
