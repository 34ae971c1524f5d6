import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.glm import fit_glm
from gluteal.estimators.multiverse import expand_grid, run_multiverse, shuffle
from gluteal.estimators.multiverse.shuffle import shuffle_curves, shuffle_rows
from gluteal.estimators.multiverse.specifications import make_plan


@pytest.fixture(scope="module")
def said(answers):
    return answers("multiverse")


def test_shuffled_curves_equal_lm_in_a_loop(said, monkeypatch):
    small = np.array([[row[name] for name in ("y", "x", "z", "w")] for row in said["small"]])
    orders = np.array(said["orders"]).T
    monkeypatch.setattr(shuffle, "shuffle_rows", lambda *_: orders)
    grid = expand_grid([0], [1], [(), (2,), (3,), (2, 3)])
    first, rest = shuffle_curves(make_plan(small, grid), np.arange(4), np.arange(60), 40, 1)
    want = np.array(said["shuffled"])
    np.testing.assert_allclose(rest[0], want[:, 0::2], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(rest[1], want[:, 1::2], rtol=1e-9, atol=1e-12)
    found = run_multiverse(small, grid)
    np.testing.assert_allclose(first[0][0], found.estimate, rtol=1e-10)
    np.testing.assert_allclose(first[1][0], found.statistic, rtol=1e-10)


def test_score_tests_follow_from_the_model_without_exposure():
    """Rao's z: score over root of information, at the coefficients of the model without x."""
    rng = np.random.default_rng(2)
    x, z = rng.normal(size=(2, 300))
    y = rng.poisson(np.exp(0.2 * z)).astype(float)
    grid = expand_grid([0], [1], [(2,)], families=["poisson"])
    columns = np.column_stack([y, x, z])
    first = next(shuffle_curves(make_plan(columns, grid), np.arange(1), np.arange(300), 1, 1))
    design = np.column_stack([np.ones(300), z])
    mean = fit_glm(design, y, "poisson", "classical").fitted
    full = np.column_stack([design, x])
    information = (full * mean[:, None]).T @ full
    variance = 1 / np.linalg.inv(information)[2, 2]
    score = x @ (y - mean)
    assert first[1][0, 0] == pytest.approx(score / np.sqrt(variance), rel=1e-8)
    assert first[0][0, 0] == pytest.approx(score / variance, rel=1e-8)


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 4), min_size=2, max_size=12), seed=st.integers(0, 99))
def test_whole_people_change_places(sizes, seed):
    who = np.repeat(np.arange(len(sizes)), sizes)
    who = np.random.default_rng(seed).permutation(who)
    drawn = shuffle_rows(who, 7, np.random.default_rng(seed))
    for rows in drawn:
        assert sorted(rows) == list(range(len(who)))
        for person in range(len(sizes)):
            assert len(set(who[rows[who == person]])) == 1


def test_exposures_must_be_free_to_move():
    rng = np.random.default_rng(1)
    columns = rng.normal(size=(30, 4))
    columns[3, 1] = np.nan
    grid = [*expand_grid([0], [1]), *expand_grid([0], [2], [(1,)])]
    plan = make_plan(columns, grid)
    with pytest.raises(UserError, match=r"column 1 is an exposure and adjusts.*column 1 has gaps"):
        next(shuffle_curves(plan, np.arange(2), np.arange(30), 5, 1))
