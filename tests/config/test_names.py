from gluteal.config.names import check_names
from gluteal.config.reading import read_yaml
from gluteal.config.study import Study


def study_of(root, **changes):
    raw = read_yaml(root / "config" / "config.yaml") | {"dag": str(root / "config" / "dag.yaml")}
    return Study.model_validate(raw | changes)


def test_the_example_has_no_fault(root):
    assert check_names(study_of(root)) == []


def test_a_claim_must_say_how_it_could_be_answered(root):
    study = study_of(root, claims={"H1": {"sentence": "x"}})
    rules = [rule for place, _, rule, _ in check_names(study) if place == "claims.H1"]
    assert "neither an analysis nor a method nor a reason" in rules[0]


def test_a_ratio_needs_a_smallest_effect_above_one(root):
    claim = {"sentence": "x", "scale": "ratio", "smallest_effect": 0.8, "method": "incident_lbp"}
    found = check_names(study_of(root, claims={"H1": claim}))
    assert any("above 1" in rule for _, _, rule, _ in found)


def test_needs_are_checked_against_the_dictionary(root):
    claim = {"sentence": "x", "method": "incident_lbp", "needs": ["hip_abd_nmkg"]}
    found = check_names(study_of(root, claims={"H1": claim}))
    assert ("claims.H1.needs", "hip_abd_nmkg") in {(place, value) for place, value, _, _ in found}


def test_a_constant_named_as_a_source_must_exist(root):
    source = "one SEM (constant sem_tilt_palm)"
    claim = {"sentence": "x", "smallest_effect": 1, "method": "y", "smallest_effect_source": source}
    found = check_names(study_of(root, claims={"H1": claim}))
    assert ("claims.H1.smallest_effect_source", "sem_tilt_palm") in {(p, v) for p, v, _, _ in found}


def test_what_is_for_a_clinician_alone_is_refused_in_an_analysis(root):
    raw = read_yaml(root / "config" / "config.yaml")
    raw["analyses"]["table_one"]["variables"] = ["sex", "phq9_safety"]
    found = check_names(Study.model_validate(raw))
    assert [(f[0], f[1]) for f in found] == [("analyses.table_one", "phq9_safety")]
