import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.trajectories import fit_trajectories


@pytest.mark.parametrize(
    ("key", "degree", "variance", "classes"),
    [
        *(("shared", 2, "shared", k) for k in (1, 2, 3, 4)),
        *(("own", 1, "class", k) for k in (1, 2, 3)),
    ],
)
def test_maximum_equals_optim(courses, answers, key, degree, variance, classes):
    found = fit_trajectories(*courses, classes, degree=degree, variance=variance)
    want = answers("trajectories")[key][classes - 1]
    assert found.log_likelihood == pytest.approx(want["loglik"], rel=1e-11)
    np.testing.assert_allclose(found.coef, np.reshape(want["coef"], (classes, -1)), rtol=1e-7)
    np.testing.assert_allclose(found.share, np.ravel(want["share"]), rtol=1e-7)
    np.testing.assert_allclose(found.residual_sd, want["sd"], rtol=1e-8)
    se = np.sqrt(np.diag(found.model.cov))
    np.testing.assert_allclose(se, want["se"], rtol=1e-6)
    assert found.bic == pytest.approx(want["bic"], rel=1e-11)
    assert found.aic == pytest.approx(want["aic"], rel=1e-11)
    assert found.entropy == pytest.approx(want["entropy"], rel=1e-8)
    np.testing.assert_allclose(found.appa, np.ravel(want["appa"]), rtol=1e-8)
    assert found.converged
    assert found.replicated == (1 if classes == 1 else 10)


def test_flexmix_is_near_and_never_better(courses, answers):
    """Flexmix divides the residual sum of squares by n - p: its likelihood is not the maximum."""
    found = fit_trajectories(*courses, 3, degree=1, variance="class")
    want = answers("trajectories")["flexmix_own"]
    assert 0 < found.log_likelihood - want["loglik"] < 0.002
    np.testing.assert_allclose(found.coef, want["coef"], rtol=1e-3)
    np.testing.assert_allclose(found.residual_sd, want["sd"], rtol=2e-3)


def test_truth_is_recovered(draw):
    estimates, covered = [], []
    for seed in range(60):
        y, time, person, which, _ = draw(np.random.default_rng(seed), 150)
        found = fit_trajectories(y, time, person, 2, degree=1, starts=10, refined=3)
        estimates.append(found.coef)
        intervals = [found.model.coefficient(j) for j in range(4)]
        covered.append(
            [e.low < t < e.high for e, t in zip(intervals, (2, 0, 5, -0.2), strict=True)]
        )
        assert (found.assigned == which).mean() > 0.9
    bias = np.mean(estimates, axis=0) - [[2, 0], [5, -0.2]]
    error = np.std(estimates, axis=0) / np.sqrt(60)
    assert (np.abs(bias) < 4 * error).all()
    assert 0.90 < np.mean(covered) < 0.99


