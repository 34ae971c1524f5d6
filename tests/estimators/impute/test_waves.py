import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.impute import Column, impute_chained, widen


def visits(people, waves, seed):
    rng = np.random.default_rng(seed)
    who, when = np.repeat(np.arange(people), waves), np.tile(np.arange(waves), people)
    trait = rng.normal(size=people)
    data = np.column_stack([trait[who] + 0.5 * rng.normal(size=len(who)), when, trait[who]])
    return who, when, data


@settings(max_examples=25)
@given(st.integers(0, 1000), st.integers(1, 8), st.integers(1, 4))
def test_there_and_back(seed, people, waves):
    who, when, data = visits(people, waves, seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(who))[: max(1, int(0.8 * len(who)))]
    kept = data[order]
    kept[rng.random(kept.shape) < 0.2] = np.nan
    wide = widen(
        kept, who[order], when[order], [Column("a"), Column("b"), Column("c", level="person")]
    )
    back = wide.to_long(wide.data)
    seen = ~np.isnan(kept)
    np.testing.assert_array_equal(back[seen], kept[seen])
    assert len(wide.data) == len(np.unique(who[order]))


def test_waves_predict_each_other():
    who, when, data = visits(400, 4, 1)
    holes = data.copy()
    rng = np.random.default_rng(2)
    holes[rng.random(len(who)) < 0.3, 0] = np.nan
    holes = holes[:, [0]]
    wide = widen(holes, who, when, [Column("pain", method="norm")])
    assert [c.name for c in wide.columns] == [f"pain (wave {w})" for w in range(4)]
    found = impute_chained(wide.data, wide.columns, m=4, cycles=5, seed=1)
    long = np.stack([wide.to_long(table)[:, 0] for table in found])
    assert not np.isnan(long).any()
    lost = np.isnan(holes[:, 0])
    assert np.corrcoef(long.mean(0)[lost], data[lost, 0])[0, 1] > 0.75
    truth = np.corrcoef(data[:, 0].reshape(400, 4).T)[0, 1]
    got = np.mean([np.corrcoef(v.reshape(400, 4).T)[0, 1] for v in long])
    assert got == pytest.approx(truth, abs=0.05)


def test_faults_are_named():
    with pytest.raises(UserError, match="1 times a person has more than one row"):
        widen(np.ones((3, 1)), [1, 1, 2], [0, 0, 1])
    with pytest.raises(UserError, match="column sex changes within people"):
        widen([[0.0], [1.0]], [1, 1], [0, 1], [Column("sex", level="person")])
    with pytest.raises(UserError, match="wave each"):
        widen(np.ones((3, 1)), [1, 2, 3], [0, 0])
    with pytest.raises(ValueError, match="one delta"):
        widen(np.eye(2), [1, 2], [0, 0], [Column(delta=np.ones(2)), Column()])
