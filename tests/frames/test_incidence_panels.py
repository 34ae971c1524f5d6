import numpy as np
import pytest

from gluteal.estimators.survival import kaplan_meier
from gluteal.frames.followed import gather_followed
from gluteal.frames.hazards import answer_surely
from gluteal.frames.incidence_panels import lay_out_panels, lay_out_risk_table, standardise

ENDS = [("10th percentile", 1.2), ("90th percentile", 2.1)]


@pytest.fixture(scope="module")
def people(followed_up):
    return gather_followed(followed_up, "hip_abd_nm_kg", ("age_years", "sex"))


@pytest.fixture(scope="module")
def fit(people):
    return answer_surely(people, 0.25, 0.95)[1]


def test_curves_start_at_none_and_rise(people, fit):
    panels = lay_out_panels(people, fit, ENDS, 0.95, 5)
    weak = [row for row in panels["curves"] if row["name"] == "10th percentile"]
    strong = [row for row in panels["curves"] if row["name"] == "90th percentile"]
    assert [row["week"] for row in weak] == [0, 4, 8, 12, 16]
    assert weak[0]["risk"] == 0
    assert np.all(np.diff([row["risk"] for row in weak]) > 0)
    assert strong[-1]["high"] < 1
    assert strong[-1]["risk"] < weak[-1]["risk"]
    assert weak[-1]["low"] < weak[-1]["risk"] < weak[-1]["high"]


def test_everyone_is_kaplan_and_meier_on_visits(people, fit):
    panels = lay_out_panels(people, fit, ENDS, 0.95, 5)
    periods = np.where(
        people.hit, (people.status == 1).argmax(1), np.isfinite(people.status).sum(1) - 1
    )
    km = kaplan_meier(people.weeks[periods], people.hit)
    risks = [row["risk"] for row in panels["everyone"][1:]]
    np.testing.assert_allclose(risks, 1 - km.at(people.weeks)[0], rtol=1e-8)


def test_small_counts_stay_hidden_with_one_beside_them(people):
    table = lay_out_risk_table(people, 5)
    assert [row["New low back pain"] for row in table] == ["40", "37", "26", "12"]
    assert table[0]["Weeks"] == "0 to 4"
    hidden = [row["New low back pain"] for row in lay_out_risk_table(people, 13)]
    assert hidden == ["40", "37", "hidden", "<13"]


def test_nothing_is_drawn_of_few_people_or_without_a_model(people, fit):
    assert lay_out_panels(people, None, ENDS, 0.95, 5) == {}
    assert lay_out_panels(people.take(np.arange(180) < 9), fit, ENDS, 0.95, 5) == {}


def test_risks_are_means_over_these_people(people, fit):
    found = standardise(people, fit, [1.5])
    base, slopes = fit.model.coef[:4], fit.model.coef[4:]
    ratio = np.exp(1.5 * slopes[0] + people.x[:, 1:] @ slopes[1:])
    want = 1 - np.exp(-np.outer(ratio, np.exp(base).cumsum())).mean(0)
    np.testing.assert_allclose(found.risk[0], want)
