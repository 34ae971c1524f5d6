import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.causal.iptw import (
    estimate_iptw,
    overlap_share,
    summarise_weights,
    weighted_smd,
)
from gluteal.estimators.causal.msm import fit_msm
from gluteal.estimators.causal.weighing import weigh_binary

KINDS = ["few", "missing", "separated", "collinear", "constant", "huge"]


@pytest.fixture(scope="module")
def said(answers):
    return answers("causal")


def test_what_if_chapter_12(nhefs, said):
    """Printed there: 3.4 (2.4, 4.5)."""
    found = estimate_iptw(nhefs.y, nhefs.a, nhefs.z, se="known").difference()
    want = (3.44053543, 0.52549355, 2.41058699, 4.47048387)
    assert (found.estimate, found.se, found.low, found.high) == pytest.approx(want, abs=6e-9)
    assert [found.estimate, found.se] == pytest.approx(said["nhefs"]["geeglm"], rel=1e-8)


@pytest.mark.parametrize("estimand", ["ATE", "ATT", "ATO"])
@pytest.mark.parametrize("se", ["known", "stacked"])
@pytest.mark.parametrize("data", ["nhefs", "bwt", "low"])
def test_estimands_and_errors_equal_r(request, births, said, data, estimand, se):
    of = request.getfixturevalue("nhefs") if data == "nhefs" else births(data)
    found = estimate_iptw(of.y, of.a, of.z, estimand=estimand, se=se)
    want = said[data]["iptw"][estimand]
    np.testing.assert_allclose(found.means, want["means"], rtol=1e-8)
    assert found.difference().se == pytest.approx(want[se], rel=1e-6)


def test_birthwt_as_noted(births):
    of = births("bwt")
    found = estimate_iptw(of.y, of.a, of.z, se="known").difference()
    assert (found.estimate, found.se) == pytest.approx((-244.596364, 117.918407), abs=1e-6)


def test_it_is_a_weighted_regression(births):
    of = births("bwt")
    found = estimate_iptw(of.y, of.a, of.z).difference()
    model = fit_msm(np.c_[np.ones(len(of.y)), of.a], of.y, weigh_binary(of.a, of.z))
    again = model.coefficient(1)
    assert (again.estimate, again.se) == pytest.approx((found.estimate, found.se), rel=1e-8)


def test_stabilising_changes_weights_and_not_effects(nhefs):
    stable = estimate_iptw(nhefs.y, nhefs.a, nhefs.z)
    plain = estimate_iptw(nhefs.y, nhefs.a, nhefs.z, stabilised=False)
    np.testing.assert_allclose(stable.means, plain.means, rtol=1e-10)
    np.testing.assert_allclose(stable.cov, plain.cov, rtol=1e-8)
    # What If 12.2: the weights' mean is 2.00 (1.05 to 16.7), stabilised 1.00 (0.33 to 4.30).
    before, after = plain.extra["weights"], stable.extra["weights"]
    np.testing.assert_allclose([before.mean, before.low, before.high], [2.0, 1.05, 16.7], atol=0.05)
    np.testing.assert_allclose([after.mean, after.low, after.high], [1.0, 0.33, 4.3], atol=0.005)


def test_weighting_balances(nhefs):
    found = estimate_iptw(nhefs.y, nhefs.a, nhefs.z)
    assert np.abs(found.extra["smd_before"]).max() > 0.25
    assert np.abs(found.extra["smd_after"]).max() < 0.1
    assert found.warnings == ()
    overlap = estimate_iptw(nhefs.y, nhefs.a, nhefs.z, estimand="ATO")
    # Overlap weights balance means exactly.
    np.testing.assert_allclose(overlap.extra["smd_after"][1:], 0, atol=1e-9)


def test_unweighted_and_evenly_weighted_differences_agree(nhefs):
    even = weighted_smd(nhefs.z, nhefs.a, np.ones(len(nhefs.a)))
    np.testing.assert_allclose(weighted_smd(nhefs.z, nhefs.a), even, rtol=1e-10, atol=1e-12)
    parted = weighted_smd(nhefs.a[:, None], nhefs.a, np.ones(len(nhefs.a)))
    assert np.isinf(parted[0])


