import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.lmm import components as own
from gluteal.estimators.lmm import fit_components, fit_lmm


@pytest.mark.parametrize(
    "name", ["nested", "nested_ml", "crossed", "crossed_ml", "crossed_weights"]
)
def test_equals_lme4(fits, said, name):
    fit, want = fits(name), said[name]
    np.testing.assert_allclose(fit.model.coef, want["coef"], rtol=1e-7)
    np.testing.assert_allclose(fit.model.cov, want["cov"], rtol=5e-7)
    # lme4 puts the factor with more levels, the sides, first.
    found = np.diag(fit.covariance)[:: -1 if name.startswith("nested") else 1]
    np.testing.assert_allclose(found, want["vc"][:2], rtol=5e-7)
    assert fit.residual_variance == pytest.approx(want["vc"][2], rel=5e-7)
    for got, key in ((fit.deviance, "deviance"), (fit.aic, "aic"), (fit.bic, "bic")):
        assert got == pytest.approx(want[key], abs=1e-9)
    assert fit.converged
    assert fit.reached == 4


def make(seed, people=12, raters=4, miss=0.3):
    rng = np.random.default_rng(seed)
    who, rater = (a.ravel() for a in np.indices((people, raters)))
    keep = rng.uniform(size=len(who)) >= miss
    keep[: raters + 1] = True
    who, rater = who[keep], rater[keep]
    y = rng.normal(size=people)[who] + 0.7 * rng.normal(size=raters)[rater]
    y = y + rng.normal(size=len(who)) * 0.8
    return np.column_stack([np.ones(len(who)), who % 2]), y, who, rater


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 5000))
def test_invariants(seed):
    x, y, who, rater = make(seed)
    plain = fit_components(x, y, [who, rater])
    swapped = fit_components(x, y, [rater, who])
    assert swapped.deviance == pytest.approx(plain.deviance, abs=1e-7)
    found = np.diag(swapped.covariance)[::-1]
    np.testing.assert_allclose(found, np.diag(plain.covariance), rtol=1e-4, atol=1e-7)
    order = np.random.default_rng(seed).permutation(len(y))
    mixed = fit_components(x[order], 3 * y[order], [who[order].astype(str), rater[order]])
    np.testing.assert_allclose(mixed.model.coef, 3 * plain.model.coef, rtol=1e-5, atol=1e-6)
    # Means of other raters change nothing about people.
    as_fixed = fit_lmm(np.column_stack([x, np.eye(4)[rater][:, 1:]]), y, who)
    assert np.isfinite(as_fixed.deviance)


def test_nested_and_crossed_ways_agree(monkeypatch, data):
    """One eliminates people by blocks of sides, the other solves sides densely."""
    nested = data["nested"]
    x = np.column_stack([np.ones(len(nested)), nested[["x", "z"]]])
    factors, w = [nested["id"], nested["side"]], 1 + nested["trial"] / 3
    fast = fit_components(x, nested["y"], factors, nested=True, weights=w)
    monkeypatch.setattr(own, "MOST_INNER", 0)
    slow = fit_components(x, nested["y"], factors, nested=True, weights=w)
    assert fast.deviance == pytest.approx(slow.deviance, abs=1e-9)
    np.testing.assert_allclose(fast.covariance, slow.covariance, rtol=1e-7)
    np.testing.assert_allclose(fast.model.cov, slow.model.cov, rtol=1e-7)
    assert fast.contrast([0, 0, 1]).df == pytest.approx(slow.contrast([0, 0, 1]).df, rel=1e-7)


def test_one_factor_is_a_random_intercept(simulate):
    x, y, who, _ = simulate(5)
    one, other = fit_components(x, y, [who]), fit_lmm(x, y, who)
    assert one.deviance == pytest.approx(other.deviance, abs=1e-9)
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-7)


def test_three_factors_and_inner_first(data):
    nested = data["nested"]
    x = np.column_stack([np.ones(len(nested)), nested["z"]])
    side = nested["id"] * 10 + nested["side"]
    fit = fit_components(x, nested["y"], [nested["id"], side, nested["trial"]])
    assert fit.levels == (60, side.nunique(), 4)
    two = fit_components(x, nested["y"], [side, nested["id"]])
    other = fit_components(x, nested["y"], [nested["id"], side])
    np.testing.assert_allclose(np.diag(two.covariance)[::-1], np.diag(other.covariance), rtol=1e-7)
    assert fit.deviance <= other.deviance + 1e-7


def test_what_cannot_be_fitted_is_said():
    x, y, who, rater = make(1)
    one = np.zeros(len(y))
    with pytest.raises(UserError, match="factor 1 has one level"):
        fit_components(x, y, [who, one])
    with pytest.raises(UserError, match="it is the residual"):
        fit_components(x, y, [who, np.arange(len(y))])
    with pytest.raises(UserError, match="are the same"):
        fit_components(x, y, [who, who.astype(str)])
    with pytest.raises(UserError, match="it is the residual"):
        fit_components(x, y, [who, rater], nested=True)
    with pytest.raises(ValueError, match="at least one factor"):
        fit_components(x, y, [])


def test_too_many_crossed_levels_are_refused(monkeypatch):
    x, y, who, rater = make(2)
    monkeypatch.setattr(own, "MOST_DENSE", 3)
    with pytest.raises(UserError, match="4 levels in all"):
        fit_components(x, y, [who, rater])


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    people=st.integers(1, 5),
    raters=st.integers(1, 4),
    nested=st.booleans(),
    kind=st.sampled_from(["normal", "whole", "sums", "large"]),
)
def test_small_tables_give_an_answer_a_flag_or_a_sentence(seed, people, raters, nested, kind):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 20))
    who, rater = rng.integers(0, people, n), rng.integers(0, raters, n)
    y = rng.normal(size=n)
    y = {"normal": y, "whole": np.round(y), "sums": who + 2.0 * rater, "large": y + 1e8}[kind]
    try:
        fit = fit_components(np.ones((n, 1)), y, [who, rater], nested=nested)
    except UserError as error:
        assert str(error)
        return
    numbers = [*fit.model.coef, *fit.model.cov.ravel(), *np.diag(fit.covariance), fit.deviance]
    assert np.isfinite(numbers).all()
    assert (np.diag(fit.covariance) >= 0).all()
    assert fit.contrast([1]).df > 0
    assert fit.converged or fit.warnings
