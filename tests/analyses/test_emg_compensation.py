from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses import emg_compensation as method
from gluteal.cohort.derived import Cohort
from gluteal.errors import UserError
from gluteal.estimates import tabulate

ADJUST = ("age_years", "sex")
MUSCLES = ("gmax", "es_ipsi", "es_contra", "bf", "st")
ES, STRENGTH = "emg_es_ipsi_pct_mvic", "hip_abd_nm_kg"


def spec(**more):
    return method.Spec(**({"exposure": STRENGTH, "adjust": ADJUST, "role": "primary"} | more))


@pytest.fixture
def cohort(parity):
    data = pd.read_csv(parity / "data" / "emg.csv")
    ids = data["id"].map("P{:03d}".format)
    sides = pd.DataFrame({"participant_id": ids, "visit": "baseline", "side": data["side"]})
    sides[STRENGTH] = data["strength"]
    for muscle in MUSCLES:
        sides[f"emg_{muscle}_rms_uv"] = data[f"{muscle}_rms"]
        sides[f"emg_{muscle}_mvic_uv"] = data[f"{muscle}_mvic"]
        sides[f"emg_{muscle}_pct_mvic"] = 100 * data[f"{muscle}_rms"] / data[f"{muscle}_mvic"]
        sides[f"emg_{muscle}_onset_ms"] = data[f"{muscle}_onset"].astype(float)
    both = (sides[ES] + sides["emg_es_contra_pct_mvic"]) / 2
    sides["emg_es_gmax_log_ratio"] = np.log(both) - np.log(sides["emg_gmax_pct_mvic"])
    first = data["side"] == "left"
    people = pd.DataFrame({"participant_id": ids[first], "age_years": data["age"][first]})
    people["sex"] = pd.Categorical(np.where(data["female"][first] == 1, "f", "m"), ["f", "m"])
    people["lbp"] = pd.array(np.arange(len(people)) % 2 == 0, dtype="boolean")
    visits = pd.DataFrame({"participant_id": ids[first], "visit": "baseline", "week_nominal": 0.0})
    return Cohort(people.reset_index(drop=True), visits, sides, pd.DataFrame())


def by_model(found, start):
    return next(row for row in found.estimates if row["model"].startswith(start))


def checks(found):
    return {row["name"]: row for row in found.diagnostics}


def test_every_number_equals_r(cohort, answers, same_numbers):
    want = answers("emg_compensation")
    found = method.fit(cohort, spec())
    same_numbers(found.estimates[0], want["headline"])
    for start, key in (
        ("Erector spinae, same side: % MVIC, unadjusted", "crude"),
        ("Erector spinae, same side: raw", "raw"),
        ("Erector spinae, same side: MVIC", "mvic"),
        ("Biceps femoris: % MVIC", "bf_pct"),
        ("Erector spinae / gluteus", "ratio"),
        ("Erector spinae, same side: raw, ln MVIC", "ancova"),
        ("Biceps femoris delay", "delay"),
        ("Biceps femoris first", "first"),
    ):
        rows = [row for row in found.estimates if row["model"].startswith(start)]
        row = rows[-1] if key == "ancova" else rows[0]
        numbers = {name: row[name] for name in ("estimate", "se", "df", "low", "high", "p")}
        same_numbers(numbers, want[key], 1e-6)


def test_one_row_a_person_equals_r(cohort, answers):
    row = by_model(method.fit(cohort, spec()), "Erector spinae, same side: % MVIC, mean of")
    want = answers("emg_compensation")["person"]
    assert row["n_obs"] == row["n_people"] == 60
    # The slope is per SD of sides in both: only strength's mean and the outcome's are averaged.
    assert row["estimate"] == pytest.approx(want["estimate"], rel=1e-8)
    assert row["low"] == pytest.approx(want["low"], rel=1e-8)


