from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from gluteal.analyses import dose_response, group_difference
from gluteal.analyses import unmeasured_bias as method
from gluteal.cohort.derive import derive
from gluteal.cohort.package import read_package
from gluteal.errors import UserError
from gluteal.estimates import THREATS, tabulate
from gluteal.simulate import simulate

ADJUST = ("age_years", "sex", "bmi_kg_m2", "prior_lbp")
KINDS = {
    "numeric": {"outcome": "nprs_avg", "exposure": "hip_abd_nm_kg"},
    "binary": {"outcome": "hip_abd_nm_kg", "exposure": "lbp"},
}
WOMEN = {"men": {"sex": ("m",)}}


GRAPH = ("age_years", "sex", "bmi_kg_m2", "log_met", "occ_lifting", "phq9", "prior_lbp", "hip_oa")


@pytest.fixture(scope="module")
def null_world(tmp_path_factory):
    """2500 simulated people whose strength goes with tilt and pain by confounding alone."""
    folder = tmp_path_factory.mktemp("cohort") / "package"
    simulate(folder, 2500, 3, "null", form="parquet", design="case_control")
    return derive(read_package(folder), {})


def spec(kind="numeric", **more):
    return method.Spec(**(KINDS[kind] | {"adjust": ADJUST, "role": "sensitivity"} | more))


def by_model(found):
    return {row["model"]: row for row in found.estimates}


def silent(found):
    return {row["name"]: row["meaning"] for row in found.diagnostics if ": " in row["name"]}


@pytest.mark.parametrize("kind", list(KINDS))
def test_rows_equal_r(small, answers, kind):
    want = answers("unmeasured_bias")[kind]
    found = by_model(method.fit(small, spec(kind, exclude=WOMEN)))
    for name, key in (
        ("adjusted", "adjusted"), ("outliers reined in", "huber"), ("without men", "women"),
    ):  # fmt: skip
        for part in ("estimate", "se", "low", "high"):
            assert found[name][part] == pytest.approx(want[key][part], rel=1e-7), (name, part)
    for name, key in (
        ("weighted", "ipw"), ("weighted and adjusted", "both"), ("robustness value", "rv"),
        ("E-value: estimate explained away", "evalue"),
    ):  # fmt: skip
        assert found[name]["estimate"] == pytest.approx(want[key], rel=1e-6), name


@pytest.mark.parametrize(
    ("given", "other"),
    [
        ({"exposure": "lbp", "outcome": "hip_abd_nm_kg"}, group_difference),
        ({"exposure": "hip_abd_nm_kg", "outcome": "nprs_avg"}, dose_response),
        ({"exposure": "hip_abd_nm_kg", "outcome": "nprs_avg", "per": 0.1}, dose_response),
        ({"exposure": "hip_abd_nm_kg", "outcome": "lbp", "family": "poisson"}, dose_response),
        ({"exposure": "hip_abd_nm_kg", "outcome": "lbp", "family": "logistic"}, dose_response),
    ],
)
def test_the_headline_is_that_of_the_effects_own_method(small, given, other):
    mine = method.headline(small, method.Spec(adjust=ADJUST, **given))
    theirs = other.headline(small, other.Spec(adjust=ADJUST, **given))
    shared = {key: value for key, value in theirs.items() if key in mine}
    assert len(shared) > 18
    for key, value in shared.items():
        want = pytest.approx(value, rel=1e-12) if isinstance(value, float) else value
        assert mine[key] == want, key


def test_crude_rows_equal_those_of_the_effects_own_method(small):
    for kind, other in (("binary", group_difference), ("numeric", dose_response)):
        mine = by_model(method.fit(small, spec(kind)))["crude"]
        theirs = other.fit(small, other.Spec(adjust=ADJUST, **KINDS[kind])).estimates
        want = next(row for row in theirs if row["model"] == "crude")
        for key in ("estimate", "low", "high", "contrast", "estimand", "unit"):
            assert mine[key] == want[key], key


@pytest.mark.parametrize("kind", list(KINDS))
def test_headline_is_the_first_row_of_the_fit(small, kind):
    chosen = spec(kind)
    assert method.headline(small, chosen) == method.fit(small, chosen).estimates[0]


def test_every_row_says_the_level_that_was_asked_for(small):
    rows = method.fit(small, spec("numeric", level=0.9)).estimates
    assert {row.get("level", 0.9) for row in rows} == {0.9}


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_threat_is_absent_silently(small, kind):
    found = method.fit(small, spec(kind))
    shown = {row["threat"] for row in found.estimates}
    said = {name.removeprefix("threat: ") for name in silent(found)}
    assert shown | said >= set(THREATS)
    table = tabulate(found, "a", spec(kind), "", "")
    assert table["threat"].notna().all()
    told = [row["Why"] for row in found.tables["threats_not_answered"]]
    assert any("no negative control is named" in text for text in told)


