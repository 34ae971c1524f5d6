"""A project in a temporary folder: the pipeline, the package and a small cohort, all editable."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

ANALYSES = ("table_one", "strength_by_lbp", "strength_tilt")


@dataclass
class Project:
    """A checkout of its own, and what Snakemake says of it."""

    home: Path

    def snakemake(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.home / "src")}
        environment.pop("GLUTEAL_WARM", None)
        done = subprocess.run(
            [str(Path(sys.executable).parent / "snakemake"), "--cores", "2", *words],
            cwd=self.home,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert not check or done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]
        return done

    def planned(self, *words: str) -> set[str]:
        """What a run would do now, by the messages of the rules."""
        text = self.snakemake("--dry-run", *words)
        found = re.findall(r"^Job \d+: (.+)$", text.stdout + text.stderr, re.M)
        return {message.strip() for message in found}

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.home / name
        text = path.read_text(encoding="utf-8")
        assert old in text, (name, old)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="session")
def project(root, tmp_path_factory) -> Project:
    """Run the pipeline once on a small simulated cohort."""
    home = tmp_path_factory.mktemp("project")
    for name in ("workflow", "src"):
        shutil.copytree(root / name, home / name, ignore=shutil.ignore_patterns("__pycache__"))
    (home / "config").mkdir()
    shutil.copy(root / "config" / "dag.yaml", home / "config" / "dag.yaml")
    shutil.copy(root / "requirements.lock", home / "requirements.lock")
    config = yaml.safe_load((root / "config" / "config.yaml").read_text())
    config["analyses"] = {name: config["analyses"][name] for name in ANALYSES}
    del config["imputation"]  # its own test adds it
    for name in ANALYSES:
        config["analyses"][name].pop("missing", None)
    config["claims"] = {name: config["claims"][name] for name in ("H1", "H5", "H8")}
    (home / "config" / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    subprocess.run(
        [sys.executable, "-m", "gluteal", "simulate", "data/example", "--n", "120", "--seed", "3"],
        cwd=home,
        check=True,
        capture_output=True,
    )
    made = Project(home)
    made.snakemake()
    return made
