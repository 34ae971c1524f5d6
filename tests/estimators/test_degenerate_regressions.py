"""Whatever arrays come in: a clear message, a finite answer, or a flagged one. Nothing else."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.counts import fit_negative_binomial
from gluteal.estimators.firth import fit_firth
from gluteal.estimators.gee import fit_gee
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.linear import fit_linear
from gluteal.estimators.logit_mixed import fit_logit_mixed
from gluteal.estimators.nominal import nominal_tests
from gluteal.estimators.ordinal import fit_ordinal
from gluteal.estimators.ordinal_mixed import fit_ordinal_mixed

FITS = {
    "linear": lambda x, y, who: fit_linear(x, y),
    "linear CR2": lambda x, y, who: fit_linear(x, y, "CR2", who),
    "logistic": lambda x, y, who: fit_glm(x, y > 1, "logistic"),
    "logistic CR2": lambda x, y, who: fit_glm(x, y > 1, "logistic", "CR2", who),
    "Poisson": lambda x, y, who: fit_glm(x, y, "poisson"),
    "negative binomial": lambda x, y, who: fit_negative_binomial(x, y),
    "Firth": lambda x, y, who: fit_firth(x, y > 1),
    "ordinal": lambda x, y, who: fit_ordinal(x[:, 1:], np.unique(y, return_inverse=True)[1]),
    "GEE linear": lambda x, y, who: fit_gee(x, y, who),
    "GEE logistic": lambda x, y, who: fit_gee(x, y > 1, who, "logistic"),
    "GEE Poisson AR(1)": lambda x, y, who: fit_gee(x, y, who, "poisson", "ar1"),
    "mixed logistic": lambda x, y, who: fit_logit_mixed(x, y > 1, who, points=3),
    "mixed ordinal": lambda x, y, who: fit_ordinal_mixed(
        x[:, 1:], np.unique(y, return_inverse=True)[1], who, points=3
    ),
}


@st.composite
def rows(draw):
    """Draw small data with ties, empty groups, wild units, and the odd value that is no number."""
    n = draw(st.integers(1, 12))
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    unit = draw(st.sampled_from([1e-6, 1.0, 1e6]))
    kind = draw(st.sampled_from(["normal", "binary", "constant", "nan", "step"]))
    column = {
        "normal": rng.normal(size=n),
        "binary": rng.integers(0, 2, n).astype(float),
        "constant": np.ones(n),
        "nan": np.where(rng.uniform(size=n) < 0.2, np.nan, 1.0),
        "step": (np.arange(n) >= n / 2).astype(float),
    }[kind]
    y = rng.integers(0, draw(st.sampled_from([1, 3, 9])), n).astype(float)
    if draw(st.booleans()):
        y = np.sort(y)  # separates by a step
    return np.column_stack([np.ones(n), column * unit]), y, rng.integers(0, 4, n)


@pytest.mark.parametrize("name", FITS)
@settings(max_examples=25)
@given(rows())
def test_a_message_a_finite_answer_or_a_flag(name, data):
    x, y, who = data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            fit = FITS[name](x, y, who)
        except UserError as fault:
            assert len(str(fault)) > 10
            return
    if fit.converged and not fit.warnings:
        assert np.isfinite(fit.coef).all()
        # An exact fit leaves no residual to tell an error from; df of 0 leaves none either.
        if len(y) > x.shape[1]:
            assert np.isfinite(fit.cov).all()
    elif not fit.converged:
        assert fit.warnings


@settings(max_examples=25)
@given(rows())
def test_nominal_tests_answer_or_are_silent(data):
    x, y, _who = data
    try:
        found = nominal_tests(x[:, 1:], np.unique(y, return_inverse=True)[1])
    except UserError:
        return
    assert all(one is None or (one.statistic >= 0 and 0 <= one.p <= 1) for one in found)