@pytest.mark.parametrize("more", [{}, {"outcome": "emg_es_gmax_log_ratio"}, {"exposure": "lbp"}])
def test_the_headline_is_the_first_estimate(cohort, more):
    assert method.headline(cohort, spec(**more)) == method.fit(cohort, spec(**more)).estimates[0]


def test_raw_maximum_and_percent_stand_together(cohort):
    found = method.fit(cohort, spec())
    for muscle in ("Erector spinae, same side", "Biceps femoris", "Semitendinosus"):
        parts = [by_model(found, f"{muscle}: {s}") for s in ("raw", "MVIC", "% MVIC")]
        logs = [np.log(row["estimate"]) for row in parts]
        assert logs[2] == pytest.approx(logs[0] - logs[1], abs=1e-12)
        assert len({row["n_obs"] for row in parts}) == 1
    shown = {(row["muscle"], row["scale"]) for row in found.panels["scales"]}
    assert ("Biceps femoris", "MVIC") in shown
    columns = set(found.tables["activity"][0])
    assert {"Raw, µV", "MVIC, µV", "% MVIC"} <= columns


def test_a_gluteal_percent_is_no_outcome_of_strength(cohort):
    for outcome in ("emg_gmax_pct_mvic", "emg_gmed_pct_mvic"):
        with pytest.raises(ValidationError, match="divided by the maximal effort"):
            spec(outcome=outcome)
    for exposure in ("emg_gmax_mvic_uv", "emg_es_ipsi_mvic_uv", "emg_gmax_pct_mvic"):
        with pytest.raises(ValidationError, match="divided by the maximal effort"):
            spec(exposure=exposure, outcome="emg_es_gmax_log_ratio")
    row = by_model(method.fit(cohort, spec()), "Gluteus maximus: % MVIC")
    assert row["converged"] is False
    assert "not estimated" in row["warnings"]
    # Pain is no maximal effort: the same share may be compared between people with and without.
    found = method.fit(cohort, spec(exposure="lbp", outcome="emg_gmax_pct_mvic"))
    assert found.estimates[0]["contrast"].startswith("low back pain \N{MINUS SIGN}")


def test_a_ratio_divided_by_the_exposures_muscle_is_flagged(cohort):
    found = method.fit(cohort, spec(outcome="emg_es_gmax_log_ratio"))
    row = checks(found)["exposure inside the outcome"]
    assert row["ok"] is False
    assert "hides compensation" in row["meaning"]
    assert "can hide compensation" in " ".join(found.sentences)
    assert checks(method.fit(cohort, spec()))["exposure inside the outcome"]["ok"] is True


def test_raw_microvolts_across_people_are_flagged(cohort):
    found = method.fit(cohort, spec(outcome="emg_es_ipsi_rms_uv"))
    assert checks(found)["raw amplitude across people"]["ok"] is False


def test_onsets_not_detected_are_missing(cohort):
    found = method.fit(cohort, spec())
    seen = cohort.sides[["emg_bf_onset_ms", "emg_gmax_onset_ms"]].notna().all(axis=1).sum()
    assert by_model(found, "Biceps femoris delay")["n_obs"] == seen < 120
    assert checks(found)["onsets not detected, Biceps femoris"]["value"] > 0
    assert by_model(found, "Biceps femoris first")["role"] == "exploratory"


def test_values_over_100_percent_are_kept_and_flagged(cohort):
    high = cohort.sides.index < 12
    cohort.sides.loc[high, "emg_es_ipsi_pct_mvic"] = 160.0
    found = method.fit(cohort, spec(muscles=("es_ipsi",)))
    assert found.estimates[0]["n_obs"] == 120
    assert by_model(found, "Erector spinae, same side: % MVIC, without")["n_obs"] == 108
    assert checks(found)["values over 100 % MVIC"]["value"] > 0


def test_a_silent_muscle_has_no_logarithm(cohort):
    columns = ["emg_es_ipsi_rms_uv", "emg_es_ipsi_pct_mvic"]
    cohort.sides.loc[cohort.sides.index[:3], columns] = 0.0
    found = method.fit(cohort, spec())
    assert found.estimates[0]["n_obs"] == 117
    assert checks(found)["silent muscles"]["ok"] is False


