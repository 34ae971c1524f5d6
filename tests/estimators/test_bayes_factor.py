import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.bayes_factor import compute_bayes_factor


def test_sleep_as_bayesfactor_prints_it():
    """BayesFactor::ttestBF on Student's sleep data: 17.25888 paired, 1.265925 in two groups."""
    paired = compute_bayes_factor(-4.06212768357774, 10)
    assert paired == pytest.approx(17.25888027, rel=1e-9)
    groups = compute_bayes_factor(-1.86081346748685, 10, 10)
    assert groups == pytest.approx(1.26592515, rel=1e-8)


def test_r_integrates_the_same(answers):
    for row in answers("bayes_factor"):
        second = None if row["n2"] == 0 else row["n2"]
        found = compute_bayes_factor(row["t"], row["n1"], second, scale=row["scale"])
        assert found == pytest.approx(row["bf"], rel=1e-8)


def test_it_is_a_ratio_of_marginal_likelihoods():
    """Drawing effects from the prior and averaging the noncentral t density gives the same."""
    from scipy import stats

    d = stats.cauchy.ppf((np.arange(20_000) + 0.5) / 20_000) * 2**0.5 / 2
    t, n = 2.2, 30
    d = d[np.abs(d) < 5]  # beyond, the likelihood is nothing
    kept = 2 * stats.cauchy.cdf(5, scale=2**0.5 / 2) - 1
    with_effect = kept * stats.nct.pdf(t, n - 1, d * n**0.5).mean()
    found = compute_bayes_factor(t, n)
    assert found == pytest.approx(with_effect / stats.t.pdf(t, n - 1), rel=1e-3)


@settings(max_examples=30)
@given(t=st.floats(-8, 8), n=st.integers(3, 200))
def test_larger_t_is_more_evidence_and_its_sign_does_not_matter(t, n):
    found = compute_bayes_factor(t, n)
    assert found == pytest.approx(compute_bayes_factor(-t, n), rel=1e-12)
    assert found < compute_bayes_factor(abs(t) + 0.5, n)
    assert compute_bayes_factor(0.0, n) < 1


def test_more_people_without_a_difference_are_more_evidence_for_none():
    assert compute_bayes_factor(0.0, 1000) < compute_bayes_factor(0.0, 100) < 0.15
    assert compute_bayes_factor(40.0, 10_000, 10_000) == np.inf
    assert np.isfinite(compute_bayes_factor(37.0, 10_000, 10_000))


@pytest.mark.parametrize("given", [(np.nan, 10), (np.inf, 10), (1.0, 1), (1.0, 0), (1.0, 1, 1)])
def test_degenerate_input(given):
    with pytest.raises(UserError, match="finite t"):
        compute_bayes_factor(*given)
    with pytest.raises(ValueError, match="prior"):
        compute_bayes_factor(1.0, 10, scale=0.0)
