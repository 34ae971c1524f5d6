import numpy as np
import pytest

from gluteal.estimators.impute import Column, impute_chained
from gluteal.estimators.impute.clustered import (
    Levels,
    _root_of_inverse,
    can_be_clustered,
    draw_clustered,
    sums_of_observed,
)


def people(n=150, visits=5, icc=0.6, seed=1):
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(n), visits)
    x = rng.normal(size=n * visits)
    own = np.sqrt(icc) * rng.normal(size=n)
    return who, x, 1 + 0.5 * x + own[who] + np.sqrt(1 - icc) * rng.normal(size=n * visits)


def test_sums_leave_out_the_rows_to_impute():
    x = np.arange(24.0).reshape(1, 12, 2)
    missing = np.array([1, 2, 9])
    levels = Levels(np.array([2, 4, 3]), np.empty(0, dtype=np.intp), np.array([0, 0, 2]))
    starts = np.array([0, 4, 8])
    found = sums_of_observed(x, starts, x[:, missing], levels)
    keep = np.delete(np.arange(12), missing)
    want = [x[0, keep[keep // 4 == i]].sum(0) for i in range(3)]
    np.testing.assert_allclose(found[0], want)


def test_the_sampler_finds_slope_and_both_spreads():
    """Posterior means of 300 steps in 8 chains, against the truth that made the data."""
    who, x, y = people()
    full = np.column_stack([np.ones(len(x)), x, y])[None].repeat(8, axis=0)
    gram = full.swapaxes(1, 2) @ full
    sums = np.add.reduceat(full, np.arange(150) * 5, axis=1)
    levels = Levels(np.full(150, 5), who, np.empty(0, dtype=np.intp))
    rng, before, kept = np.random.default_rng(2), None, []
    for step in range(300):
        z = rng.standard_normal((8, 152))
        chi = np.column_stack([rng.chisquare(750, 8), rng.chisquare(149, 8)])
        one = draw_clustered(gram, sums, 2, np.array([0, 1]), levels, before, z, chi)
        before = one.sigma**2, one.tau**2
        if step >= 20:
            kept.append([one.drawn[:, 1], one.sigma, one.tau])
    slope, sigma, tau = np.array(kept).mean((0, 2))
    assert slope == pytest.approx(0.5, abs=0.06)
    assert sigma**2 == pytest.approx(0.4, abs=0.06)
    assert tau**2 == pytest.approx(0.6, abs=0.17)


@pytest.mark.parametrize("method", ["norm", "pmm"])
def test_people_stay_like_themselves(method):
    """Values missing at random: the correlation between a person's visits survives imputation."""
    who, x, y = people(200, 4)
    rng = np.random.default_rng(3)
    holes = y.copy()
    holes[rng.random(len(y)) < 0.4] = np.nan
    data = np.column_stack([holes, x])
    columns = [Column("pain", method=method), Column("x")]

    def icc(values):
        table = (values - 0.5 * x).reshape(200, 4)
        within = table.var(1, ddof=1).mean()
        between = table.mean(1).var(ddof=1) - within / 4
        return between / (between + within)

    found = impute_chained(data, columns, m=6, cycles=8, seed=1, person=who)
    alone = impute_chained(data, columns, m=6, cycles=8, seed=1)
    truth = icc(y)
    assert np.mean([icc(t[:, 0]) for t in found]) == pytest.approx(truth, abs=0.07)
    assert np.mean([icc(t[:, 0]) for t in alone]) < truth - 0.2


def test_roots_of_the_inverse_even_where_digits_are_lost():
    rng = np.random.default_rng(5)
    part = rng.normal(size=(2, 9, 3))
    matrix = part.swapaxes(1, 2) @ part
    root = _root_of_inverse(matrix)
    np.testing.assert_allclose(root.swapaxes(1, 2) @ root @ matrix, [np.eye(3)] * 2, atol=1e-9)
    broken = np.diag([4.0, 1.0, -1e-17])[None]
    root = _root_of_inverse(broken)[0]
    np.testing.assert_allclose(np.diag(root.T @ root)[:2], [0.25, 1])


def test_too_few_repeated_values_are_said():
    assert not can_be_clustered(np.array([2, 2, 1, 1]))
    rng = np.random.default_rng(4)
    data = rng.normal(size=(20, 2))
    data[:3, 0] = np.nan
    found = impute_chained(
        data, [Column("a"), Column("b")], m=2, cycles=1, seed=1, person=np.arange(20)
    )
    assert any("column a: imputed without a level of each person" in t for t in found.events)
