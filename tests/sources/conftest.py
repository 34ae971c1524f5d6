from __future__ import annotations

import copy

import pytest
import yaml

from gluteal.sources.csv import ingest

BASE = {
    "title": "A study",
    "files": [
        {
            "path": "raw/a.csv",
            "delimiter": ",",
            "encoding": "utf-8",
            "decimal": ".",
            "missing": {"": "NA:not_recorded"},
            "participant": {"column": "id"},
            "visit": {"fixed": "baseline"},
            "ignore": ["note"],
            "rows": [
                {
                    "table": "participants",
                    "columns": {
                        "sex": {"variable": "sex", "codes": {"F": "f", "M": "m"}},
                        "height": {"variable": "height_m", "unit": "cm"},
                    },
                },
                {"table": "visits", "set": {"week_nominal": "0", "attended": "1"}},
                {
                    "table": "measurements",
                    "set": {"muscle": "abd", "trial": "1"},
                    "columns": {
                        "abd_l": {
                            "variable": "hip_force_n",
                            "unit": "kgf",
                            "set": {"side": "left"},
                        },
                        "abd_r": {
                            "variable": "hip_force_n",
                            "unit": "kgf",
                            "set": {"side": "right"},
                        },
                    },
                },
                {
                    "table": "measurements",
                    "set": {"side": "left", "trial": "1"},
                    "columns": {
                        "stance": {
                            "variable": "sls_time_s",
                            "unit": "s",
                            "censored": {">": "right"},
                        }
                    },
                },
            ],
        }
    ],
}
RAW = """id,sex,height,abd_l,abd_r,stance,note
P2,F,165,9.5,10,>30,x
P1,M,180,11,,12.5,
"""


@pytest.fixture
def base():
    """A good mapping as a dict, to be spoilt by tests."""
    return copy.deepcopy(BASE)


@pytest.fixture
def project(tmp_path):
    """Write raw file and mapping; return the mapping's path."""

    def make(mapping=BASE, raw=RAW):
        (tmp_path / "raw").mkdir(exist_ok=True)
        (tmp_path / "raw" / "a.csv").write_text(raw, encoding="utf-8")
        path = tmp_path / "mapping.yaml"
        path.write_text(yaml.safe_dump(mapping, sort_keys=False), encoding="utf-8")
        return path

    return make


@pytest.fixture
def run(project, tmp_path):
    """Ingest a mapping and a raw text."""

    def go(mapping=BASE, raw=RAW):
        return ingest(project(mapping, raw), tmp_path)

    return go
