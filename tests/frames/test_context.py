from math import inf

import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort, typed
from gluteal.errors import UserError
from gluteal.estimators.inference import interval
from gluteal.estimators.reported import Reported
from gluteal.frames import context
from gluteal.frames.published import RESULTS, choose


def beside(*found):
    return [context.Beside(RESULTS[0], True, Reported(*one)) for one in found]


def test_signs_read_low_back_pain_minus_none_in_every_result():
    for part in ("abductors", "extensors"):
        for one, _ in choose(part):
            made = context.convert(one)
            assert made is None or made.value <= 0, one.label
    pain = {one.label: context.convert(one) for one, _ in choose("pain")}
    assert pain["Kendall 2015"].value == pytest.approx(-0.4)  # 4 mm of 100 are 0.4 of 10
    assert pain["Kendall 2015"].se == pytest.approx(1.5 / 2 / 1.959964, rel=1e-6)
    assert pain["Fukuda 2021"].value == 0.5


def test_one_two_and_three_results():
    one = context.pool_beside(beside((-0.5, 0.1)))
    assert (one.studies, one.prediction, one.found.df) == (1, None, inf)
    two = context.pool_beside(beside((-0.5, 0.1), (-0.7, 0.2)))
    assert two.prediction is None
    assert two.found.df == inf
    assert "two published results" in two.warnings[-1]
    three = context.pool_beside(beside((-0.5, 0.1), (-0.7, 0.2), (0.0, 0.1)))
    assert three.found.df == 2
    low, high = three.prediction
    assert low < three.found.low
    assert high > three.found.high
    assert context.pool_beside([context.Beside(RESULTS[0], True, None)]) is None


def test_a_difference_has_both_errors():
    gap = context.subtract(interval(1.0, 0.3, 20), interval(0.4, 0.4))
    assert gap.estimate == pytest.approx(0.6)
    assert gap.se == pytest.approx(0.5)
    assert gap.df == pytest.approx(0.25**2 / (0.3**4 / 20))


@pytest.fixture
def cohort():
    rng = np.random.default_rng(1)
    n = 60
    ids = [f"P{k:02d}" for k in range(n)]
    people = typed(pd.DataFrame({
        "participant_id": ids, "lbp": np.arange(n) < 40,
        "arm": ["control"] * 20 + ["programme"] * 20 + [None] * 20,
    }))  # fmt: skip
    pain = rng.normal(5, 1, n)
    later = pain - 1 - (people["arm"] == "programme").fillna(False) + rng.normal(0, 0.1, n)
    visits = pd.DataFrame({
        "participant_id": ids * 2, "visit": ["baseline"] * n + ["week12"] * n,
        "nprs_avg": np.r_[pain, later],
    })  # fmt: skip
    return Cohort(people, visits, pd.DataFrame(), pd.DataFrame())


def test_ours_is_crude_and_complete(cohort):
    cohort.visits.loc[0, "nprs_avg"] = np.nan
    found = context.compare_groups(cohort, "nprs_avg", "lbp", "baseline")
    assert (found.n, found.n_missing) == (59, 1)


def test_arms_are_compared_given_the_first_value(cohort):
    found = context.compare_arms(cohort, "nprs_avg", "baseline", "week12")
    assert found.found.estimate == pytest.approx(-1, abs=0.15)
    assert (found.n, found.n_missing) == (40, 0)


def test_faults_name_the_column(cohort):
    one = Cohort(cohort.people.assign(lbp=True), cohort.visits, cohort.sides, cohort.trials)
    with pytest.raises(UserError) as error:
        context.compare_groups(one, "nprs_avg", "lbp", "baseline")
    assert error.value.faults[0].column == "lbp"
    flat = Cohort(cohort.people, cohort.visits.assign(nprs_avg=3.0), cohort.sides, cohort.trials)
    with pytest.raises(UserError) as error:
        context.compare_groups(flat, "nprs_avg", "lbp", "baseline")
    assert error.value.faults[0].column == "nprs_avg"
    people = cohort.people.assign(arm=cohort.people["arm"].where(cohort.people["arm"] == "control"))
    with pytest.raises(UserError) as error:
        context.compare_arms(Cohort(people, cohort.visits, cohort.sides, cohort.trials),
                             "nprs_avg", "baseline", "week12")  # fmt: skip
    assert error.value.faults[0].column == "arm"
