import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses import lagged_mediation as method
from gluteal.cohort.derive import derive
from gluteal.cohort.derived import Cohort
from gluteal.cohort.package import read_package
from gluteal.errors import CannotTest, UserError
from gluteal.estimates import Fit, tabulate
from gluteal.frames import lagged_variants
from gluteal.ledger.judgement import verdict
from gluteal.ledger.wording import Grounds
from gluteal.simulate import simulate

WEEKS = {"baseline": 0.0, "week04": 4.0, "week08": 8.0, "week12": 12.0}
KNOWN = {"mediator": 0.05, "outcome": 0.3}


@pytest.fixture
def arms(parity):
    """The programme that R fitted too."""
    long = pd.read_csv(parity / "data" / "lagged_programme.csv")
    first = long[long["visit"] == "baseline"]
    people = pd.DataFrame({
        "participant_id": first["id"].to_numpy(),
        "arm": pd.Categorical(first["arm"], ["control", "programme"]),
        "adherence": first["adherence"].to_numpy(dtype=float),
        "age_years": first["age_years"].to_numpy(dtype=float),
    })  # fmt: skip
    visits = pd.DataFrame({
        "participant_id": long["id"], "visit": long["visit"],
        "week_nominal": long["visit"].map(WEEKS), "hip_abd_nm_kg": long["torque"],
        "nprs_avg": long["nprs"],
    })  # fmt: skip
    none = pd.DataFrame({"participant_id": [], "visit": [], "side": []})
    return Cohort(people, visits, none, none)


@pytest.fixture(scope="module")
def treated(tmp_path_factory):
    """A programme through every step."""
    folder = tmp_path_factory.mktemp("treated") / "package"
    simulate(folder, 600, 5, "seed", form="parquet", design="programme")
    return derive(read_package(folder), {})


@pytest.fixture(scope="module")
def fitted(treated):
    return method.fit(treated, spec())


def spec(**more):
    given = {"outcome": "nprs_avg", "mediator": "hip_abd_nm_kg", "role": "primary"}
    return method.Spec(**(given | more))


def by_model(rows):
    return {row["model"]: row for row in rows}


def test_every_number_equals_r(arms, answers, same_numbers):
    want = answers("lagged_mediation")
    rows = method.fit(arms, spec(errors=KNOWN, adjust=("age_years",))).estimates
    found = by_model(rows)
    names = {
        "lagged products, error-corrected": "indirect", "direct: total less indirect": "direct",
        "share through the mediator": "share", "total difference": "total",
        "gain at week04": "gain_week04", "gain at week08": "gain_week08",
        "lagged path to the outcome": "c", "what the outcome keeps": "d",
        "observed scores (attenuated)": "observed", "lags free in each interval": "free",
        "one regression on the mediator at week08": "once",
        "lagged path that would carry the whole difference": "needed",
    }  # fmt: skip
    for model, key in names.items():
        same_numbers(found[model], want[key], 1e-6)


def test_the_headline_is_the_first_estimate(treated, fitted):
    found = fitted
    assert method.headline(treated, spec()) == found.estimates[0]
    table = tabulate(found, "a", spec(), "d", "c")
    assert table["role"].iloc[0] == "primary"
    assert table["term"].iloc[0] == "hip_abd_nm_kg"
    assert table["exposure"].iloc[0] == "arm"
    assert "indirect" in table["estimand"].iloc[0]
    assert table["converged"].iloc[0]
    assert not any("effect" in text for text in table["estimand"])


def test_parts_add_up(fitted):
    rows = by_model(fitted.estimates)
    total = rows["total difference"]["estimate"]
    direct = rows["direct: total less indirect"]["estimate"]
    indirect = rows["lagged products, error-corrected"]["estimate"]
    assert indirect + direct == pytest.approx(total)
    assert rows["share through the mediator"]["estimate"] == pytest.approx(indirect / total)
    c, d = (rows[m]["estimate"] for m in ("lagged path to the outcome", "what the outcome keeps"))
    four, eight = (rows[f"gain at week{w}"]["estimate"] for w in ("04", "08"))
    assert indirect == pytest.approx(c * (eight + d * four))
    needed = rows["lagged path that would carry the whole difference"]["estimate"]
    assert needed * (eight + d * four) == pytest.approx(total)


