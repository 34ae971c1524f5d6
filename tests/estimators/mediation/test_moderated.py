import numpy as np
import pytest

from gluteal.errors import UserError
from gluteal.estimators.mediation import mediate, mediate_moderated
from gluteal.estimators.mediation.moderated import INDEX


@pytest.fixture(scope="module")
def said(answers):
    return answers("mediation")["moderated"]


def ours(base, **more):
    return mediate_moderated(
        base["glute"],
        base["tilt"],
        base["pain"],
        base["age"],
        base[["female", "bmi"]],
        **{"at": (40, 50), "resamples": 20, **more},
    )


@pytest.mark.parametrize(
    ("paths", "key", "names"),
    [
        (("a",), "a", ("indirect at 40", "indirect at 50", INDEX)),
        (("b",), "b", ("indirect at 40", "indirect at 50", INDEX)),
        (
            ("a", "b", "direct"),
            "all",
            ("indirect at 40", "indirect at 50", "direct at 40", "direct at 50"),
        ),
    ],
)
def test_effects_and_delta_errors_equal_r(base, said, paths, key, names):
    found = ours(base, moderated=paths)
    wald = [found.wald[found.names.index(name)] for name in names]
    np.testing.assert_allclose([w.estimate for w in wald], said[key]["estimate"], rtol=1e-8)
    np.testing.assert_allclose([w.se for w in wald], said[key]["se"], rtol=1e-5)
    if INDEX in found.names:
        index, difference = found.effect(INDEX), found.effect("difference of indirect")
        assert difference.estimate == pytest.approx(10 * index.estimate, rel=1e-9)
    else:
        assert paths == ("a", "b", "direct")


def test_a_binary_moderator_gives_what_each_group_has():
    """With everything moderated, the effects are those of the groups alone."""
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=300), rng.integers(0, 2, 300)
    m = (0.3 + 0.5 * w) * x + rng.normal(size=300)
    y = (0.4 - 0.2 * w) * m + 0.1 * x + w + rng.normal(size=300)
    found = mediate_moderated(x, m, y, w, moderated=("a", "b", "direct"), resamples=400)
    for group in (0, 1):
        own = w == group
        alone = mediate(x[own], m[own], y[own], resamples=400)
        at = found.effect(f"indirect at {group}")
        assert at.estimate == pytest.approx(alone.effect("indirect").estimate, rel=1e-9)
        assert at.se == pytest.approx(alone.effect("indirect").se, rel=0.2)
        direct = found.effect(f"direct at {group}").estimate
        assert direct == pytest.approx(alone.effect("direct").estimate, rel=1e-9)
    truth = 0.8 * 0.2 - 0.3 * 0.4
    difference = found.effect("difference of indirect")
    assert abs(difference.estimate - truth) < 4 * difference.se


def test_values_of_a_continuous_moderator(base):
    age = base["age"]
    found = ours(base, at=None)
    values = [float(name.split()[-1]) for name in found.names if name.startswith("indirect at")]
    want = [age.mean() - age.std(), age.mean(), age.mean() + age.std()]
    np.testing.assert_allclose(values, want, rtol=1e-3)


def test_faults_are_named(base):
    with pytest.raises(UserError, match="column moderator is missing or infinite"):
        mediate_moderated(base["glute"], base["tilt"], base["pain"], np.full(len(base), np.nan))
    with pytest.raises(UserError, match="column moderator is missing or infinite in row 0"):
        age = base["age"].to_numpy().copy()
        age[0] = np.nan
        mediate_moderated(base["glute"], base["tilt"], base["pain"], age)
    with pytest.raises(UserError, match="column moderator has the same value"):
        mediate_moderated(base["glute"], base["tilt"], base["pain"], np.ones(len(base)))
    with pytest.raises(UserError, match="need a moderator each"):
        mediate_moderated(base["glute"], base["tilt"], base["pain"], [1, 2])
    with pytest.raises(UserError, match="no rows"):
        mediate_moderated([], [], [], [])
    with pytest.raises(UserError, match="must be finite"):
        ours(base, at=())


def test_misuse_is_a_value_error(base):
    with pytest.raises(ValueError, match="a, b and direct"):
        ours(base, moderated=("c",))
    with pytest.raises(ValueError, match="use mediate"):
        ours(base, moderated=())
    with pytest.raises(ValueError, match="one mediator"):
        mediate_moderated(base["glute"], base[["tilt", "bmi"]], base["pain"], base["age"])


@pytest.mark.parametrize(("shift", "at"), [(10_000, None), (0, (1.00001, 1.00002))])
def test_values_alike_in_four_digits_stay_apart(base, shift, at):
    found = mediate_moderated(
        base["glute"], base["tilt"], base["pain"], base["female"] + shift, at=at, resamples=20
    )
    first, last = (found.effect(name).estimate for name in found.names[:2])
    assert len([name for name in found.names if name.startswith("indirect at")]) == 2
    assert first != last
    assert found.effect("difference of indirect").estimate == pytest.approx(last - first)