def test_rows_carry_their_threats(cohort):
    found = method.fit(cohort, spec())
    table = tabulate(found, "a", spec(), "d", "c")
    assert set(table["threat"].dropna()) >= {"adjusted", "crude", "robust", "exposure error"}
    assert table["role"].iloc[0] == "primary"
    assert table.loc[~table["converged"], "low"].isna().all()


def test_order_of_rows_units_and_names_change_nothing(cohort):
    before = method.headline(cohort, spec())
    mixed = cohort.sides.sample(frac=1, random_state=3)
    mixed = mixed.assign(participant_id=mixed["participant_id"].str.replace("P", "Q"))
    people = cohort.people.assign(
        participant_id=cohort.people["participant_id"].str.replace("P", "Q")
    ).iloc[::-1]
    visits = cohort.visits.assign(
        participant_id=cohort.visits["participant_id"].str.replace("P", "Q")
    )
    mixed["emg_es_ipsi_pct_mvic"] *= 2.0
    mixed[STRENGTH] *= 3.0
    after = method.headline(replace(cohort, sides=mixed, people=people, visits=visits), spec())
    for key in ("estimate", "se", "df", "low", "high", "p"):
        assert after[key] == pytest.approx(before[key], rel=1e-9), key


def test_what_a_ratio_is_per_is_frozen_for_imputed_tables(cohort):
    frozen = method.freeze(cohort, spec())
    assert frozen.per == pytest.approx(cohort.sides[STRENGTH].std())
    assert (
        method.headline(cohort, frozen)["estimate"] == method.headline(cohort, spec())["estimate"]
    )
    assert method.freeze(cohort, spec(exposure="lbp")).per == "sd"


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"outcome": "nprs_avg"}, "is no activity"),
        ({"outcome": "emg_es_ipsi_mvic_uv"}, "is no activity"),
        ({"muscles": ("quads",)}, "no such muscle"),
        ({"per": 0.0}, "per must not be 0"),
        ({"errors": {STRENGTH: "sem_lordosis_surface"}}, "is in deg"),
    ],
)
def test_settings_that_fit_nothing_are_refused(more, fault):
    with pytest.raises(ValidationError, match=fault):
        spec(**more)


def test_without_emg_the_question_is_not_testable(cohort):
    bare = replace(cohort, sides=cohort.sides.drop(columns="emg_es_ipsi_pct_mvic"))
    assert list(method.fit(bare, spec()).needs) == ["emg_es_ipsi_pct_mvic"]


def test_other_muscles_may_be_absent(cohort):
    kept = [c for c in cohort.sides if not c.startswith("emg_") or "es_ipsi" in c]
    found = method.fit(replace(cohort, sides=cohort.sides[kept]), spec())
    assert by_model(found, "Erector spinae, same side: raw")["converged"]
    assert "onsets" not in found.tables
    assert not any("Biceps" in row["model"] for row in found.estimates)


def test_one_side_only_is_one_row_a_person(cohort):
    one = replace(cohort, sides=cohort.sides[cohort.sides["side"] == "left"].reset_index(drop=True))
    found = method.fit(one, spec())
    assert found.estimates[0]["se_type"] == "HC3, log scale"
    assert not any("mean of the sides" in row["model"] for row in found.estimates)


def test_degenerate_data_name_the_column(cohort):
    flat = replace(cohort, sides=cohort.sides.assign(**{ES: 30.0}))
    with pytest.raises(UserError, match=ES):
        method.headline(flat, spec())
    few = replace(cohort, sides=cohort.sides.iloc[:4].reset_index(drop=True))
    with pytest.raises(UserError, match=r"rows for|one value"):
        method.headline(few, spec())
    still = replace(cohort, sides=cohort.sides.assign(**{STRENGTH: 1.0}))
    with pytest.raises(UserError, match=STRENGTH):
        method.headline(still, spec())
