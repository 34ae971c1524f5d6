"""The pipeline on a real table: the UCI vertebral column, 310 people."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def vertebral(root, real_data, tmp_path_factory) -> Path:
    table = real_data / "vertebral" / "column_3C_weka.csv"
    if not table.is_file():
        pytest.skip(f"real data absent: {table}")
    home = tmp_path_factory.mktemp("vertebral")
    for name in ("workflow", "config"):
        shutil.copytree(root / name, home / name)
    raw = home / "data" / "raw" / "vertebral"
    raw.mkdir(parents=True)
    shutil.copy(table, raw)
    snakemake = str(Path(sys.executable).parent / "snakemake")
    environment = {k: v for k, v in os.environ.items() if k != "GLUTEAL_WARM"}
    done = subprocess.run(
        [snakemake, "--cores", "2", "--configfile", "config/examples/vertebral.yaml"],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return home


def ledger(home: Path) -> dict[str, dict[str, str]]:
    with (home / "reports" / "vertebral" / "ledger.csv").open() as stream:
        return {row["claim"]: row for row in csv.DictReader(stream)}


def test_the_groups_and_means_are_those_of_the_table(vertebral):
    import pandas as pd

    people = pd.read_parquet(vertebral / "data/processed/vertebral/people.parquet")
    visits = pd.read_parquet(vertebral / "data/processed/vertebral/visits.parquet")
    counts = people["diagnosis"].value_counts()
    assert dict(counts[counts > 0]) == {
        "spondylolisthesis": 150,
        "normal": 100,
        "disc_hernia": 60,
    }
    means = visits[
        [
            "pelvic_incidence_deg",
            "pelvic_tilt_radiographic_pt_deg",
            "lumbar_lordosis_cobb_deg",
            "sacral_slope_deg",
        ]
    ].mean()
    assert list(means.round(3)) == [60.497, 17.543, 51.931, 42.954]


def test_the_report_shows_counts_means_and_the_identity_of_the_pelvis(vertebral):
    page = (vertebral / "reports/vertebral/report.html").read_text()
    counts, means = ("n = 100", "n = 60", "n = 150"), ("60.5 (", "17.5 (", "51.9 (", "43.0 (")
    for words in (*counts, *means, "310 of 310 rows"):
        assert words in page, words


def test_h7_is_answered_and_strength_is_not_testable(vertebral):
    claims = ledger(vertebral)
    assert claims["H7"]["verdict"] in {"supported", "contradicted", "negligible", "inconclusive"}
    assert float(claims["H7"]["estimate"]) == pytest.approx(12.382765, abs=1e-6)
    for name in ("H1", "H2", "H5", "H10"):
        assert claims[name]["verdict"] == "not testable"
        assert "which this cohort lacks" in claims[name]["reason"]


def test_radiographic_tilt_is_not_taken_for_anterior_tilt(vertebral):
    import pandas as pd

    visits = pd.read_parquet(vertebral / "data/processed/vertebral/visits.parquet")
    if "pelvic_tilt_asis_psis_deg" in visits:
        assert visits["pelvic_tilt_asis_psis_deg"].isna().all()
    assert "pelvic tilt, ASIS-PSIS line" in ledger(vertebral)["H6"]["reason"]


def test_the_products_of_two_studies_lie_side_by_side(vertebral):
    assert not (vertebral / "reports" / "report.html").exists()
    plan = json.loads((vertebral / "reports/vertebral/plans/lordosis_by_disorder.json").read_text())
    assert plan["spec"]["override_reason"]
