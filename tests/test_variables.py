import pytest

from gluteal.variables import variable, variables


def test_names_are_snake_case_and_unique_and_not_attributes_of_a_frame():
    pandas = pytest.importorskip("pandas")
    shadowed = set(dir(pandas.DataFrame))
    for name in variables():
        assert name.replace("_", "").isalnum() and name.islower(), name
        assert name not in shadowed, f"{name} would be shadowed by DataFrame.{name}"


def test_ranges_are_ordered_and_soft_lies_inside_hard():
    for v in variables().values():
        if v.low is not None and v.high is not None:
            assert v.low < v.high, v.name
        if v.soft_low is not None and v.soft_high is not None:
            assert v.soft_low < v.soft_high, v.name
            assert v.low is None or v.soft_low >= v.low, v.name
            assert v.high is None or v.soft_high <= v.high, v.name


def test_categories_have_levels_and_numbers_have_none():
    for v in variables().values():
        if v.kind in ("category", "boolean"):
            assert v.levels, v.name
        else:
            assert not v.levels, v.name


def test_the_two_pelvic_tilts_are_two_variables_with_opposite_signs():
    asis = variable("pelvic_tilt_asis_psis_deg")
    radiographic = variable("pelvic_tilt_radiographic_pt_deg")
    assert "ANTERIOR" in asis.higher and "POSTERIOR" in radiographic.higher
    assert asis.node == "Tilt" and radiographic.node != asis.node
    assert asis.test != radiographic.test


def test_a_measurement_is_one_variable_by_test_and_muscle():
    seen: dict[tuple[str, str], str] = {}
    for v in variables().values():
        if "measurements" in v.tables and v.test:
            key = (v.test, v.muscle)
            assert key not in seen, (v.name, seen.get(key))
            seen[key] = v.name


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(KeyError, match="hip_abd_nm_kg"):
        variable("hip_abd_nmkg")


def test_the_axis_carries_the_unit():
    assert variable("hip_abd_nm_kg").axis == "Hip abduction torque per body mass (Nm/kg)"
    assert variable("sex").axis == "Sex"