def test_truncation_loses_variance(simulate):
    s = simulate(2000, 3)
    full = estimate_iptw(s.y, s.a, s.z)
    cut = estimate_iptw(s.y, s.a, s.z, truncate=(0.05, 0.95))
    assert cut.extra["weights"].high < full.extra["weights"].high
    assert cut.extra["weights"].effective > full.extra["weights"].effective


def test_effect_and_errors_over_studies(simulate):
    """Known weights are on the safe side; stacked errors match the spread."""
    both = {"known": [], "stacked": []}
    for k in range(150):
        s = simulate(300, k)
        for se, kept in both.items():
            kept.append(estimate_iptw(s.y, s.a, s.z, se=se).difference())
    estimates = np.array([f.estimate for f in both["stacked"]])
    spread = estimates.std(ddof=1)
    assert estimates.mean() == pytest.approx(2.0, abs=3.5 * spread / 150**0.5)
    stacked, known = (np.median([f.se for f in both[se]]) for se in ("stacked", "known"))
    assert stacked == pytest.approx(spread, rel=0.25)
    assert known > 1.1 * stacked


def test_people_with_several_rows_count_once(simulate):
    s = simulate(200, 5)
    twice = [np.concatenate([v, v]) for v in (s.y, s.a, s.z)]
    once = estimate_iptw(s.y, s.a, s.z)
    again = estimate_iptw(*twice, person=np.tile(np.arange(200), 2))
    np.testing.assert_allclose(again.cov, once.cov, rtol=1e-8)


def test_summary_by_hand():
    made = summarise_weights([0.0, 1, 1, 2, 4])
    assert (made.rows, made.mean, made.high) == (4, 2.0, 4.0)
    assert made.effective == pytest.approx(64 / 22)
    assert made.top_share == pytest.approx(0.5)
    with pytest.raises(UserError, match="all weights are zero"):
        summarise_weights([0.0, 0.0])


def test_overlap():
    assert overlap_share([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]) == 0
    assert overlap_share([0.1, 0.9, 0.1, 0.9], [0, 0, 1, 1]) == 1


@settings(max_examples=20)
@given(seed=st.integers(0, 500), estimand=st.sampled_from(["ATE", "ATT", "ATO"]))
def test_the_other_group_has_the_opposite_effect(simulate, seed, estimand):
    s = simulate(100, seed)
    here = estimate_iptw(s.y, s.a, s.z, estimand=estimand).difference()
    if estimand == "ATT":  # which group counts changes the estimand
        moved = estimate_iptw(s.y + 5, s.a, s.z, estimand=estimand).difference()
        assert moved.estimate == pytest.approx(here.estimate, rel=1e-8)
        return
    there = estimate_iptw(s.y, 1 - s.a, s.z, estimand=estimand).difference()
    assert there.estimate == pytest.approx(-here.estimate, rel=1e-8, abs=1e-10)
    assert there.se == pytest.approx(here.se, rel=1e-7)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 14), kind=st.sampled_from(KINDS))
def test_poor_data_are_refused_or_flagged(poor_data, seed, n, kind):
    y, a, z = poor_data(seed, n, kind)
    try:
        found = estimate_iptw(y, a, z)
    except UserError as error:
        assert str(error)
        return
    assert found.warnings  # fewer than 30 people at least
    assert np.isfinite(found.means).all()
    assert np.isfinite(found.cov).all()


def test_separated_and_lopsided_weights_are_flagged(simulate):
    s = simulate(200, 1)
    split = estimate_iptw(s.y, (s.z[:, 1] > 0).astype(float), s.z)
    assert not split.converged
    steep = (s.z[:, 1] + 0.3 * np.random.default_rng(1).normal(size=200) > 0).astype(float)
    said = " ".join(estimate_iptw(s.y, steep, s.z).warnings)
    assert "effective rows" in said
    assert "positivity" in said
    assert "after weighting" in said


def test_one_person_in_a_group_is_flagged(simulate):
    s = simulate(100, 1)
    a = np.eye(100)[0]
    found = estimate_iptw(s.y, a, s.z[:, :1])
    assert "one person only has the exposure 1" in " ".join(found.warnings)
    assert np.isnan(found.extra["smd_before"]).all()
