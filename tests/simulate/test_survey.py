import numpy as np

from gluteal.simulate.streams import settle
from gluteal.simulate.survey import BATCH, survey


def test_batches_are_whole_and_repeat():
    first = next(survey("null", BATCH, 3))
    again = next(survey("null", BATCH, 3))
    assert len(first["lbp"]) == BATCH
    assert all(np.array_equal(first[name], again[name]) for name in first)


def test_a_rest_makes_a_smaller_batch():
    sizes = [len(s["lbp"]) for s in survey("null", BATCH + 10, 3)]
    assert sizes == [BATCH, 10]


def test_the_survey_looks_at_the_same_people_as_a_cohort(sample):
    from gluteal.simulate.course import draw_course
    from gluteal.simulate.streams import blocks

    course = draw_course(next(blocks(settle(BATCH, 3))))
    assert np.array_equal(sample["nprs"][: len(course.nprs)], course.nprs)