def test_mean_of_a_class_at_a_time(three):
    found = three.mean(1, 2.5)
    assert found.estimate == pytest.approx(three.coef[1] @ [1, 2.5, 6.25])
    assert found.low < found.estimate < found.high


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 500),
    scale=st.floats(0.01, 100),
    shift=st.floats(-30, 30),
    weeks=st.floats(0.1, 20),
)
def test_invariants(draw, seed, scale, shift, weeks):
    rng = np.random.default_rng(seed)
    y, time, person, *_ = draw(rng, 60)
    y = np.where(rng.uniform(size=len(y)) < 0.1, np.nan, y)
    how = {"degree": 1, "starts": 8, "refined": 3}
    plain = fit_trajectories(y, time, person, 2, **how)
    order = rng.permutation(len(y))
    mixed = fit_trajectories(y[order], time[order], person[order], 2, **how)
    np.testing.assert_allclose(mixed.coef, plain.coef, rtol=1e-5, atol=1e-6)
    moved = fit_trajectories(scale * y + shift, weeks * time + 3, person, 2, **how)
    np.testing.assert_allclose(moved.posterior, plain.posterior, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        [moved.mean(c, weeks * 1.5 + 3).estimate for c in (0, 1)],
        [scale * plain.mean(c, 1.5).estimate + shift for c in (0, 1)],
        rtol=1e-5,
        atol=1e-5 * scale,
    )
    values = np.isfinite(y).sum()
    assert moved.log_likelihood == pytest.approx(
        plain.log_likelihood - values * np.log(scale), abs=1e-4
    )
    upside = fit_trajectories(-y, time, person, 2, **how)
    np.testing.assert_allclose(upside.coef[::-1], -plain.coef, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(plain.posterior.sum(1), 1, rtol=1e-12)


def test_relabelled_people_keep_their_class(courses, three):
    y, time, who = courses
    names = np.array([f"p{900 - i}" for i in who], dtype=object)
    named = fit_trajectories(y, time, names, 3)
    # Names sort the other way round.
    np.testing.assert_array_equal(named.assigned[::-1], three.assigned)


def test_the_seed_decides_nothing_that_matters(courses, three):
    other = fit_trajectories(*courses, 3, seed=99)
    np.testing.assert_allclose(other.coef, three.coef, rtol=1e-7)


def test_people_without_a_value_have_no_class(courses, three):
    y, time, who = courses
    found = fit_trajectories(np.r_[y, np.nan, np.nan], np.r_[time, 0, 1], np.r_[who, 999, 999], 3)
    assert found.log_likelihood == pytest.approx(three.log_likelihood)
    assert found.bic == pytest.approx(three.bic)
    assert found.assigned[-1] == -1
    assert np.isnan(found.posterior[-1]).all()
    assert "1 of 201 people have no value" in found.warnings[0]


def test_flags(draw):
    rng = np.random.default_rng(3)
    y, time, person, *_ = draw(rng, 80)
    # A class of people who answer the same at each visit has no residual variance.
    y[: 5 * 20] = 0.0
    found = fit_trajectories(y, time, person, 3, degree=0, variance="class")
    assert not found.converged
    assert any("collapsed" in text for text in found.warnings)
    assert any("lie at the" in text for text in found.warnings) == (np.mean(y == y.min()) > 0.15)
    many = fit_trajectories(*draw(rng, 60)[:3], 6, degree=0, starts=4, refined=4)
    assert any("the smallest class" in t or "empty" in t or "1 of" in t for t in many.warnings)


def test_a_floor_is_reported(draw):
    y, time, person, *_ = draw(np.random.default_rng(1), 100)
    found = fit_trajectories(np.maximum(y, 2.0), time, person, 2)
    assert any("lowest (2): normal residuals are an approximation" in t for t in found.warnings)


def test_large_cohorts_are_screened_on_some_people(draw):
    y, time, person, which, _ = draw(np.random.default_rng(5), 5000)
    found = fit_trajectories(y, time, person, 2, degree=1)
    assert found.converged
    assert (found.assigned == which).mean() > 0.95


@pytest.mark.parametrize(
    ("y", "time", "person", "why"),
    [
        (np.ones(20), np.tile([0, 1], 10), np.repeat(np.arange(10), 2), "does not vary"),
        (np.full(20, np.nan), np.tile([0, 1], 10), np.repeat(np.arange(10), 2), "no value"),
        (np.arange(20.0), np.zeros(20), np.repeat(np.arange(10), 2), "1 distinct times"),
        (
            np.r_[np.inf, np.arange(19)],
            np.r_[np.nan, np.arange(19)],
            np.arange(20),
            "infinite.*time",
        ),
        (np.arange(6.0), np.tile([0, 1, 2], 2), np.repeat([0, 1], 3), "2 people cannot carry 8"),
        (np.arange(6.0), np.arange(5), np.repeat([0, 1], 3), "as many times"),
    ],
)
def test_faults_of_data_are_named(y, time, person, why):
    with pytest.raises(UserError, match=why):
        fit_trajectories(y, time, person, 2)


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 14),
    k=st.integers(1, 3),
    seed=st.integers(0, 300),
    variance=st.sampled_from(["shared", "class"]),
)
def test_tiny_data_are_refused_or_flagged(n, k, seed, variance):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, size=3 * n).astype(float)
    y[rng.uniform(size=3 * n) < 0.3] = np.nan
    try:
        found = fit_trajectories(
            y,
            np.tile([0, 1, 2], n),
            np.repeat(np.arange(n), 3),
            k,
            degree=1,
            variance=variance,
            starts=5,
            refined=2,
        )
    except UserError:
        return
    assert np.isfinite(found.coef).all()
    assert np.isfinite(found.log_likelihood)
    if found.converged:
        assert (np.diag(found.model.cov) > 0).all()
    else:
        assert found.warnings


def test_misuse(courses):
    with pytest.raises(ValueError, match="at least 1"):
        fit_trajectories(*courses, 0)
    with pytest.raises(ValueError, match="degree -1"):
        fit_trajectories(*courses, 2, degree=-1)


def test_people_are_ordered_by_what_they_are_called(courses):
    """Text in an order of its own: covariates by person must follow the sorted labels."""
    y, time, person = courses
    names = np.array([f"p{9999 - k:04d}" for k in np.asarray(person, dtype=int)])
    plain, named = (fit_trajectories(y, time, who, 2, degree=1) for who in (person, names))
    np.testing.assert_allclose(named.posterior[::-1], plain.posterior, atol=1e-8)
