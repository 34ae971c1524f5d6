import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.frames.lagged import (
    fit_lagged,
    labels_of,
    lag_terms,
    refuse_equal,
    select,
    specify,
    spread_within,
)
from gluteal.frames.panel import Panel, Schedule

PHI = np.array([[0.5, -0.1], [-0.3, 0.4]])


def panel(n=1500, waves=4, seed=1, arm=False, error=0.0, gaps=None):
    """Two states of unit variance that move each other, on traits that go together."""
    rng = np.random.default_rng(seed)
    trait = rng.multivariate_normal([0, 0], [[1, -0.5], [-0.5, 1]], n)
    state = rng.normal(size=(n, 2))
    seen = []
    for _ in range(waves):
        seen.append(trait + state)
        state = state @ PHI.T + rng.normal(0, 0.8, (n, 2))
    values = np.stack(seen, axis=1)
    fixed = np.zeros((n, 0))
    if arm:
        fixed = (np.arange(n) % 2)[:, None].astype(float)
        values[..., 0] += fixed * np.arange(waves)
        values[..., 1] -= fixed * np.arange(waves)
    values = values + rng.normal(0, error, values.shape) if error else values
    weeks = (0.0, *np.cumsum(gaps or [4.0] * (waves - 1)).tolist())
    names = ("arm=programme",) if arm else ()
    return Panel(Schedule(tuple(f"v{k}" for k in range(waves)), weeks), np.arange(n),
                 values[..., 0], values[..., 1], fixed, names, 0)  # fmt: skip


def test_paths_come_back():
    found = fit_lagged(panel(), "equal")
    assert found.admissible
    assert found.reached == found.starts == 4
    for name, truth in zip("abcd", PHI.ravel(), strict=True):
        value = found.path(name)
        assert abs(value.estimate - truth) < 3.5 * value.se
    sds = spread_within(found)
    assert sds[0][0] == pytest.approx(1.0, rel=0.15)


def test_known_error_is_taken_out():
    made = panel(n=4000, error=0.7)
    plain = fit_lagged(made, "equal").path("c")
    mended = fit_lagged(made, "equal", (0.49, 0.49)).path("c")
    assert abs(plain.estimate) < 0.75 * 0.3
    assert abs(mended.estimate - PHI[1, 0]) < 3 * mended.se


def test_unknown_error_is_left_to_the_model():
    made = panel(n=4000, error=0.7)
    found = fit_lagged(made, "equal", (np.nan, 0.49))
    error = found.fit.estimate("error_x")
    assert abs(error.estimate - 0.49) < 3 * error.se
    assert abs(found.path("c").estimate - PHI[1, 0]) < 3 * found.path("c").se


def test_an_arm_that_moves_both_is_no_lag():
    made = panel(arm=True)
    with_arm, without = (fit_lagged(made, "equal", fixed=f) for f in (True, False))
    assert abs(with_arm.path("c").estimate - PHI[1, 0]) < 3.5 * with_arm.path("c").se
    assert without.path("c").estimate < PHI[1, 0] - 5 * without.path("c").se


def test_free_lags_have_a_mean():
    made = panel()
    found = fit_lagged(made, "free")
    each = [value.estimate for value in found.each("c")]
    assert len(each) == 3
    assert found.path("c").estimate == pytest.approx(np.mean(each))
    assert found.fit.test.df == fit_lagged(made, "equal").fit.test.df - 8


def test_longer_intervals_have_their_own_lags():
    found = fit_lagged(panel(waves=5, gaps=[4, 4, 4, 14]), "by length")
    assert {"c", "c_14"} <= set(found.fit.names)
    assert len({value.estimate for value in found.each("c")}) == 2
    assert labels_of((4, 4, 14), "by length", "b") == ["b", "b", "b_14"]


def test_equal_lags_over_unequal_intervals_are_refused():
    with pytest.raises(UserError, match="4, 4, 4, 14") as caught:
        refuse_equal(panel(waves=5, gaps=[4, 4, 4, 14]).schedule)
    assert "lags_equal: false" in str(caught.value)
    refuse_equal(panel(waves=4).schedule)


def test_standardised_paths_lie_between_their_parts():
    found = fit_lagged(panel(), "equal")
    value = found.standardised("c")
    assert value.low < -0.3 < value.high
    assert [label for _, label in lag_terms(found.fit.specification, "c")] == ["c"] * 3


@pytest.mark.parametrize("traits", [True, False])
def test_facts_move_each_score(traits):
    model = specify((4.0, 4.0), "equal", fixed=2, traits=traits)
    assert model.fixed_x == ("z1", "z2")
    assert len([t for t in model.terms if t.right in model.fixed_x]) == 12


def test_too_many_people_gone_is_said():
    made = panel(n=6)
    with pytest.raises(UserError):
        fit_lagged(made, "equal")


def test_selecting_people_drops_facts_that_no_longer_vary():
    made = panel(n=40, arm=True)
    part = select(made, made.fixed[:, 0] == 0)
    assert part.fixed.shape == (20, 0)
    assert part.fixed_names == ()


def test_units_and_order_change_nothing():
    made = panel(n=400)
    turn = np.random.default_rng(0).permutation(400)
    other = select(made, np.ones(400, dtype=bool))
    other = Panel(made.schedule, made.people[turn], 50 * made.first[turn] + 3, made.second[turn],
                  made.fixed[turn], (), 0)  # fmt: skip
    one, two = fit_lagged(made, "equal").path("c"), fit_lagged(other, "equal").path("c")
    assert 50 * two.estimate == pytest.approx(one.estimate, rel=1e-5)
    assert 50 * two.se == pytest.approx(one.se, rel=1e-5)
