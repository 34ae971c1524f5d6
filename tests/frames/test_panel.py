import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort
from gluteal.errors import UserError
from gluteal.frames.panel import (
    Schedule,
    choose_visits,
    code_courses,
    lay_out,
    list_visits,
    present,
)

WEEKS = {"baseline": 0.0, "week04": 4.0, "week08": 8.0, "week12": 12.0, "week26": 26.0}
PAIR = ("hip_abd_nm_kg", "nprs_avg")


def cohort(n=12, weeks=WEEKS, seed=1):
    rng = np.random.default_rng(seed)
    ids = [f"P{k:02d}" for k in range(n)]
    people = pd.DataFrame({
        "participant_id": ids,
        "sex": pd.Categorical(["f", "m"] * (n // 2)),
        "arm": pd.Categorical(["control", "programme", None] * (n // 3), ["control", "programme"]),
        "adherence": [np.nan, 0.7, np.nan, np.nan, 0.5, np.nan] * (n // 6),
        "age_years": rng.normal(40, 5, n),
    })  # fmt: skip
    rows = [(i, v, w) for i in ids for v, w in weeks.items()]
    visits = pd.DataFrame(rows, columns=["participant_id", "visit", "week_nominal"])
    visits["hip_abd_nm_kg"] = rng.normal(1.3, 0.2, len(visits))
    visits["nprs_avg"] = rng.integers(1, 9, len(visits)).astype(float)
    return Cohort(people, visits, pd.DataFrame(), pd.DataFrame())


def test_the_longest_run_of_equal_gaps_is_chosen():
    found = choose_visits(cohort(), PAIR)
    assert found.weeks == (0.0, 4.0, 8.0, 12.0)
    assert found.equal
    assert found.describe() == "weeks 0, 4, 8 and 12"
    assert not list_visits(cohort(), PAIR).equal


def test_visits_without_values_are_no_visits():
    some = cohort()
    some.visits.loc[some.visits["visit"] == "week08", "nprs_avg"] = np.nan
    assert list_visits(some, PAIR).visits == ("baseline", "week04", "week12", "week26")
    with pytest.raises(UserError, match="no 3 consecutive visits are equally far apart"):
        choose_visits(some, PAIR)


def test_no_visit_with_values_at_all_is_said():
    some = cohort()
    some.visits.loc[1:, "nprs_avg"] = np.nan
    with pytest.raises(UserError, match=r"0 visits have values .* 3 are needed"):
        choose_visits(some, PAIR)


def test_named_visits_are_taken_in_time_order():
    found = choose_visits(cohort(), PAIR, ("week26", "baseline", "week12"))
    assert found.visits == ("baseline", "week12", "week26")
    assert found.shortest == 12
    with pytest.raises(UserError, match="week40"):
        choose_visits(cohort(), PAIR, ("baseline", "week04", "week40"))


@pytest.mark.parametrize("weeks", [{"baseline": 0.0}, {"baseline": 0.0, "week04": 4.0}])
def test_too_few_visits_are_refused(weeks):
    with pytest.raises(UserError, match="3 are needed"):
        choose_visits(cohort(weeks=weeks), PAIR)


def test_visits_without_weeks_are_refused():
    some = cohort()
    some.visits["week_nominal"] = np.nan
    with pytest.raises(UserError, match="week_nominal"):
        choose_visits(some, PAIR)


def test_people_without_an_arm_are_a_group_and_doses_count_within_the_programme():
    people = cohort().people
    columns, names = code_courses(people, ("arm", "adherence"))
    assert names == ("arm=programme", "arm=none", "adherence")
    assert columns[:3].tolist() == [[0, 0, 0], [1, 0, 0.7], [0, 1, 0]]
    with pytest.raises(UserError, match="adherence"):
        code_courses(people.drop(columns="arm"), ("adherence",))


def test_only_what_tells_people_apart_is_present():
    some = cohort()
    assert present(some, ("arm", "adherence", "smoking")) == ("arm", "adherence")
    some.people["arm"] = pd.Categorical(["control"] * 12, ["control", "programme"])
    assert present(some, ("arm", "adherence")) == ()


def test_laying_out_keeps_each_value_at_its_place():
    some = cohort()
    some.visits.loc[3, "nprs_avg"] = np.nan
    schedule = choose_visits(some, PAIR)
    found = lay_out(some, PAIR, schedule, ("sex", "age_years"), ("arm",))
    assert found.first.shape == (12, 4)
    assert np.isnan(found.second[0, 3])
    assert found.first[2, 1] == some.visits["hip_abd_nm_kg"][2 * 5 + 1]
    assert found.fixed_names == ("sex=m", "age_years", "arm=programme", "arm=none")
    assert found.n_obs == 2 * 48 - 1
    shuffled = Cohort(some.people, some.visits.sample(frac=1, random_state=1), some.sides,
                      some.trials)  # fmt: skip
    np.testing.assert_array_equal(
        lay_out(shuffled, PAIR, schedule).second, lay_out(some, PAIR, schedule).second
    )


def test_people_without_covariates_or_values_are_left_out():
    some = cohort()
    some.people.loc[0, "age_years"] = np.nan
    some.visits.loc[some.visits["participant_id"] == "P01", list(PAIR)] = np.nan
    found = lay_out(some, PAIR, choose_visits(some, PAIR), ("age_years",))
    assert found.n_missing == 2
    assert list(found.people[:1]) == ["P02"]


def test_what_does_not_vary_is_named():
    some = cohort()
    some.visits.loc[some.visits["visit"] == "week04", "nprs_avg"] = 3.0
    with pytest.raises(UserError, match="week04") as caught:
        lay_out(some, PAIR, choose_visits(some, PAIR))
    assert caught.value.faults[0].column == "nprs_avg"


def test_a_schedule_knows_its_gaps():
    made = Schedule(("a", "b", "c"), (0.0, 4.0, 18.0))
    assert made.gaps == (4.0, 14.0)
    assert made.shortest == 4.0
