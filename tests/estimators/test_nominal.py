import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
from gluteal.estimators.nominal import nominal_tests
from gluteal.estimators.ordinal import brant_test


@pytest.fixture(scope="module")
def said(answers):
    return answers("classic")


def assert_equal(found, want):
    for test, lrt, df, p in zip(found, want["lrt"], want["df"], want["p"], strict=True):
        assert test.statistic == pytest.approx(lrt, rel=1e-7)
        assert (test.df, test.p) == (df, pytest.approx(p, rel=1e-7))


def test_wine_equals_ordinal(parity, said):
    wine = pd.read_csv(parity / "data" / "wine.csv")
    x = np.column_stack([wine["temp"] == "warm", wine["contact"] == "yes"]).astype(float)
    found = nominal_tests(x, wine["rating"] - 1)
    assert_equal(found, said["wine"]["nominal"])
    printed = [(3.1749771, 0.3654259), (0.5667403, 0.9040024)]
    for test, (lrt, p) in zip(found, printed, strict=True):
        assert (test.statistic, test.p) == pytest.approx((lrt, p), abs=6e-8)


def test_fixture_equals_ordinal(base, said):
    found = nominal_tests(base[["glute", "age", "female"]], base["grade"])
    assert_equal(found, said["nominal"])


def test_it_finds_slopes_that_differ_as_brant_does():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(1500, 2))
    y = (x[:, 0] * 2 + rng.logistic(size=1500) > 0).astype(int)
    y[y == 1] += (rng.logistic(size=int(y.sum())) > 0).astype(int)
    first, second = nominal_tests(x, y)
    assert first.p < 1e-6 < second.p
    assert brant_test(x, y)[1][0].p < 1e-6


def test_columns_of_a_factor_are_tested_together():
    rng = np.random.default_rng(3)
    group = np.repeat([0, 1, 2], 100)
    x = np.column_stack([group == 1, group == 2]).astype(float)
    y = rng.integers(0, 4, 300)
    (found,) = nominal_tests(x, y, [[0, 1]])
    assert found.df == 4
    turned = np.column_stack([group == 0, group == 2]).astype(float)
    (other,) = nominal_tests(turned, y, [[0, 1]])
    assert other.statistic == pytest.approx(found.statistic, rel=1e-6)


def test_two_categories_have_nothing_to_test():
    assert nominal_tests([[0], [1], [0], [1]], [0, 0, 1, 1]) == [None]


def test_separation_gives_no_test():
    x = np.arange(12.0)[:, None]
    assert nominal_tests(x, np.repeat([0, 1, 2], 4)) == [None]


def test_one_category_is_refused():
    with pytest.raises(UserError, match="two categories"):
        nominal_tests([[0], [1]], [0, 0])
