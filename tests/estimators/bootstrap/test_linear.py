import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.bootstrap import (
    Equation,
    bootstrap_linear,
    solve_equations,
    take_moments,
)
from gluteal.estimators.bootstrap.linear import jackknife

# glute, tilt, age, pain
SYSTEM = (Equation(1, (0, 2)), Equation(3, (0, 1, 2)))


def effects(solved):
    a, b = solved.coef
    return np.column_stack([a[:, 1] * b[:, 2], b[:, 1]])


def slope(solved):
    return solved.coef[0][:, 1:]


@pytest.fixture(scope="module")
def said(answers):
    return answers("bootstrap")


@pytest.fixture(scope="module")
def eighty(base):
    return base.iloc[:80]


def columns_of(frame):
    return frame[["glute", "tilt", "age", "pain"]].to_numpy()


@pytest.mark.parametrize("what", ["rows", "strata", "clusters"])
def test_resamples_and_influence_equal_boot(said, eighty, long, what):
    """R drew the units and fitted lm to their rows; the same counts give the same estimates."""
    one = said[what]
    frame, more = eighty, {}
    if what == "clusters":
        frame = long[long["id"].isin(long["id"].unique()[:40])]
        more = {"cluster": frame["id"].to_numpy()}
    if what == "strata":
        more = {"strata": eighty["female"].to_numpy()}
    moments = take_moments(columns_of(frame), **more)
    counts = np.array(one["counts"], dtype=float)
    order = np.arange(counts.shape[1])
    if what == "strata":
        order = np.argsort(moments.units.of_row)
    totals = moments.packed @ counts[:, order].T
    solved = solve_equations(totals, moments, SYSTEM)
    np.testing.assert_allclose(effects(solved), one["t"], rtol=1e-10, atol=1e-12)
    influence = jackknife(moments, SYSTEM, effects, np.array(one["t0"]))
    for k in range(2):
        want = np.array(one["ends"][k]["influence"])[order]
        np.testing.assert_allclose(influence[:, k], want, rtol=1e-7, atol=1e-10)


def test_weighted_rows_equal_lm(said, eighty):
    weights = 0.5 + (eighty["age"] - eighty["age"].min()) / 20
    moments = take_moments(columns_of(eighty), weights=weights)
    solved = solve_equations(moments.total, moments, SYSTEM)
    np.testing.assert_allclose(solved.coef[1][0], said["weighted"]["coef"], rtol=1e-11)
    assert solved.rss[1][0] == pytest.approx(said["weighted"]["rss"], rel=1e-11)


def test_it_is_as_wide_as_theory_says():
    """The slope of 400 rows; people of 4 alike rows count once."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=400)
    y = 2 * x + rng.normal(size=400)
    columns = np.column_stack([x, y])
    equation = [Equation(1, (0,))]
    found = bootstrap_linear(columns, equation, slope, resamples=4000)
    assert found.se[0] == pytest.approx(1 / np.sqrt(400), rel=0.1)
    assert found.estimate[0] == pytest.approx(2, abs=0.15)
    four = np.repeat(columns, 4, axis=0)
    who = np.repeat(np.arange(400), 4)
    clusters = bootstrap_linear(four, equation, slope, resamples=4000, cluster=who)
    np.testing.assert_allclose(clusters.draws, found.draws, rtol=1e-9)
    rows = bootstrap_linear(four, equation, slope, resamples=4000)
    assert rows.se[0] == pytest.approx(found.se[0] / 2, rel=0.1)


@pytest.mark.parametrize("kind", ["percentile", "bca", "bias-corrected", "normal"])
def test_every_kind_covers_the_estimate(eighty, kind):
    found = bootstrap_linear(columns_of(eighty), SYSTEM, effects, resamples=500, kind=kind)
    assert (found.low < found.estimate).all() and (found.estimate < found.high).all()
    assert found.converged and found.kind == kind
    assert found.draws.shape == (500, 2)


def test_singular_resamples_are_counted_and_flagged():
    rng = np.random.default_rng(1)
    group = np.zeros(30)
    group[:2] = 1
    found = bootstrap_linear(
        np.column_stack([group, rng.normal(size=30)]), [Equation(1, (0,))], slope, resamples=1000
    )
    assert 90 < found.singular < 180
    assert not found.converged
    assert f"{found.singular} of 1000 resamples have no estimate" in found.warnings[0]
    assert np.isfinite([found.low, found.high, found.se]).all()


def test_few_clusters_are_said(eighty):
    found = bootstrap_linear(
        columns_of(eighty), SYSTEM, effects, resamples=50, cluster=np.arange(80) % 8
    )
    assert "only 8 clusters" in found.warnings[0]


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), names=st.permutations(range(25)))
def test_names_of_clusters_and_units_do_not_matter(seed, names):
    """Clusters in the order of their names are the units, so a monotone relabelling is neutral."""
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(75, 4))
    who = np.repeat(np.arange(25), 3)
    order = rng.permutation(75)
    plain = bootstrap_linear(columns, SYSTEM, effects, resamples=20, cluster=who)
    mixed = bootstrap_linear(
        columns[order] * [1, 1, 1, 10] + [5, 0, 0, 3],
        SYSTEM,
        effects,
        resamples=20,
        cluster=(who * 7 + 100)[order],
    )
    np.testing.assert_allclose(mixed.draws, plain.draws * 10, rtol=1e-8, atol=1e-9)
    named = bootstrap_linear(
        columns, SYSTEM, effects, resamples=20, cluster=np.array(names)[who], kind="normal"
    )
    np.testing.assert_allclose(named.estimate, plain.estimate, rtol=1e-9)


def test_faults_of_the_data_are_named(eighty):
    columns = columns_of(eighty)
    with pytest.raises(UserError, match="combinations of one another"):
        bootstrap_linear(
            np.column_stack([columns, columns[:, 0] * 2 + columns[:, 1]]),
            [Equation(3, (0, 1, 4))],
            slope,
        )
    with pytest.raises(UserError, match="column 4 is an exact combination"):
        bootstrap_linear(
            np.column_stack([columns, columns[:, 0] * 2 + columns[:, 1]]),
            [Equation(4, (0, 1))],
            slope,
        )
    with pytest.raises(UserError, match="4 rows cannot carry the 4 coefficients of pain"):
        bootstrap_linear(
            columns[:4], SYSTEM, effects, names=["glute", "tilt", "age", "pain"], resamples=10
        )
    with pytest.raises(UserError, match="column pain is missing"):
        bootstrap_linear(
            np.where(columns > 7, np.nan, columns),
            SYSTEM,
            effects,
            names=["glute", "tilt", "age", "pain"],
        )


def test_misuse_is_a_value_error(eighty):
    columns = columns_of(eighty)
    with pytest.raises(ValueError, match="predict itself"):
        bootstrap_linear(columns, [Equation(0, (0, 1))], slope)
    with pytest.raises(ValueError, match="twice"):
        bootstrap_linear(columns, [Equation(0, (1, 1))], slope)
    with pytest.raises(ValueError, match="at least 2 resamples"):
        bootstrap_linear(columns, SYSTEM, effects, resamples=1)
