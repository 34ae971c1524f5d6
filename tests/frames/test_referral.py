import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.clauses import Clause
from gluteal.cohort.derived import Cohort, typed
from gluteal.errors import UserError
from gluteal.frames.referral import apply_rule, list_referrals

PAIN = Clause(reason="pain", variable="nprs_avg", improved_below_pct=30, and_now=">= 4", source="x")
ODI = Clause(reason="disability", variable="odi_pct", improved_below=10, source="x")
WHEN = ("baseline", "week12", "lbp")


def make(**columns):
    people = typed(
        pd.DataFrame(
            {
                "participant_id": list("abcd"),
                "lbp": [True, True, True, False],
                "red_flag": [False, True, False, False],
            }
        )
    )
    rows = {
        "participant_id": list("abcd") * 2,
        "visit": ["baseline"] * 4 + ["week12"] * 4,
        "week_nominal": [0.0] * 4 + [12.0] * 4,
        "nprs_avg": [6, 6, 6, 0, 5, 1, None, 5],
        "odi_pct": [30, 30, 30, 0, None, 10, 29, 30],
        "phq9_safety": pd.array([None, False, False, True] + [None] * 4, dtype="boolean"),
        **columns,
    }
    return Cohort(people, pd.DataFrame(rows), pd.DataFrame(), pd.DataFrame())


def test_any_clause_meets_the_rule_and_what_is_missing_is_not_met():
    judged = apply_rule(make(), (PAIN, ODI), *WHEN)
    assert judged.met.tolist()[:3] == [1, 0, 1]
    assert judged.known.tolist() == [False, True, False, False]  # a lacks ODI, c pain, d no LBP
    assert judged.counted.tolist() == [False, True, False, False]
    assert judged.referred.tolist() == [True, True, True, False]


def test_the_list_names_every_reason_and_reaches_beyond_the_rules_people():
    rows = {r["participant_id"]: r for r in list_referrals(
        apply_rule(make(), (PAIN, ODI), *WHEN), "baseline", "week12")}  # fmt: skip
    assert rows["a"]["reasons"] == "pain"
    assert rows["b"]["reasons"] == "red flag"
    assert rows["c"]["reasons"] == "disability"
    assert rows["d"]["reasons"] == "safety question"  # not "pain": the rule is not for d
    assert (rows["a"]["nprs_avg at baseline"], rows["a"]["odi_pct at week12"]) == (6.0, "")


def test_a_clause_without_its_score_is_left_out():
    judged = apply_rule(make(odi_pct=[None] * 8), (PAIN, ODI), *WHEN)
    assert judged.lacking == ("odi_pct",)
    assert judged.used == (PAIN,)


def test_without_facts_the_rule_is_for_all():
    cohort = make()
    bare = cohort.people[["participant_id"]]
    judged = apply_rule(
        Cohort(bare, cohort.visits.drop(columns="phq9_safety"), cohort.sides, cohort.trials),
        (PAIN,), *WHEN,
    )  # fmt: skip
    assert judged.among.all()
    assert not (judged.red.any() or judged.safety.any())
    assert np.isnan(judged.met[2])


def test_faults_name_the_column():
    with pytest.raises(UserError) as error:
        apply_rule(make(), (PAIN,), "baseline", "week99", "lbp")
    assert "decision_visit" in error.value.faults[0].remedy
    cohort = make()
    cohort.people["lbp"] = False
    with pytest.raises(UserError) as error:
        apply_rule(cohort, (PAIN,), *WHEN)
    assert error.value.faults[0].column == "lbp"
