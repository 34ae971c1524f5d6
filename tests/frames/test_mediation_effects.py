import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.errors import UserError
from gluteal.frames.mediation import Chain
from gluteal.frames.mediation_effects import (
    Drawing,
    fit_corrected,
    fit_natural,
    fit_outcome,
    fit_paths,
    fit_rho,
    mediator_evalue,
    outcome_design,
)

HOW = Drawing(300, 1, "percentile", 0.95)


def chain(n=300, *, yes_no=False, twice=False, seed=1):
    rng = np.random.default_rng(seed)
    x, c = rng.normal(size=n), rng.normal(size=n)
    m = 0.6 * x + 0.2 * c + rng.normal(size=n)
    y = 0.5 * m + 0.1 * x + rng.normal(size=n)
    y = (y > 0.3).astype(float) if yes_no else y
    columns = {"exposure": x, "mediators": m[:, None], "outcome": y, "covariates": c[:, None]}
    who = np.array([f"P{k}" for k in range(n)])
    if twice:
        columns = {key: np.concatenate([one, one]) for key, one in columns.items()}
        who = np.concatenate([who, who])
    return Chain(
        names=("hip_abd_nm_kg", "pelvic_tilt_asis_psis_deg", "nprs_avg"), **columns,
        labels=("age_years",), adjusted=("age_years",), person=who, levels=(), n_missing=0,
        visits=("baseline",) * 3, ordered=False, yes_no=yes_no,
    )  # fmt: skip


def test_without_interaction_natural_and_linear_effects_agree():
    made = chain()
    paths = fit_paths(made, "single", HOW)
    natural = fit_natural(made, HOW, interaction=False)
    for key in ("indirect", "direct", "total"):
        assert natural.by_name[key].estimate == pytest.approx(paths.by_name[key].estimate)
    assert paths.by_name["indirect"].estimate == pytest.approx(0.3, abs=0.1)
    assert paths.proportion is not None


def test_people_are_drawn_whatever_their_rows():
    one, two = chain(), chain(twice=True)
    assert two.several
    assert fit_paths(two, "single", HOW).by_name["indirect"].se == pytest.approx(
        fit_paths(one, "single", HOW).by_name["indirect"].se
    )
    assert fit_outcome(one).se_type == "HC3"
    assert fit_outcome(two).se_type == "CR2"


def test_risks_of_a_yes_no_outcome():
    found = fit_natural(chain(yes_no=True), HOW, interaction=True)
    assert found.model == "logistic"
    total = found.by_name["indirect"].estimate + found.by_name["direct"].estimate
    assert found.by_name["total"].estimate == pytest.approx(total)
    assert 0 < found.by_name["indirect"].low < found.by_name["indirect"].high < 1


def test_correction_moves_the_estimate_away_from_zero():
    made = chain(2000)
    plain = fit_paths(made, "single", HOW).by_name["indirect"].estimate
    found = fit_corrected(made, "single", [0, 0, 0.5], HOW)
    assert found.by_name["indirect"].estimate > plain
    assert found.converged


def test_rho_and_evalue_say_how_much_confounding_it_takes():
    made = chain()
    rho = fit_rho(made, HOW)
    assert 0.3 < rho.rho_at_zero < 0.6
    assert np.interp(rho.rho_at_zero, rho.rho, rho.indirect) == pytest.approx(0, abs=0.01)
    assert mediator_evalue(made, 0).limit > 1.5
    assert mediator_evalue(chain(yes_no=True), 0).point > 1.5


def test_one_mediator_only():
    made = chain()
    both = np.column_stack([made.mediators, made.covariates])
    two = Chain(**(vars(made) | {"mediators": both}))
    with pytest.raises(ValueError, match="one mediator"):
        fit_natural(two, HOW, interaction=True)
    assert outcome_design(two).shape[1] == 5


def test_separated_outcomes_are_a_message():
    made = chain(yes_no=True)
    sure = Chain(**(vars(made) | {"outcome": (made.mediators[:, 0] > 0).astype(float)}))
    with pytest.raises(UserError, match="separate"):
        fit_natural(sure, HOW, interaction=False)


@given(st.floats(0.01, 1000), st.floats(-1000, 1000), st.integers(0, 50))
@settings(max_examples=20)
def test_the_mediators_unit_and_origin_do_not_matter(scale, shift, seed):
    made = chain(60, seed=seed)
    moved = Chain(**(vars(made) | {"mediators": scale * made.mediators + shift}))
    few = Drawing(200, 1, "percentile", 0.95)
    one, two = (fit_paths(x, "single", few).by_name["indirect"] for x in (made, moved))
    for key in ("estimate", "low", "high", "p"):
        assert getattr(two, key) == pytest.approx(getattr(one, key), rel=1e-6, abs=1e-9)
