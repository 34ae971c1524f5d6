import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.survival.times import as_times, count_at_times


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (([1.0, np.nan], [1, 0]), "the time is missing or infinite in row 1"),
        (([1.0, 2.0], [1, np.inf]), "the event is missing or infinite in row 1"),
        (([1.0, 2.0], [0, 0]), "nobody has an event"),
        (([1.0, 2.0], [1, 2]), "the event must be 0 or 1, found 2"),
        (([1.0, 2.0], [1, -1]), "found -1"),
        (([], []), "there is nobody to follow"),
        (([1.0, 2.0], [1]), "do not fit events"),
        (([1.0, 2.0], [1, 0], [0.0, 2.0]), "the entry is not before the end in row 1"),
        (([1.0, 2.0], [1, 0], [0.0, np.nan]), "the entry is missing or infinite in row 1"),
        (([1.0, 2.0], [1, 0], [0.0]), "entries of shape"),
    ],
)
def test_faults_are_named(arrays, words):
    with pytest.raises(UserError, match=words):
        as_times(*arrays)


def test_all_faults_come_at_once_and_few_rows_are_named():
    with pytest.raises(UserError, match=r"row 0, 1, 2, 3, 4 and 2 more; .*found 3"):
        as_times([np.nan] * 7 + [1.0], [1] * 7 + [3])


def test_causes_may_be_several_but_whole():
    assert as_times([1, 2], [1, 2], causes=True).event.tolist() == [1, 2]
    with pytest.raises(UserError, match=r"found 1\.5"):
        as_times([1, 2], [1, 1.5], causes=True)


def test_people_count_only_after_their_entry():
    found = as_times([2.0, 3, 3, 5], [1, 1, 0, 1], [0.0, 2, 1, 3])
    counts = count_at_times(found, found.event > 0)
    assert counts.times.tolist() == [2, 3, 5]
    assert counts.at_risk.tolist() == [2, 2, 1]  # who enters at 2 is not at risk at 2
    assert counts.events.tolist() == [1, 1, 1]
    assert counts.censored.tolist() == [0, 1, 0]
