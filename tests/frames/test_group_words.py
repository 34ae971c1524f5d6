"""The Methods sentences of a comparison name groups, adjustment and other scales."""

from types import SimpleNamespace

from gluteal.analyses.group_difference import Spec
from gluteal.frames.group_words import write_groups

MADE = SimpleNamespace(
    sizes=(30, 20), found=SimpleNamespace(df=46.0), design=SimpleNamespace(n_missing=2)
)


def test_sizes_and_adjustment_are_named():
    spec = Spec(outcome="hip_abd_nm_kg", exposure="lbp", adjust=("age_years", "sex"))
    text = write_groups(MADE, spec, [])
    assert "50 people with complete data (30 and 20); 2 were left out" in text[0]
    assert "adjusted for age and sex" in text[0]
    assert text[-1].startswith("The groups were compared at one time")


def test_other_scales_are_named():
    spec = Spec(outcome="hip_abd_nm_kg", exposure="lbp", adjust=())
    text = write_groups(MADE, spec, ["hip_abd_n_kg"])
    assert "without adjustment" in text[0]
    assert "hip abduction force per body mass" in text[-1]