def test_missing_outcomes_are_shifted_until_the_answer_tips(small):
    visits = small.visits.copy()
    base = visits.index[visits["visit"] == "baseline"]
    visits.loc[base[3::4], "nprs_avg"] = np.nan
    cohort = type(small)(small.people, visits, small.sides, small.trials)
    found = method.fit(cohort, spec())
    rows = by_model(found)
    (name,) = (n for n in rows if n.startswith("shift at which the estimate"))
    tip = rows[name]["estimate"]
    share = found.panels["tipping"]
    x = [row["delta"] for row in share]
    y = [row["estimate"] for row in share]
    assert np.interp(tip, x, y) == pytest.approx(0.0, abs=1e-9)
    assert rows[name]["scale"] == "shift"
    assert rows[name]["unit"] == "points"


def test_shifted_outcomes_equal_r(small, answers, long):
    from gluteal.frames.missing_outcomes import take_missing
    from gluteal.frames.one_effect import take_effect

    want = answers("unmeasured_bias")
    for kind in KINDS:
        outcome = KINDS[kind]["outcome"]
        frame = small.frame([outcome, KINDS[kind]["exposure"], *ADJUST])
        frame.loc[frame.index[3::4], outcome] = np.nan
        effect = take_effect(frame, *KINDS[kind].values(), ADJUST)
        got = take_missing(effect).estimate(-1.5).times(effect.units).estimate
        assert got == pytest.approx(want[kind]["shifted"], rel=1e-8)


def test_a_second_assessor_tells_the_error_of_the_exposure(small):
    rng = np.random.default_rng(2)
    base = small.visits[small.visits["visit"] == "baseline"]
    rows = [
        {"participant_id": who, "visit": "baseline", "side": "right", "trial": 1,
         "variable": "hip_abd_nm_kg", "assessor": name, "value": value + rng.normal(0, 0.3)}
        for who, value in zip(base["participant_id"], base["hip_abd_nm_kg"], strict=True)
        for name in "AB"
    ]  # fmt: skip
    cohort = type(small)(small.people, small.visits, small.sides, pd.DataFrame(rows))
    found = by_model(method.fit(cohort, spec()))
    ratio = found["exposure calibrated"]["estimate"] / found["adjusted"]["estimate"]
    assert ratio > 1.05
    assert found["exposure, SIMEX"]["estimate"] / found["adjusted"]["estimate"] > 1.05


def test_a_stated_error_takes_the_place_of_repeats(small):
    found = by_model(method.fit(small, spec(exposure_error=0.2)))
    x = small.frame(["hip_abd_nm_kg", *ADJUST]).dropna()
    z = np.column_stack([np.ones(len(x)), x["age_years"], x["sex"] == "m", x["bmi_kg_m2"],
                         x["prior_lbp"].astype(float)]).astype(float)  # fmt: skip
    w = x["hip_abd_nm_kg"].to_numpy()
    left = w - z @ np.linalg.lstsq(z, w, rcond=None)[0]
    lam = 1 - 0.04 / (left @ left / (len(w) - 5))
    want = found["adjusted"]["estimate"] / lam
    assert found["exposure calibrated"]["estimate"] == pytest.approx(want, rel=1e-9)


def test_an_error_larger_than_the_exposure_is_a_row_that_failed(small):
    found = by_model(method.fit(small, spec(exposure_error=9.0)))
    row = found["exposure calibrated"]
    assert row["converged"] is False
    assert "nothing reliable is left" in row["warnings"]
    assert "estimate" not in row


def test_negative_controls_are_told_apart(small):
    visits = small.visits.assign(
        gait_pelvic_drop_deg=np.random.default_rng(1).normal(size=len(small.visits)),
        body_mass_kg=small.visits["hip_abd_nm_kg"] * 20 + 40,
    )
    cohort = type(small)(small.people, visits, small.sides, small.trials)
    given = {
        "negative_outcomes": ("gait_pelvic_drop_deg",),
        "negative_exposures": ("body_mass_kg",),
    }
    found = method.fit(cohort, spec(**given))
    rows = [row for row in found.estimates if row["threat"] == "negative control"]
    assert [row["outcome"] for row in rows] == ["gait_pelvic_drop_deg", "nprs_avg"]
    assert [row["scale"] for row in rows] == ["smd", "difference"]
    checks = {row["name"]: row["ok"] for row in found.diagnostics if "control" in row["name"]}
    assert list(checks.values())[-1] is False or len(checks) == 2


