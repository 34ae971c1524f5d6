import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses import functional_triggers as method
from gluteal.errors import UserError
from gluteal.estimates import tabulate

ADJUST = ("age_years", "sex", "bmi_kg_m2", "log_met", "occ_lifting", "phq9", "prior_lbp", "hip_oa")


def spec(**more):
    given = {"outcome": "agg_stand", "also": ("agg_walk",), "exposure": "hip_abd_nm_kg"}
    return method.Spec(**(given | {"adjust": ("age_years",), "role": "primary"} | more))


def site(**more):
    return spec(**({"outcome": "pain_site_left_si", "also": (), "unit": "side"} | more))


def by_name(rows):
    return {row["name"]: row for row in rows}


def test_the_headline_equals_r_and_stands_alone(two_legs, answers):
    for given, want in ((spec(per=1.0), "triggers"), (site(per=1.0), "si")):
        found = method.fit(two_legs, given)
        assert method.headline(two_legs, given) == found.estimates[0]
        answer = answers("two_legs")[want]
        answer = answer if want == "triggers" else answer["independence"]
        estimate = found.estimates[0]["estimate"]
        slope = estimate if want == "triggers" else np.log(estimate)
        assert slope == pytest.approx(answer["coef"][1], rel=1e-6)
        assert found.estimates[0]["se"] == pytest.approx(answer["se"][1], rel=1e-6)
        table = tabulate(found, "a", given, "d", "c")
        assert table["role"].iloc[0] == "primary"
        assert table["threat"].iloc[0] == "adjusted"


def test_both_marks_are_one_trigger(two_legs):
    one = method.headline(two_legs, site())
    other = method.headline(two_legs, site(outcome="pain_site_right_si"))
    both = method.headline(two_legs, site(also=("pain_site_right_si",)))
    assert one["estimate"] == other["estimate"] == both["estimate"]
    assert method.needs(site()) == ("pain_site_left_si", "pain_site_right_si", "hip_abd_nm_kg",
                                    "age_years")  # fmt: skip
    rows = {row["model"]: row for row in method.fit(two_legs, site()).estimates}
    assert "within people: one leg against the other" in rows
    assert rows["working correlation: exchangeable"]["threat"] == "robust"


def test_order_units_and_sides_change_nothing(two_legs):
    plain = method.headline(two_legs, site())
    two_legs.sides["hip_abd_nm_kg"] *= 0.7376
    object.__setattr__(two_legs, "sides", two_legs.sides.sample(frac=1, random_state=1))
    turned = method.headline(two_legs, site())
    for key in ("estimate", "low", "high", "p"):
        assert turned[key] == pytest.approx(plain[key], rel=1e-6)


def test_yes_or_no_as_a_risk_ratio(two_legs):
    odds, risk = (method.headline(two_legs, site(family=f)) for f in ("auto", "poisson"))
    assert odds["estimand"].startswith("odds ratio")
    assert risk["estimand"] == "prevalence ratio"
    assert abs(np.log(risk["estimate"])) < abs(np.log(odds["estimate"]))


def test_p_of_triggers_and_their_difference(two_legs):
    found = method.fit(two_legs, spec())
    assert "slopes differ between triggers, p" in by_name(found.diagnostics)
    assert "Holm" in " ".join(found.sentences)
    assert [row["group"] for row in found.panels["rows"]].count("trigger") == 2


@pytest.mark.parametrize(
    "more",
    [
        {"also": ("agg_stand",)},
        {"also": ("pain_site_left_si",)},
        {"also": ("sts_trunk_lean_deg",)},
        {"also": ("hip_abd_nm_kg",)},
        {"adjust": ("agg_walk",)},
        {"per": 0.0},
    ],
)
def test_what_cannot_share_a_slope_is_refused(more):
    with pytest.raises(ValidationError):
        spec(**more)


def test_what_the_cohort_lacks_is_said(two_legs):
    assert method.fit(two_legs, spec(also=("agg_sit_to_stand",))).needs == ["agg_sit_to_stand"]
    with pytest.raises(UserError, match="hip_abd_asym_log"):
        method.fit(two_legs, site(exposure="hip_abd_asym_log"))


def test_a_frozen_slope_is_per_the_same_amount_in_every_table(two_legs):
    plain, frozen = method.headline(two_legs, spec()), method.freeze(two_legs, spec())
    assert method.IMPUTES
    assert isinstance(frozen.per, float)
    assert method.headline(two_legs, frozen)["estimate"] == plain["estimate"]


def test_separation_does_not_look_like_a_result(two_legs):
    strong = two_legs.sides.pivot_table("hip_abd_nm_kg", "participant_id", "side")
    for side in ("left", "right"):
        two_legs.visits[f"pain_site_{side}_si"] = pd.array(strong[side] < 1.1, dtype="boolean")
    found = method.fit(two_legs, site(adjust=()))
    table = tabulate(found, "a", site(), "d", "c")
    assert not table["converged"].iloc[0]
    assert np.isnan(table["low"].iloc[0])


def test_the_drop_in_gait_has_nothing_to_do_with_strength_in_the_simulated_cohort(simulated):
    given = spec(outcome="gait_pelvic_drop_deg", also=(), unit="side", adjust=ADJUST)
    found = method.headline(simulated(), given)
    assert found["low"] < 0 < found["high"]
    assert max(abs(found["low"]), found["high"]) < 0.5


def test_site_pain_follows_back_pain_and_not_the_leg_in_the_simulated_cohort(simulated):
    rows = {row["model"]: row for row in method.fit(simulated(), site(adjust=ADJUST)).estimates}
    whole = rows["Pain site: sacroiliac, one slope"]
    assert whole["high"] < 1
    within = rows["within people: one leg against the other"]
    assert within["low"] < 1 < within["high"]


@pytest.mark.parametrize(("world", "tied"), [("reverse", True), ("null", False)])
def test_site_pain_is_tied_to_strength_through_back_pain_alone(simulated, world, tied):
    """Pain weakens in one world, nothing does in the other; the painful side is drawn in both."""
    cohort = simulated(world)
    found = method.headline(cohort, site(adjust=ADJUST))
    assert (found["high"] < 1) == tied
    ill = method.headline(cohort.only({"lbp": ("1",)}), site(adjust=ADJUST))
    assert ill["low"] < 1 < ill["high"]


def test_strength_of_legs_that_was_not_measured_is_lacking(two_legs):
    from gluteal.errors import CannotTest

    marks = {"outcome": "pain_site_left_si", "also": ("pain_site_right_si",), "unit": "side"}
    spec = method.Spec(**marks, exposure="hip_abd_nm_kg", adjust=())
    del two_legs.sides["hip_abd_nm_kg"]
    with pytest.raises(CannotTest, match="not measured leg by leg"):
        method.fit(two_legs, spec)
