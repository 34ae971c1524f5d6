"""What must hold of any cohort, and what real tables must give."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gluteal.cohort.derive import derive
from gluteal.cohort.derived import read_cohort, write_cohort
from gluteal.cohort.package import read_package, write_package
from gluteal.errors import UserError
from gluteal.sources.csv import ingest

INVARIANT = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
MIRROR = {"left": "right", "right": "left"}


def equal(one, two):
    for name in ("people", "visits", "sides"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
    pd.testing.assert_frame_equal(one.trials, two.trials)
    pd.testing.assert_frame_equal(one.flow, two.flow)
    assert one.meta == two.meta


@pytest.fixture
def cohort_of(rows):
    """Make the tables of a cohort of four people, two visits, from forces drawn by a test."""

    def make(forces, unit="N", relabel=None, prefix="P", scale=1.0):
        side_of = relabel or {"left": "left", "right": "right"}
        people, visits, measured = [], [], []
        values = iter(forces)
        for n in range(4):
            who = f"{prefix}{n}"
            people.append(rows.person(who, sex="fm"[n % 2], lbp=str(n % 2)))
            for name, week in (("baseline", "0"), ("week04", "4")):
                visits.append(rows.visit(who, name, week, mass=str(60 + 5 * n)))
                for side in ("left", "right"):
                    measured.append(rows.lever(who, side_of[side], 0.7, visit=name))
                    measured += [
                        rows.force(
                            who,
                            side_of[side],
                            repr(next(values) * scale),
                            trial,
                            unit=unit,
                            visit=name,
                        )
                        for trial in (1, 2)
                    ]
        return {"participants": people, "visits": visits, "measurements": measured}

    return make


forces = st.lists(st.floats(40, 300), min_size=32, max_size=32)


@INVARIANT
@given(forces=forces, seed=st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(rows, cohort_of, forces, seed):
    tables = cohort_of(forces)
    rng = np.random.default_rng(seed)
    mixed = {name: [t[i] for i in rng.permutation(len(t))] for name, t in tables.items()}
    equal(derive(rows.package(**tables)), derive(rows.package(**mixed)))


@INVARIANT
@given(forces=forces)
def test_exchanged_labels_turn_the_sign_of_the_asymmetry(rows, cohort_of, forces):
    one = derive(rows.package(**cohort_of(forces))).visits
    two = derive(rows.package(**cohort_of(forces, relabel=MIRROR))).visits
    for name in ("asym_log", "asym_pct_signed", "asym_pct_max", "sym_angle_pct"):
        np.testing.assert_allclose(
            one[f"hip_abd_{name}"], -two[f"hip_abd_{name}"], rtol=1e-9, atol=1e-9
        )
    for name in ("nm_kg", "weaker_nm_kg", "asym_abs_log"):
        np.testing.assert_allclose(one[f"hip_abd_{name}"], two[f"hip_abd_{name}"], rtol=1e-9)


@INVARIANT
@given(forces=forces, unit=st.sampled_from([("kgf", 9.80665), ("lbf", 4.4482216152605)]))
def test_the_unit_of_the_device_does_not_matter(rows, cohort_of, forces, unit):
    name, newton = unit
    one = derive(rows.package(**cohort_of(forces))).visits
    two = derive(rows.package(**cohort_of(forces, unit=name, scale=1 / newton))).visits
    for column in ("hip_abd_nm_kg", "hip_abd_n", "hip_abd_asym_log"):
        np.testing.assert_allclose(one[column], two[column], rtol=1e-9, atol=1e-12)


@INVARIANT
@given(forces=forces)
def test_other_ids_give_the_same_numbers(rows, cohort_of, forces):
    one = derive(rows.package(**cohort_of(forces)))
    two = derive(rows.package(**cohort_of(forces, prefix="Q1000")))
    for name in ("people", "visits", "sides"):
        first, second = getattr(one, name), getattr(two, name)
        pd.testing.assert_frame_equal(first.iloc[:, 1:], second.iloc[:, 1:])


@INVARIANT
@given(forces=forces, factor=st.floats(0.6, 1.4))
def test_force_times_a_factor_is_torque_times_it_and_no_asymmetry(rows, cohort_of, forces, factor):
    one = derive(rows.package(**cohort_of(forces))).visits
    two = derive(rows.package(**cohort_of(forces, scale=factor))).visits
    np.testing.assert_allclose(two["hip_abd_nm_kg"], factor * one["hip_abd_nm_kg"], rtol=1e-9)
    np.testing.assert_allclose(two["hip_abd_asym_log"], one["hip_abd_asym_log"], atol=1e-9)


def test_questionnaires_are_scored_and_noted(rows, two_people):
    answers = [
        {
            "participant_id": "P1",
            "visit": "baseline",
            "instrument": "odi",
            "item": f"item_{n}",
            "value": "NA:no_answer" if n == 8 else "2",
        }
        for n in range(1, 11)
    ]
    two_people["responses"] = answers
    cohort = derive(rows.package(**two_people))
    assert cohort.visits["odi_pct"].tolist()[0] == pytest.approx(100 * 18 / 45)
    assert cohort.visits["odi_pct"].isna().tolist() == [False, True]
    notes = {(n["instrument"], n["rule"]): n["n"] for n in cohort.meta["scoring"]}
    assert notes["odi", "item 8 missing"] == 1
    strict = derive(rows.package(**two_people), {"instruments": {"odi": {"max_missing": 0}}})
    assert "odi_pct" not in strict.visits
    with pytest.raises(UserError, match="max_mising"):
        derive(rows.package(**two_people), {"instruments": {"odi": {"max_mising": 0}}})


def test_a_class_that_is_text_becomes_an_ordered_category(rows, two_people):
    items = ("vig_days", "vig_min", "mod_days", "mod_min", "walk_days", "walk_min", "sit_min")
    values = ("3", "60", "0", "0", "7", "30", "300")
    two_people["responses"] = [
        {
            "participant_id": "P2",
            "visit": "baseline",
            "instrument": "ipaq_sf",
            "item": item,
            "value": value,
        }
        for item, value in zip(items, values, strict=True)
    ]
    visits = derive(rows.package(**two_people)).visits
    met = 8 * 180 + 3.3 * 210
    assert visits["ipaq_met_min_wk"].tolist()[1] == pytest.approx(met)
    assert visits["log_met"].tolist()[1] == pytest.approx(np.log1p(met))
    assert visits["ipaq_class"].tolist()[1] == "high"
    assert visits["ipaq_class"].cat.ordered


def test_the_log_holds_no_person_and_is_json(rows, two_people):
    meta = derive(rows.package(**two_people)).meta
    text = json.dumps(meta, allow_nan=False)
    assert "P1" not in text and "P2" not in text
    assert meta["rows"] == {"people": 2, "visits": 2, "sides": 4, "trials": 24}


def test_written_tables_come_back_as_they_were(rows, two_people, tmp_path):
    cohort = derive(rows.package(**two_people))
    write_cohort(cohort, tmp_path / "out")
    equal(cohort, read_cohort(tmp_path / "out"))


def test_the_same_package_gives_the_same_bytes(rows, two_people, tmp_path):
    tables = rows.package(**two_people).tables
    write_package(tmp_path / "package", tables, title="small", synthetic=True)
    for out in ("one", "two"):
        write_cohort(derive(read_package(tmp_path / "package")), tmp_path / out)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


@pytest.fixture
def real(tmp_path, root, real_data):
    """Ingest and derive one of the real tables."""

    def make(name, file):
        target = tmp_path / "data" / "raw" / name / file
        target.parent.mkdir(parents=True)
        shutil.copy(real_data / name / file, target)
        mapping = root / "config" / "examples" / "mappings" / f"{name}.yaml"
        found = ingest(mapping, tmp_path)
        write_package(
            tmp_path / "package", found.tables, title=found.title, provenance=found.provenance
        )
        return derive(read_package(tmp_path / "package")), target

    return make


def test_the_vertebral_table(real):
    cohort, _ = real("vertebral", "column_3C_weka.csv")
    counts = cohort.people["diagnosis"].value_counts()
    assert counts["normal"] == 100
    assert counts["disc_hernia"] == 60
    assert counts["spondylolisthesis"] == 150
    assert cohort.people["spinal_disorder"].sum() == 210
    visits = cohort.visits
    pt, ss = visits["pelvic_tilt_radiographic_pt_deg"], visits["sacral_slope_deg"]
    np.testing.assert_allclose(visits["pelvic_incidence_deg"], pt + ss, atol=1e-6)
    means = {
        "pelvic_incidence_deg": 60.497,
        "pelvic_tilt_radiographic_pt_deg": 17.543,
        "lumbar_lordosis_cobb_deg": 51.931,
        "sacral_slope_deg": 42.954,
    }
    for name, mean in means.items():
        assert round(float(visits[name].mean()), 3) == mean
    assert cohort.lacks(["pelvic_tilt_asis_psis_deg"]) == ["pelvic_tilt_asis_psis_deg"]
    assert "pelvic_tilt_asis_psis_deg" not in visits
    assert cohort.lacks(["hip_abd_nm_kg", "nprs_avg", "lbp"])
    assert len(cohort.sides) == 0
    assert cohort.meta["set_aside"] == []


def test_the_strength_table_equals_a_direct_computation(real):
    cohort, target = real("strength-volume", "strengthvolume.csv")
    source = pd.read_csv(target)
    source = source[source["include"] == "incl"]
    assert len(cohort.people) == source["participant"].nunique() == 34
    assert len(cohort.visits) == 34 * source["time"].nunique() == 204
    names = {"legpress": "leg_press_1rm_kg", "legext": "leg_ext_1rm_kg"}
    visits = {
        "pre": "baseline",
        "session1": "session1",
        "week2": "week02",
        "week5": "week05",
        "week9": "week09",
        "post": "week12",
    }
    legs = source[source["exercise"].isin(list(names))]
    legs = legs.assign(
        visit=legs["time"].map(visits), side=legs["leg"].map({"L": "left", "R": "right"})
    ).set_index(["participant", "visit", "side"])
    loads = {names[exercise]: rows["load"] for exercise, rows in legs.groupby("exercise")}
    direct = pd.concat(loads, axis=1).dropna(how="all").sort_index()
    found = cohort.sides.set_index(["participant_id", "visit", "side"])[list(direct)].sort_index()
    assert len(found) == len(direct)
    assert found.index.tolist() == direct.index.tolist()
    np.testing.assert_array_equal(found.to_numpy(), direct.to_numpy())
    by_visit = direct.groupby("visit").mean()
    means = cohort.sides.groupby("visit")[list(direct)].mean()
    np.testing.assert_allclose(means.loc[by_visit.index], by_visit)
    assert cohort.people["sex"].value_counts().to_dict() == {
        "f": source.drop_duplicates("participant")["sex"].eq("female").sum(),
        "m": source.drop_duplicates("participant")["sex"].eq("male").sum(),
    }
    flow = cohort.flow.set_index("stage")
    assert flow.loc["enrolled", "n_excluded"] == 5
