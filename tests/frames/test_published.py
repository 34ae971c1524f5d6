import pytest

from gluteal.constants import constants
from gluteal.frames.published import RESULTS, choose


def test_every_constant_exists_and_is_marked():
    for one in RESULTS:
        for name in (*one.values, *(one.sizes or ()), *one.more):
            assert name in constants(), name
        assert one.verified, one.label


def test_a_sign_is_turned_only_where_the_source_prints_weakness_as_positive():
    for one in RESULTS:
        says = any("positive = weaker" in c.meaning for c in one.constants)
        weaker = says or one.values[0].startswith("smd_hip_")
        assert one.turned is weaker, one.label
        assert ("turned round" in one.sign) is one.turned


def test_what_is_not_in_the_reference_has_a_reason():
    for one in RESULTS:
        assert one.pooled is not bool(one.why_not), one.label
        if one.how == "none":
            assert not one.pooled


def test_millimetres_are_brought_to_points():
    for one in RESULTS:
        unit = one.constants[0].unit
        assert (one.divide == 10) is (unit == "mm"), one.label


@pytest.mark.parametrize("part", ["abductors", "extensors", "lordosis", "tilt", "pain"])
def test_each_part_has_a_reference(part):
    assert any(used for _, used in choose(part))


def test_named_results_replace_the_default():
    used = [one.label for one, it in choose("abductors", ("md_hip_abd_left_pizol2023",)) if it]
    assert used == ["Pizol 2023"]
