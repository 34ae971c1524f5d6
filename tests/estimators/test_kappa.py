import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gluteal.errors import UserError
from gluteal.estimators.kappa import (
    bootstrap_people,
    cohen_kappa,
    cross,
    gwet_ac1,
    kappas,
    mean_kappa,
    weight_matrix,
)

TWO = np.array([[20, 5], [10, 15]])


@pytest.fixture(scope="module")
def ratings(parity):
    return np.loadtxt(parity / "data" / "ratings.csv", delimiter=",", skiprows=1)


@pytest.fixture(scope="module")
def r(answers):
    return answers("kappa")


def test_kappa_and_its_interval_equal_psych(r, ratings):
    assert cohen_kappa(TWO).kappa[:3] == pytest.approx(r["two"], rel=1e-9)
    grades = cross(ratings[:, 0], ratings[:, 1], 5)
    assert cohen_kappa(grades).kappa[:3] == pytest.approx(r["grades"], rel=1e-9)
    assert cohen_kappa(TWO).pabak == pytest.approx(r["pabak"])


def test_anxiety_of_irr(real_data):
    path = real_data / "icc-irr" / "anxiety.csv"
    if not path.is_file():
        pytest.skip("icc-irr absent")
    scores = np.loadtxt(path, delimiter=",", skiprows=1) - 1
    table = cross(scores[:, 0], scores[:, 1], 6)
    assert cohen_kappa(table, "quadratic").kappa.value == pytest.approx(0.2967651, abs=5e-8)
    assert cohen_kappa(table, "linear").kappa.value == pytest.approx(0.1891892, abs=5e-8)


def test_the_stated_anchor():
    found = cohen_kappa(TWO).kappa
    assert found[:3] == pytest.approx((0.4, 0.1510922905, 0.6489077095), abs=1e-9)


@pytest.mark.parametrize("weights", ["quadratic", "linear"])
def test_weighted_kappa_equals_psych_and_its_error_the_delta_method(r, ratings, weights):
    found = cohen_kappa(cross(ratings[:, 0], ratings[:, 1], 5), weights).kappa
    assert found.value == pytest.approx(r[weights], rel=1e-9)
    # The derivative in R is numerical.
    assert (found.value, found.se) == pytest.approx(r[f"{weights}_delta"], rel=1e-7)


def test_ac1_equals_the_closed_form(r, ratings):
    for table, name in ((TWO, "two_ac1"), (cross(ratings[:, 0], ratings[:, 1], 5), "grades_ac1")):
        found = gwet_ac1(table)
        assert (found.value, found.se) == pytest.approx(r[name], rel=1e-9)


def test_the_mean_over_pairs_equals_r(r, ratings):
    found = mean_kappa(ratings, 5, "quadratic", resamples=200)
    assert found.value == pytest.approx(r["light_quadratic"], rel=1e-9)
    assert found.low < found.value < found.high


def test_kappa_of_two_raters_is_that_of_sklearns_definition():
    assert kappas(TWO[None].astype(float), weight_matrix(2))[0] == pytest.approx(0.4)


counts = arrays(int, (3, 3), elements=st.integers(0, 30)).filter(
    lambda x: (x.sum(0) > 0).sum() > 1 and (x.sum(1) > 0).sum() > 1
)


@settings(max_examples=60)
@given(counts, st.sampled_from(["none", "linear", "quadratic"]))
def test_raters_may_be_exchanged_and_order_reversed(table, weights):
    found = cohen_kappa(table, weights).kappa
    for other in (table.T, table[::-1, ::-1]):
        assert cohen_kappa(other, weights).kappa == pytest.approx(found, abs=1e-9, nan_ok=True)


@settings(max_examples=40)
@given(counts)
def test_kappa_of_a_diagonal_is_one(table):
    if (np.diag(table) > 0).sum() > 1:
        assert cohen_kappa(np.diag(np.diag(table))).kappa.value == pytest.approx(1)


def test_with_two_categories_weights_do_not_matter():
    values = {round(cohen_kappa(TWO, w).kappa.value, 12) for w in ("none", "linear", "quadratic")}
    assert len(values) == 1


def test_a_leg_counted_twice_does_not_narrow_the_interval():
    a, b = np.repeat([0, 0, 1, 1], TWO.ravel()), np.repeat([0, 1, 0, 1], TWO.ravel())
    once = mean_kappa(np.column_stack([a, b]), 2)
    legs, who = np.tile(np.column_stack([a, b]), (2, 1)), np.tile(np.arange(a.size), 2)
    assert mean_kappa(legs, 2, person=who) == once
    naive = mean_kappa(legs, 2)
    assert naive.high - naive.low < 0.8 * (once.high - once.low)


def test_the_bootstrap_has_the_large_sample_error():
    large = cohen_kappa(TWO * 20).kappa
    a, b = np.repeat([0, 0, 1, 1], 20 * TWO.ravel()), np.repeat([0, 1, 0, 1], 20 * TWO.ravel())
    found = mean_kappa(np.column_stack([a, b]), 2, resamples=4000)
    assert found.se == pytest.approx(large.se, rel=0.05)


def test_the_bootstrap_is_that_of_people_drawn_one_by_one():
    rng = np.random.default_rng(0)
    cells = rng.integers(0, 3, size=(60, 1)).astype(float)

    def mean(sums):
        return sums[:, 0] / 60

    found = bootstrap_people(cells, mean, 4000, seed=2)
    drawn = rng.integers(0, 60, size=(4000, 60))
    assert found.se == pytest.approx(cells[drawn, 0].mean(1).std(ddof=1), rel=0.05)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ([[10, 0], [0, 0]], "one and the same category"),
        ([[0, 0], [0, 0]], "at least one pair"),
        ([[1, 2, 3], [1, 2, 3]], "square"),
        ([[5]], "two categories"),
    ],
)
def test_what_has_no_kappa_is_refused(table, words):
    with pytest.raises(UserError, match=words):
        cohen_kappa(table)


def test_one_rater_and_no_pair_are_refused():
    with pytest.raises(UserError, match="two raters"):
        mean_kappa([[1], [0]], 2)
    with pytest.raises(UserError, match="at least one pair"):
        mean_kappa([[1, np.nan], [np.nan, 0]], 2)
    with pytest.raises(UserError, match="at least one pair"):
        mean_kappa(np.zeros((0, 2)), 2)


def test_missing_ratings_are_left_out():
    table = cross([0, 1, np.nan, 1], [0, np.nan, 1, 1], 2)
    assert table.tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    "ratings", [[[1, 1], [2, 2], [1, 3]], [[0, 1], [-1, 0]], [[0, 1], [0.5, 1]]]
)
def test_other_codes_are_refused(ratings):
    table = np.array(ratings, dtype=float)
    with pytest.raises(UserError, match="codes 0 to 2"):
        mean_kappa(table, 3)
    with pytest.raises(UserError, match="codes 0 to 2"):
        cross(table[:, 0], table[:, 1], 3)
