import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.survival.baseline import predict_survival
from gluteal.estimators.survival.cox import fit_cox

ALL = ["age", "sex", "ph.ecog"]


def test_curves_equal_survfit(ecog, said):
    fit = fit_cox(ecog[ALL], ecog["time"], ecog["status"])
    found, r = predict_survival(fit, [60, 1, 1], [50, 180, 365, 700]), said["curve"]
    pairs = {
        "survival": "survival",
        "low": "low",
        "high": "high",
        "hazard": "cumhaz",
        "hazard_se": "std_chaz",
    }
    for ours, theirs in pairs.items():
        np.testing.assert_allclose(getattr(found, ours)[0], r[theirs], rtol=1e-10)


def test_each_stratum_has_its_own_curve(ecog):
    kept = ecog[ecog["ph.ecog"] < 3]
    fit = fit_cox(kept["age"], kept["time"], kept["status"], stratum=kept["ph.ecog"])
    one, two = (predict_survival(fit, [60], [180], stratum=k).survival[0, 0] for k in (0, 2))
    assert one > two
    with pytest.raises(UserError, match="no event in stratum 9"):
        predict_survival(fit, [60], [180], stratum=9)


def test_before_the_first_event_all_survive_and_past_the_last_nothing_is_known(ecog):
    fit = fit_cox(ecog[ALL], ecog["time"], ecog["status"])
    found = predict_survival(fit, [[60, 1, 1], [70, 2, 0]], [0, 2000])
    assert found.survival[:, 0].tolist() == found.low[:, 0].tolist() == [1, 1]
    assert np.isnan(found.survival[:, 1]).all()


def test_what_cannot_be_predicted_is_refused(ecog):
    fit = fit_cox(ecog[ALL], ecog["time"], ecog["status"])
    with pytest.raises(UserError, match="3 finite covariates"):
        predict_survival(fit, [60, 1], [1])
    runaway = fit_cox([0, 0, 1, 1, 1.0], [1, 2, 3, 4, 5], [1, 1, 0, 0, 0])
    with pytest.raises(UserError, match="no finite estimate"):
        predict_survival(runaway, [1], [1])


def test_the_truth_is_recovered():
    rng = np.random.default_rng(6)
    x = rng.normal(size=5000)
    time = rng.exponential(np.exp(-0.5 * x)) * 2
    fit = fit_cox(x, np.minimum(time, 3), time < 3)
    found = predict_survival(fit, [[1.0]], [1.0, 2.0])
    truth = np.exp(-np.exp(0.5) * np.array([0.5, 1.0]))
    assert (np.abs(found.survival[0] - truth) < 0.03).all()