@pytest.mark.parametrize("kind", list(KINDS))
def test_order_and_names_of_people_do_not_matter(small, kind):
    first = method.fit(small, spec(kind, exposure_error=0.1 if kind == "numeric" else None))
    people = small.people.sample(frac=1, random_state=1).reset_index(drop=True)
    again = type(small)(people, small.visits, small.sides, small.trials)
    second = method.fit(again, spec(kind, exposure_error=0.1 if kind == "numeric" else None))
    for one, two in zip(first.estimates, second.estimates, strict=True):
        assert one.get("converged") == two.get("converged")
        if "estimate" not in one:
            continue
        wide = 0.03 if "SIMEX" in one["model"] else 1e-9  # its noise follows the rows
        assert one["estimate"] == pytest.approx(two["estimate"], rel=wide, abs=1e-12)


def test_an_outcome_in_other_units_scales_the_differences(small):
    visits = small.visits.assign(nprs_avg=10 * small.visits["nprs_avg"] + 5)
    again = type(small)(small.people, visits, small.sides, small.trials)
    pairs = zip(
        method.fit(small, spec()).estimates, method.fit(again, spec()).estimates, strict=True
    )
    for one, ten in pairs:
        times = 10 if one["scale"] == "difference" else 1
        assert ten["estimate"] == pytest.approx(times * one["estimate"], rel=1e-6), one["model"]


def test_what_lacks_is_named(small):
    found = method.fit(small, spec(adjust=("phq9",)))
    assert found.needs == ["phq9"]
    assert not found.estimates


def test_degenerate_input_is_one_message(small):
    people = small.people.assign(lbp=pd.array([True] * len(small.people), dtype="boolean"))
    one = type(small)(people, small.visits, small.sides, small.trials)
    with pytest.raises(UserError, match="column lbp: fewer than two people"):
        method.fit(one, spec("binary"))
    with pytest.raises(UserError, match="yes/no"):
        method.fit(small, method.Spec(outcome="lbp", exposure="hip_abd_nm_kg", adjust=()))


def test_without_covariates_what_needs_them_says_so(small):
    found = method.fit(small, spec(adjust=()))
    said = silent(found)
    assert found.estimates[0]["threat"] == "crude"
    assert "no covariates" in said["threat: weighted"]
    assert "no covariates" in said["threat: adjusted"]
    assert [row["model"] for row in found.estimates].count("crude") == 0


def test_ratios_know_what_is_not_for_them(small):
    found = method.fit(small, spec(outcome="lbp", family="logistic"))
    said = silent(found)
    assert "odds ratio" in said["threat: doubly robust"]
    assert "linear models" in said["threat: unmeasured confounding"]
    assert by_model(found)["E-value: estimate explained away"]["estimate"] > 1
    assert not found.panels


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"negative_outcomes": ("nothing",)}, "no such variable: nothing"),
        ({"negative_outcomes": ("nprs_avg",)}, "no negative control"),
        ({"per": "mdc"}, "needs mdc"),
        ({"exposure_error": "sem_of_nothing"}, "no such constant"),
        ({"exclude": {"x": {"nope": ("1",)}}}, "no such variable: nope"),
    ],
)
def test_settings_that_mean_nothing_are_refused(given, message):
    with pytest.raises(ValidationError, match=message):
        spec(**given)


def test_people_whom_the_strength_test_hurt_are_left_out(small):
    visits = small.visits.copy()
    hurt = np.arange(len(visits)) % 5 == 0
    visits["hip_abd_pain_during"] = pd.array(hurt, dtype="boolean")
    cohort = type(small)(small.people, visits, small.sides, small.trials)
    found = by_model(method.fit(cohort, spec()))["without pain during the strength test"]
    kept = visits[~hurt & (visits["visit"] == "baseline")]
    assert found["n_people"] == len(kept[["nprs_avg", "hip_abd_nm_kg", "bmi_kg_m2"]].dropna())


@pytest.mark.parametrize(
    ("outcome", "exposure"),
    [("pelvic_tilt_asis_psis_deg", "hip_abd_nm_kg"), ("hip_abd_nm_kg", "lbp")],
)
def test_where_there_is_no_effect_only_the_crude_row_sees_one(null_world, outcome, exposure):
    given = {"outcome": outcome, "exposure": exposure, "adjust": GRAPH}
    rows = by_model(method.fit(null_world, method.Spec(**given)))
    assert rows["crude"]["high"] < 0
    names = ["adjusted", "outliers reined in", "weighted and adjusted"]
    names += ["exposure calibrated"] if exposure != "lbp" else []
    for name in names:
        assert abs(rows[name]["estimate"]) < 3 * rows[name]["se"], name
        assert abs(rows[name]["estimate"]) < 0.5 * abs(rows["crude"]["estimate"]), name
    assert rows["without pain during the strength test"]["n_people"] < 2500


def test_it_asks_no_new_question():
    assert method.Spec(outcome="nprs_avg", exposure="hip_abd_nm_kg").role == "sensitivity"
