import numpy as np
import pytest

from gluteal.estimators.survival.cox import fit_cox
from gluteal.estimators.survival.proportionality import check_proportionality, schoenfeld_residuals

ALL = ["age", "sex", "ph.ecog"]


def statistics(found):
    return [*(one.statistic for one in found.each), found.whole.statistic]


def test_lung_equals_cox_zph_and_the_published_numbers(ecog, said):
    found = check_proportionality(fit_cox(ecog[ALL], ecog["time"], ecog["status"]))
    np.testing.assert_allclose(statistics(found), said["lung"]["zph"], rtol=1e-9)
    published = [0.1879877, 2.3054373, 2.0542488, 4.4636576]
    np.testing.assert_allclose(statistics(found), published, atol=5e-7)
    p = [*(one.p for one in found.each), found.whole.p]
    np.testing.assert_allclose(p, said["lung"]["p"], rtol=1e-9)


def test_ties_strata_and_late_entry_equal_r(ecog, late, incident, said):
    breslow = fit_cox(ecog[ALL], ecog["time"], ecog["status"], ties="breslow")
    kept = ecog.dropna(subset=["inst"])
    kept = kept[kept["ph.ecog"] < 3]
    strata = fit_cox(kept[ALL[:2]], kept["time"], kept["status"], stratum=kept["ph.ecog"])
    delayed = fit_cox(late[ALL[:2]], late["time"], late["status"], entry=late["entry"],
                      stratum=late["ph.ecog"])  # fmt: skip
    x = incident[["glute", "age", "female", "prior_lbp"]]
    simple = fit_cox(x, incident["time"], incident["event"])
    names = ("breslow", "strata", "delayed", "incident")
    for name, fit in zip(names, (breslow, strata, delayed, simple), strict=True):
        found = statistics(check_proportionality(fit))
        np.testing.assert_allclose(found, said[name]["zph"], rtol=1e-8)


@pytest.mark.parametrize("clock", ["identity", "log", "rank"])
def test_other_clocks_equal_r(ecog, said, clock):
    fit = fit_cox(ecog[ALL], ecog["time"], ecog["status"])
    found = statistics(check_proportionality(fit, clock))
    np.testing.assert_allclose(found, said["clocks"][clock], rtol=1e-9)


def test_residuals_equal_r_and_sum_to_nothing(ecog, said):
    fit = fit_cox(ecog[ALL], ecog["time"], ecog["status"])
    residuals = schoenfeld_residuals(fit)
    np.testing.assert_allclose(residuals[:8], said["schoenfeld"], atol=1e-10)
    np.testing.assert_allclose(residuals.sum(0), 0, atol=1e-7)
    found = check_proportionality(fit)
    assert (np.diff(found.time) >= 0).all()
    assert found.residuals.shape == residuals.shape


def test_an_effect_that_turns_is_seen():
    rng = np.random.default_rng(2)
    x = rng.integers(0, 2, 800).astype(float)
    early = rng.exponential(1 / np.where(x == 1, 2.0, 0.6))
    time = np.where(early < 0.5, early, 0.5 + rng.exponential(np.where(x == 1, 2.0, 0.7)))
    assert check_proportionality(fit_cox(x, time, np.ones(800))).whole.p < 1e-4


def test_two_event_times_cannot_tell_and_say_so():
    fit = fit_cox([[0.0], [1], [0], [1]], [1, 1, 1, 2], [1, 1, 0, 0])
    assert np.isnan(check_proportionality(fit).whole.p)


def test_a_clock_by_logarithm_needs_times_above_zero():
    fit = fit_cox([0.0, 1, 0, 1], [-1, 2, 3, 4], [1, 1, 1, 0])
    with pytest.raises(ValueError, match="above 0"):
        check_proportionality(fit, "log")
