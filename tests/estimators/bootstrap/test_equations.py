import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.estimators.bootstrap import equations as engine
from gluteal.estimators.bootstrap.draws import draw_counts, resample_totals
from gluteal.estimators.bootstrap.equations import Equation, solve_equations
from gluteal.estimators.bootstrap.moments import take_moments

SYSTEM = (
    Equation(2, (0, 1)),
    Equation(3, (0, 1)),
    Equation(3, (2, 0, 1)),  # listed out of order
    Equation(4, (0, 1, 2, 3)),
    Equation(0),  # a mean
)


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(1)
    age, x = rng.normal(45, 10, 150), rng.normal(100, 30, 150)
    m1 = 0.01 * x + rng.normal(size=150)
    m2 = 0.3 * m1 + 0.02 * age + rng.normal(size=150)
    y = 1000 + 40 * m2 + 10 * m1 + rng.normal(size=150)
    return np.column_stack([age, x, m1, m2, y])


def by_rows(columns, equation, counts, weights=1.0):
    x = np.column_stack([np.ones(len(columns)), columns[:, list(equation.predictors)]])
    root = np.sqrt(counts * weights)
    y = columns[:, equation.outcome]
    coef = np.linalg.lstsq(x * root[:, None], y * root, rcond=None)[0]
    return coef, ((y - x @ coef) ** 2 * root**2).sum()


@pytest.mark.parametrize("kind", ["rows", "clusters", "strata", "clusters in strata"])
@pytest.mark.parametrize("weighted", [False, True])
def test_every_resample_equals_least_squares_of_its_rows(columns, kind, weighted):
    rng = np.random.default_rng(2)
    who = rng.permutation(np.repeat(np.arange(50), 3))
    weights = rng.uniform(0.3, 3, 150) if weighted else None
    moments = take_moments(
        columns,
        weights=weights,
        cluster=who if "clusters" in kind else None,
        strata=who % 3 if "strata" in kind else None,
    )
    sizes = moments.units.sizes
    solved = solve_equations(resample_totals(moments.packed, sizes, 20, 1), moments, SYSTEM)
    counts = np.concatenate(list(draw_counts(sizes, 20, 1)))
    of_row = moments.units.of_row
    counts = counts if of_row is None else counts[:, of_row]
    assert not solved.singular.any()
    for b in range(20):
        for e, equation in enumerate(SYSTEM):
            coef, rss = by_rows(columns, equation, counts[b], 1 if weights is None else weights)
            np.testing.assert_allclose(solved.coef[e][b], coef, rtol=1e-11, atol=1e-12)
            assert solved.rss[e][b] == pytest.approx(rss, rel=1e-10)


def test_digits_survive_columns_far_from_zero(columns):
    far = columns + np.array([1e6, 1e7, 0, 0, 1e6])
    near = take_moments(columns)
    moved = take_moments(far)
    a = solve_equations(near.total, near, SYSTEM).coef[3][0, 1:]
    b = solve_equations(moved.total, moved, SYSTEM).coef[3][0, 1:]
    # The columns themselves lost 7 of their 16 digits.
    np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-9)


def test_chunks_change_nothing(columns, monkeypatch):
    moments = take_moments(columns)
    totals = resample_totals(moments.packed, (150,), 50, 1)
    whole = solve_equations(totals, moments, SYSTEM)
    monkeypatch.setattr(engine, "CHUNK", 7)
    parts = solve_equations(totals, moments, SYSTEM)
    np.testing.assert_array_equal(whole.coef[3], parts.coef[3])
    np.testing.assert_array_equal(whole.rss[1], parts.rss[1])
    np.testing.assert_array_equal(whole.weight, 150)


def test_many_predictors_take_another_way_to_the_same_answer(monkeypatch):
    rng = np.random.default_rng(4)
    columns = rng.normal(50, 10, size=(90, 24))
    columns[:, 20] = rng.uniform(size=90) < 0.03  # missing from some resamples
    equations = [Equation(23, tuple(range(22))), Equation(22, (20, 1))]
    moments = take_moments(columns)
    totals = resample_totals(moments.packed, (90,), 60, 1)
    dense = solve_equations(totals, moments, equations)
    monkeypatch.setattr(engine, "DENSE", 99)
    steps = solve_equations(totals, moments, equations)
    np.testing.assert_array_equal(dense.singular, steps.singular)
    assert 0 < dense.singular.sum() < 30
    for k in range(2):
        np.testing.assert_allclose(dense.coef[k], steps.coef[k], rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(dense.rss[k], steps.rss[k], rtol=1e-9)


def test_singular_resamples_are_marked_and_others_untouched():
    """A group of two people is missing from about one resample in seven."""
    rng = np.random.default_rng(1)
    group = np.zeros(30)
    group[:2] = 1
    columns = np.column_stack([group, rng.normal(size=30)])
    moments = take_moments(columns)
    counts = np.concatenate(list(draw_counts((30,), 400, 1)))
    solved = solve_equations(
        resample_totals(moments.packed, (30,), 400, 1), moments, [Equation(1, (0,))]
    )
    np.testing.assert_array_equal(solved.singular, counts[:, :2].sum(1) == 0)
    assert solved.singular.any()
    assert np.isnan(solved.coef[0][solved.singular]).all()
    assert np.isfinite(solved.coef[0][~solved.singular]).all()


@settings(max_examples=25)
@given(seed=st.integers(0, 5000), scale=st.floats(1e-4, 1e4), shift=st.floats(-1e3, 1e3))
def test_units_of_measurement_and_row_order_do_not_matter(seed, scale, shift):
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(40, 3))
    columns[:, 2] += columns[:, 0]
    changed = columns[rng.permutation(40)] * [1, scale, 1] + [0, shift * scale, shift]
    equations = [Equation(2, (0, 1))]
    a, b = take_moments(columns), take_moments(changed)
    one = solve_equations(a.total, a, equations).coef[0][0]
    two = solve_equations(b.total, b, equations).coef[0][0]
    np.testing.assert_allclose(two[1:], one[1:] / [1, scale], rtol=1e-7, atol=1e-9 / scale)
