import pytest

from gluteal.simulate.course import draw_course
from gluteal.simulate.sessions import LEAST, make_sessions
from gluteal.simulate.streams import blocks, settle


@pytest.fixture(scope="module")
def settings():
    return settle(1500, 8)


@pytest.fixture(scope="module")
def rows(settings):
    found = next(make_sessions(settings)).to_pandas().astype(str)
    numbers = [c for c in found if c.startswith(("rx_", "done_")) or c in ("session", "stage")]
    return found.astype(dict.fromkeys(numbers, float))


def test_only_the_programme_has_sessions(rows, settings):
    course = draw_course(next(blocks(settings)))
    who = rows["participant_id"].str[1:].astype(int).unique() - 1
    assert course.traits.arm[who].all()
    assert len(who) == course.traits.arm.sum()


def test_stages_go_up_one_by_one_and_only_after_enough_good_sessions(rows):
    for _, mine in rows.groupby("participant_id"):
        steps = mine["stage"].diff().dropna()
        assert steps.isin([0, 1]).all()
        first = mine.loc[mine["stage"] == 2, "session"].min()
        assert not first <= LEAST[0]
    assert (rows["stage"] == 3).any()


def test_what_was_not_done_has_no_effort(rows):
    idle = rows["done_sets"] == 0
    assert (rows.loc[idle, "srpe_0_10"] == "NA:not_applicable").all()
    assert (rows.loc[idle, ["done_reps", "done_load_kg"]] == 0).all(axis=None)
    assert (rows["done_sets"] <= rows["rx_sets"]).all()
    assert (rows["done_load_kg"] <= rows["rx_load_kg"]).all()


def test_sessions_done_match_the_adherence_that_drives_the_effect(rows, settings):
    import numpy as np

    course = draw_course(next(blocks(settings)))
    share = (rows["done_sets"] > 0).groupby(rows["participant_id"]).mean()
    who = share.index.str[1:].astype(int) - 1
    assert share.mean() == pytest.approx(0.66, abs=0.03)
    assert np.corrcoef(share, course.traits.adherence[who])[0, 1] > 0.7


def test_activation_is_without_load_and_later_stages_with_it(rows):
    assert (rows.loc[rows["stage"] == 1, "rx_load_kg"] == 0).all()
    means = rows.groupby("stage")["rx_load_kg"].mean()
    assert 0 < means[2] < means[3]
