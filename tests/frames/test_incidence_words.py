from dataclasses import replace

import pytest

from gluteal.frames.followed import gather_followed
from gluteal.frames.hazards import answer_surely
from gluteal.frames.incidence_words import write_incidence


@pytest.fixture(scope="module")
def people(followed_up):
    return gather_followed(followed_up, "hip_abd_nm_kg", ("age_years", "sex"))


def test_sentences_are_filled_from_the_fit(people):
    main = answer_surely(people, 0.25, 0.95)[0]
    models = ["Cox, exact days", "after week 4", "standardised risk by week 16"]
    text = " ".join(write_incidence(people, main, "0.25 Nm/kg", models, 4.0))
    assert "Of 180 people" in text
    assert "115 of whom got it" in text
    assert "adjusted for age and sex" in text
    assert "10.2307/2529588" in text
    assert "a start after week 4" in text
    assert "delta method" in text
    assert "inverse probability" not in text
    assert "effect" not in text


def test_a_penalised_headline_is_said(people):
    main = replace(answer_surely(people, 0.25, 0.95)[0], estimator="logit, Firth's penalty")
    text = " ".join(write_incidence(people, main, "SD", [], 4.0))
    assert "no finite estimate without a penalty" in text
    assert "Sensitivity analyses" not in text
