import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derived import Cohort
from gluteal.errors import UserError
from gluteal.frames.mediation import (
    Question,
    known_errors,
    reliabilities,
    take_chain,
)

TILT = "pelvic_tilt_asis_psis_deg"


def question(**more):
    given = {
        "exposure": "arm", "mediators": ("hip_abd_nm_kg",), "outcome": "nprs_avg",
        "covariates": ("sex",), "visit": "baseline", "mediator_visit": "week08",
        "outcome_visit": "week12", "before": ("hip_abd_nm_kg",),
    }  # fmt: skip
    return Question(**(given | more))


@pytest.fixture
def cohort():
    rng = np.random.default_rng(2)
    n, weeks = 40, {"baseline": 0.0, "week08": 8.0, "week12": 12.0}
    ids = [f"P{k:02d}" for k in range(n)]
    people = pd.DataFrame(
        {
            "participant_id": ids,
            "arm": pd.Categorical(["programme", "control"] * (n // 2), ["control", "programme"]),
            "sex": pd.Categorical(["f", "m", "m", "f"] * (n // 4), ["f", "m"]),
        }
    )
    rows = [(one, visit, week) for visit, week in weeks.items() for one in ids]
    visits = pd.DataFrame(rows, columns=["participant_id", "visit", "week_nominal"])
    visits["hip_abd_nm_kg"] = rng.normal(1.3, 0.2, len(rows))
    visits["nprs_avg"] = rng.normal(4, 1.5, len(rows))
    visits[TILT] = rng.normal(9, 3, len(rows))
    visits.loc[(visits["visit"] == "week08") & (visits["participant_id"] == "P00"), TILT] = np.nan
    visits.loc[(visits["visit"] == "week12") & (visits["participant_id"] == "P01"), "nprs_avg"] = (
        np.nan
    )
    return Cohort(people, visits, pd.DataFrame(columns=["participant_id", "visit", "side"]), people)


def test_each_value_comes_from_its_visit(cohort):
    chain = take_chain(cohort, question())
    assert chain.names == ("arm", "hip_abd_nm_kg@week08", "nprs_avg@week12")
    assert chain.labels == ("sex=m", "hip_abd_nm_kg")
    assert chain.levels == ("control", "programme")
    assert (chain.people, chain.n_missing) == (39, 1)
    at = cohort.visits.set_index(["visit", "participant_id"])
    who = chain.person[5]
    assert chain.mediators[5, 0] == at.loc[("week08", who), "hip_abd_nm_kg"]
    assert chain.covariates[5, 1] == at.loc[("baseline", who), "hip_abd_nm_kg"]
    assert chain.outcome[5] == at.loc[("week12", who), "nprs_avg"]
    assert chain.ordered
    assert not chain.one_visit


def test_chains_are_turned_without_losing_a_column(cohort):
    both = {"mediators": ("hip_abd_nm_kg", TILT), "before": (), "exposure": "sex", "covariates": ()}
    chain = take_chain(cohort, question(**both))
    turned = chain.turned()
    assert turned.names == (chain.names[0], *chain.names[2:0:-1], chain.names[3])
    np.testing.assert_array_equal(turned.mediators, chain.mediators[:, ::-1])
    back = chain.reversed()
    assert back.names == (chain.names[2], chain.names[1], chain.names[0], chain.names[3])
    assert back.exposure.std(ddof=1) == pytest.approx(1)
    np.testing.assert_array_equal(back.mediators[:, 1], chain.exposure)
    assert chain.alone(1).names == (chain.names[0], chain.names[2], chain.names[3])
    assert chain.crude().adjusted == ()


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"outcome_visit": "week40"}, "no visit week40"),
        ({"mediator_visit": "week12", "outcome_visit": "week08"}, "order of time"),
        ({"mediators": ("sex",), "before": (), "covariates": ()}, "is not a number"),
        ({"exposure": "sex", "covariates": ("sex",)}, "follows exactly|has one value"),
    ],
)
def test_faults_name_the_column(cohort, more, fault):
    if "covariates" in more and more.get("exposure") == "sex":
        cohort.people["sex"] = "f"
    with pytest.raises(UserError, match=fault):
        take_chain(cohort, question(**more))


def test_three_levels_are_refused(cohort):
    cohort.people["smoking"] = pd.Categorical(["never", "former", "current", "never"] * 10)
    with pytest.raises(UserError, match="more than two levels"):
        take_chain(cohort, question(exposure="smoking", covariates=()))


def test_reliability_is_that_of_the_change(cohort):
    """A strength that hardly changes is told well, its change is not."""
    visits = cohort.visits
    first = visits.loc[visits["visit"] == "baseline", "hip_abd_nm_kg"].to_numpy()
    rng = np.random.default_rng(3)
    later = first + rng.normal(0, 0.05, len(first))
    visits.loc[visits["visit"] == "week08", "hip_abd_nm_kg"] = later
    sem = {"hip_abd_nm_kg": 0.03}.get
    alone = take_chain(cohort, question(before=()))
    change = take_chain(cohort, question())
    found = []
    for chain in (alone, change):
        errors = known_errors(chain, lambda name: sem(name, 0.0))
        found.append(reliabilities(chain, errors.tolist())["hip_abd_nm_kg@week08"])
    assert found[0] > 0.95
    assert found[1] < 0.8


def test_errors_follow_the_units_of_the_exposure(cohort):
    chain = take_chain(cohort, question(exposure=TILT, before=()))
    errors = known_errors(chain, lambda name: 1.1 if name == TILT else 0.0, 2.0)
    np.testing.assert_allclose(errors, [0, 0.55, 0])
