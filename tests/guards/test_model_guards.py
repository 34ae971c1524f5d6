"""Errors of the field in models of EMG and of repeated visits: each is refused or flagged.

The numbers are those of docs/guards.md.
"""

from __future__ import annotations

import json

import pytest

from gluteal.analyses import cross_lagged, emg_compensation
from gluteal.cli.commands import run
from gluteal.cohort.derived import write_cohort
from gluteal.config.study import parse_study
from gluteal.errors import UserError

PAIR = {"outcome": "nprs_avg", "exposure": "hip_abd_nm_kg"}
UNEQUAL = ("baseline", "week04", "week26")


def study(root, **analysis):
    return parse_study(
        {
            "title": "T",
            "design": "case_control",
            "cohort": "c",
            "dag": str(root / "config" / "dag.yaml"),
            "analyses": {"a": analysis},
        }
    )


def test_guard_23_percent_mvic_of_a_gluteal_muscle_is_not_related_to_strength(root):
    share, strength = "emg_gmax_pct_mvic", "hip_ext_nm_kg"
    for outcome, exposure in ((share, strength), (strength, share)):
        pair = {"outcome": outcome, "exposure": exposure, "adjust": []}
        with pytest.raises(UserError, match="its own maximal effort"):
            study(root, method="dose_response", **pair)
    with pytest.raises(UserError, match="own maximal effort"):
        chain = {"exposure": strength, "outcome": "nprs_avg", "mediators": [share], "adjust": []}
        study(root, method="mechanism_mediation", **chain)
    with pytest.raises(UserError, match="even where nothing compensates"):
        study(root, method="emg_compensation", outcome=share, exposure=strength, adjust=[])


def test_guard_23_raw_maximum_and_percent_stand_together(world):
    spec = emg_compensation.Spec(exposure="hip_abd_nm_kg", outcome="emg_bf_pct_mvic", adjust=())
    found = emg_compensation.fit(world, spec)
    (table,) = (rows for rows in found.tables.values() if "% MVIC" in rows[0])
    assert all({"Raw, µV", "MVIC, µV", "% MVIC"} <= set(row) for row in table)
    for scale in ("raw", "MVIC", "% MVIC"):
        assert any(str(row["model"]).endswith(scale) for row in found.estimates), scale


def test_guard_23_raw_microvolts_across_people_are_refused_or_flagged(root, world):
    raw = {"outcome": "emg_bf_rms_uv", "adjust": []}
    for method, exposure in (("group_difference", "lbp"), ("dose_response", "hip_abd_nm_kg")):
        with pytest.raises(UserError, match="cannot be compared between people"):
            study(root, method=method, exposure=exposure, **raw)
    spec = emg_compensation.Spec(exposure="hip_abd_nm_kg", outcome="emg_bf_rms_uv", adjust=())
    found = {row["name"]: row["ok"] for row in emg_compensation.fit(world, spec).diagnostics}
    assert found["raw amplitude across people"] is False


def test_guard_29_one_coefficient_over_unequal_intervals_is_refused(world):
    with pytest.raises(UserError, match="one coefficient cannot hold"):
        cross_lagged.fit(world, cross_lagged.Spec(**PAIR, visits=UNEQUAL))


def test_guard_29_left_alone_only_equally_spaced_visits_are_taken(world):
    made = cross_lagged._Paths(world, cross_lagged.Spec(**PAIR))
    assert made.panel.schedule.visits == ("baseline", "week04", "week08", "week12")
    assert "4 weeks" in made.first()["contrast"]
    free = cross_lagged._Paths(world, cross_lagged.Spec(**PAIR, visits=UNEQUAL, lags_equal=False))
    assert free.first()["contrast"]  # a coefficient for each interval is allowed


def test_guard_29_the_run_stops_with_the_remedy(world, tmp_path, capsys):
    """A fault of the config, not of the cohort: it is not passed over as "not testable"."""
    write_cohort(world, tmp_path / "tables")
    settings = {"method": "cross_lagged", **PAIR, "visits": UNEQUAL, "adjust": []}
    (tmp_path / "a.json").write_text(json.dumps({"analysis": "a", "code": "c", "spec": settings}))
    words = [str(tmp_path / name) for name in ("a.json", "tables", "out")]
    assert run(["fit", *words]) == 2
    assert "lags_equal: false" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
