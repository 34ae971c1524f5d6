import numpy as np
import pytest

from gluteal.simulate.course import draw_course
from gluteal.simulate.performance import (
    add_chair,
    add_signs,
    add_stance,
    pelvic_drop,
    see_drop,
    squeeze_grade,
    stance_mean,
    words,
)
from gluteal.simulate.sheet import Sheet


@pytest.fixture
def made(block):
    return block(4000)


def test_stance_is_cut_at_the_cap_and_says_so(made):
    sheet, course = Sheet(4000), draw_course(made)
    add_stance(sheet, made, course, 0)
    rows = sheet.flatten(["censored"])
    time, cut = rows["value"].to_numpy(), rows["censored"].to_numpy()
    assert time.max() == 45.0
    assert ((time == 45.0) == (cut == 1)).all()
    young = course.traits.people.age < 40
    best = time.reshape(4000, 2, 3).max(axis=2)[young]
    assert best.mean() == pytest.approx(42.8, abs=0.6)
    assert (best == 45).mean() == pytest.approx(0.65, abs=0.04)


def test_stance_falls_with_age():
    assert stance_mean(np.array([30.0, 45, 55, 65, 70])).tolist() == [48, 44, 39, 27, 15]


def test_two_looks_agree_more_than_a_look_and_the_truth(made):
    drop = pelvic_drop(made, draw_course(made), 0)
    first, second = see_drop(made, drop, "0 A"), see_drop(made, drop, "0 B")
    assert drop.std() == pytest.approx(2.33, abs=0.1)
    assert first.mean() == pytest.approx(0.37, abs=0.03)
    assert (first == second).mean() > (first == (drop > 6)).mean() + 0.1
    assert (see_drop(made, drop, "0 A") == first).all()


def test_squeeze_uses_every_grade_and_follows_strength(made):
    course = draw_course(made)
    grade = squeeze_grade(made, course, 0, "0 A")
    assert set(np.unique(grade)) == {0, 1, 2, 3, 4}
    assert np.corrcoef(grade[:, 0], course.traits.people.z)[0, 1] > 0.4


def test_signs_have_a_second_rater_at_baseline_only(made):
    course = draw_course(made)
    for visit, raters in ((0, {"A", "B"}), (3, {"A"})):
        sheet = Sheet(4000)
        add_signs(sheet, made, course, visit)
        assert {w["assessor"] for w in sheet.words if w["test"] == "trendelenburg"} == raters


def test_the_chair_is_harder_with_pain_and_gait_does_not_differ(made):
    sheet, course = Sheet(4000), draw_course(made)
    add_chair(sheet, made, course, 0)
    rows = sheet.flatten([])
    test, value = np.array(rows["test"].to_pylist()), rows["value"].to_numpy()
    lbp = course.traits.people.lbp[rows["person"].to_numpy()]

    def gap(name):
        here = test == name
        return value[here & lbp].mean() - value[here & ~lbp].mean()

    assert gap("cst30") == pytest.approx(-2.3, abs=0.5)
    assert -5 < gap("sts_trunk_lean") < -1
    assert abs(gap("gait_pelvic_drop")) < 0.2


def test_words_name_every_structural_column():
    assert set(words("cst30", 0)) == {
        "visit",
        "test",
        "position",
        "muscle",
        "side",
        "trial",
        "unit",
        "device",
        "assessor",
    }
