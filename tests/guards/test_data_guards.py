"""Errors of the field in data and scores: each is refused or flagged, never mended in silence.

The numbers are those of docs/guards.md.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gluteal.cohort.derive import derive
from gluteal.cohort.package import read_package
from gluteal.config.study import parse_study
from gluteal.errors import UserError
from gluteal.variables import variables


def study(**analysis):
    return parse_study(
        {
            "title": "T",
            "design": "case_control",
            "cohort": "c",
            "analyses": {"a": analysis},
        }
    )


def test_guard_01_strength_that_is_not_set_against_body_size_is_refused():
    pair = {"outcome": "hip_abd_n", "exposure": "lbp", "adjust": ["age_years"]}
    with pytest.raises(UserError, match="body"):
        study(method="group_difference", **pair)
    with pytest.raises(UserError, match="body size"):
        study(method="dose_response", outcome="nprs_avg", exposure="hip_abd_n")
    allowed = {**pair, "adjust": ["age_years", "body_mass_kg"]}
    assert study(method="group_difference", **allowed)


def test_guard_02_a_force_without_a_lever_arm_is_no_torque(broken, package, tmp_path):
    assert {variables()[n].unit for n in ("hip_abd_n", "hip_abd_nm", "hip_abd_nm_kg")} == {
        "N",
        "Nm",
        "Nm/kg",
    }
    tables = read_package(package)
    measured = tables.tables["measurements"]
    import pyarrow.compute as pc

    bare = measured.filter(pc.not_equal(measured["test"].cast("string"), "lever_arm"))
    tables.tables["measurements"] = bare
    made = derive(tables, {})
    assert made.visits["hip_abd_n"].notna().any()
    assert made.lacks(["hip_abd_nm", "hip_abd_nm_kg"]) == ["hip_abd_nm", "hip_abd_nm_kg"]


def test_guard_03_kilograms_entered_as_newtons_are_queried_and_never_mended(broken, package):
    who = "P000005"

    def edit(rows):
        for row in rows:
            if (row["participant_id"], row["test"], row["visit"]) == (who, "hip_force", "baseline"):
                row["value"] = f"{float(row['value']) / 9.80665:.1f}"

    said = [fault for fault in broken("measurements", edit) if "kgf" in fault.rule]
    assert said and all(fault.severity == "query" for fault in said)
    no_unit = broken_unit(package)
    assert any("unit" in (fault.column or "") for fault in no_unit)


def broken_unit(package):
    """Leave out the unit of one force."""
    import tempfile
    from pathlib import Path

    import pyarrow as pa

    from gluteal.cohort.check import check_package
    from gluteal.cohort.package import open_package, read_package, write_package

    tables = read_package(package).tables
    measured = tables["measurements"]
    units = measured["unit"].cast("string").to_pylist()
    units[1] = ""
    at = measured.column_names.index("unit")
    changed = measured.set_column(at, "unit", pa.array(units))
    with tempfile.TemporaryDirectory() as folder:
        write_package(Path(folder) / "c", {**tables, "measurements": changed}, title="T")
        return check_package(open_package(Path(folder) / "c"))


def test_guard_05_an_involved_side_exists_only_where_one_side_hurts(world):
    people = world.people.set_index("participant_id")["pain_side"].astype(str)
    visits = world.visits[world.visits["hip_abd_asym_involved_pct"].notna()]
    sides = people.loc[visits["participant_id"]].unique()
    assert set(sides) == {"left", "right"}
    assert {"bilateral", "central"} <= set(people.unique())


def test_guard_15_last_values_are_never_carried_forward(world):
    missed = world.visits["attended"] == False  # noqa: E712
    assert missed.any()
    assert world.visits.loc[missed, ["nprs_avg", "hip_abd_nm_kg", "odi_pct"]].isna().all().all()
    from gluteal.spec import Spec

    assert set(Spec.model_fields["missing"].annotation.__args__) == {"complete", "imputed"}


def test_guard_16_a_total_needs_its_own_form_and_missing_rule(world):
    from gluteal.instruments import rmdq24

    answers = pd.DataFrame({item: [1.0] * 12 for item in rmdq24.ITEMS})
    answers.index = pd.MultiIndex.from_product([range(12), ["baseline"]])
    short = answers.assign(**{list(rmdq24.ITEMS)[-1]: np.nan})
    with pytest.raises(UserError):  # the form of 23 items
        rmdq24.score(short, rmdq24.SETTINGS)
    assert rmdq24.score(answers, rmdq24.SETTINGS).scores["rmdq_0_24"].eq(24).all()
    rules = {(line["instrument"], line["rule"]) for line in world.meta["scoring"]}
    assert any(name == "odi" and "missing" in rule for name, rule in rules)


def test_guard_18_capped_stance_times_are_marked_and_their_mean_is_flagged(world):
    from gluteal.analyses import group_difference as method
    from gluteal.measures.stance import mean_misleads

    assert mean_misleads(world.sides["sls_censored"].dropna().astype(float).to_numpy())
    spec = method.Spec(outcome="sls_time_s", exposure="lbp", adjust=())
    ends = [
        row for row in method.fit(world, spec).diagnostics if row["name"].startswith("share at")
    ]
    assert any(row["ok"] is False for row in ends)


def test_guard_24_two_conventions_of_pelvic_tilt_are_two_variables():
    known = variables()
    surface, radiograph = (
        known["pelvic_tilt_asis_psis_deg"],
        known["pelvic_tilt_radiographic_pt_deg"],
    )
    assert "ANTERIOR" in surface.higher and "POSTERIOR" in radiograph.higher
    assert surface.node == "Tilt" and radiograph.node != "Tilt"


def test_guard_31_a_value_is_changed_only_with_a_reason(broken):
    def edit(rows):
        copy = dict(rows[5], value="99", version="1", correction_reason="na")
        rows.insert(6, copy)

    said = broken("measurements", edit)
    assert any(fault.column == "correction_reason" for fault in said)


def test_guard_32_a_visit_far_from_its_week_is_queried_and_its_own_day_kept(broken, world):
    def edit(rows):
        row = next(r for r in rows if r["visit"] == "week04" and r["attended"] == "1")
        row["study_day"] = "54"

    said = broken("visits", edit)
    assert any(fault.column == "study_day" and fault.severity == "query" for fault in said)
    seen = world.visits.dropna(subset=["study_day"])
    assert np.allclose(seen["week_actual"], seen["study_day"] / 7)
