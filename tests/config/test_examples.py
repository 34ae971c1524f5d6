"""One example a design: each makes its own people, and answers or gives the reason."""

from __future__ import annotations

import json
import re

import pytest

from gluteal.config.registration import describe
from gluteal.config.study import read_study

NAMES = ("case_control", "cohort", "repeated_measures", "programme")
SIMULATED = {
    "case_control": "case_control",
    "cohort": "cohort",
    "repeated_measures": "repeated",
    "programme": "programme",
}
REFREEZE = """
the plan of config/examples/programme.yaml differs from its config by more than the one deviation
that it tells of. After a change of a default, of a claim or of the causal graph freeze it anew:
  rm config/examples/registered/programme.*
  grep -v '# since the freeze' config/examples/programme.yaml > planned.yaml
  .venv/bin/gluteal plan --freeze --config planned.yaml
  rm planned.yaml
"""


@pytest.fixture(scope="module")
def studies(root):
    from contextlib import chdir

    with chdir(root):  # paths in a config are relative to the project
        yield {name: read_study(root / "config" / "examples" / f"{name}.yaml") for name in NAMES}


@pytest.fixture(scope="module")
def whole(root):
    from contextlib import chdir

    with chdir(root):
        return read_study(root / "config" / "config.yaml")


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_the_design_of_its_name_and_people_of_that_kind(studies, name):
    study = studies[name]
    assert study.study == study.design == name
    assert study.simulated.design == SIMULATED[name]
    assert (study.allocation == "randomised") == (name == "programme")
    assert f'World "{study.simulated.world}", {study.simulated.n} people' in study.definition


def test_the_examples_live_in_different_worlds_and_folders(studies):
    assert len({study.simulated.world for study in studies.values()}) == len(NAMES)
    for name, study in studies.items():
        assert str(study.cohort) == f"data/simulated/{name}"
        assert str(study.products) == f"reports/{name}"


def test_git_ignores_simulated_people(root):
    lines = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"data/simulated/", "reports/*"} <= set(lines)


@pytest.mark.parametrize("name", NAMES)
def test_every_claim_is_answered_or_says_why_not(studies, whole, name):
    study = studies[name]
    assert list(study.claims) == list(whole.claims)
    for key, claim in study.claims.items():
        assert (claim.analysis is None) == bool(claim.reason), key
        assert claim.sentence == whole.claims[key].sentence
        if claim.analysis is not None:  # one smallest effect of interest for all studies
            assert claim == whole.claims[key].model_copy(update={"analysis": claim.analysis}), key


def test_together_the_examples_answer_all_claims_but_the_load(studies, whole):
    answered = {key for s in studies.values() for key, c in s.claims.items() if c.analysis}
    assert set(whole.claims) - answered == {"H8"}


def test_the_examples_use_every_method(studies):
    from gluteal.analyses import METHODS

    used = {spec.method for study in studies.values() for spec in study.analyses.values()}
    assert used == set(METHODS)


def test_what_is_seen_at_one_visit_is_no_sequence(studies):
    once = {"dose_response", "self_test_accuracy", "activation_test", "emg_compensation"}
    for name in ("cohort", "repeated_measures"):
        for key, spec in studies[name].analyses.items():
            if spec.method in once:
                assert spec.design == "cross_sectional", (name, key)


def test_the_tutorial_names_what_each_example_answers(studies, root):
    text = (root / "docs" / "tutorial.md").read_text(encoding="utf-8")
    for name, study in studies.items():
        row = next(line for line in text.splitlines() if f"examples/{name}.yaml) |" in line)
        assert f"`{study.simulated.world}`" in row
        said: set[str] = set()
        for first, last in re.findall(r"H(\d+)(?: to H(\d+))?", row):
            said |= {f"H{k}" for k in range(int(first), int(last or first) + 1)}
        assert said == {key for key, claim in study.claims.items() if claim.analysis}, name
        assert f"snakemake --configfile config/examples/{name}.yaml" in text


def test_the_frozen_plan_differs_by_the_one_deviation_that_is_told(studies, root, monkeypatch):
    monkeypatch.chdir(root)
    found = describe(studies["programme"])
    changes = [(one["place"], one["was"], one["now"]) for one in found["changes"]]
    assert changes == [("analyses.programme_pain.delta", "none", "2.0")], REFREEZE
    assert found["changes"][0]["reason"]
    assert found["changes"][0]["date"] >= found["frozen_on"]
    assert found["estimates_existed"] is False, REFREEZE


def test_the_frozen_plan_names_no_place_of_a_machine(root):
    for path in (root / "config" / "examples" / "registered").iterdir():
        assert not re.search(r"[\"' `(]/\w+/", path.read_text(encoding="utf-8")), path.name


def test_the_guide_to_freezing_shows_the_place_of_the_example(studies, root):
    text = (root / "docs" / "how-to-preregister.md").read_text(encoding="utf-8")
    assert f"what: {studies['programme'].deviations[0].what}" in text
    plan = json.loads((root / studies["programme"].registered).read_text(encoding="utf-8"))
    assert "programme_pain" in plan["plan"]["analyses"]
