import json

import pandas as pd
import pytest

from gluteal.cli.commands import run
from gluteal.config.imputation import imputation_text
from gluteal.config.plan import plan_text
from gluteal.config.reading import read_yaml
from gluteal.config.study import parse_study

PAIN = {
    "method": "dose_response",
    "outcome": "nprs_avg",
    "exposure": "hip_abd_nm_kg",
    "adjust": "dag",
    "missing": "imputed",
    "role": "primary",
}


@pytest.fixture(scope="module")
def study(root):
    raw = read_yaml(root / "config" / "config.yaml") | {"dag": str(root / "config" / "dag.yaml")}
    raw["analyses"] = {"pain": PAIN, "table_one": raw["analyses"]["table_one"]}
    raw["claims"] = {}
    raw["imputation"] = {"m": 5, "cycles": 6, "deltas": {"nprs_avg": [2, -2]}}
    return parse_study(raw)


@pytest.fixture(scope="module")
def derived(tmp_path_factory):
    folder = tmp_path_factory.mktemp("imputed")
    assert run(["simulate", str(folder / "cohort"), "--n", "150", "--seed", "2"]) == 0
    assert run(["derive", str(folder / "cohort"), str(folder / "tables")]) == 0
    return folder / "tables"


@pytest.fixture(scope="module")
def imputed(study, derived):
    assert run(["impute", str(derived), "--settings", imputation_text(study)]) == 0
    return derived


def fit(study, analysis, tables, folder):
    (folder / "plan.json").write_text(plan_text(study, analysis))
    return run(["fit", str(folder / "plan.json"), str(tables), str(folder)])


def test_the_same_bytes_on_each_run(study, imputed):
    files = [imputed / f"imputed.{form}" for form in ("parquet", "json")]
    before = [path.read_bytes() for path in files]
    assert run(["impute", str(imputed), "--settings", imputation_text(study)]) == 0
    assert [path.read_bytes() for path in files] == before
    assert not list(imputed.glob(".*"))


def test_the_pooled_headline_comes_first_with_complete_cases_beside_it(study, imputed, tmp_path):
    assert fit(study, "pain", imputed, tmp_path) == 0
    table = pd.read_csv(tmp_path / "estimates" / "pain.csv")
    assert table.loc[0, "missing_method"] == "multiple imputation"
    assert (table.loc[0, "role"], table.loc[0, "m"]) == ("primary", 5)
    assert table.loc[1, "missing_method"] == "complete cases"
    assert (table["threat"] == "missing not at random").sum() == 2
    assert table.loc[0, "n_obs"] == 150 > table.loc[1, "n_obs"]
    names = set(pd.read_csv(tmp_path / "diagnostics" / "pain.csv")["name"])
    assert {"failed imputations", "fraction of missing information"} <= names


def test_an_analysis_that_does_not_impute_needs_no_imputed_tables(study, derived, tmp_path):
    assert "imputation" not in json.loads(plan_text(study, "table_one"))
    assert fit(study, "table_one", derived, tmp_path) == 0


def test_absent_imputations_are_one_message(study, imputed, tmp_path, capsys):
    tables = tmp_path / "tables"
    tables.mkdir()
    for path in imputed.iterdir():
        if path.is_file() and path.suffix in (".parquet", ".json", ".csv"):
            (tables / path.name).write_bytes(path.read_bytes())
    (tables / "imputed.parquet").unlink()
    assert fit(study, "pain", tables, tmp_path) == 2
    assert "Run gluteal impute first" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("{", "is not JSON"),
        ("{}", "variables"),
        ('{"m": 0, "cycles": 1, "seed": 1, "donors": 1, "variables": []}', "at least 1"),
        ('{"m": 2, "cycles": 1, "seed": 1, "donors": 1, "variables": ["nprs_avgg"]}', "nprs_avg"),
    ],
)
def test_wrong_settings_are_one_message(settings, words, derived, capsys):
    assert run(["impute", str(derived), "--settings", settings]) == 2
    assert words in capsys.readouterr().err


def test_nothing_to_impute_is_said(derived, tmp_path, capsys):
    settings = {"m": 2, "cycles": 1, "seed": 1, "donors": 1, "variables": ["age_years"]}
    for path in derived.iterdir():
        if path.is_file() and not path.name.startswith("imputed"):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    assert run(["impute", str(tmp_path), "--settings", json.dumps(settings)]) == 0
    assert "Nothing was imputed" in capsys.readouterr().out
    assert len(pd.read_parquet(tmp_path / "imputed.parquet")) == 0
