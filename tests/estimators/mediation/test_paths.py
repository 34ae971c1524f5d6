import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.estimators.mediation import mediate

COVARIATES = ["age", "female", "bmi", "prior_lbp"]
NAMES = ("glute", "tilt", "lordosis", "pain")


@pytest.fixture(scope="module")
def said(answers):
    return answers("mediation")


@pytest.fixture(scope="module")
def jobs(real_data):
    return pd.read_csv(real_data / "mediation-r" / "jobs.csv")


def ours(frame, arrows, **more):
    return mediate(
        frame["glute"],
        frame[["tilt", "lordosis"]],
        frame["pain"],
        frame[COVARIATES],
        arrows=arrows,
        names=NAMES,
        resamples=more.pop("resamples", 20),
        **more,
    )


SERIAL = (
    "direct",
    "indirect",
    "total",
    "glute → tilt → pain",
    "glute → tilt → lordosis → pain",
    "glute → lordosis → pain",
)


@pytest.mark.parametrize("which", ["serial", "parallel", "people", "lavaan"])
def test_effects_and_delta_errors_equal_r(base, long, said, which):
    arrows = "parallel" if which == "parallel" else "serial"
    frame, more = (long, {"cluster": long["id"]}) if which == "people" else (base, {})
    found = ours(frame, arrows, **more)
    names = [name for name in SERIAL if arrows == "serial" or name != SERIAL[4]]
    wald = [found.wald[found.names.index(name)] for name in names]
    np.testing.assert_allclose([w.estimate for w in wald], said[which]["estimate"], rtol=1e-9)
    # Lavaan's errors are of maximum likelihood: see test_system for the exact comparison.
    if which == "people":
        assert {model.se_type for model in found.models} == {"CR1"}
        slope = found.models[0].coefficient(5)
        k = found.names.index("glute → tilt")
        assert (slope.estimate, slope.se) == pytest.approx(
            (found.wald[k].estimate, found.wald[k].se), rel=1e-9
        )
    rtol = 0.03 if which == "lavaan" else 1e-6
    np.testing.assert_allclose([w.se for w in wald], said[which]["se"], rtol=rtol)


def test_jobs(jobs):
    """R's lm and mediation on the JOBS II trial: a, its error, b, its error, c', ACME, total."""
    found = mediate(
        jobs["treat"],
        jobs["job_seek"],
        jobs["depress2"],
        jobs[["econ_hard", "sex", "age"]],
        resamples=4000,
    )
    by = dict(zip(found.names, found.wald, strict=True))
    assert by["X → M"].estimate == pytest.approx(0.0656150034, abs=5e-11)
    assert by["X → M"].se == pytest.approx(0.0514717405, abs=5e-11)
    assert by["M → Y"].estimate == pytest.approx(-0.2399549527, abs=5e-11)
    assert by["M → Y"].se == pytest.approx(0.0282433326, abs=5e-11)
    assert by["direct"].estimate == pytest.approx(-0.0402647000, abs=5e-11)
    assert by["indirect"].estimate == pytest.approx(-0.0157446450, abs=5e-11)
    assert by["total"].estimate == pytest.approx(-0.0560093450, abs=5e-11)
    indirect = found.effect("indirect")
    # R's mediate: 5,000 draws of the coefficients.
    assert (indirect.low, indirect.high) == pytest.approx((-0.0415, 0.0084), abs=0.0025)
    assert found.proportion is None


def test_a_total_away_from_0_has_a_proportion():
    rng = np.random.default_rng(4)
    x = rng.normal(size=400)
    m = 0.7 * x + rng.normal(size=400)
    found = mediate(x, m, 0.5 * m + 0.4 * x + rng.normal(size=400), resamples=1000)
    indirect, total = found.effect("indirect").estimate, found.effect("total").estimate
    assert found.proportion.estimate == pytest.approx(indirect / total)
    assert 0 < found.proportion.low < found.proportion.estimate < found.proportion.high < 1


def test_truth_is_recovered():
    rng = np.random.default_rng(6)
    n = 20_000
    x = rng.normal(size=n)
    m1 = 0.5 * x + rng.normal(size=n)
    m2 = 0.4 * m1 - 0.3 * x + rng.normal(size=n)
    y = 0.2 * x + 0.3 * m1 + 0.6 * m2 + rng.normal(size=n)
    found = mediate(x, np.column_stack([m1, m2]), y, arrows="serial", resamples=300)
    truth = {
        "X → M1 → Y": 0.15,
        "X → M2 → Y": -0.18,
        "X → M1 → M2 → Y": 0.12,
        "direct": 0.2,
        "indirect": 0.09,
        "total": 0.29,
    }
    for name, value in truth.items():
        effect = found.effect(name)
        assert abs(effect.estimate - value) < 4 * effect.se, name


def test_three_mediators_with_listed_arrows():
    """M1 and M2 side by side, both before M3."""
    rng = np.random.default_rng(6)
    data = rng.normal(size=(200, 5))
    found = mediate(data[:, 0], data[:, 1:4], data[:, 4], arrows=[[], [], [0, 1]], resamples=10)
    routes = [name for name in found.names if name.count("→") > 1]
    assert routes == [
        "X → M1 → M3 → Y",
        "X → M1 → Y",
        "X → M2 → M3 → Y",
        "X → M2 → Y",
        "X → M3 → Y",
    ]
    total = sum(found.effect(name).estimate for name in routes)
    assert found.effect("indirect").estimate == pytest.approx(total)
    all_arrows = mediate(
        data[:, 0], data[:, 1:4], data[:, 4], arrows=[[], [0], [0, 1]], resamples=10
    )
    serial = mediate(data[:, 0], data[:, 1:4], data[:, 4], arrows="serial", resamples=10)
    assert all_arrows.names == serial.names
    assert sum(name.count("→") > 1 for name in serial.names) == 7


