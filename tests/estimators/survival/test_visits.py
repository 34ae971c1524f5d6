import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.survival.visits import expand_times, expand_visits

NAN = float("nan")


def rows_of(found):
    return list(
        zip(
            *(one.tolist() for one in (found.person, found.first, found.last, found.event)),
            strict=True,
        )
    )


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_rows_are_those_of_a_loop_over_visits(seed):
    rng = np.random.default_rng(seed)
    table = rng.choice([0.0, 0.0, 1.0, NAN], size=(int(rng.integers(1, 9)), 4))
    table[0] = [0, NAN, 1, 0]
    want = []
    for person, status in enumerate(table):
        free = 0
        for visit, value in enumerate(status):
            if value == 0:
                want += [(person, j, j, False) for j in range(free, visit + 1)]
                free = visit + 1
            elif value == 1:
                want.append((person, free, visit, True))
                break
    found = expand_visits(table)
    assert rows_of(found) == want
    assert (found.periods, found.people) == (4, len(table))


def test_what_follows_the_first_event_and_visits_never_made_leave_no_row():
    found = expand_visits([[1, 0, 1], [NAN, NAN, NAN], [0, 0, 1]])
    assert rows_of(found)[0] == (0, 0, 0, True)
    assert 1 not in found.person


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ([[0, 2]], "must be 0, 1 or missing, found 2"),
        ([[0, np.inf]], "infinite"),
        ([[0, 0]], "nobody has an event"),
        ([[NAN, NAN]], "nobody has an event"),
        ([0, 1], "must form a table"),
        (np.empty((0, 3)), "must form a table"),
    ],
)
def test_faulty_visits_are_refused(table, words):
    with pytest.raises(UserError, match=words):
        expand_visits(table)


def test_times_and_visits_lay_out_the_same_rows():
    by_time = expand_times([3, 2, 1], [1, 0, 1])
    by_visit = expand_visits([[0, 0, 1], [0, 0, NAN], [1, NAN, NAN]])
    assert rows_of(by_time) == rows_of(by_visit)


def test_late_starts_have_no_early_rows():
    assert rows_of(expand_times([3, 2], [1, 0], start=[1, 0])) == [
        (0, 1, 1, False), (0, 2, 2, True), (1, 0, 0, False), (1, 1, 1, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (([1.5, 2], [1, 0]), "number of periods must be a whole number"),
        (([1, NAN], [1, 0]), "number of periods must be a whole number"),
        (([1, 2], [1, 3]), "event must be 0 or 1"),
        (([1, 2], [0, 0]), "nobody has an event"),
        (([1, 2], [1, 0], [1, 0]), "a start must be 0 or more, and before the end"),
        (([0, 2], [1, 0]), "before the end"),
        (([1, 2], [1]), "do not fit"),
        (([], []), "do not fit"),
    ],
)
def test_faulty_times_are_refused(arrays, words):
    with pytest.raises(UserError, match=words):
        expand_times(*arrays)
