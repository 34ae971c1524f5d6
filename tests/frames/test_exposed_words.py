from dataclasses import replace

import pytest

from gluteal.frames.exposed import Question, gather_exposed
from gluteal.frames.exposed_words import name_estimand, write_exposed

ASK = Question("incident_lbp", "hip_abd_nm_kg", ("age_years", "sex"), "baseline", None, None, 0.2)


@pytest.fixture(scope="module")
def data(followed_up):
    return gather_exposed(followed_up, ASK)


def test_later_stands_only_where_it_is(data):
    assert name_estimand(data, ASK.outcome, "difference") == (
        "standardised risk difference, later new low back pain during follow-up"
    )
    same = replace(data, later=False)
    assert "later" not in name_estimand(same, ASK.outcome, "ratio")
    assert "association" in name_estimand(same, ASK.outcome, "ratio")
    crude = data.with_covariates([])
    assert name_estimand(crude, ASK.outcome, "difference").startswith("risk difference")
    assert "mean difference" in name_estimand(replace(data, events=None), "nprs_avg", "difference")


def test_sentences_of_a_shift(data):
    text = " ".join(write_exposed(data, ASK, (0.01, 0.99), ""))
    assert "risk of new low back pain during follow-up by week16" in text
    assert "everyone 0.200 Nm/kg more, and everyone as measured" in text
    assert "adjusted for age and sex" in text
    assert "in 180 people" in text
    assert "not divided into groups" in text
    assert "Pseudo-observations" in text
    assert "percentiles 1 and 99" in text


def test_sentences_of_a_cut_name_its_source(followed_up):
    ask = replace(ASK, outcome="nprs_avg", cut=1.6)
    text = " ".join(
        write_exposed(gather_exposed(followed_up, ask), ask, (0.01, 0.99), "Smith 1999")
    )
    assert "at or above 1.60 Nm/kg (Smith 1999)" in text
    assert "Pseudo-observations" not in text
    assert "which came first is not known" in text
