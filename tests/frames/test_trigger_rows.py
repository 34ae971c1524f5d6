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
