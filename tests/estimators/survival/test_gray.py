import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.survival.gray import compare_incidence


def test_grays_test_equals_cmprsk(two, said):
    r = said["competing"]
    for of in (1, 2):
        found = compare_incidence(two["time"], two["cause"], two["sex"], of)
        assert found.statistic == pytest.approx(r["gray"][of - 1], rel=1e-10)
        assert found.p == pytest.approx(r["gray_p"][of - 1], rel=1e-9)
    kept = two.dropna(subset=["ph.ecog"])
    for of in (1, 2):
        found = compare_incidence(
            kept["time"], kept["cause"], kept["ph.ecog"], of, stratum=kept["sex"]
        )
        assert found.df == 3
        assert found.statistic == pytest.approx(r["gray_strata"][of - 1], rel=1e-9)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_order_names_and_unit_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    time, cause = rng.integers(1, 12, 40).astype(float), rng.integers(0, 3, 40)
    group = np.tile([0, 1], 20)
    cause[:2], time[:2] = 1, 1
    found = compare_incidence(time, cause, group)
    order, names = rng.permutation(40), np.array(["weak", "firm"])
    again = compare_incidence(time[order] / 30, cause[order], names[group][order])
    assert again.statistic == pytest.approx(found.statistic, rel=1e-9)
    assert 0 <= found.p <= 1


def test_no_difference_is_rejected_as_often_as_stated():
    rng = np.random.default_rng(8)
    p = []
    for _ in range(400):
        time, cause = rng.exponential(size=60), rng.integers(0, 3, 60)
        p.append(compare_incidence(time, cause, np.arange(60) % 2).p)
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.085


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(UserError, match="at least two groups"):
        compare_incidence([1, 2], [1, 2], [0, 0])
    with pytest.raises(UserError, match="nobody has event 3"):
        compare_incidence([1, 2], [1, 2], [0, 1], of=3)
    with pytest.raises(UserError, match="never at risk together"):
        compare_incidence([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1], stratum=[0, 0, 1, 1])