def test_the_ledger_says_by_way_of_what(fitted):
    row = dict(fitted.estimates[0])
    claim = {"direction": "negative", "smallest_effect": 0.1, "sentence": "It works by strength."}
    text = verdict(row, claim, Grounds("programme", randomised=True)).wording
    assert "by way of hip abduction torque per body mass" in text
    assert "effect on" not in text


def test_no_share_where_the_arms_may_not_differ(arms):
    rng = np.random.default_rng(1)
    arms.people["arm"] = pd.Categorical(
        rng.permutation(arms.people["arm"]), ["control", "programme"]
    )
    arms.people["adherence"] = np.where(arms.people["arm"] == "programme", 0.7, np.nan)
    rows = by_model(method._trace(arms, spec(errors=KNOWN)).beside())
    total = rows["total difference"]
    assert total["low"] < 0 < total["high"]
    assert "share through the mediator" not in rows


def test_an_earlier_end_has_fewer_gains(treated):
    made = method._trace(treated, spec(outcome_visit="week08"))
    rows, first = by_model(made.beside()), made.first()
    assert "gain at week08" not in rows
    c, gain = rows["lagged path to the outcome"], rows["gain at week04"]
    assert first["estimate"] == pytest.approx(c["estimate"] * gain["estimate"])
    assert first["estimand"].endswith("at week08")


def test_another_unit_of_the_mediator_changes_nothing(arms):
    one = method.headline(arms, spec(errors=KNOWN))
    arms.visits["hip_abd_nm_kg"] *= 10
    two = method.headline(arms, spec(errors={"mediator": 0.5, "outcome": 0.3}))
    for key in ("estimate", "se", "low", "high"):
        assert two[key] == pytest.approx(one[key], rel=1e-5)


def test_order_names_and_shifts_of_people_change_nothing(arms):
    one = method.headline(arms, spec(errors=KNOWN))
    order = np.random.default_rng(2).permutation(len(arms.people))
    names = {name: f"Q{k:04d}" for k, name in enumerate(arms.people["participant_id"].iloc[order])}
    people = arms.people.iloc[order].reset_index(drop=True)
    people["participant_id"] = people["participant_id"].map(names)
    visits = arms.visits.sample(frac=1, random_state=3).reset_index(drop=True)
    visits["participant_id"] = visits["participant_id"].map(names)
    visits["hip_abd_nm_kg"] += 5
    two = method.headline(Cohort(people, visits, arms.sides, arms.trials), spec(errors=KNOWN))
    for key in ("estimate", "se", "low", "high"):
        assert two[key] == pytest.approx(one[key], rel=1e-5)


def test_turning_the_outcome_turns_the_sign(arms):
    one = method.headline(arms, spec(errors=KNOWN))
    arms.visits["nprs_avg"] = 10 - arms.visits["nprs_avg"]
    two = method.headline(arms, spec(errors=KNOWN))
    assert two["estimate"] == pytest.approx(-one["estimate"], rel=1e-5)
    assert two["se"] == pytest.approx(one["se"], rel=1e-5)


def test_people_without_an_arm_do_not_count(arms):
    extra = arms.people.head(40).assign(arm=None, participant_id=[f"N{k}" for k in range(40)])
    people = pd.concat([arms.people, extra], ignore_index=True)
    people["arm"] = pd.Categorical(people["arm"], ["control", "programme"])
    ids = dict(zip(arms.people["participant_id"].head(40), extra["participant_id"], strict=True))
    more = arms.visits[arms.visits["participant_id"].isin(ids)]
    more = more.assign(participant_id=more["participant_id"].map(ids))
    visits = pd.concat([arms.visits, more], ignore_index=True)
    wide = Cohort(people, visits, arms.sides, arms.trials)
    one, two = (method.headline(c, spec(errors=KNOWN)) for c in (arms, wide))
    assert two["estimate"] == pytest.approx(one["estimate"], rel=1e-6)
    assert two["n_people"] == one["n_people"]


