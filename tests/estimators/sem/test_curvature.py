import numpy as np
import pytest

from gluteal.estimators.sem.builders import riclpm
from gluteal.estimators.sem.compiler import compile_model
from gluteal.estimators.sem.curvature import expected_information, meat, observed_information
from gluteal.estimators.sem.likelihood import evaluate, score_and_information
from gluteal.estimators.sem.moments import collect
from gluteal.estimators.sem.reader import read_model

NAMES = ("a", "b", "c", "y", "z")
MODELS = {
    "labels": read_model("f =~ a + b + k*c; y ~ k*f + g*z; z ~ f; a ~~ b; f ~ 0.3*1"),
    "powers": riclpm(NAMES[:3], ("y", "z", "w"), lag_times=[1, 2.5]),
}


@pytest.fixture(scope="module", params=["labels", "powers"])
def case(request):
    rng = np.random.default_rng(1)
    data = rng.normal(size=(150, 1)) + rng.normal(size=(150, 6))
    data[rng.random(data.shape) < 0.1] = np.nan
    names = (*NAMES, "w")
    model = MODELS[request.param]
    used = [k for k, n in enumerate(names) if n in model.observed]
    moments = collect(data[:, used], tuple(names[k] for k in used))
    structure = compile_model(model, moments.names, means=True)
    theta = np.random.default_rng(2).uniform(0.3, 0.6, structure.free)
    own = [k for k, n in enumerate(structure.names[: structure.free]) if len(set(n.split())) == 2]
    theta[own] += 0.8  # variances
    return structure, moments, theta


def score(structure, moments, theta):
    state = evaluate(structure, moments.patterns, theta[None])
    return score_and_information(structure, moments.patterns, theta[None], state)[0][0]


def test_the_observed_information_is_the_slope_of_the_score(case):
    structure, moments, theta = case
    found = observed_information(structure, moments.patterns, theta)
    rows = [
        (score(structure, moments, theta - e) - score(structure, moments, theta + e)) / 2e-5
        for e in np.eye(len(theta)) * 1e-5
    ]
    np.testing.assert_allclose(found, np.array(rows), rtol=1e-5, atol=1e-5 * np.abs(found).max())


def test_the_meat_is_the_sum_over_people(case):
    structure, moments, theta = case
    total = np.zeros((len(theta),) * 2)
    for row in moments.data:
        alone = _alone(row, structure)
        state = evaluate(structure, alone, theta[None])
        s = score_and_information(structure, alone, theta[None], state)[0][0]
        total += np.outer(s, s)
    np.testing.assert_allclose(meat(structure, moments, theta), total, rtol=1e-9, atol=1e-8)


def _alone(row, structure):
    from gluteal.estimators.sem.moments import describe

    seen = np.flatnonzero(np.isfinite(row))
    return (describe(row[None], seen, slice(None)),)


def test_both_informations_agree_where_the_model_is_true():
    rng = np.random.default_rng(5)
    f = rng.normal(size=(200_000, 1))
    data = f * [1, 0.8, 1.2] + rng.normal(size=(200_000, 3))
    moments = collect(data, NAMES[:3])
    structure = compile_model(read_model("f =~ a + b + c"), NAMES[:3])
    theta = np.array([{"f =~ b": 0.8, "f =~ c": 1.2}.get(n, 1.0) for n in structure.names])
    one = expected_information(structure, moments.patterns, theta)
    two = observed_information(structure, moments.patterns, theta)
    np.testing.assert_allclose(two / one.max(), one / one.max(), atol=0.01)
