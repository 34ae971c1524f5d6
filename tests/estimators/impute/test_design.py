import numpy as np

from gluteal.estimators.impute import Column
from gluteal.estimators.impute.design import State, lay_out, person_means

NONE = np.empty(0, dtype=np.intp)


def test_categories_become_standardised_dummies():
    values = np.array([[1.0, 10], [2, 20], [3, 30], [6, 10], [np.nan, np.nan]])
    layout = lay_out(values, [Column(), Column(kind="nominal")], [], [True, True], NONE, NONE)
    assert layout.width == 4
    one, two = layout.codings
    np.testing.assert_allclose(one.encode(values[:4, 0]).mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(one.encode(values[:4, 0]).std(0), 1)
    coded = two.encode(values[:4, 1])
    np.testing.assert_allclose(coded.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(coded.std(0), 1)
    assert two.levels.tolist() == [10, 20, 30]


def test_what_does_not_vary_has_no_place():
    values = np.array([[1.0, np.nan, 2], [1, np.nan, 3]])
    layout = lay_out(values, [Column()] * 3, [], [True] * 3, NONE, NONE)
    assert [c.at.size for c in layout.codings] == [0, 0, 1]


def test_functions_come_last_and_means_after_all():
    values = np.random.default_rng(1).normal(size=(6, 3))
    starts, counts = np.array([0, 2, 4]), np.array([2, 2, 2])
    layout = lay_out(values, [Column()] * 3, [0], [True, False, True], starts, counts)
    assert [c.at.tolist() for c in layout.codings] == [[3], [1], [2]]
    assert [c.means_at.tolist() for c in layout.codings] == [[5], [], [4]]


def test_means_of_people():
    x = np.arange(10.0).reshape(1, 5, 2)
    found = person_means(x, np.array([0, 2]), np.array([2, 3]))
    np.testing.assert_allclose(found, [[[1, 2], [6, 7]]])


def test_cross_products_stay_up_to_date():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(3, 20, 5))
    x[:, :, 0] = 1
    values = rng.normal(size=(4, 2))
    layout = lay_out(values, [Column()] * 2, [], [True] * 2, NONE, NONE)
    state = State(layout, x.copy(), {}, matched=True)
    for at in (np.array([2]), np.array([1, 4]), np.array([3])):
        rows = np.sort(rng.choice(20, 6, replace=False))
        block = rng.normal(size=(3, 6, len(at)))
        state.replace(rows, at, block, state.x.take(rows, axis=1))
        x[:, rows[:, None], at] = block
    np.testing.assert_array_equal(state.x, x)
    np.testing.assert_allclose(state.gram, np.einsum("bni,bnj->bij", x, x), atol=1e-12)
    np.testing.assert_array_equal(state.turned, x.swapaxes(1, 2).astype(np.float32))
