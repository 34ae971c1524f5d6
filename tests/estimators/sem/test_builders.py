import numpy as np
import pytest

from gluteal.estimators.sem import clpm, factor_model, fit_sem, path_model, read_model, riclpm

FIRST, SECOND = ("x1", "x2", "x3"), ("y1", "y2", "y3")


def names_of(model):
    return {t.name for t in model.terms}


def test_builders_say_what_the_text_says():
    text = read_model("m ~ a*x + z; y ~ b*m + c*x; q := a*b")
    built = path_model({"m": {"x": "a", "z": ""}, "y": {"m": "b", "x": "c"}}, {"q": "a*b"})
    assert names_of(built) == names_of(text)
    factors = factor_model({"f": ["a", "b", "c"], "g": ["d", "e", "h"]})
    assert names_of(factors) == names_of(read_model("f =~ a + b + c; g =~ d + e + h"))


def test_waves_must_match():
    with pytest.raises(ValueError, match="three waves"):
        riclpm(FIRST[:2], SECOND[:2])
    with pytest.raises(ValueError, match="same waves"):
        clpm(FIRST, SECOND[:2])
    with pytest.raises(ValueError, match="positive time"):
        riclpm(FIRST, SECOND, lag_times=[1, 0])


def test_known_error_variance_is_taken_out():
    """Noise of known size biases the autoregression, unless it is modelled."""
    rng = np.random.default_rng(3)
    n = 20_000
    now, seen = rng.normal(size=(2, n)), []
    traits = rng.normal(size=(2, n))
    for t in range(4):
        if t:
            now = np.array([[0.5, 0], [0.3, 0.4]]) @ now + 0.8 * rng.normal(size=(2, n))
        seen.append(now + traits)
    data = np.column_stack([s[0] for s in seen] + [s[1] for s in seen])
    data[:, :4] += 0.6 * rng.normal(size=(n, 4))
    names = tuple(f"{v}{t}" for v in "xy" for t in range(1, 5))
    known = {name: 0.36 for name in names[:4]}
    build = lambda **more: riclpm(names[:4], names[4:], lags_equal=True, **more)  # noqa: E731
    right = fit_sem(build(error_variances=known), data, names)
    naive = fit_sem(build(), data, names)
    assert right.estimate("a").estimate == pytest.approx(0.5, abs=0.05)
    assert naive.estimate("a").estimate < 0.42
