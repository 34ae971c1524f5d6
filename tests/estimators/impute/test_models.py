import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.impute import (
    Column,
    barnard_rubin,
    impute_chained,
    pool,
    pool_models,
)
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.lmm import fit_lmm
from gluteal.estimators.splines import place_knots, spline_basis


@pytest.fixture(scope="module")
def models():
    rng = np.random.default_rng(6)
    x = np.column_stack([np.ones(40), rng.normal(size=(40, 2))])
    y = x @ [1, 0.5, -0.3] + rng.normal(size=40)
    return [fit_linear(x, y + rng.normal(0, 0.4, 40), "HC3") for _ in range(6)]


def test_the_published_logistic_model_of_low_back_pain(real_data):
    """The README of psfmi 1.4.0: Chronic on satisfaction (3 levels) and pain (spline, 3 knots).

    R's glm stops at a change of 1e-8 with the weights of the step before, so that its printed
    standard errors are 6e-6 short of converged ones; with epsilon 1e-14 it gives ``tight``.
    """
    path = real_data / "lbp-mi" / "lbpmilr.csv"
    if not path.is_file():
        pytest.skip("the low back pain data are absent")
    table = pd.read_csv(path)
    models = []
    for _, d in table[table["Impnr"] <= 5].groupby("Impnr"):
        levels = [d["Satisfaction"] == 2, d["Satisfaction"] == 3]
        pain = spline_basis(d["Pain"], place_knots(d["Pain"], 3))
        x = np.column_stack([np.ones(len(d)), *levels, pain])
        models.append(fit_glm(x.astype(float), d["Chronic"], "logistic", "classical"))
    found = pool_models(models, df_complete=159 - 5)
    rows = [found.coefficient(j) for j in range(5)]
    printed = {
        "estimate": [-3.6027668, -0.4725289, -2.3328994, 0.6514983, 0.4703811],
        "se": [1.5427414, 0.5164342, 0.7317131, 0.4028728, 0.4596490],
        "df": [60.25659, 145.03888, 122.95905, 51.09308, 75.29317],
        "p": [0.022875170, 0.361718841, 0.001815476, 0.112008088, 0.309419924],
    }
    tight = {
        "estimate": [-3.6027667831, -0.4725289412, -2.3328993951, 0.6514983271, 0.4703810698],
        "se": [1.5427506790, 0.5164353401, 0.7317151953, 0.4028749283, 0.4596512986],
        "df": [60.25741455, 145.03891844, 122.95928482, 51.09375439, 75.29386674],
        "p": [0.022875906174, 0.361719856776, 0.001815528713, 0.112009841926, 0.309422262324],
    }
    for key in printed:
        got = [getattr(r, key) for r in rows]
        np.testing.assert_allclose(got, tight[key], rtol=2e-9)
        np.testing.assert_allclose(got, printed[key], rtol=4e-5)
    low = [0.001245225, 0.224644070, 0.022793375, 0.854476033, 0.640677978]
    high = [0.5962503, 1.7301016, 0.4129150, 4.3070942, 3.9987846]
    np.testing.assert_allclose(np.exp([r.low for r in rows]), low, rtol=4e-5)
    np.testing.assert_allclose(np.exp([r.high for r in rows]), high, rtol=4e-5)


def test_a_contrast_is_the_pool_of_the_models_contrasts(models):
    found = pool_models(models)
    w = np.array([0.0, 1.0, 2.0])
    each = [m.contrast(w) for m in models]
    direct = pool([e.estimate for e in each], [e.se**2 for e in each], 37).estimate()
    got = found.contrast(w)
    for key in ("estimate", "se", "df", "low", "p"):
        assert getattr(got, key) == pytest.approx(getattr(direct, key), rel=1e-10)
    through = found.model.contrast(w)
    assert through.df == pytest.approx(direct.df, rel=1e-10)


def test_degrees_of_freedom_of_the_models_count(models):
    """Satterthwaite df differ from contrast to contrast; Barnard and Rubin start from them."""
    rng = np.random.default_rng(1)
    x = np.column_stack([np.ones(60), rng.normal(size=60), np.repeat(rng.normal(size=12), 5)])
    who = np.repeat(np.arange(12), 5)
    fits = [fit_linear(x, x[:, 1] + rng.normal(size=60), "CR2", who) for _ in range(4)]
    found = pool_models(fits)
    own = [np.mean([f.coefficient(j).df for f in fits]) for j in range(3)]
    np.testing.assert_allclose(found.pooled.df_complete, own, rtol=1e-12)
    assert all(found.coefficient(j).df < own[j] for j in range(3))
    assert found.model.se_type == "pooled CR2"


def test_warnings_are_kept_with_their_number():
    x = np.column_stack([np.ones(8), [0, 0, 0, 0, 0, 0, 0, 1]])
    fits = [fit_linear(x, [1, 2, 3, 4, 5, 6, 7, last], "classical") for last in (1, 2)]
    warned = fit_linear(x, [1, 2, 3, 4, 5, 6, 7, 8], "HC3")
    assert not pool_models(fits).warnings
    assert warned.warnings
    if np.isfinite(warned.cov).all():
        assert "in 1 of 3" in pool_models([*fits, warned]).warnings[0]


def test_a_model_without_estimate_is_named():
    x = np.column_stack([np.ones(10), np.linspace(-2, 2, 10)])
    good = fit_glm(x, [0, 1, 0, 1, 0, 1, 0, 1, 0, 1], "logistic", "classical")
    bad = fit_glm(x, (x[:, 1] > 0).astype(float), "logistic", "CR2", np.arange(10))
    with pytest.raises(UserError, match=r"imputation 1 \(the covariates separate"):
        pool_models([good, bad])
    apart = fit_glm(x, (x[:, 1] > 0).astype(float), "logistic", "classical")
    assert not pool_models([good, apart]).converged


def test_one_model_is_no_pool(models):
    with pytest.raises(UserError, match="at least 2"):
        pool_models(models[:1])
    with pytest.raises(ValueError, match="different numbers"):
        pool_models([models[0], fit_linear(np.ones((5, 1)), np.arange(5.0), "classical")])


def test_mixed_models_start_from_their_satterthwaite_df(long):
    """Visits of the fixture with holes: imputed with people's levels, fitted, pooled."""
    data = long[["glute", "pain", "wave"]].to_numpy(float)
    truth = data.copy()
    rng = np.random.default_rng(1)
    data[rng.random(len(data)) < 0.25, 0] = np.nan
    who = long["id"].to_numpy()

    def fit(table):
        x = np.column_stack([np.ones(len(table)), table[:, [0, 2]]])
        return fit_lmm(x, table[:, 1], who).model

    columns = [Column("glute", method="norm"), Column("pain"), Column("wave")]
    found = impute_chained(data, columns, m=5, cycles=6, seed=1, person=who)
    fits = [fit(table) for table in found]
    pooled = pool_models(fits)
    own = np.mean([one.coefficient(1).df for one in fits])
    share = pooled.pooled.lambda_[1]
    assert pooled.coefficient(1).df == pytest.approx(float(barnard_rubin(share, 5, own)))
    assert pooled.coefficient(1).df < own
    whole = fit(truth).coefficient(1)
    assert pooled.coefficient(1).se > whole.se
    assert abs(pooled.coefficient(1).estimate - whole.estimate) < 2 * whole.se
