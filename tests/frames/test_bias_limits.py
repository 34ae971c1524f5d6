from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gluteal.estimators.linear import fit_linear
from gluteal.estimators.sensitivity import compute_evalue
from gluteal.frames.bias_limits import (
    answer_evalues,
    answer_omitted,
    choose_benchmarks,
    lay_contour,
)
from gluteal.frames.one_effect import take_effect


def make(n=600, seed=3):
    rng = np.random.default_rng(seed)
    prior = rng.random(n) < 0.4
    age = rng.uniform(20, 60, n)
    strength = 1.5 - 0.1 * prior - 0.004 * age + rng.normal(0, 0.25, n)
    tilt = 10 - 3 * strength + 1.0 * prior + rng.normal(0, 3, n)
    lbp = rng.random(n) < 1 / (1 + np.exp(strength - 1 - prior))
    return pd.DataFrame(
        {
            "prior_lbp": pd.array(prior, dtype="boolean"),
            "age_years": age,
            "hip_abd_nm_kg": strength,
            "pelvic_tilt_asis_psis_deg": tilt,
            "lbp": pd.array(lbp, dtype="boolean"),
        }
    )


PAIR = ("pelvic_tilt_asis_psis_deg", "hip_abd_nm_kg")


def test_a_confounder_of_the_robustness_value_leaves_nothing():
    effect = take_effect(make(), *PAIR, ("age_years",))
    found = {one.model: one for one in answer_omitted(effect, (), 0.95)}
    rv = found["robustness value"].found.estimate
    own = fit_linear(effect.x, effect.outcome, "classical").coefficient(1)
    df = effect.people - effect.x.shape[1]
    bias = np.sqrt(rv * rv / (1 - rv)) * own.se * np.sqrt(df)
    assert abs(own.estimate) - bias == pytest.approx(0.0, abs=1e-9)
    assert found["bounds"].reason.startswith("no covariate")


def test_an_omitted_benchmark_is_bounded_by_itself():
    """Leave the benchmark out: the confounder 1 × as strong would bring the estimate back."""
    frame = make(4000)
    whole = take_effect(frame, *PAIR, ("age_years", "prior_lbp"))
    (one, *_) = [a for a in answer_omitted(whole, ("prior_lbp",), 0.95) if "1 ×" in a.model]
    without = take_effect(frame, *PAIR, ("age_years",)).found(0.95).estimate
    moved = whole.found(0.95).estimate - without
    assert abs(one.found.estimate - whole.found(0.95).estimate) == pytest.approx(
        abs(moved), rel=0.35
    )


def test_benchmarks_are_the_known_ones_else_the_strongest():
    frame = make()
    both = take_effect(frame, *PAIR, ("age_years", "prior_lbp"))
    assert choose_benchmarks(both, None) == ("prior_lbp",)
    assert choose_benchmarks(both, ("age_years", "phq9")) == ("age_years",)
    assert choose_benchmarks(take_effect(frame, *PAIR, ("age_years",)), None) == ("age_years",)
    assert choose_benchmarks(take_effect(frame, *PAIR, ()), None) == ()


@pytest.mark.parametrize(
    ("family", "kind"), [("logistic", "odds ratio"), ("poisson", "risk ratio")]
)
def test_evalues_of_ratios(family, kind):
    effect = take_effect(make(), "lbp", "hip_abd_nm_kg", ("age_years",), family)
    own = effect.found(0.95)
    rare = False if kind == "odds ratio" else None
    want = compute_evalue(own.estimate, own.low, own.high, kind, rare=rare)
    point, limit = (one.found.estimate for one in answer_evalues(effect, 0.95))
    assert (point, limit) == (want.point, want.limit)


def test_a_rate_has_no_evalue():
    frame = make().assign(days_with_pain_28d=np.arange(600) % 7)
    effect = take_effect(frame, "days_with_pain_28d", "hip_abd_nm_kg", (), "poisson")
    (one,) = answer_evalues(effect, 0.95)
    assert "rates" in one.reason


def test_the_contour_holds_the_estimate_and_its_end():
    effect = take_effect(make(), *PAIR, ("age_years", "prior_lbp"))
    panels = lay_contour(effect, ("prior_lbp",), 0.95)
    first = panels["contour"][0]
    assert (first["x"], first["y"]) == (0.0, 0.0)
    assert first["z"] == pytest.approx(effect.found(0.95).estimate)
    assert min(abs(cell["z"]) for cell in panels["contour"]) < 0.1 * abs(first["z"])
    assert [row["times"] for row in panels["points"]] == [1.0, 2.0, 3.0]
    assert lay_contour(take_effect(make(), "lbp", PAIR[1], (), "logistic"), (), 0.95) == {}
