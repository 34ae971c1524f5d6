import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.measures.trials import as_floats, require_positive, summarise_trials

TRIALS = st.lists(
    st.tuples(st.integers(0, 3), st.floats(1, 500) | st.just(float("nan"))), min_size=1, max_size=30
)


def test_summary_by_hand():
    # group 0: 90, 110, 100 -> mean 100, SD 10 (deviations -10, 10, 0; 200 / 2), CV 10 %
    # group 1: one trial only; group 2: one trial lost, so nothing is known of it
    found = summarise_trials([90, 110, 100, 70, np.nan], [0, 0, 0, 1, 2])
    assert found.n.tolist() == [3, 1, 0]
    assert found.mean[:2].tolist() == [100, 70]
    assert found.best[:2].tolist() == [110, 70]
    assert found.least[:2].tolist() == [90, 70]
    assert found.sd[0] == pytest.approx(10)
    assert found.cv_pct[0] == pytest.approx(10)
    assert np.isnan([found.sd[1], found.cv_pct[1], found.mean[2], found.best[2]]).all()


@given(TRIALS)
def test_summary_equals_pandas(trials):
    group, value = zip(*trials, strict=True)
    found = summarise_trials(value, group, 4)
    kept = pd.DataFrame({"g": group, "v": value}).groupby("g")["v"]
    for name, column in (("mean", found.mean), ("max", found.best), ("std", found.sd)):
        expected = kept.agg(name).reindex(range(4)).to_numpy()
        np.testing.assert_allclose(column, expected, rtol=1e-9, atol=1e-9)


@given(TRIALS, st.randoms())
def test_order_of_trials_does_not_matter(trials, random):
    shuffled = list(trials)
    random.shuffle(shuffled)
    first, second = (
        summarise_trials([v for _, v in t], [g for g, _ in t], 4) for t in (trials, shuffled)
    )
    np.testing.assert_allclose(first.mean, second.mean)
    np.testing.assert_array_equal(first.best, second.best)


def test_large_values_lose_no_digits():
    found = summarise_trials(np.array([1, 2, 3]) + 1e9, [0, 0, 0])
    assert found.sd[0] == pytest.approx(1)


def test_no_trials_at_all():
    assert summarise_trials([], []).n.size == 0
    assert np.isnan(summarise_trials([], [], 2).mean).all()


def test_nullable_and_object_columns_become_floats():
    assert np.isnan(as_floats(pd.Series([1, None], dtype="Float64"))[1])
    assert np.isnan(as_floats(pd.Series([1.0, None], dtype=object))[1])


@pytest.mark.parametrize("bad", [0.0, -1.0, float("inf"), float("-inf")])
def test_impossible_values_are_named(bad):
    with pytest.raises(UserError) as caught:
        require_positive([5.0, bad, float("nan")], "force")
    fault = caught.value.faults[0]
    assert fault.column == "force"
    assert fault.value == f"{bad:g}"


def test_zero_is_allowed_where_it_can_be():
    assert require_positive([0.0], "time", zero=True).tolist() == [0]
    with pytest.raises(UserError):
        require_positive([-0.1], "time", zero=True)
