"""The audit's tables: laid out, small counts hidden."""

from __future__ import annotations

import pandas as pd

from gluteal.cohort.derived import Cohort, typed
from gluteal.frames.audit_tables import (
    lay_out_core,
    lay_out_derivation,
    lay_out_edges,
    lay_out_missing,
    share_panel,
    write_percent,
)
from gluteal.frames.completeness import Edges, Missing

ORDER = ["baseline", "week04", "week12"]


def test_a_share_of_few_people_is_a_bound():
    assert write_percent(0, 400, 5) == "0.0"
    assert write_percent(3, 400, 5) == "<1.2"
    assert write_percent(5, 400, 5) == "1.2"
    assert write_percent(2, 3, 5) == "<100.0"


def test_one_row_a_variable_one_column_a_visit():
    found = [
        Missing("nprs_avg", "baseline", 100, 0),
        Missing("nprs_avg", "week12", 100, 20),
        Missing("phq9", "week04", 100, 2),
        Missing("sex", "once", 100, 0),
        Missing("age_years", "once", 100, 0),
    ]
    rows = lay_out_missing(found, ORDER, 5)
    heads = [f"{visit}, % missing" for visit in ("once", *ORDER)]
    assert list(rows[0]) == ["Variable", *heads]
    assert list(rows[0].values())[1:] == ["–", "0.0", "–", "20.0"]
    assert list(rows[1].values())[1:] == ["–", "–", "<5.0", "–"]
    assert rows[2]["Variable"] == "2 other variables"
    assert len(rows) == 3
    alone = lay_out_missing(found[-2:], ORDER, 5)
    assert alone == [{"Variable": "2 variables", "once, % missing": "0.0"}]


def test_the_panel_hides_the_same():
    panel = share_panel([Missing("phq9", "week04", 100, 2)], ORDER, 5)
    assert panel[0]["share"] == 0.05
    assert panel[0]["few"]


def test_edges_show_lowest_and_highest():
    rows = lay_out_edges([Edges("nprs_avg", "baseline", 100, 20, 3)], ORDER, 5)
    assert rows[0]["baseline, % lowest / highest"] == "20.0 / <5.0"


def make_cohort(**visits) -> Cohort:
    table = typed(pd.DataFrame({"participant_id": list("abcdef"), "visit": "baseline", **visits}))
    return Cohort(table[["participant_id"]], table, table.iloc[:0].assign(side="left"), table)


def test_the_core_outcome_set_names_what_is_absent():
    cohort = make_cohort(nprs_avg=[1, 2, 3, 4, 5, None])
    rows, sentence = lay_out_core(cohort, ["baseline"], 1)
    held = {row["Domain"]: row for row in rows}
    assert held["Pain intensity"]["Collected"] == "yes"
    assert held["Pain intensity"]["baseline, % complete"] == "83.3"
    assert held["Physical functioning"]["Collected"] == "no"
    assert sentence.endswith(
        "not collected: physical functioning, health-related quality of life and deaths."
    )


def test_what_derive_wrote_is_taken_over_with_small_counts_hidden():
    cohort = make_cohort(nprs_avg=[1, 2, 3, 4, 5, 6])
    flow = pd.DataFrame(
        {"stage": ["in"], "n_people": [200], "n_excluded": [3], "reason": [float("nan")]}
    )
    meta = {
        "set_aside": [{"variable": "phq9", "reason": "lost", "n": 2}],
        "scoring": [{"instrument": "odi", "rule": "prorated", "n": 425}],
    }
    full = Cohort(cohort.people, cohort.visits, cohort.sides, cohort.trials, meta, flow)
    assert lay_out_derivation(full, 5) == {
        "flow": [{"Stage": "in", "People": "200", "Left out": "<5", "Reason": ""}],
        "set_aside": [{"Variable": "PHQ-9", "Not used because": "lost", "Count": "<5"}],
        "scoring": [{"Instrument": "odi", "Rule": "prorated", "Count": "425"}],
    }
    assert lay_out_derivation(cohort, 5) == {}
