import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.impute import Column, find_tipping_point
from gluteal.estimators.linear import fit_linear


def arms(n=400, seed=1):
    """Two groups; in the second the missing pain is 2 higher than the observed."""
    rng = np.random.default_rng(seed)
    group = np.repeat([0.0, 1.0], n // 2)
    pain = 5 - group + rng.normal(size=n)
    lost = rng.random(n) < 0.3
    truth = pain + 2 * lost * group
    holes = np.where(lost, np.nan, truth)
    return np.column_stack([holes, group]), np.column_stack([truth, group])


def difference(table):
    x = np.column_stack([np.ones(len(table)), table[:, 1]])
    return fit_linear(x, table[:, 0], "classical").coefficient(1)


def run(**more):
    data, _ = arms()
    return find_tipping_point(
        data,
        0,
        [3, 0, 1, 2, 4],
        difference,
        [Column("pain", method="norm"), Column("group", "binary")],
        seed=3,
        among=data[:, 1] == 1,
        m=10,
        cycles=2,
        **more,
    )


def test_the_delta_that_made_the_data_gives_back_the_truth():
    _, truth = arms()
    found = run()
    at = found.deltas.tolist().index(2)
    want = difference(truth)
    assert abs(found.estimates[at].estimate - want.estimate) < 2 * found.estimates[at].se
    assert found.estimates[at].se > want.se
    # Missing at random is wrong here, by the share missing times delta.
    assert found.estimates[0].estimate < want.estimate - 0.4


def test_answers_move_in_step_with_delta():
    found = run()
    assert found.deltas.tolist() == [0, 1, 2, 3, 4]
    values = np.array([one.estimate for one in found.estimates])
    data, _ = arms()
    share = np.isnan(data[data[:, 1] == 1, 0]).mean()
    np.testing.assert_allclose(np.diff(values), share, rtol=1e-9)


def test_tips_lie_between_intervals_of_different_verdict():
    found = run()
    covers = [one.low <= 0 <= one.high for one in found.estimates]
    assert covers[0] is False
    assert any(covers)
    assert len(found.tips) >= 1
    first = covers.index(True)
    assert found.deltas[first - 1] <= found.tips[0] <= found.deltas[first]
    assert run(null=-10.0).tips.size == 0


def test_faults_are_named():
    data, truth = arms()
    with pytest.raises(UserError, match="two finite deltas"):
        find_tipping_point(data, 0, [1.0], difference, seed=1)
    with pytest.raises(UserError, match="column 0 has no missing value"):
        find_tipping_point(truth, 0, [0.0, 1.0], difference, seed=1)
    with pytest.raises(ValueError, match="among"):
        find_tipping_point(data, 0, [0.0, 1.0], difference, seed=1, among=[True])
