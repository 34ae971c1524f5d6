import pytest

from gluteal.errors import UserError
from gluteal.frames.followed import gather_followed
from gluteal.frames.hazard_rows import Ask
from gluteal.frames.hazards import answer_surely


@pytest.fixture
def ask(followed_up):
    everyone = gather_followed(
        followed_up, "hip_abd_nm_kg", ("age_years", "sex"), also=["prior_lbp"]
    )
    people = everyone.take(everyone.seen)
    main, _fit = answer_surely(people, 0.25, 0.95)
    return Ask(followed_up, everyone, people, main, 0.25, 0.95)


def test_other_models_of_the_same_people(ask):
    tasks = list(ask.other_models(crude=True))
    names = [task.words["model"] for task in tasks]
    assert names[:4] == ["crude", "Cox, exact days", "logit link", "logit link, Firth's penalty"]
    answers = [task.make() for task in tasks]
    assert {answer.n_events for answer in answers} == {115}
    told = [row["name"] for row in ask.found]
    assert told == [
        "proportional hazards of the exposure, p",
        "of all, p",
        "constant over visits, p",
    ]
    assert "crude" not in [task.words["model"] for task in ask.other_models(crude=False)]


def test_one_row_a_threat(ask):
    threats = {task.words["threat"]: task for task in ask.threats(4.0, ("nprs_avg",), "baseline")}
    assert list(threats) == ["early events out", "exclusion", "weighted"]
    assert threats["early events out"].make().n_people < ask.main.n_people
    assert threats["exclusion"].make().n_people < ask.main.n_people
    threats["weighted"].make()
    assert [row["name"] for row in ask.found] == [
        "largest weight for staying", "effective share of rows",
    ]  # fmt: skip
    # No later start is asked for, and nobody could be followed after the last visit.
    for week in (0.0, 16.0):
        found = [task.words["threat"] for task in ask.threats(week, (), "baseline")]
        assert found == ["exclusion", "weighted"]


def test_the_exposure_measured_better(ask):
    (task,) = ask.measured_better("later_visit")
    assert task.make().found.estimate < ask.main.found.estimate
    assert ask.found[0]["name"] == "reliability"
    assert list(ask.measured_better("none")) == []


def test_levels_and_their_ratio(ask):
    no, yes, both = ask.within("prior_lbp")
    with pytest.raises(UserError, match="one of the two groups"):
        both.make()
    one, two = no.make(), yes.make()
    assert one.n_people + two.n_people == ask.main.n_people
    assert both.make().found.estimate == pytest.approx(two.found.estimate / one.found.estimate)
    assert list(ask.within(None)) == []
    assert list(ask.within("hip_oa")) == []
