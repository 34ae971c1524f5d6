"""What every method promises: the headline alone is the first estimate of the whole fit."""

import pytest

from gluteal.analyses import METHODS, method
from gluteal.spec import ModelSpec

SETTINGS = {
    "group_difference": {"outcome": "hip_abd_nm_kg", "exposure": "lbp", "adjust": ["age_years"]},
    "dose_response": {"outcome": "nprs_avg", "exposure": "hip_abd_nm_kg", "adjust": ["sex"]},
}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_has_settings_needs_a_fit_and_a_figure(name):
    module = method(name)
    assert module.Spec.model_fields["method"].default == name
    assert callable(module.needs) and callable(module.fit) and module.FIGURE
    assert module.__doc__


@pytest.mark.parametrize("name", METHODS)
def test_a_model_of_two_variables_has_a_headline(name):
    module = method(name)
    if issubclass(module.Spec, ModelSpec):
        assert callable(module.headline)
    if getattr(module, "IMPUTES", False):
        assert callable(module.headline)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_headline_alone_is_the_first_estimate(name, small):
    module = method(name)
    spec = module.Spec(**SETTINGS[name])
    assert module.headline(small, spec) == module.fit(small, spec).estimates[0]
