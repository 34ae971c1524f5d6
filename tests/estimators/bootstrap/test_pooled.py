import numpy as np
import pytest

from gluteal.estimators.bootstrap import (
    Equation,
    bootstrap_imputed,
    bootstrap_linear,
    pool_bootstraps,
)
from gluteal.estimators.mediation import mediate

EQUATION = [Equation(1, (0,))]


def slope(solved):
    return solved.coef[0][:, 1:]


def impute(seed, m=10, n=300):
    """Half of y missing at random; draws from the model that made it, its error included."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = 0.5 * x + rng.normal(size=n)
    gone = rng.uniform(size=n) < 0.5
    design = np.column_stack([np.ones(n), x])
    seen = design[~gone]
    inverse = np.linalg.inv(seen.T @ seen)
    coef = inverse @ seen.T @ y[~gone]
    rss = ((y[~gone] - seen @ coef) ** 2).sum()
    filled = []
    for _ in range(m):
        sigma = np.sqrt(rss / rng.chisquare(len(seen) - 2))
        draw = rng.multivariate_normal(coef, sigma**2 * inverse)
        filled.append(
            np.column_stack([x, np.where(gone, design @ draw + sigma * rng.normal(size=n), y)])
        )
    return filled, np.column_stack([x, y])[~gone]


def test_rubins_rules_by_hand():
    filled, _ = impute(1)
    each = [
        bootstrap_linear(one, EQUATION, slope, resamples=200, seed=k)
        for k, one in enumerate(filled)
    ]
    pooled = pool_bootstraps(each)
    q = np.array([one.estimate[0] for one in each])
    within, between = np.mean([one.se[0] ** 2 for one in each]), q.var(ddof=1)
    total = within + 1.1 * between
    assert pooled.rubin[0].estimate == pytest.approx(q.mean())
    assert pooled.rubin[0].se == pytest.approx(np.sqrt(total))
    assert pooled.rubin[0].df == pytest.approx(9 * (1 + within / (1.1 * between)) ** 2)
    assert pooled.missing[0] == pytest.approx(1.1 * between / total)
    # Barnard and Rubin: never more than the complete data have.
    assert pool_bootstraps(each, df_complete=50).rubin[0].df < 50


def test_both_intervals_are_as_wide_as_the_observed_rows_say():
    """Nothing but y is missing, so the imputations add nothing to the observed rows."""
    filled, seen = impute(2, m=40)
    pooled = bootstrap_imputed(filled, EQUATION, slope, resamples=500)
    alone = bootstrap_linear(seen, EQUATION, slope, resamples=4000)
    assert pooled.estimate[0] == pytest.approx(alone.estimate[0], abs=0.03)
    width = alone.high[0] - alone.low[0]
    assert pooled.high[0] - pooled.low[0] == pytest.approx(width, rel=0.2)
    assert pooled.rubin[0].high - pooled.rubin[0].low == pytest.approx(width, rel=0.2)
    assert pooled.draws.shape == (20_000, 1)
    assert pooled.converged


def test_complete_data_need_no_pooling():
    data = np.random.default_rng(1).normal(size=(60, 2))
    pooled = bootstrap_imputed([data] * 3, EQUATION, slope, resamples=400)
    assert pooled.missing[0] == 0
    assert np.isinf(pooled.rubin[0].df)
    one = bootstrap_linear(data, EQUATION, slope, resamples=1200)
    assert pooled.rubin[0].se == pytest.approx(one.se[0], rel=0.1)


def test_clusters_and_warnings_are_passed_on():
    data = np.random.default_rng(1).normal(size=(60, 2))
    pooled = bootstrap_imputed(
        [data] * 3, EQUATION, slope, resamples=50, cluster=np.repeat(np.arange(10), 6)
    )
    assert [text for text in pooled.warnings if "only 10 clusters" in text]
    assert len(pooled.warnings) == len(set(pooled.warnings))


def test_mediation_of_completed_data_sets_is_pooled():
    rng = np.random.default_rng(3)
    x = rng.normal(size=200)
    m = 0.5 * x + rng.normal(size=200)
    y = 0.5 * m + rng.normal(size=200)
    fits = [
        mediate(
            x,
            np.where(np.arange(200) < 40, m + rng.normal(0, 0.5, 200), m),
            y,
            seed=[1, k],
            resamples=300,
        )
        for k in range(5)
    ]
    pooled = pool_bootstraps([fit.bootstrap for fit in fits])
    k = fits[0].names.index("indirect")
    assert pooled.rubin[k].se > np.mean([fit.effect("indirect").se for fit in fits])
    assert pooled.low[k] > 0


def test_one_imputation_is_misuse():
    with pytest.raises(ValueError, match="at least 2"):
        bootstrap_imputed([np.eye(5)], EQUATION, slope)
