import pytest
from pydantic import ValidationError

from gluteal.spec import ModelSpec, PanelSpec, Spec


def test_a_misspelt_key_is_an_error():
    with pytest.raises(ValidationError, match="extra"):
        Spec.model_validate({"lavel": 0.9})


def test_covariates_are_names_only_once_the_plan_has_resolved_them():
    spec = ModelSpec(outcome="nprs_avg", exposure="hip_abd_nm_kg")
    with pytest.raises(TypeError, match="plan"):
        _ = spec.covariates
    resolved = spec.model_copy(update={"adjust": ("age_years",)})
    assert resolved.covariates == ("age_years",)


def test_variables_of_a_model_are_named_once_and_the_graph_names_none():
    spec = ModelSpec(outcome="nprs_avg", exposure="hip_abd_nm_kg")
    assert spec.named == () and spec.in_model == ("nprs_avg", "hip_abd_nm_kg")
    again = spec.model_copy(update={"adjust": ("sex", "nprs_avg", "sex")})
    assert again.in_model == ("nprs_avg", "hip_abd_nm_kg", "sex")


@pytest.mark.parametrize(
    ("more", "words"),
    [({"exposure": "nprs_avg"}, "the same variable"), ({"by_visit": ("arn",)}, "no variable arn")],
)
def test_a_panel_takes_two_variables_and_known_courses(more, words):
    with pytest.raises(ValidationError, match=words):
        PanelSpec(**({"outcome": "nprs_avg", "exposure": "hip_abd_nm_kg"} | more))
