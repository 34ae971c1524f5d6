import numpy as np
import pytest

from gluteal.simulate.population import draw_source, draw_traits, expit, sample_people
from gluteal.simulate.worlds import WORLDS


@pytest.fixture(scope="module")
def source():
    return draw_source(60_000, np.random.default_rng(2), WORLDS["evidence"])


def test_the_source_population_has_the_specified_margins(source):
    assert source.female.mean() == pytest.approx(0.55, abs=0.01)
    assert source.height[source.female].mean() == pytest.approx(1.64, abs=0.003)
    assert np.log(source.bmi).std() == pytest.approx(0.163, abs=0.004)
    men = source.occ[~source.female]
    assert [np.mean(men == k) for k in range(3)] == pytest.approx([0.45, 0.30, 0.25], abs=0.015)
    assert source.age.min() == 18
    assert source.age.max() == 70


def test_trait_strength_depends_on_its_causes_as_specified(source):
    design = np.column_stack(
        [
            np.ones(len(source)),
            (source.age - 43) / 13,
            (source.log_met - 7.5) / 0.8,
            (source.bmi - 26.4) / 4.3,
            source.hip_oa,
            source.distress,
        ]
    )
    beta = np.linalg.lstsq(design, source.z, rcond=None)[0]
    assert beta[[1, 2, 3, 5]] == pytest.approx([-0.25, 0.22, -0.22, -0.10], abs=0.02)
    assert beta[4] == pytest.approx(-0.5, abs=0.06)


def test_cases_and_controls_are_exact_and_mixed(block):
    people = sample_people(block(1000))
    assert people.lbp.sum() == 600
    # Were they in order of their group, an id would give it away.
    assert abs(np.corrcoef(people.lbp, np.arange(1000))[0, 1]) < 0.1


@pytest.mark.parametrize(("world", "effect"), [("reverse", -0.45), ("null", 0.0)])
def test_pain_weakens_by_the_effect_of_the_world(block, world, effect):
    people = draw_traits(block(20_000, world)).people
    traits = draw_traits(block(20_000, world))
    mean = np.where(people.female, 1.20, 1.50)
    rest = (traits.strength["abd"] - mean) / 0.25 - people.z
    assert rest[people.lbp] == pytest.approx(effect)
    assert rest[~people.lbp] == pytest.approx(0.0)


def test_only_cases_of_a_randomised_design_have_a_programme(block):
    traits = draw_traits(block(2000))
    assert not traits.arm[~traits.people.lbp].any()
    assert traits.arm[traits.people.lbp].mean() == pytest.approx(0.5, abs=0.05)
    assert (traits.adherence > 0).tolist() == traits.arm.tolist()
    assert not draw_traits(block(2000, design="repeated")).arm.any()


def test_the_inverse_logit_knows_its_values():
    assert expit([0.0, np.log(3)]) == pytest.approx([0.5, 0.75])
