"""The group difference recovers the truth of the simulated evidence world, through every step.

simulate -> read -> derive -> fit, with the covariates that the causal graph asks for.
"""

import importlib.util
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from gluteal.analyses import group_difference as method
from gluteal.cohort.derive import derive
from gluteal.cohort.package import read_package
from gluteal.config.adjust import advise
from gluteal.simulate import simulate
from gluteal.simulate.truth import truths

SEEDS = 1000
AS_MEASURED = "m1_adjusted_abd_observed_nm_kg"
"""What adjustment for PHQ-9 and IPAQ can reach; ``LATENT`` adjusts for distress and activity."""
LATENT = "m1_adjusted_abd_nm_kg"


@pytest.fixture(scope="module")
def estimate(root, tmp_path_factory):
    names = {"outcome": "hip_abd_nm_kg", "exposure": "lbp", "sensitivity_outcomes": ()}
    adjust = advise(root / "config" / "dag.yaml", method.Spec(**names)).covariates
    assert {"sex", "age_years", "phq9", "prior_lbp"} <= set(adjust)
    spec = method.Spec(**names, adjust=adjust)

    def run(n, seed):
        folder = tmp_path_factory.mktemp("cohort") / "package"
        simulate(folder, n, seed, "evidence", form="parquet", design="case_control")
        return method.fit(derive(read_package(folder), {}), spec).estimates[0]

    return run


def test_four_thousand_people_come_close_to_the_truth(estimate):
    found = estimate(4000, 11)
    truth, _error = truths("evidence")[AS_MEASURED]
    assert found["se"] < 0.01
    assert abs(found["estimate"] - truth) < 3.5 * found["se"]


@pytest.mark.nightly
def test_sixty_thousand_people_are_within_a_hundredth(estimate):
    found = estimate(60_000, 7)
    for name in (AS_MEASURED, LATENT):
        assert abs(found["estimate"] - truths("evidence")[name][0]) < 0.01


@pytest.mark.nightly
def test_95_percent_intervals_cover_the_truth_in_93_to_97_percent(estimate):
    rows = [estimate(400, seed) for seed in range(SEEDS)]
    truth = truths("evidence")[AS_MEASURED][0]
    covered = np.mean([row["low"] <= truth <= row["high"] for row in rows])
    assert 0.93 <= covered <= 0.97
    assert abs(np.mean([row["estimate"] for row in rows]) - truth) < 0.01


@pytest.fixture(scope="module")
def recovery(root):
    """The script that writes docs/simulations/models_recover_truth.md."""
    path = root / "benchmarks" / "simulations" / "models_recover_truth.py"
    spec = importlib.util.spec_from_file_location("models_recover_truth", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # so that its workers can be found
    spec.loader.exec_module(module)
    return module


def test_every_model_of_the_programme_is_fitted_by_the_recovery_script(recovery):
    for numbers in recovery.groups():
        for number, found in recovery.fit_all(numbers, 5, 400).items():
            name = recovery.MODELS[number].name
            assert not isinstance(found, str), f"{name}: {found}"
            estimate, low, high, _spent, converged = found
            assert converged and low < estimate < high, name
            truth = recovery.MODELS[number].truth(recovery.exact_truths("evidence"))
            assert np.isfinite(truth), name


@pytest.mark.nightly
def test_every_model_of_the_programme_finds_the_truth(recovery):
    """Bias at a large n within its tolerance, coverage at n = 400 within its bounds."""
    with ProcessPoolExecutor(2) as pool:
        rows = [
            row
            for numbers in recovery.groups()
            for row in recovery.check(numbers, pool, recovery.SEEDS, large=True)
        ]
    assert [row for row in rows if row[-1] != "yes"] == []
