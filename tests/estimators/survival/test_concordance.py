import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.survival.concordance import Wavelet, concordance
from gluteal.estimators.survival.cox import fit_cox

ALL = ["age", "sex", "ph.ecog"]


def test_lung_equals_r_and_the_published_number(ecog, said):
    fit = fit_cox(ecog[ALL], ecog["time"], ecog["status"])
    found = concordance(ecog[ALL] @ fit.model.coef, ecog["time"], ecog["status"])
    np.testing.assert_allclose([found.c.value, found.c.se], said["lung"]["concordance"], rtol=1e-12)
    assert found.c.value == pytest.approx(0.6371354930, abs=1e-10)


def test_clusters_equal_r(ecog, said):
    kept = ecog.dropna(subset=["inst"])
    fit = fit_cox(kept[ALL], kept["time"], kept["status"])
    risk = kept[ALL] @ fit.model.coef
    found = concordance(risk, kept["time"], kept["status"], cluster=kept["inst"])
    want = said["cluster"]["concordance"]
    np.testing.assert_allclose([found.c.value, found.c.se], want, rtol=1e-12)


def test_strata_equal_r(ecog, said):
    kept = ecog.dropna(subset=["inst"])
    kept = kept[kept["ph.ecog"] < 3]
    fit = fit_cox(kept[ALL[:2]], kept["time"], kept["status"], stratum=kept["ph.ecog"])
    risk = kept[ALL[:2]] @ fit.model.coef
    found = concordance(risk, kept["time"], kept["status"], stratum=kept["ph.ecog"])
    want = said["strata"]["concordance"]
    np.testing.assert_allclose([found.c.value, found.c.se], want, rtol=1e-12)


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_counts_are_those_of_a_loop_over_pairs(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 30))
    risk, time = rng.integers(0, 6, n), rng.integers(1, 7, n)
    event = rng.integers(0, 2, n)
    event[0] = 1
    counts = [0, 0, 0]
    for i in range(n):
        for j in range(n):
            later = time[j] > time[i] or (time[j] == time[i] and not event[j])
            if event[i] and i != j and later:
                counts[int(np.sign(risk[j] - risk[i])) + 1] += 1
    if not sum(counts):
        with pytest.raises(UserError, match="no two people"):
            concordance(risk, time, event)
        return
    found = concordance(risk, time, event)
    assert (found.concordant, found.tied, found.discordant) == tuple(counts)
    turned = concordance(-risk, time, event)
    assert turned.c.value == pytest.approx(1 - found.c.value)
    assert turned.c.se == pytest.approx(found.c.se, abs=1e-12, nan_ok=True)
    assert bool(found.warnings) == np.isnan(found.c.se)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), most=st.integers(1, 70))
def test_a_wavelet_counts_over_any_stretch(seed, most):
    rng = np.random.default_rng(seed)
    ranks = rng.integers(0, most, 40)
    left = rng.integers(0, 40, 25)
    right = np.minimum(left + rng.integers(0, 20, 25), 40)
    asked = rng.integers(0, most + 2, 25)
    want = [(ranks[a:b] < r).sum() for a, b, r in zip(left, right, asked, strict=True)]
    assert Wavelet(ranks).count_below(left, right, asked).tolist() == want


def test_a_missing_risk_is_refused():
    with pytest.raises(UserError, match="finite risk"):
        concordance([1, np.nan], [1, 2], [1, 1])


@pytest.mark.parametrize("cluster", [[1, 2], [1.0, np.nan, np.nan]])
def test_a_missing_person_is_refused(cluster):
    with pytest.raises(UserError, match="person"):
        concordance([3, 1, 2], [1, 2, 3], [1, 1, 1], cluster=cluster)
