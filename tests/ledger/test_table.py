"""The ledger as a table: joining, families, what is not testable."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.ledger import COLUMNS, build_ledger
from gluteal.ledger.judgement import verdict
from gluteal.ledger.wording import Grounds

Z = 1.959963984540054


def estimates(estimate: float, se: float, p: float, role: str = "primary", **more) -> pd.DataFrame:
    head = {
        "role": role,
        "outcome": "nprs_avg",
        "exposure": "hip_abd_nm_kg",
        "scale": "difference",
        "unit": "0-10",
        "estimate": estimate,
        "low": estimate - Z * se,
        "high": estimate + Z * se,
        "level": 0.95,
        "p": p,
        "n_people": 100,
        "converged": True,
    }
    second = {**head, "estimate": 99.0, "low": 98.0, "high": 100.0, "role": "secondary"}
    return pd.DataFrame([{**head, **more}, second])


def claim(analysis: str | None = None, **more):
    base = {"sentence": "S.", "direction": "positive", "smallest_effect": 0.5}
    source = {"scale": "difference", "smallest_effect_source": "decision", "needs": []}
    return {**base, **source, "analysis": analysis, "method": None, "reason": "", **more}


STUDY = {"design": "cross_sectional", "analyses": {"a": {"method": "dose_response"}}}


def test_the_first_row_of_an_analysis_answers():
    table = build_ledger({"H1": claim("a")}, {"a": estimates(1.0, 0.1, 1e-9)}, STUDY)
    assert tuple(table.columns) == COLUMNS
    row = table.iloc[0]
    assert (row["claim"], row["verdict"], row["estimate"]) == ("H1", "supported", 1.0)
    assert (row["method"], row["analysis"], row["n_people"]) == ("dose_response", "a", 100)
    assert row["holds_after_adjustment"]
    assert row["p_adj"] == pytest.approx(1e-9)
    assert row["smallest_effect_source"] == "decision"


def ask(one, **more):
    table = build_ledger({"H1": one}, {"a": estimates(1, 0.1, 0.01)}, STUDY, **more)
    row = table.iloc[0]
    assert row["verdict"] == "not testable"
    assert pd.isna(row["estimate"])
    assert pd.isna(row["holds_after_adjustment"])
    assert row["wording"] == f"Not testable: {row['reason']}."
    return row["reason"]


def test_what_is_not_testable_says_why():
    methods = ["dose_response"]
    built = claim(method="dose_response")
    assert ask(claim(method="sorcery"), methods=methods) == "method sorcery is not built"
    assert ask(built, methods=methods) == "no analysis of this study answers it"
    assert ask(claim(reason="Load cannot be seen.")) == "Load cannot be seen"
    lacks = "needs pain (NPRS), average of the last week, which this cohort lacks"
    needing = {"needs": ["nprs_avg", "age_years"]}
    assert ask({**built, **needing}, methods=methods, lacking=["nprs_avg"]) == lacks
    assert ask(claim("a"), needs={"a": ["nprs_avg"]}) == lacks
    both = ask(claim(method="sorcery", **needing), methods=methods, lacking=["nprs_avg"])
    assert both == f"method sorcery is not built; {lacks}"
    assert ask(claim("b")) == "analysis b gave no estimate"


def test_an_analysis_without_rows_is_not_testable():
    table = build_ledger({"H1": claim("a")}, {"a": estimates(1, 1, 1).iloc[:0]}, STUDY)
    assert table["reason"][0] == "analysis a gave no estimate"


def test_primaries_share_holm_and_the_rest_the_false_discovery_rate():
    tables = {
        "a": estimates(1, 0.3, 0.01),
        "b": estimates(1, 0.3, 0.04),
        "c": estimates(1, 0.3, 0.03, "secondary"),
        "d": estimates(1, 0.3, 0.02, "exploratory"),
        "e": estimates(1, 0.3, float("nan"), "secondary"),
    }
    claims = {name.upper(): claim(name) for name in tables}
    table = build_ledger(claims, tables, {"design": "cohort"}).set_index("claim")
    assert table.loc[["A", "B"], "p_adj"].tolist() == pytest.approx([0.02, 0.04])
    assert table.loc[["C", "D"], "p_adj"].tolist() == pytest.approx([0.03, 0.03])
    assert pd.isna(table.loc["E", "p_adj"])


def test_a_bare_verdict_does_not_survive_a_large_family():
    """p = 0.03 for "beyond 0.5": alone it holds, among eight primaries it does not."""
    se = 0.5 / 2.170090377584560
    alone = build_ledger({"H1": claim("a")}, {"a": estimates(1, se, 1e-5)}, STUDY)
    assert alone["verdict"][0] == "supported"
    assert alone["holds_after_adjustment"][0]
    many = {name: estimates(0.0, 1.0, 0.9) for name in "bcdefgh"}
    claims = {name.upper(): claim(name) for name in "abcdefgh"}
    table = build_ledger(claims, {"a": estimates(1, se, 1e-5), **many}, STUDY)
    assert table["verdict"][0] == "supported"
    assert not table["holds_after_adjustment"][0]
    assert table["holds_after_adjustment"][1:].isna().all()
    assert table["p_adj"][0] == pytest.approx(8e-5)


def test_primary_analyses_without_a_claim_count_in_the_family():
    tables = {"a": estimates(1, 0.1, 0.01), "b": estimates(1, 0.1, 0.5)}
    assert build_ledger({"H1": claim("a")}, tables, STUDY)["p_adj"][0] == pytest.approx(0.02)


def test_two_claims_on_one_analysis_are_each_held_to_their_own_p():
    """With p = 0.05 for "beyond 0.5" and far less for "beyond 0.1", only the latter is sure."""
    claims = {"H1": claim("a"), "H2": claim("a", smallest_effect=0.1)}
    tables = {"a": estimates(1, 0.24, 1e-5), "b": estimates(0.0, 1.0, 0.9)}
    for order in (("H1", "H2"), ("H2", "H1")):
        table = build_ledger({name: claims[name] for name in order}, tables, STUDY)
        held = dict(zip(table["claim"], table["holds_after_adjustment"], strict=True))
        assert set(table["verdict"]) == {"supported"}
        assert held == {"H1": False, "H2": True}


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.floats(-2, 2), st.floats(0.05, 1), st.sampled_from(["primary", "secondary"])),
        min_size=1,
        max_size=6,
    )
)
def test_verdicts_do_not_depend_on_company_but_their_holding_does(drawn):
    tables = {f"a{i}": estimates(e, s, 0.01, r) for i, (e, s, r) in enumerate(drawn)}
    claims = {name.upper(): claim(name) for name in tables}
    table = build_ledger(claims, tables, {"design": "cohort"})
    for i, name in enumerate(tables):
        single = verdict(tables[name].iloc[0].to_dict(), claims[name.upper()], Grounds("cohort"))
        assert table["verdict"][i] == single.verdict
        assert pd.isna(table["holds_after_adjustment"][i]) == (single.verdict == "inconclusive")
    backwards = build_ledger(
        dict(reversed(claims.items())), dict(reversed(tables.items())), {"design": "cohort"}
    )
    pd.testing.assert_frame_equal(backwards[::-1].reset_index(drop=True), table)


def test_no_claims_make_an_empty_ledger():
    table = build_ledger({}, {}, STUDY)
    assert (len(table), tuple(table.columns)) == (0, COLUMNS)


def test_a_sensitivity_headline_asks_no_new_question():
    tables = {
        "a": estimates(1, 0.3, 0.01),
        "b": estimates(1, 0.3, 0.04),
        "again": estimates(1, 0.3, 0.001, "sensitivity"),
        "c": estimates(1, 0.3, 0.03, "secondary"),
    }
    claims = {"H1": claim("a"), "H2": claim("b"), "H3": claim("c")}
    table = build_ledger(claims, tables, STUDY)
    assert table["family"].tolist() == ["Holm", "Holm", "FDR"]
    assert table["family_size"].tolist() == [2, 2, 1]
    assert table["p_adj"].tolist() == pytest.approx([0.02, 0.04, 0.03])


def test_words_rest_on_design_allocation_and_what_the_analysis_showed():
    late = {"a": estimates(1.0, 0.1, 1e-9, estimand="later pain")}
    study = {**STUDY, "analyses": {"a": {"method": "dose_response", "design": "cohort"}}}
    shown = {"a": {"sufficient": True, "overlap": True}}
    said = {
        "effect": build_ledger({"H1": claim("a")}, late, study, grounds=shown),
        "preceded": build_ledger({"H1": claim("a")}, late, study),
        "associated": build_ledger({"H1": claim("a")}, late, STUDY, grounds=shown),
    }
    for word, table in said.items():
        assert word in table["wording"][0].split(":")[0], word
    arm = {"a": estimates(1.0, 0.1, 1e-9, exposure="arm", estimand="difference")}
    programme = {"design": "programme", "analyses": {}}
    assert "associated" in build_ledger({"H1": claim("a")}, arm, programme)["wording"][0]
    by_chance = {**programme, "allocation": "randomised"}
    assert "had an effect" in build_ledger({"H1": claim("a")}, arm, by_chance)["wording"][0]


def test_the_reason_of_a_fit_without_estimates_is_the_ledgers():
    table = build_ledger(
        {"H1": claim("a")},
        {"a": estimates(1, 1, 1).iloc[:0]},
        STUDY,
        reasons={"a": "arm: there is a control arm only"},
    )
    assert table["verdict"][0] == "not testable"
    assert table["wording"][0] == "Not testable: arm: there is a control arm only."


def test_a_programme_that_lost_its_control_arm_supports_nothing():
    """Pain falls by itself: the change of one arm is no answer to what the programme did."""
    head = estimates(-1.8, 0.1, 0.001).assign(
        exposure="week_nominal", estimand="mean change during the programme (no control arm)"
    )
    asked = {**claim("a"), "direction": "negative"}

    def judge(question):
        study = {"design": "programme", "allocation": "randomised"}
        study["analyses"] = {"a": {"method": "rehab_response", "question": question}}
        return build_ledger({"H14": asked}, {"a": head}, study).iloc[0]

    lost = judge("programme")
    assert lost["verdict"] == "not testable" and "natural course" in lost["reason"]
    assert pd.isna(lost["estimate"])
    alone = judge("change")  # who asks for the change gets it, in words of a change
    assert alone["verdict"] == "supported" and "changed during" in alone["wording"]
