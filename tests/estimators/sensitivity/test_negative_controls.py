import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.sensitivity.negative_controls import Regression, check_negative_controls

KINDS = ["few", "missing", "separated", "collinear", "constant", "huge"]


@pytest.fixture(scope="module")
def said(answers):
    return answers("sensitivity")["controls"]


def test_models_stacked_over_people_equal_r(long, matrix, said):
    used = long.dropna()
    x = matrix(used, "glute", "age", "female")

    def unit(v):
        return (v - v.mean()) / v.std(ddof=1)

    found = check_negative_controls(
        Regression("pain", x, unit(used["pain"])),
        [
            Regression("bmi", x, unit(used["bmi"])),
            Regression("lbp", x, used["lbp"], family="logistic"),
        ],
        person=used["id"],
    )
    single = [found.main, *found.controls.values()]
    np.testing.assert_allclose([e.estimate for e in single], said["estimates"], rtol=1e-8)
    np.testing.assert_allclose([e.se for e in single], said["se"], rtol=1e-7)
    np.testing.assert_allclose(found.cov, said["cov"], rtol=1e-7)
    gaps = found.differences.values()
    np.testing.assert_allclose([e.estimate for e in gaps], said["gap"], rtol=1e-7)
    np.testing.assert_allclose([e.se for e in gaps], said["gap_se"], rtol=1e-7)
    assert found.joint.statistic == pytest.approx(said["joint"], rel=1e-7)
    assert found.joint.df == 2
    assert found.converged


def confounded(n, seed, strength):
    rng = np.random.default_rng([seed, 5])
    u, d = rng.normal(size=(2, n))
    d = d + strength * u
    x = np.c_[np.ones(n), d]
    return x, d + u + rng.normal(size=n), u + rng.normal(size=n), rng.normal(size=n)


def test_confounding_shows_in_the_control_and_not_without():
    x, y, control, _none = confounded(3000, 1, 1.0)
    found = check_negative_controls(Regression("y", x, y), [Regression("c", x, control)])
    assert found.controls["c"].p < 1e-6
    # The bias of both is alike, so their difference is the effect.
    gap = found.differences["c"]
    assert gap.estimate == pytest.approx(1.0, abs=3.5 * gap.se)
    x, y, _control, none = confounded(3000, 1, 0.0)
    found = check_negative_controls(Regression("y", x, y), [Regression("c", x, none)])
    assert found.joint.p > 0.001


def test_a_negative_control_exposure_is_a_column():
    x, y, _c, _n = confounded(500, 3, 0.0)
    grip = np.c_[x, np.random.default_rng(1).normal(size=500)]
    found = check_negative_controls(
        Regression("strength", grip, y), [Regression("grip", grip, y, column=2)]
    )
    assert abs(found.controls["grip"].estimate) < 4 * found.controls["grip"].se
    assert found.main.estimate == pytest.approx(1.0, abs=0.3)


def test_people_without_the_control_outcome_stay_in_the_main_model():
    x, y, control, _n = confounded(300, 2, 0.5)
    whole = check_negative_controls(Regression("y", x, y), [Regression("c", x, control)])
    some = np.where(np.arange(300) < 80, np.nan, control)
    part = check_negative_controls(Regression("y", x, y), [Regression("c", x, some)])
    assert part.main == whole.main
    assert part.controls["c"].se > whole.controls["c"].se


@settings(max_examples=20)
@given(seed=st.integers(0, 500), scale=st.floats(0.01, 100))
def test_invariants(seed, scale):
    x, y, c, _n = confounded(80, seed, 0.5)
    plain = check_negative_controls(Regression("y", x, y), [Regression("c", x, c)])
    order = np.random.default_rng(seed).permutation(80)
    mixed = check_negative_controls(
        Regression("y", x[order], y[order]), [Regression("c", x[order], c[order])]
    )
    np.testing.assert_allclose(mixed.cov, plain.cov, rtol=1e-7)
    other = check_negative_controls(
        Regression("y", x * [1, scale], y + 3), [Regression("c", x * [1, scale], c)]
    )
    np.testing.assert_allclose(other.cov * scale**2, plain.cov, rtol=1e-6)
    assert other.joint.p == pytest.approx(plain.joint.p, rel=1e-5, abs=1e-12)


def test_degenerate_input():
    x, y, c, _n = confounded(40, 1, 0.5)
    main = Regression("y", x, y)
    with pytest.raises(UserError, match="no negative control"):
        check_negative_controls(main, [])
    with pytest.raises(UserError, match=r"^c: .*d: .*no value"):
        check_negative_controls(
            main, [Regression("c", x[:5], c[:5]), Regression("d", x, c * np.nan)]
        )
    with pytest.raises(ValueError, match="different names"):
        check_negative_controls(main, [Regression("y", x, c)])
    twice = check_negative_controls(main, [Regression("c", x, c), Regression("d", x, 2 * c)])
    assert twice.joint.df == 1
    assert "information of 1" in twice.warnings[0]
    apart = (x[:, 1] > 0).astype(float)
    split = check_negative_controls(main, [Regression("s", x, apart, family="logistic")])
    assert not split.converged
    assert split.warnings[0].startswith("s: ")


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 14), kind=st.sampled_from(KINDS))
def test_poor_data_are_refused_or_flagged(poor_data, seed, n, kind):
    y, a, z = poor_data(seed, n, kind)
    try:
        found = check_negative_controls(
            Regression("y", z, y), [Regression("a", z, a, family="logistic")]
        )
    except UserError as error:
        assert str(error)
        return
    assert found.warnings
    assert np.isfinite(found.cov).all()
