import numpy as np
import pytest

from gluteal.frames.trigger_rows import TriggerRows
from gluteal.frames.triggers import stack_triggers

TWO = [("agg_stand",), ("agg_walk",)]


@pytest.fixture
def made(two_legs):
    frame = two_legs.frame(["hip_abd_nm_kg", "age_years", "agg_stand", "agg_walk"], "person")
    stack = stack_triggers(frame, TWO, "hip_abd_nm_kg", ["age_years"], "linear")
    return TriggerRows(stack, "hip_abd_nm_kg", "agg_stand", None, "exchangeable", 0.95)


def test_rows_and_their_threats(made):
    ill = np.arange(240) % 3 > 0
    rows = {row["model"]: row for row in made.beside(ill)}
    assert rows["all triggers, crude"]["threat"] == "crude"
    assert rows["people with low back pain only"]["threat"] == "exclusion"
    assert rows["working correlation: independence"]["estimator"].endswith("independence")
    assert rows["random intercept of the person"]["scale"] == "ratio"
    assert made.interaction is not None
    holm = [rows[name]["p_adj"] for name in ("Pain on standing", "Pain on walking")]
    single = [rows[name]["p"] for name in ("Pain on standing", "Pain on walking")]
    assert min(holm) == pytest.approx(min(1, 2 * min(single)))


def test_other_questions_answer_no_threat_to_the_common_slope(made, two_legs):
    head = made.common()
    assert head["outcome"] == "agg_stand; agg_walk"
    rows = {row["model"]: row for row in made.beside(None)}
    single = rows["Pain on walking"]
    assert (single["outcome"], single["threat"]) == ("agg_walk", None)
    marks = [("pain_site_left_si", "pain_site_right_si")]
    frame = two_legs.frame([*marks[0], "hip_abd_nm_kg"], "side")
    stack = stack_triggers(frame, marks, "hip_abd_nm_kg", [], "poisson")
    both = TriggerRows(stack, "hip_abd_nm_kg", "pain_site_left_si", None, "independence", 0.95)
    rows = {row["model"]: row for row in both.beside(None)}
    assert both.common()["outcome"] == "pain_site_left_si; pain_site_right_si"
    # An odds ratio given the person stands beside no prevalence ratio; legs apart ask otherwise.
    assert rows["random intercept of the person"]["estimand"].startswith("odds ratio")
    assert [rows[name].get("threat") for name in (
        "random intercept of the person", "between people: mean of both legs",
        "within people: one leg against the other",
    )] == [None, None, None]  # fmt: skip


def test_an_amount_scales_the_slope(made):
    one = TriggerRows(made.stack, "hip_abd_nm_kg", "agg_stand", 1.0, "exchangeable", 0.95)
    sd = made.common()["estimate"]
    assert one.common()["estimate"] * made.stack.sd == pytest.approx(sd)
    assert "1.00 Nm/kg" in one.amount


def test_a_model_that_fails_is_a_row(made):
    few = np.zeros(240, dtype=bool)
    few[:2] = True
    row = list(made.beside(few))[-1]
    assert row["converged"] is False
    assert "cannot carry" in row["warnings"]
    # It stands in the headline's place among the threats, without a number.
    head = made.common()
    assert all(row[key] == head[key] for key in ("outcome", "contrast", "scale", "unit"))
