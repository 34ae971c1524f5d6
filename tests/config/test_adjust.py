import pytest

from gluteal.config.adjust import advise
from gluteal.spec import ModelSpec


@pytest.fixture
def dag(root):
    return root / "config" / "dag.yaml"


def test_the_graph_gives_the_covariates_of_strength_on_pain(dag):
    advice = advise(dag, ModelSpec(outcome="nprs_avg", exposure="hip_abd_nm_kg"))
    assert set(advice.covariates) == {
        "age_years",
        "sex",
        "bmi_kg_m2",
        "log_met",
        "occ_lifting",
        "phq9",
        "prior_lbp",
        "hip_oa",
    }


def test_a_difference_in_strength_by_pain_takes_the_same_set(dag):
    forth = advise(dag, ModelSpec(outcome="lbp", exposure="hip_abd_nm_kg"))
    back = advise(dag, ModelSpec(outcome="hip_abd_nm_kg", exposure="lbp"))
    assert set(forth.covariates) == set(back.covariates)


def test_a_mediator_is_refused_with_the_reason(dag):
    spec = ModelSpec(
        outcome="nprs_avg",
        exposure="hip_abd_nm_kg",
        adjust=("age_years", "pelvic_tilt_asis_psis_deg"),
    )
    refused = dict(advise(dag, spec).refused)
    assert set(refused) == {"pelvic_tilt_asis_psis_deg"}
    assert "mediator" in refused["pelvic_tilt_asis_psis_deg"]


def test_too_few_covariates_are_said_to_be_too_few(dag):
    spec = ModelSpec(outcome="nprs_avg", exposure="hip_abd_nm_kg", adjust=("age_years",))
    advice = advise(dag, spec)
    assert advice.sufficient is False
    assert "back-door" in advice.note


def test_a_variable_outside_the_graph_gets_no_set(dag):
    advice = advise(dag, ModelSpec(outcome="lumbar_lordosis_cobb_deg", exposure="spinal_disorder"))
    assert advice.covariates == ()
    assert "is not in the causal graph" in advice.note
    assert "diagnosed spinal disorder" in advice.note


def test_what_a_restriction_holds_fixed_is_not_a_covariate(dag):
    spec = ModelSpec(outcome="lbp", exposure="hip_abd_nm_kg", only={"sex": ("f",)})
    assert "sex" not in advise(dag, spec).covariates


def test_two_measures_of_one_node_are_answered_at_once(root):
    """Pain at entry and its rating hang on one node: no set separates it from itself."""
    from gluteal.analyses.group_difference import Spec

    spec = Spec(outcome="nprs_avg", exposure="lbp", adjust=("age_years",))
    assert advise(root / "config" / "dag.yaml", spec).covariates == ("age_years",)
