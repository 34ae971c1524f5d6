import numpy as np
import pandas as pd

from gluteal.cohort.derived import Cohort, typed
from gluteal.frames import context_courses

BASE = {"role": "exploratory", "level": 0.95, "converged": True, "warnings": "w", "exposure": ""}


def make(events, n=60):
    ids = [f"P{k:02d}" for k in range(n)]
    people = typed(pd.DataFrame({"participant_id": ids, "lbp": [False] * n,
                                 "incident_lbp": np.arange(n) < events}))  # fmt: skip
    pain = np.random.default_rng(3).normal(5, 1, n)
    visits = pd.DataFrame({
        "participant_id": ids * 2, "visit": ["baseline"] * n + ["week26"] * n,
        "week_nominal": [0.0] * n + [26.0] * n, "nprs_avg": np.r_[pain, pain - 2],
    })  # fmt: skip
    return Cohort(people, visits, pd.DataFrame(), pd.DataFrame())


def test_new_pain_of_few_people_is_not_shown():
    fit = context_courses.fit_incidence(make(3), "incident_lbp", "lbp", BASE)
    assert not any("estimate" in row or row["converged"] for row in fit.estimates)
    assert fit.panels == {"forest": []}
    fit = context_courses.fit_incidence(make(8), "incident_lbp", "lbp", BASE)
    assert fit.estimates[1]["estimate"] == 8 / 60
    assert "p" not in fit.estimates[0]  # an interval that is no test


def test_a_course_warns_of_reading_change_as_success():
    cohort = make(0)
    people = cohort.people.assign(lbp=True)
    fit = context_courses.fit_course(
        Cohort(people, cohort.visits, cohort.sides, cohort.trials),
        "nprs_avg", "lbp", "persistent", BASE,
    )  # fmt: skip
    assert "no sign that something worked" in fit.sentences[-1]
    assert [row["Week"] for row in fit.tables["published"]] == ["0", "26"]
    assert len(fit.panels["forest"]) == 3
