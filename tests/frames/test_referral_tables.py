import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.clauses import Clause
from gluteal.cohort.derived import Cohort
from gluteal.frames import referral_tables as tables
from gluteal.frames.referral import Judged

PAIN = Clause(reason="pain", variable="nprs_avg", improved_below_pct=30, and_now=">= 4", source="x")


def make(met, unknown=0):
    """Judge people by one clause: some meet it, some do not, some cannot be judged."""
    held = np.r_[np.array(met, float), np.full(unknown, np.nan)]
    n = len(held)
    no = np.zeros(n, bool)
    score = {"nprs_avg": np.full(n, 5.0)}
    return Judged(np.arange(n).astype(str), (PAIN,), (), score, score, held[:, None], held,
                  ~no, no, no)  # fmt: skip


def rows(judged):
    return tables.share_rows(judged, 0.95, 5, {"role": "secondary", "level": 0.95})


def test_the_share_and_its_bounds():
    share, none, everybody = rows(make([1] * 20 + [0] * 30, unknown=10))
    assert (share["estimate"], share["n_obs"], share["n_missing"]) == (0.4, 50, 10)
    assert none["estimate"] == pytest.approx(20 / 60)
    assert everybody["estimate"] == pytest.approx(30 / 60)
    assert [row["role"] for row in (share, none, everybody)] == [
        "secondary", "sensitivity", "sensitivity",
    ]  # fmt: skip


def test_with_one_score_missing_a_person_can_still_be_seen_to_meet_it():
    judged = make([1] * 20 + [0] * 30)
    both = np.column_stack([judged.clauses, np.zeros(50)])
    both[:6, 1] = np.nan  # six who meet the rule lack the other score
    judged = Judged(*(judged.people, (PAIN, PAIN), (), judged.before, judged.now, both, judged.met,
                      judged.among, judged.red, judged.safety))  # fmt: skip
    share, none, everybody = rows(judged)
    assert share["estimate"] == pytest.approx(14 / 44)  # counting the six would raise the share
    assert none["estimate"] == everybody["estimate"] == pytest.approx(20 / 50)


@pytest.mark.parametrize(("met", "shown"), [(3, False), (47, False), (0, True), (25, True)])
def test_a_small_number_is_in_no_row(met, shown):
    found = rows(make([1] * met + [0] * (50 - met)))
    assert all(("estimate" in row) is shown for row in found)
    assert all((row.get("n_events") is not None) is shown for row in found)


def test_bounds_that_would_give_a_small_number_away_are_hidden():
    share, *bounds = rows(make([1] * 20 + [0] * 30, unknown=3))
    assert "estimate" in share
    assert not any("estimate" in row for row in bounds)


def test_counts_by_reason_hide_small_ones_and_small_rests():
    def cells(met):
        return tables.lay_out_rule(make([1] * met + [0] * (50 - met)), 5)["reasons"][0]

    assert (cells(3)["People"], cells(3)["%"]) == ("<5", "<10.0")
    assert (cells(47)["People"], cells(47)["%"]) == (">45", ">90.0")
    assert cells(20)["People"] == "20"
    rule = tables.lay_out_rule(make([1] * 20), 5)["rule"]
    assert rule[0]["Refer if"].endswith("is now >= 4")
    assert rule[-1] == {"Refer if": "Any red flag", "Reason": "red flag",
                        "Cut-points from": "always"}  # fmt: skip


def test_red_flags_at_screening_are_counted_not_named():
    flow = pd.DataFrame({"reason": ["red flag", "declined"], "n_excluded": [3, 40]})
    empty = pd.DataFrame()
    cohort = Cohort(empty, empty, empty, empty, {}, flow)
    found = {d["name"]: d["value"] for d in tables.judge_rule(make([1] * 9), cohort, 5)}
    assert found["red flags at screening"] == "<5"
    assert found["judged"] == 1


def test_sentences_without_a_prediction():
    text = " ".join(tables.write_sentences(make([1, 0]), None, None,
                    ("baseline", "week04", "week12"), (0.3, "x")))  # fmt: skip
    assert "not clinical advice" in text
    assert "Nothing was predicted" in text
    assert "care pathway, not a hypothesis" in text
