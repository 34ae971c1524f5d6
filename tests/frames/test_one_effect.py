from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gluteal.errors import UserError
from gluteal.frames.one_effect import (
    name_estimand,
    name_model,
    take_effect,
)


def make(n=60, seed=1):
    rng = np.random.default_rng(seed)
    lbp = np.arange(n) % 2 == 0
    return pd.DataFrame(
        {
            "participant_id": [f"P{i}" for i in range(n)],
            "lbp": pd.array(lbp, dtype="boolean"),
            "hip_abd_nm_kg": 1.4 - 0.2 * lbp + rng.normal(0, 0.2, n),
            "age_years": rng.uniform(20, 60, n),
            "sex": pd.Categorical(["f"] * n, ["f", "m"]),
        }
    )


def test_it_is_the_regression_of_its_design():
    made = take_effect(make(), "hip_abd_nm_kg", "lbp", ("age_years",))
    want = np.linalg.lstsq(made.x, made.outcome, rcond=None)[0][1]
    assert made.found(0.95).estimate == pytest.approx(want)
    assert made.rest.shape == (60, 2)
    assert made.binary
    assert not made.ratio


def test_an_amount_scales_a_slope_and_not_its_p():
    frame = make()
    sd = take_effect(frame, "age_years", "hip_abd_nm_kg", ()).found(0.95)
    one = take_effect(frame, "age_years", "hip_abd_nm_kg", (), amount=(1.0, "x")).found(0.95)
    assert sd.estimate == pytest.approx(one.estimate * frame["hip_abd_nm_kg"].std())
    assert sd.p == pytest.approx(one.p)


def test_a_covariate_that_is_constant_can_be_left_out():
    frame = make()
    with pytest.raises(UserError, match="column sex: has one value only"):
        take_effect(frame, "hip_abd_nm_kg", "lbp", ("sex",))
    made = take_effect(frame, "hip_abd_nm_kg", "lbp", ("sex", "age_years"), drop_constant=True)
    assert made.covariates == ("age_years",)


def test_one_group_is_refused_with_its_name():
    frame = make().assign(lbp=pd.array([True] * 60, dtype="boolean"))
    with pytest.raises(UserError, match="column lbp: fewer than two people"):
        take_effect(frame, "hip_abd_nm_kg", "lbp", ())


def test_an_exposure_in_categories_is_refused():
    with pytest.raises(UserError, match="column sex: is neither"):
        take_effect(make(), "hip_abd_nm_kg", "sex", ())


@pytest.mark.parametrize(
    ("family", "estimand", "model"),
    [
        ("logistic", "odds ratio (not a prevalence ratio: 50 % have the outcome)",
         "logistic regression"),
        ("poisson", "prevalence ratio", "modified Poisson regression"),
    ],
)  # fmt: skip
def test_estimands_are_named_for_what_they_are(family, estimand, model):
    made = take_effect(make(), "lbp", "hip_abd_nm_kg", (), family)
    assert name_estimand(made) == estimand
    assert name_model(made) == ("HC3, log scale", model)
