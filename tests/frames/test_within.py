import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluteal.cohort.derived import Cohort
from gluteal.errors import UserError
from gluteal.frames.within import fit_split, split_rows, spread_of, weights_of

PAIR = ("hip_abd_nm_kg", "nprs_avg")
WEEKS = {"baseline": 0.0, "week04": 4.0, "week08": 8.0, "week26": 26.0}


def cohort(n=150, within=-2.0, between=1.0, seed=1):
    """People whose outcome falls within them and rises between them."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"P{k:03d}" for k in range(n)])
    people = pd.DataFrame({
        "participant_id": ids,
        "sex": pd.Categorical(np.where(np.arange(n) % 2, "m", "f"), ["f", "m"]),
        "arm": pd.Categorical(np.where(np.arange(n) % 3, "programme", "control"),
                              ["control", "programme"]),
    })  # fmt: skip
    trait, moves = rng.normal(1.3, 0.3, (n, 1)), rng.normal(0, 0.15, (n, 4))
    outcome = 5 + between * trait + within * moves + rng.normal(0, 0.5, (n, 1))
    outcome = outcome + rng.normal(0, 0.3, (n, 4)) - np.arange(4)
    visits = pd.DataFrame({
        "participant_id": np.repeat(ids, 4),
        "visit": np.tile(list(WEEKS), n),
        "week_nominal": np.tile(list(WEEKS.values()), n),
        "hip_abd_nm_kg": (trait + moves).ravel(),
        "nprs_avg": outcome.ravel(),
    })  # fmt: skip
    return Cohort(people, visits, pd.DataFrame(), pd.DataFrame())


def test_both_slopes_come_back():
    rows = split_rows(cohort(), PAIR)
    found = fit_split(rows)
    p = len(found.model.coef)
    for term, truth in (("within", -2.0), ("contextual", 3.0)):
        value = found.contrast(weights_of(term, p))
        assert abs(value.estimate - truth) < 3.5 * value.se
    within, between = spread_of(rows)
    assert within == pytest.approx(0.15, rel=0.1)
    assert between == pytest.approx(0.31, rel=0.15)


def test_the_parts_add_up_and_means_are_of_the_rows_used():
    some = cohort()
    some.visits.loc[1, "nprs_avg"] = np.nan
    rows = split_rows(some, PAIR)
    np.testing.assert_allclose(rows.within + rows.mean, rows.exposure)
    assert np.bincount(rows.person, rows.within) == pytest.approx(np.zeros(150), abs=1e-12)
    used = some.visits["hip_abd_nm_kg"].iloc[[0, 2, 3]].mean()
    assert rows.person_means[0] == pytest.approx(used)
    assert rows.n_missing == 1
    assert list(rows.counts[:2]) == [3, 4]


def test_a_lag_takes_the_visit_before_at_the_shortest_distance():
    some = cohort()
    rows = split_rows(some, PAIR, 1)
    assert rows.gap == 4
    assert set(rows.wave) == {1, 2}
    first = (rows.person == 0) & (rows.wave == 2)
    assert rows.exposure[first][0] == some.visits["hip_abd_nm_kg"].iloc[1]
    every = split_rows(some, PAIR, 1, any_gap=True)
    assert set(every.wave) == {1, 2, 3}
    assert np.isnan(every.gap)


def test_a_missed_visit_is_not_bridged():
    some = cohort()
    some.visits.loc[1, "hip_abd_nm_kg"] = np.nan
    rows = split_rows(some, PAIR, 1)
    assert list(rows.wave[rows.person == 0]) == [1]


def test_groups_have_a_course_of_their_own():
    rows = split_rows(cohort(), PAIR, 0, ("sex",), ("arm",))
    assert "arm=programme × visit=week08" in rows.names
    assert "sex=m" in rows.names
    bare = rows.keep(np.ones(len(rows.outcome), dtype=bool), bare=True)
    assert bare.names == ("visit=week04", "visit=week08", "visit=week26")
    part = rows.keep(rows.wave < 2)
    assert part.names == ("visit=week04", "sex=m", "arm=programme", "arm=programme × visit=week04")
    assert np.bincount(part.person, part.within) == pytest.approx(np.zeros(150), abs=1e-12)


def test_what_cannot_be_split_is_named():
    some = cohort()
    some.visits["hip_abd_nm_kg"] = some.visits.groupby("participant_id")["hip_abd_nm_kg"].transform(
        "mean"
    )
    with pytest.raises(UserError, match="does not change"):
        split_rows(some, PAIR)
    apart = cohort()
    odd = np.arange(len(apart.visits)) % 2 == 0
    apart.visits.loc[odd, "hip_abd_nm_kg"] = np.nan
    apart.visits.loc[~odd, "nprs_avg"] = np.nan
    with pytest.raises(UserError, match="0 visits have values"):
        split_rows(apart, PAIR)


def test_slopes_of_ones_own_are_random():
    rows = split_rows(cohort(), PAIR)
    assert fit_split(rows, slope=True).covariance.shape == (2, 2)
    assert fit_split(rows, slope=True, time=True).covariance.shape == (3, 3)


@given(scale=st.floats(0.01, 100), shift=st.floats(-50, 50), seed=st.integers(0, 50))
@settings(max_examples=20)
def test_the_split_follows_units_and_order(scale, shift, seed):
    some = cohort(n=12, seed=seed)
    rows = split_rows(some, PAIR)
    moved = some.visits.assign(hip_abd_nm_kg=scale * some.visits["hip_abd_nm_kg"] + shift)
    turned = Cohort(some.people, moved.sample(frac=1, random_state=seed), some.sides, some.trials)
    other = split_rows(turned, PAIR)
    np.testing.assert_allclose(other.within, scale * rows.within, atol=1e-9 * (1 + abs(shift)))
    np.testing.assert_allclose(other.between, scale * rows.between, atol=1e-9 * (1 + abs(shift)))