@pytest.mark.parametrize("kind", ["percentile", "bca", "bias-corrected", "normal"])
def test_every_interval_holds_its_estimate(base, kind):
    found = ours(base, "serial", resamples=400, kind=kind)
    assert found.converged
    for name in found.names:
        effect = found.effect(name)
        assert effect.low < effect.estimate < effect.high


@settings(max_examples=20)
@given(
    seed=st.integers(0, 1000),
    arrows=st.sampled_from(["parallel", "serial"]),
    scale=st.floats(0.01, 100),
)
def test_invariants(seed, arrows, scale):
    """Units of measurement, order of rows, and the total as the regression without mediators."""
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(60, 5))
    data[:, 1] += data[:, 0]
    plain = mediate(data[:, 0], data[:, 1:3], data[:, 3], data[:, 4], arrows=arrows, resamples=5)
    order = rng.permutation(60)
    mixed = data[order]
    other = mediate(
        mixed[:, 0] * scale + 3,
        mixed[:, 1:3] * [5, 0.1],
        mixed[:, 3] - 8,
        mixed[:, 4],
        arrows=arrows,
        resamples=5,
    )
    for name in ("direct", "indirect", "total", "X → M1 → Y"):
        k = plain.names.index(name)
        assert other.wald[k].estimate * scale == pytest.approx(plain.wald[k].estimate, abs=1e-9)
        assert other.wald[k].se * scale == pytest.approx(plain.wald[k].se, rel=1e-7)
    x = np.column_stack([np.ones(60), data[:, 0], data[:, 4]])
    total = np.linalg.lstsq(x, data[:, 3], rcond=None)[0][1]
    assert plain.effect("total").estimate == pytest.approx(total, abs=1e-10)
    estimates = [wald.estimate for wald in plain.wald]
    np.testing.assert_allclose(plain.bootstrap.estimate, estimates, atol=1e-10)


def test_degenerate_data_are_refused(base):
    x, m, y = (base[name].to_numpy() for name in ("glute", "tilt", "pain"))
    with pytest.raises(UserError, match="column M has the same value in every row"):
        mediate(x, np.ones(len(x)), y)
    with pytest.raises(UserError, match="column Y is missing or infinite in row 3"):
        mediate(x, m, np.where(np.arange(len(x)) == 3, np.inf, y))
    with pytest.raises(UserError, match="combinations of one another"):
        mediate(x, m, y, np.column_stack([x + 1]))
    with pytest.raises(UserError, match="3 rows cannot carry the 3 coefficients of Y"):
        mediate(x[:3], m[:3], y[:3])
    with pytest.raises(UserError, match="at least 2 clusters"):
        mediate(x, m, y, cluster=np.zeros(len(x)))
    with pytest.raises(UserError, match="differ in rows"):
        mediate(x, m[:-1], y)
    with pytest.raises(UserError):
        mediate([], [], [])


def test_misuse_is_a_value_error(base):
    x, m, y = (base[name].to_numpy() for name in ("glute", "tilt", "pain"))
    for arrows in ("chain", [[0]], [[], [0]]):
        with pytest.raises(ValueError, match="arrows"):
            mediate(x, m, y, arrows=arrows)
    for names in (("a", "b"), ("a", "b", "a")):
        with pytest.raises(ValueError, match="names must be 3"):
            mediate(x, m, y, names=names)
    with pytest.raises(ValueError, match="vectors"):
        mediate(base[["glute", "age"]], m, y)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 12),
    fault=st.sampled_from(["", "ties", "constant", "copy", "nan", "inf", "huge", "tiny"]),
    clusters=st.sampled_from([0, 1, 2, 4]),
    kind=st.sampled_from(["percentile", "bca", "normal"]),
)
def test_a_clear_error_or_a_flagged_result(seed, n, fault, clusters, kind):
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(n, 4))
    column, row = rng.integers(0, 4), rng.integers(0, n)
    if fault == "ties":
        data = np.round(data)
    elif fault == "constant":
        data[:, column] = 3
    elif fault == "copy":
        data[:, column] = data[:, (column + 1) % 4]
    elif fault in ("nan", "inf"):
        data[row, column] = float(fault)
    elif fault in ("huge", "tiny"):
        data[:, column] *= 1e150 if fault == "huge" else 1e-150
    cluster = rng.integers(0, clusters, n) if clusters else None
    try:
        found = mediate(
            data[:, 0],
            data[:, 1:3],
            data[:, 3],
            arrows="serial",
            cluster=cluster,
            kind=kind,
            resamples=50,
        )
    except UserError:
        return
    assert fault not in ("constant", "nan", "inf", "copy")
    boot = found.bootstrap
    assert np.isfinite(boot.estimate).all()
    if boot.singular or not np.isfinite([boot.low, boot.high]).all():
        assert found.warnings
    if not np.isfinite([boot.low, boot.high, boot.se]).all():
        assert not found.converged
