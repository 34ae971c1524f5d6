"""Traps of change over time: what looks like an effect where there is none, and the guards."""

import numpy as np
import pytest
from pydantic import ValidationError

from gluteal.analyses import rehab_response
from gluteal.cohort.derive import derive
from gluteal.cohort.package import read_package
from gluteal.frames.arms import compare_course, compare_end
from gluteal.frames.course import Course, read_course
from gluteal.frames.programme_checks import check_change
from gluteal.simulate import simulate


@pytest.fixture(scope="module")
def null(tmp_path_factory):
    """A programme that does nothing, in a world without any arrow."""
    folder = tmp_path_factory.mktemp("null") / "package"
    simulate(folder, 4000, 9, "null", form="parquet", design="programme")
    return derive(read_package(folder))


@pytest.fixture(scope="module")
def course(null):
    return read_course(null, "nprs_avg", (), "baseline")


def trial(seed, n=120, gap=0.0, shift=0.0):
    """Draw two visits of correlation .5; ``shift`` moves the first of the programme alone."""
    rng = np.random.default_rng(seed)
    arm = np.repeat([1.0, 0.0], n // 2)
    person = rng.normal(0, 1.2, n)
    y = 5 + person[:, None] + rng.normal(0, 1.2, (n, 2))
    y[:, 1] += gap * arm - 1.5
    y[:, 0] += shift * arm
    people, weeks = np.arange(n).astype(object), np.array([0.0, 12])
    return Course(people, ("baseline", "week12"), weeks, y, arm, np.zeros((n, 0)), (), 0)


def test_change_is_related_to_baseline_without_any_effect(course):
    before, after, _arm = course.pairs(3)
    r = np.corrcoef(before, after - before)[0, 1]
    assert r == pytest.approx(-0.50, abs=0.05)
    rows = {row["name"]: row for row in check_change(course, 3, 0.0)}
    for arm in ("programme", "control"):
        fact = rows[f"regression to the mean, {arm}"]
        assert fact["value"] == pytest.approx(-0.5, abs=0.07)
        assert "not regressed" in fact["meaning"]


def test_entry_by_pain_selects_a_fall_without_any_effect(null, course):
    before, after, _arm = course.pairs(3)
    change = after - before
    assert change.mean() == pytest.approx(-1.7, abs=0.1)
    assert change[before >= 6].mean() == pytest.approx(-2.5, abs=0.15)
    assert change[before >= 7].mean() == pytest.approx(-2.9, abs=0.2)
    # One arm that let in people by their pain: the wording lock and the flag, no effect.
    people = set(course.people[course.y[:, 0] >= 6])
    keep = null.people["participant_id"].isin(people) & (null.people["arm"] == "programme")
    chosen = null.people.loc[keep, "participant_id"]
    entered = type(null)(
        null.people[keep],
        null.visits[null.visits["participant_id"].isin(chosen)],
        null.sides,
        null.trials,
    )
    found = rehab_response.fit(entered, rehab_response.Spec(outcome="nprs_avg"))
    assert found.estimates[0]["estimate"] < -2.3
    assert found.estimates[0]["high"] < -2.0  # "significant", and nothing at all
    assert "no control arm" in found.estimates[0]["estimand"]
    flags = {row["name"]: row["ok"] for row in found.diagnostics}
    assert flags["entry by the outcome"] is False
    assert flags["control arm"] is False
    assert flags["responders in a single arm"] is False


def test_arms_entered_by_pain_still_compare_fairly(course):
    entered = course.only(course.y[:, 0] >= 6)
    found = compare_course(entered).gap(3, 0.95)
    assert abs(found.estimate) < 3 * found.se


def test_natural_course_alone_makes_half_of_them_responders(null):
    found = rehab_response.fit(
        null, rehab_response.Spec(outcome="nprs_avg", question="change", outcome_visit="week12")
    )
    lock = next(r for r in found.diagnostics if r["name"] == "responders in a single arm")
    assert lock["value"] == pytest.approx(0.5, abs=0.05)
    assert lock["ok"] is False


@pytest.mark.parametrize("shift", [0.8, -0.8])
def test_a_chance_imbalance_misleads_change_scores_and_not_covariance_analysis(shift):
    change, ancova, common = [], [], []
    for seed in range(40):
        made = trial(seed, shift=shift)
        fall = made.y[:, 1] - made.y[:, 0]
        change.append(fall[made.arm == 1].mean() - fall[made.arm == 0].mean())
        ancova.append(compare_end(made, 1).coefficient(1).estimate)
        common.append(compare_course(made).gap(1, 0.95).estimate)
    # Half of a chance difference comes back at the next visit; change scores count all of it.
    assert np.mean(change) == pytest.approx(-shift, abs=0.15)
    assert abs(np.mean(ancova)) < 0.6 * abs(shift)
    assert np.mean(common) == pytest.approx(np.mean(ancova), abs=0.05)


def test_covariance_analysis_is_unbiased_where_change_scores_follow_the_imbalance():
    # Over trials drawn by lot both are right on average, but given the imbalance only one is.
    gaps, change, ancova = [], [], []
    for seed in range(150):
        made = trial(seed, gap=-0.5)
        gaps.append(made.y[made.arm == 1, 0].mean() - made.y[made.arm == 0, 0].mean())
        fall = made.y[:, 1] - made.y[:, 0]
        change.append(fall[made.arm == 1].mean() - fall[made.arm == 0].mean())
        ancova.append(compare_end(made, 1).coefficient(1).estimate)
    assert np.mean(ancova) == pytest.approx(-0.5, abs=0.1)
    assert np.corrcoef(gaps, change)[0, 1] < -0.3
    assert abs(np.corrcoef(gaps, ancova)[0, 1]) < 0.2
    assert np.std(ancova) < np.std(change)


def test_change_between_groups_without_a_programme_is_refused():
    for exposure in ("lbp", "sex", "hip_abd_nm_kg"):
        with pytest.raises(ValidationError, match="not given a programme"):
            rehab_response.Spec(outcome="nprs_avg", exposure=exposure)
    with pytest.raises(ValidationError, match="not regressed"):
        rehab_response.Spec(outcome="nprs_avg", adjust=("nprs_avg",))


def test_the_difference_of_means_is_never_held_against_the_mic(null):
    found = rehab_response.fit(null, rehab_response.Spec(outcome="nprs_avg"))
    for row in found.estimates:
        if not str(row["model"]).startswith("responders"):
            assert "MIC" not in f"{row['model']} {row['estimand']} {row['contrast']}"
    assert "not held against them" in " ".join(found.sentences)
