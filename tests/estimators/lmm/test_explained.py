import numpy as np
import pytest

from gluteal.estimators.lmm import explain_variance, fit_lmm


@pytest.mark.parametrize("name", ["slope", "wb", "times", "nested", "crossed"])
def test_equals_performance(fits, said, name):
    found = explain_variance(fits(name))
    want = said[name]["r2"]
    np.testing.assert_allclose([found.marginal, found.conditional], want, rtol=5e-7)
    assert sum(found.by_factor) == pytest.approx(found.random)


def test_sleepstudy(sleep, said):
    x = np.column_stack([np.ones(180), sleep["Days"]])
    both = explain_variance(fit_lmm(x, sleep["Reaction"], sleep["Subject"], x))
    found = (both.marginal, both.conditional)
    assert found == pytest.approx(said["sleep"]["r2"], rel=2e-7)
    # By a fit of lme4 that stopped at its usual place, a little short of the optimum.
    assert found == pytest.approx((0.2786511, 0.7992199), rel=5e-6)
    one = explain_variance(fit_lmm(x, sleep["Reaction"], sleep["Subject"]))
    assert one.icc == pytest.approx(0.5893089, rel=1e-6)
    assert [one.marginal, one.conditional] == pytest.approx(said["sleep_intercept"]["r2"], rel=1e-7)
