import pytest

from gluteal.simulate.meanings import MEANINGS, describe
from gluteal.simulate.truth import exact, truths
from gluteal.simulate.worlds import WORLDS


def test_every_truth_says_what_it_means():
    names = {*truths("evidence"), *exact(WORLDS["evidence"])}
    assert all(describe(name)["meaning"] for name in names)
    assert not [name for name in MEANINGS if name not in names]


def test_an_unknown_number_has_no_meaning():
    with pytest.raises(KeyError):
        describe("m9_wonder")
