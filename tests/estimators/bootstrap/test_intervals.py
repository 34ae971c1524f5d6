import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.estimators.bootstrap import acceleration, draw_intervals, draw_p, order_quantiles


@pytest.fixture(scope="module")
def said(answers):
    return answers("bootstrap")


def test_order_quantiles_equal_boot(said):
    t = np.arange(1.0, 100)[:, None] ** 2
    levels = np.array([0.001, 0.25, 0.333, 0.975, 0.999])[:, None]
    np.testing.assert_allclose(order_quantiles(t, levels)[:, 0], said["inter"], rtol=1e-13)


@pytest.mark.parametrize("what", ["rows", "strata", "clusters"])
@pytest.mark.parametrize("effect", [0, 1])
def test_intervals_equal_boot_ci(said, what, effect):
    """The same draws and influence values, so that nothing is left to chance."""
    one = said[what]
    ends = one["ends"][effect]
    t = np.array(one["t"])[:, [effect]]
    t0 = np.array(one["t0"])[[effect]]
    influence = np.array(ends["influence"])[:, None]
    for kind, key in (("percentile", "percent"), ("bca", "bca"), ("normal", "normal")):
        low, high, _ = draw_intervals(t, t0, kind, influence=influence)
        np.testing.assert_allclose([low[0], high[0]], ends[key], rtol=1e-12)


def test_bias_corrected_is_bca_without_skewness():
    t = np.random.default_rng(1).exponential(size=(999, 1))
    even = np.array([[-1.0], [1.0]])
    assert acceleration(even) == 0
    assert draw_intervals(t, [0.8], "bca", influence=even) == draw_intervals(
        t, [0.8], "bias-corrected"
    )


def test_an_estimate_outside_its_draws_has_no_bca():
    t = np.arange(100.0)[:, None]
    low, high, said = draw_intervals(t, [200.0], "bca", influence=np.array([[-1.0], [1.0]]))
    assert np.isnan(low[0]) and np.isnan(high[0])
    assert "outside all their draws" in said[0]


def test_estimates_that_never_vary_have_no_acceleration():
    assert np.isnan(acceleration(np.zeros((5, 1)))).all()
    low, _, said = draw_intervals(np.ones((50, 1)), [1.0], "bca", influence=np.zeros((5, 1)))
    assert np.isnan(low[0]) and said


def test_too_few_draws_are_said():
    low, high, said = draw_intervals(np.arange(10.0)[:, None], [5.0])
    assert (low[0], high[0]) == (0, 9)
    assert "more resamples" in said[0]
    low, _, said = draw_intervals(np.full((10, 1), np.nan), [5.0])
    assert np.isnan(low[0])
    assert "0 resamples" in said[0]


def test_draws_without_an_estimate_are_left_out():
    t = np.arange(999.0)[:, None]
    holes = np.insert(t, [3, 500], np.nan, axis=0)
    assert draw_intervals(t, [499.0]) == draw_intervals(holes, [499.0])
    np.testing.assert_array_equal(draw_p(t), draw_p(holes))


def test_p_agrees_with_the_interval():
    t = np.random.default_rng(1).normal(2, 1, size=(1999, 1))
    p = float(draw_p(t)[0])
    low, _, _ = draw_intervals(t, [2.0], level=1 - p * 1.1)
    assert low[0] > 0
    low, _, _ = draw_intervals(t, [2.0], level=1 - p * 0.9)
    assert low[0] < 0


@settings(max_examples=30)
@given(
    seed=st.integers(0, 1000),
    kind=st.sampled_from(["percentile", "bca", "bias-corrected", "normal"]),
    scale=st.floats(0.01, 100),
    shift=st.floats(-10, 10),
)
def test_intervals_move_with_the_unit(seed, kind, scale, shift):
    rng = np.random.default_rng(seed)
    t, influence = rng.gamma(3, size=(500, 2)), rng.gamma(3, size=(40, 2)) - 3
    t0 = t.mean(0)
    low, high, _ = draw_intervals(t, t0, kind, influence=influence)
    low2, high2, _ = draw_intervals(
        t * scale + shift, t0 * scale + shift, kind, influence=influence * scale
    )
    np.testing.assert_allclose([low2, high2], np.array([low, high]) * scale + shift, rtol=1e-9)
    assert (low < high).all()


def test_misuse_is_a_value_error():
    with pytest.raises(ValueError, match="influence"):
        draw_intervals(np.arange(10.0)[:, None], [5.0], "bca")


@pytest.mark.parametrize("wrong", [{"kind": "basic"}, {"level": 95.0}, {"level": 0.0}])
def test_unknown_kinds_and_levels_are_value_errors(wrong):
    with pytest.raises(ValueError, match="interval at level"):
        draw_intervals(np.arange(99.0)[:, None], [50.0], **wrong)