def test_error_is_estimated_stated_or_ignored(treated, fitted):
    rows = by_model(fitted.estimates)
    none = method.headline(treated, spec(errors="none"))
    assert none["model"] == "lagged products, as observed"
    observed = rows["observed scores (attenuated)"]
    assert none["estimate"] == pytest.approx(observed["estimate"], rel=1e-6)
    assert abs(observed["estimate"]) < abs(rows["lagged products, error-corrected"]["estimate"])
    limits = [row for row in rows.values() if row.get("threat") == "exposure error"]
    assert len(limits) >= 2


def test_too_much_error_does_not_look_like_a_result(arms):
    row = method.headline(arms, spec(errors={"mediator": 0.4}))
    table = tabulate(Fit(estimates=[row]), "a", spec(), "d", "c")
    assert not table["converged"].iloc[0]
    assert np.isnan(table["low"].iloc[0])


def test_a_model_that_cannot_be_fitted_stops_nothing(arms, monkeypatch):
    def fail(*_args, **_more):
        raise UserError("too few people")

    monkeypatch.setattr(lagged_variants, "fit_lagged", fail)
    rows = method.fit(arms, spec(errors=KNOWN)).estimates
    failed = [row for row in rows if row["warnings"] == "too few people"]
    assert len(failed) >= 3
    assert not any(row["converged"] for row in failed)
    assert all(np.isnan(row["estimate"]) for row in failed)
    assert rows[0]["converged"]


def test_what_the_cohort_lacks_is_said(arms):
    assert method.fit(arms, spec(outcome="odi_pct")).needs == ["odi_pct"]
    without = Cohort(arms.people.drop(columns="arm"), arms.visits, arms.sides, arms.trials)
    assert method.fit(without, spec()).needs == ["arm"]
    assert method.needs(spec(adjust="dag")) == ("arm", "hip_abd_nm_kg", "nprs_avg")


def test_what_cannot_be_tested_is_said(arms):
    one = arms.only({"arm": ("programme",)})
    with pytest.raises(CannotTest, match="two arms are needed, there is programme"):
        method.headline(one, spec())
    two = arms.visits[arms.visits["visit"].isin(["baseline", "week12"])]
    with pytest.raises(CannotTest, match="and 3 are needed"):
        method.headline(Cohort(arms.people, two, arms.sides, arms.trials), spec())
    late = arms.visits.assign(week_nominal=arms.visits["week_nominal"] ** 2)
    with pytest.raises(CannotTest, match="equally far apart"):
        method.headline(Cohort(arms.people, late, arms.sides, arms.trials), spec())
    with pytest.raises(UserError):
        few = arms.people.iloc[:14]
        method.headline(Cohort(few, arms.visits, arms.sides, arms.trials), spec(errors=KNOWN))


def test_settings_are_checked():
    with pytest.raises(ValidationError, match="exposure must be arm"):
        spec(exposure="adherence")
    with pytest.raises(ValidationError, match="same variable"):
        spec(mediator="nprs_avg")
    with pytest.raises(ValidationError, match="part of the question"):
        spec(adjust=("hip_abd_nm_kg",))
    with pytest.raises(ValidationError):
        spec(errors={"mediator": -1})


def test_what_is_shown_names_nobody(treated, fitted):
    found = fitted
    ids = set(treated.people["participant_id"])
    shown = repr([found.estimates, found.panels, found.tables, found.diagnostics, found.sentences])
    assert not any(name in shown for name in ids)
    assert found.panels["nodes"]
    assert any("doi:" in text for text in found.sentences)
