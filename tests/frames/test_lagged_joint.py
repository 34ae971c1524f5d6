import numpy as np
import pytest

from gluteal.estimators.linear import fit_linear
from gluteal.frames.lagged import fit_lagged
from gluteal.frames.lagged_joint import influence_of, join, join_panel
from gluteal.frames.panel import Panel, Schedule

N = 240
SCHEDULE = Schedule(("baseline", "week04", "week08", "week12"), (0.0, 4.0, 8.0, 12.0))
STEP = np.array([[0.5, 0.0], [-0.3, 0.4]])


def draw(seed, n=N):
    """Traits and within-person states of two variables, and an arm that moves the first."""
    rng = np.random.default_rng(seed)
    arm = (np.arange(n) % 2).astype(float)
    trait, now = rng.normal(size=(2, n, 2))
    waves = [now]
    for _ in range(3):
        now = now @ STEP.T + rng.normal(size=(n, 2))
        waves.append(now)
    first = np.column_stack([trait[:, 0] + w[:, 0] + 0.3 * k * arm for k, w in enumerate(waves)])
    second = np.column_stack([trait[:, 1] + w[:, 1] for w in waves])
    second[rng.random(second.shape) < 0.1] = np.nan
    return Panel(SCHEDULE, np.arange(n), first, second, arm[:, None], ("arm=programme",), 0)


def gain(panel, k=2):
    return influence_of("gain", panel.first[:, k], [panel.fixed[:, 0], panel.first[:, 0]])


@pytest.fixture(scope="module")
def panel():
    return draw(1)


@pytest.fixture(scope="module")
def fitted(panel):
    return fit_lagged(panel, "equal")


def test_influences_of_least_squares_square_to_hc3(panel):
    y, arm = panel.second[:, 3], panel.fixed[:, 0]
    found = influence_of("total", y, [arm, panel.second[:, 0]])
    used = np.isfinite(y) & np.isfinite(panel.second[:, 0])
    design = np.column_stack([np.ones(N), arm, panel.second[:, 0]])
    model = fit_linear(design[used], y[used], "HC3")
    assert found.value == pytest.approx(model.coef[1])
    assert found.influence @ found.influence == pytest.approx(model.cov[1, 1], rel=1e-10)
    assert (found.n, found.df) == (used.sum(), used.sum() - 3)
    assert np.all(found.influence[~used] == 0)


def test_two_regressions_on_the_same_people_covary(panel):
    one, two = gain(panel, 1), gain(panel, 2)
    joint = join([one, two])
    assert joint.names == ("gain", "gain")
    assert joint.cov[0, 1] == pytest.approx(one.influence @ two.influence)
    # The same regression twice goes wholly together.
    same = join([one, one]).cov
    assert same[0, 1] == pytest.approx(same[0, 0])


def test_the_panel_model_keeps_its_robust_covariance(panel, fitted):
    joint = join_panel([gain(panel)], panel.people, fitted, panel)
    assert joint.names == ("gain", "c", "d")
    at = [joint.at("c"), joint.at("d")]
    places = [fitted.fit.names.index(name) for name in "cd"]
    want = fitted.fit.model.cov[np.ix_(places, places)]
    np.testing.assert_allclose(joint.cov[np.ix_(at, at)], want, rtol=1e-5)
    assert joint.cov[0, 0] == pytest.approx(gain(panel).influence @ gain(panel).influence)


def test_people_are_matched_by_name_not_by_row(panel, fitted):
    order = np.random.default_rng(2).permutation(N)
    part = gain(panel)
    turned = type(part)(part.name, part.value, part.influence[order], part.n, part.df)
    one = join_panel([part], panel.people, fitted, panel)
    two = join_panel([turned], panel.people[order], fitted, panel)
    np.testing.assert_allclose(two.cov, one.cov, rtol=1e-10)


def test_a_model_of_some_of_the_people_joins_too(panel):
    whole = np.isfinite(np.column_stack([panel.first, panel.second])).all(axis=1)
    found = fit_lagged(panel, "free", listwise=True)
    joint = join_panel([gain(panel)], panel.people, found, panel, whole)
    assert joint.names == ("gain", "c_1", "c_2", "c_3", "d_1", "d_2", "d_3")
    se = found.fit.estimate("c_2").se
    assert np.sqrt(joint.cov[2, 2]) == pytest.approx(se, rel=1e-5)


@pytest.mark.nightly
def test_the_covariance_is_that_of_repeated_samples():
    found, said = [], []
    for seed in range(1000, 1800):
        panel = draw(seed)
        joint = join_panel([gain(panel)], panel.people, fit_lagged(panel, "equal"), panel)
        found.append(joint.values)
        said.append(joint.cov)
    want, mean = np.cov(np.array(found).T), np.mean(said, axis=0)
    np.testing.assert_allclose(np.sqrt(np.diag(mean)), np.sqrt(np.diag(want)), rtol=0.08)
    corr = [m / np.sqrt(np.outer(np.diag(m), np.diag(m))) for m in (want, mean)]
    np.testing.assert_allclose(corr[1], corr[0], atol=0.12)
