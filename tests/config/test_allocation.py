import pytest

from gluteal.config.allocation import check_allocation, settle_allocation
from gluteal.config.plan import make_plan
from gluteal.config.registration import content_of
from gluteal.config.study import parse_study
from gluteal.errors import UserError

PAIR = {"outcome": "nprs_avg", "adjust": []}
ARMS = {"method": "rehab_response", "design": "programme", **PAIR}
CHAIN = {
    "method": "mechanism_mediation",
    "exposure": "arm",
    "mediators": ["hip_abd_nm_kg"],
    "mediator_visit": "week08",
    "outcome_visit": "week12",
    **PAIR,
}


def study_of(root, allocation, **analyses):
    raw = {
        "title": "t", "study": "s", "question": "q", "design": "programme", "cohort": "c",
        "dag": str(root / "config" / "dag.yaml"), "analyses": analyses,
    }  # fmt: skip
    return parse_study(raw if allocation is None else raw | {"allocation": allocation})


@pytest.mark.parametrize(
    ("allocation", "told"),
    [("randomised", True), ("not randomised", False), (None, None)],
)
def test_the_study_says_once_how_people_came_into_the_arms(root, allocation, told):
    study = study_of(root, allocation, arms=ARMS, chain=CHAIN)
    for name in ("arms", "chain"):
        assert make_plan(study, name)["spec"]["randomised"] is told


def test_only_the_arm_is_allocated(root):
    other = {**CHAIN, "exposure": "hip_ext_nm_kg"}
    dose = {**ARMS, "question": "adherence", "exposure": "adherence"}
    study = study_of(root, "randomised", other=other, dose=dose)
    assert settle_allocation(study, study.analyses["other"]) == {}
    assert make_plan(study, "dose")["spec"]["randomised"] is None


def test_what_the_study_says_may_be_said_again(root):
    study = study_of(root, "randomised", arms={**ARMS, "randomised": True})
    assert list(check_allocation(study)) == []


@pytest.mark.parametrize(
    ("allocation", "stated", "rule"),
    [
        ("not randomised", True, "allocation is not randomised"),
        ("randomised", False, "allocation is randomised"),
        (None, True, "allocation is not stated"),
    ],
)
def test_a_contradiction_is_refused_by_its_place(root, allocation, stated, rule):
    with pytest.raises(UserError, match=rule) as found:
        study_of(root, allocation, arms={**ARMS, "randomised": stated})
    assert found.value.faults[0].column == "analyses.arms.randomised"


def test_a_frozen_plan_holds_the_allocation_and_no_copy_of_it(root):
    content = content_of(study_of(root, "randomised", arms=ARMS))
    assert content["allocation"] == "randomised"
    assert content["analyses"]["arms"]["randomised"] is None
