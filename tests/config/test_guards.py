"""Mistakes of the field are refused in any model, unless the config says why."""

import pytest

from gluteal.config.guards import find_misuses
from gluteal.config.study import parse_study
from gluteal.errors import UserError
from gluteal.spec import ModelSpec


def misuses(outcome, exposure, adjust=(), reason=None):
    pair = {"outcome": outcome, "exposure": exposure, "adjust": adjust, "override_reason": reason}
    return [rule for _, _, rule, _ in find_misuses("analyses.a", ModelSpec(**pair))]


@pytest.mark.parametrize(
    ("outcome", "exposure", "words"),
    [
        ("nprs_avg", "hip_abd_n", "mostly body mass"),
        ("hip_abd_nm", "lbp", "mostly body mass"),
        ("nprs_avg", "leg_press_1rm_kg", "mostly body mass"),
        ("emg_gmax_pct_mvic", "hip_ext_nm_kg", "denominator"),
        ("hip_abd_nm_kg", "emg_gmed_pct_mvic", "denominator"),
        ("emg_gmed_pct_mvic", "emg_gmed_mvic_uv", "denominator"),
        ("hip_abd_n_kg", "hip_abd_nm_kg", "the same strength"),
    ],
)
def test_a_mistake_is_refused(outcome, exposure, words):
    (rule,) = misuses(outcome, exposure)
    assert words in rule
    assert misuses(outcome, exposure, reason="Shown to be wrong.") == []


def test_what_is_right_passes():
    assert misuses("nprs_avg", "hip_abd_nm_kg") == []
    assert misuses("hip_abd_nm", "lbp", ("body_mass_kg",)) == []
    assert misuses("emg_es_ipsi_pct_mvic", "hip_abd_nm_kg") == []
    assert misuses("hip_ext_nm_kg", "hip_abd_nm_kg") == []


def test_the_config_names_the_place():
    raw = {
        "title": "T",
        "design": "case_control",
        "cohort": "c",
        "analyses": {
            "a": {"method": "dose_response", "outcome": "nprs_avg", "exposure": "hip_abd_n"}
        },
    }
    with pytest.raises(UserError) as caught:
        parse_study(raw)
    (fault,) = caught.value.faults
    assert fault.column == "analyses.a.exposure" and fault.value == "hip_abd_n"
    assert "per kg" in fault.remedy


def model(name, **settings):
    from gluteal.analyses import method

    spec = method(name).Spec(adjust=settings.pop("adjust", ()), **settings)
    return [(place, value, rule) for place, value, rule, _ in find_misuses("analyses.a", spec)]


def test_mediators_and_further_outcomes_are_held_to_the_same_rules():
    chain = {"outcome": "nprs_avg", "exposure": "hip_ext_nm_kg", "resamples": 200}
    (found,) = model("mechanism_mediation", **chain, mediators=("emg_gmax_pct_mvic",))
    assert found[:2] == ("analyses.a.mediators", "emg_gmax_pct_mvic")
    assert "denominator" in found[2]
    (found,) = model("mechanism_mediation", **chain, mediators=("hip_ext_n_kg",))
    assert "the same strength" in found[2]
    right = {"mediators": ("pelvic_tilt_asis_psis_deg",)}
    assert model("mechanism_mediation", **chain, **right) == []
    many = {"outcome": "nprs_avg", "exposure": "hip_ext_nm_kg", "outcomes": ("hip_ext_n_kg",)}
    assert any("the same strength" in rule for _, _, rule in model("multiverse", **many))


def test_raw_microvolts_are_for_the_one_method_that_shows_all_three():
    pair = {"outcome": "emg_bf_rms_uv", "exposure": "lbp"}
    (found,) = model("group_difference", **pair)
    assert "cannot be compared between people" in found[2]
    assert model("emg_compensation", outcome="emg_bf_rms_uv", exposure="hip_abd_nm_kg") == []


def test_arms_are_never_compared_at_the_same_adherence():
    pair = {"outcome": "nprs_avg", "exposure": "arm"}
    for more in ({"adjust": ("adherence",)}, {"only": {"sessions_done": ("12",)}}):
        (found,) = model("rehab_response", **pair, **more)
        assert "not drawn by lot" in found[2]
    assert model("rehab_response", **pair, adjust=("age_years",)) == []


def test_a_persons_important_change_is_no_bound_of_a_difference_of_means():
    from gluteal.config.guards import find_claim_misuse
    from gluteal.config.parts import Claim

    source = "what a person notices (constant mic_nprs)"
    claim = Claim(sentence="S.", smallest_effect=2, smallest_effect_source=source)
    ((place, value, rule, _),) = find_claim_misuse("claims.H1", claim)
    assert (place, value) == ("claims.H1.smallest_effect", "2 (mic_nprs)")
    assert "not of a difference of means" in rule
    part = claim.model_copy(update={"smallest_effect": 0.2})
    assert list(find_claim_misuse("claims.H1", part)) == []
