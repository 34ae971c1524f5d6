"""The pipeline as its user meets it."""

from __future__ import annotations

import shutil

import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("project")]


def test_the_products_exist(project):
    reports = project.home / "reports"
    for name in ("report.html", "report.docx", "report.pdf", "ledger.csv"):
        assert (reports / name).stat().st_size > 500, name
    assert {p.stem for p in (reports / "estimates").iterdir()} == {
        "table_one",
        "strength_by_lbp",
        "strength_tilt",
    }
    assert (reports / "figures" / "claims.svg").is_file()


def test_a_broken_config_ends_with_one_message_and_status_2(project, tmp_path):
    bad = tmp_path / "bad.yaml"
    text = (project.home / "config" / "config.yaml").read_text()
    bad.write_text(text.replace("design: case_control", "desing: case_control"))
    done = project.snakemake("--dry-run", "--configfile", str(bad), check=False)
    assert done.returncode == 2
    assert "Did you mean 'design'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_config_replaces_the_first_and_is_not_mixed_into_it(project, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(
        "title: x\nstudy: other\ndesign: case_control\ncohort: data/example\n"
        "products: reports/other\nanalyses:\n  audit_only:\n    method: data_audit\n"
    )
    planned = project.planned("--configfile", str(other))
    assert {job for job in planned if job.startswith("Fitting")} == {"Fitting audit_only"}


def test_a_broken_cohort_stops_the_run_and_says_why(project):
    cohort = project.home / "data" / "broken"
    shutil.copytree(project.home / "data" / "example", cohort, dirs_exist_ok=True)
    table = cohort / "participants.csv"
    lines = table.read_text().splitlines(keepends=True)
    table.write_text("".join([*lines, lines[-1]]))  # the same person twice
    config = project.home / "config" / "broken.yaml"
    text = (project.home / "config" / "config.yaml").read_text()
    text = text.replace("data/example", "data/broken").replace("study: example", "study: broken")
    config.write_text(text.replace("products: reports", "products: reports/broken"))
    done = project.snakemake("--configfile", str(config), check=False)
    assert done.returncode != 0
    assert "participants.csv" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (project.home / "reports" / "broken" / "report.html").exists()
