import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.kappa import cohen_kappa, cross, gwet_ac1
from gluteal.estimators.many_raters import agree_many

NAN = float("nan")


@pytest.fixture(scope="module")
def said(answers):
    return answers("raters")


@pytest.fixture(scope="module")
def diagnoses(parity):
    return pd.read_csv(parity / "data" / "diagnoses.csv").to_numpy()


def test_diagnoses_equal_irr_and_the_published_numbers(diagnoses, said):
    found = agree_many(diagnoses, 5)
    got = [found.fleiss.value, found.z]
    np.testing.assert_allclose(got, said["fleiss"][:2], rtol=1e-11)
    assert found.fleiss.value == pytest.approx(0.4302445, abs=5e-8)
    assert found.p < 1e-60
    np.testing.assert_allclose(found.per_category, said["per_category"], atol=5.1e-4)
    pair = cohen_kappa(cross(diagnoses[:, 1], diagnoses[:, 2], 5)).kappa.value
    assert pair == pytest.approx(said["diagnoses_pair"], rel=1e-12)
    assert pair == pytest.approx(0.6311475, abs=5e-8)


@pytest.mark.parametrize(
    ("data", "name", "weights"),
    [
        ("diagnoses", "diagnoses", "none"),
        ("rated", "rated", "none"),
        ("rated", "rated_linear", "linear"),
        ("rated", "rated_quadratic", "quadratic"),
    ],
)
def test_gaps_and_weights_equal_irrcac(parity, said, data, name, weights):
    """The package prints five decimals; ``rated`` has units that only some rated."""
    table = pd.read_csv(parity / "data" / f"{data}.csv").to_numpy(float)
    found = agree_many(table, 5, weights)
    for ours in ("fleiss", "ac", "pabak"):
        one = getattr(found, ours)
        np.testing.assert_allclose([one.value, one.se], said[name][ours], atol=5.1e-6)
    assert found.agreement == pytest.approx(said[name]["agreement"], rel=1e-12)


def test_two_raters_have_gwets_ac1_of_two(diagnoses):
    found = agree_many(diagnoses[:, :2], 5)
    two = gwet_ac1(cross(diagnoses[:, 0], diagnoses[:, 1], 5))
    np.testing.assert_allclose([found.ac.value, found.ac.se], [two.value, two.se], rtol=1e-10)
    exact = (diagnoses[:, 0] == diagnoses[:, 1]).mean()
    assert found.agreement == pytest.approx(exact)
    assert found.pabak.value == pytest.approx((exact - 0.2) / 0.8)


def test_copies_of_units_do_not_narrow(diagnoses):
    once = agree_many(diagnoses, 5)
    twice = agree_many(np.tile(diagnoses, (2, 1)), 5, person=np.tile(np.arange(30), 2))
    for name in ("fleiss", "ac", "pabak"):
        assert getattr(twice, name).se == pytest.approx(getattr(once, name).se, rel=1e-9)
    assert (twice.units, twice.people) == (60, 30)


def test_the_interval_holds_the_truth():
    """Raters copy a true code with chance 0.7: agreement 0.49 + 0.51 / 3, kappa 0.49."""
    rng = np.random.default_rng(8)
    cover = 0
    for _ in range(300):
        true = rng.integers(0, 3, 60)[:, None]
        table = np.where(rng.uniform(size=(60, 4)) < 0.7, true, rng.integers(0, 3, (60, 4)))
        found = agree_many(table, 3).fleiss
        cover += found.low < 0.49 < found.high
    assert 0.91 < cover / 300 < 0.985


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_names_and_order_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    table = rng.choice([0.0, 1, 2, NAN], size=(12, 4))
    table[:2] = [[0, 0, 1, 2], [1, 2, 1, 1]]
    plain = agree_many(table, 3)
    mixed = agree_many(rng.permuted(table, axis=1)[rng.permutation(12)], 3)
    swap = np.array([2.0, 0, 1])
    named = agree_many(np.where(np.isnan(table), NAN, swap[np.nan_to_num(table).astype(int)]), 3)
    for other in (mixed, named):
        for name in ("fleiss", "ac", "pabak"):
            np.testing.assert_allclose(
                getattr(other, name)[:4], getattr(plain, name)[:4], atol=1e-10
            )


def test_full_agreement_is_one_and_an_unused_category_has_no_kappa():
    found = agree_many([[0, 0], [1, 1], [0, 0]], 3)
    assert found.fleiss.value == found.ac.value == 1
    assert np.isnan(found.per_category[2])


@pytest.mark.parametrize(
    ("table", "categories", "words"),
    [
        ([[0, 3]], 3, "codes 0 to 2"),
        ([[0, 0.5]], 3, "codes 0 to 2"),
        ([[0, 0], [0, 0]], 1, "at least two categories"),
        ([[0, 0], [0, 0]], 2, "one and the same category"),
        ([[0, 1], [0, NAN]], 2, "two units rated twice, found 1"),
        ([[NAN, NAN]], 2, "found 0"),
        ([0, 1], 2, "at least two columns"),
    ],
)
def test_what_has_no_agreement_is_refused(table, categories, words):
    with pytest.raises(UserError, match=words):
        agree_many(table, categories)
    with pytest.raises(UserError, match="one person"):
        agree_many([[0, 1], [0, 0], [1, 1]], 2, person=[1, 1, 1])
