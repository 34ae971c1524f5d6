import numpy as np
import pytest

from gluteal.frames.natural_course import find_course


def test_the_published_course_is_interpolated_on_the_outcomes_scale():
    found = find_course("persistent", "0-10", "LBP1")
    np.testing.assert_allclose(found.at(np.array([0.0, 6, 16, 26, 52])), [5.1, 3.3, 2.95, 2.6, 2.3])
    assert found.change(6) == pytest.approx(-1.8)
    assert np.isnan(found.at(np.array([60.0]))[0])  # nothing is known after a year
    assert find_course("acute", "mm", "LBP1").change(6) == pytest.approx(-29)
    assert "Costa" in found.source.source


@pytest.mark.parametrize(("unit", "node"), [("Nm/kg", "Str"), ("0-24", "LBP1"), ("%", "ODI1")])
def test_only_pain_on_a_known_scale_has_one(unit, node):
    assert find_course("persistent", unit, node) is None
