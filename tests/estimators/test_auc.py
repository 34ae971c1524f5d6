import csv

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.auc import area_interval, areas, compare_areas, placements


@pytest.fixture(scope="module")
def r(answers):
    return answers("accuracy")


def test_delong_equals_proc(r, parity):
    data, theirs = pd.read_csv(parity / "data" / "selftest.csv"), r["areas"]
    found = areas(data["weak"], -data["hold"], -data["squeeze"])
    assert area_interval(found)[:3] == pytest.approx(theirs["hold"], rel=1e-9)
    assert area_interval(found, 1)[:3] == pytest.approx(theirs["squeeze"], rel=1e-9)
    v = found.covariance
    assert (v[0, 0], v[1, 1], v[0, 1]) == pytest.approx(theirs["variance"], rel=1e-9)
    _, z, p = compare_areas(found)
    assert (z, p) == pytest.approx((theirs["z"], theirs["p"]), rel=1e-9)


def test_obuchowski_equals_its_formula_pair_by_pair(r, parity):
    legs = pd.read_csv(parity / "data" / "legs.csv")
    found = areas(legs["weak"], legs["score"], person=legs["person"])
    got = (found.values[0], found.covariance[0, 0])
    assert got == pytest.approx(r["clustered_area"], rel=1e-9)
    assert found.people == 90


def test_the_published_example(real_data):
    path = real_data / "roc-asah" / "aSAH.csv"
    if not path.is_file():
        pytest.skip("roc-asah absent")
    with path.open() as stream:
        rows = list(csv.DictReader(stream))
    poor = [row["outcome"] == "Poor" for row in rows]
    tests = [[float(row[name]) for row in rows] for name in ("s100b", "wfns", "ndka")]
    found = areas(poor, *tests)
    anchors = (0.7313685637, 0.6301182118, 0.8326189156)
    assert area_interval(found)[:3] == pytest.approx(anchors, abs=1e-10)
    anchors = (0.8236788618, 0.7485348878, 0.8988228358)
    assert area_interval(found, 1)[:3] == pytest.approx(anchors, abs=1e-10)
    assert found.values[2] == pytest.approx(0.6119579946, abs=1e-10)
    v = found.covariance
    anchors = (0.002668682457, 0.001469914709, 0.001196155674)
    assert (v[0, 0], v[1, 1], v[0, 1]) == pytest.approx(anchors, rel=1e-9)
    assert compare_areas(found)[1:] == pytest.approx((-2.208983591, 0.02717578), rel=1e-6)


scores = st.lists(st.integers(0, 9), min_size=12, max_size=12)
HALF = np.array([0, 1] * 6)


@settings(max_examples=50)
@given(scores)
def test_labels_and_signs_turn_the_area_around(values):
    x = np.array(values, float)
    area = areas(HALF, x)
    for other in (areas(1 - HALF, x), areas(HALF, -x)):
        assert other.values[0] == pytest.approx(1 - area.values[0])
        assert other.covariance[0, 0] == pytest.approx(area.covariance[0, 0], abs=1e-12)
    assert areas(HALF, np.exp(x)).values[0] == area.values[0]


@settings(max_examples=30)
@given(scores)
def test_the_area_is_the_share_of_pairs_in_order(values):
    x = np.array(values, float)
    pairs = np.sign(np.subtract.outer(x[HALF == 1], x[HALF == 0]))
    assert areas(HALF, x).values[0] == pytest.approx((pairs.mean() + 1) / 2)
    up, down = placements(HALF, x)
    assert up.mean() == pytest.approx(down.mean())


def test_clusters_of_one_are_delong_and_copies_do_not_narrow():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 80)
    x = rng.normal(size=80) + y
    plain = areas(y, x).covariance
    # One person a leg: Obuchowski's cross term is 0, what remains is DeLong's.
    assert areas(y, x, person=np.arange(80)).covariance == pytest.approx(plain)
    copies = areas(np.tile(y, 3), np.tile(x, 3), person=np.tile(np.arange(80), 3))
    assert copies.covariance == pytest.approx(plain, rel=1e-9)


def test_too_few_of_either_side_are_refused():
    for y in ([1, 0, 0, 0], [1, 1, 1, 0], [0, 0, 0, 0]):
        with pytest.raises(UserError, match="two positive and two negative"):
            areas(y, [1.0, 2, 3, 4])
    with pytest.raises(UserError, match="needs a test"):
        areas([0, 1])


def test_equal_tests_do_not_differ():
    x = np.arange(12.0)
    difference, z, p = compare_areas(areas(HALF, x, x))
    assert difference.value == 0
    assert np.isnan(z)
    assert np.isnan(p)


def test_missing_people_are_not_one_person():
    r, score, who = [0, 0, 1, 1], [1, 2, 2, 3], [1.0, np.nan, np.nan, 2]
    with pytest.raises(UserError, match="2 rows have no person"):
        areas(r, score, person=who)
    with pytest.raises(UserError, match="4 units need a person each"):
        areas(r, score, person=[1, 2])


def test_a_reference_of_other_codes_is_refused():
    with pytest.raises(UserError, match="must be 0 or 1, found 2"):
        areas([0, 0, 1, 1, 2], [1, 2, 3, 4, 9])
