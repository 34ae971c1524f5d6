"""The Methods sentences of an accuracy study name its reference and how it was varied."""

from types import SimpleNamespace

from gluteal.analyses.self_test_accuracy import Spec
from gluteal.estimates import THREATS
from gluteal.frames.accuracy_words import UNASKED, list_unasked, write_accuracy


def write(by_leg, **settings):
    spec = Spec(test="trendelenburg_pos", reference="hip_abd_nm_kg", **settings)
    found = SimpleNamespace(
        accuracy=SimpleNamespace(table=(10, 5, 4, 21), people=20), cut=1.0, searched=None
    )
    units = SimpleNamespace(spec=spec, by_leg=by_leg)
    return list(write_accuracy(units, found, (0.8, 1.2)))


def test_legs_people_and_internal_reference_are_named():
    text = write(by_leg=True)
    assert "40 legs of 20 people" in text[0]
    assert "internal reference" in text[1] and "from 0.8 to 1.2" in text[1]
    assert "20 people" in write(by_leg=False)[0]


def test_a_searched_cut_off_tells_its_resamples():
    spec = Spec(test="sls_time_s", positive="<", reference="lbp")
    found = SimpleNamespace(
        accuracy=SimpleNamespace(table=(10, 5, 4, 21), people=20),
        cut=20.0,
        searched=SimpleNamespace(resamples=500),
    )
    units = SimpleNamespace(spec=spec, by_leg=False)
    assert "500 resamples" in list(write_accuracy(units, found, (0.8, 1.2)))[-1]


def test_threats_that_accuracy_does_not_know_are_threats():
    assert set(UNASKED) <= set(THREATS)
    assert [row["ok"] for row in list_unasked()] == [None] * len(UNASKED)
