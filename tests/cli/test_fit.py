import json

import pandas as pd
import pytest

from gluteal.cli.commands import run
from gluteal.estimates import COLUMNS


@pytest.fixture(scope="module")
def derived(tmp_path_factory, root):
    folder = tmp_path_factory.mktemp("derived")
    assert run(["simulate", str(folder / "cohort"), "--n", "120", "--seed", "2"]) == 0
    assert run(["derive", str(folder / "cohort"), str(folder / "tables")]) == 0
    return folder / "tables"


def plan_of(root, analysis, path, monkeypatch, **changes):
    monkeypatch.chdir(root)
    assert run(["plan", str(path), "--analysis", analysis]) == 0
    plan = json.loads(path.read_text())
    plan["spec"] |= changes
    plan.pop("imputation", None)  # no imputed tables lie beside these
    path.write_text(json.dumps(plan))
    return path


def test_three_products_with_fixed_columns(root, derived, tmp_path, monkeypatch):
    plan = plan_of(root, "strength_by_lbp", tmp_path / "plan.json", monkeypatch)
    assert run(["fit", str(plan), str(derived), str(tmp_path)]) == 0
    table = pd.read_csv(tmp_path / "estimates" / "strength_by_lbp.csv")
    assert tuple(table.columns) == COLUMNS
    assert table.loc[0, "role"] == "primary" and table.loc[0, "low"] < table.loc[0, "high"]
    assert len(set(table["data_sha"])) == 1
    assert table["code_sha"].iloc[0]
    assert len(pd.read_csv(tmp_path / "diagnostics" / "strength_by_lbp.csv")) > 3
    drawn = json.loads((tmp_path / "fits" / "strength_by_lbp.json").read_text())
    assert drawn["figure"] and drawn["sentences"] and drawn["panels"]


def test_no_participant_id_leaves_the_derived_tables(root, derived, tmp_path, monkeypatch):
    people = set(pd.read_parquet(derived / "people.parquet")["participant_id"])
    for analysis in ("strength_by_lbp", "table_one", "reliability", "stance_accuracy"):
        plan = plan_of(root, analysis, tmp_path / "plan.json", monkeypatch)
        assert run(["fit", str(plan), str(derived), str(tmp_path)]) == 0
    for path in tmp_path.rglob("*.*"):
        text = path.read_text()
        assert not any(person in text for person in people), path.name


def test_what_the_cohort_lacks_gives_no_estimates(root, derived, tmp_path, monkeypatch):
    plan = plan_of(root, "strength_by_lbp", tmp_path / "p.json", monkeypatch, outcome="hads_a")
    assert run(["fit", str(plan), str(derived), str(tmp_path)]) == 0
    assert len(pd.read_csv(tmp_path / "estimates" / "strength_by_lbp.csv")) == 0
    assert json.loads((tmp_path / "fits" / "strength_by_lbp.json").read_text())["needs"] == [
        "hads_a"
    ]


def test_a_restricted_analysis_has_fewer_people(root, derived, tmp_path, monkeypatch):
    changes = {"only": {"sex": ["f"]}, "adjust": ["age_years"]}
    plan = plan_of(root, "strength_by_lbp", tmp_path / "p.json", monkeypatch, **changes)
    assert run(["fit", str(plan), str(derived), str(tmp_path)]) == 0
    people = pd.read_parquet(derived / "people.parquet")
    women = int((people["sex"] == "f").sum())
    found = pd.read_csv(tmp_path / "estimates" / "strength_by_lbp.csv").loc[0, "n_people"]
    assert 0 < found <= women < len(people)


def test_absent_tables_are_one_message(root, tmp_path, monkeypatch, capsys):
    plan = plan_of(root, "strength_by_lbp", tmp_path / "p.json", monkeypatch)
    assert run(["fit", str(plan), str(tmp_path / "nowhere"), str(tmp_path)]) == 2
    assert "gluteal derive" in capsys.readouterr().err
    assert not (tmp_path / "estimates").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        ("{", "is no plan"),
        ("[]", "is no plan"),
        (
            '{"analysis": "a", "code": "c", "spec": {"method": "group_diference"}}',
            "group_difference",
        ),
        ('{"analysis": "a", "code": "c", "spec": {"method": "table_one", "bye": "lbp"}}', "bye"),
    ],
)
def test_what_is_no_plan_is_one_message(text, words, derived, tmp_path, capsys):
    plan = tmp_path / "plan.json"
    if text is not None:
        plan.write_text(text)
    assert run(["fit", str(plan), str(derived), str(tmp_path / "out")]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_lists_that_name_people_stay_beside_the_derived_tables(tmp_path):
    from gluteal.cli.fit import write_confidential

    folder = tmp_path / "confidential"
    write_confidential({"referral": [{"participant_id": "p1", "reason": "x"}]}, folder, "refer")
    path = folder / "refer_referral.csv"
    assert path.read_text() == "participant_id,reason\np1,x\n"
    assert path.stat().st_mode & 0o077 == 0 and folder.stat().st_mode & 0o077 == 0
    write_confidential({}, tmp_path / "none", "refer")
    assert not (tmp_path / "none").exists()


def fit_of(products, analysis):
    return json.loads((products / "fits" / f"{analysis}.json").read_text())


def test_a_group_that_nobody_is_in_stops_one_analysis_alone(root, derived, tmp_path, monkeypatch):
    changes = {"only": {"lbp": ["1"]}}
    plan = plan_of(root, "strength_by_lbp", tmp_path / "p.json", monkeypatch, **changes)
    assert run(["fit", str(plan), str(derived), str(tmp_path)]) == 0
    assert len(pd.read_csv(tmp_path / "estimates" / "strength_by_lbp.csv")) == 0
    assert tuple(pd.read_csv(tmp_path / "diagnostics" / "strength_by_lbp.csv").columns)
    fit = fit_of(tmp_path, "strength_by_lbp")
    assert fit["needs"] == []
    assert "fewer than two people" in fit["reason"]
    assert "the derived tables" not in fit["reason"]


def test_a_fault_of_the_config_still_stops_the_run(root, derived, tmp_path, monkeypatch, capsys):
    for changes in ({"exposure": "age_years"}, {"only": {"sex": ["women"]}}):
        plan = plan_of(root, "strength_by_lbp", tmp_path / "p.json", monkeypatch, **changes)
        assert run(["fit", str(plan), str(derived), str(tmp_path)]) == 2
        assert capsys.readouterr().err
    assert not (tmp_path / "fits").exists()


def test_what_statistics_refuse_is_said_and_stops_nothing():
    from types import SimpleNamespace

    from gluteal.cli.fit import try_fit
    from gluteal.errors import CannotTest, Fault, UserError

    def refuse(error):
        def fit(cohort, spec):
            raise error

        module, spec = SimpleNamespace(fit=fit), SimpleNamespace(only={})
        return try_fit({}, module, spec, None, None)

    assert refuse(UserError("3 events cannot carry 4 coefficients.")).reason == (
        "3 events cannot carry 4 coefficients"
    )
    lack = Fault("the derived tables", "nobody is left", "Add people.", column="nprs_avg")
    label = "pain (NPRS), average of the last week"
    assert refuse(CannotTest([lack, lack])).reason == f"{label}: nobody is left"
    with pytest.raises(UserError, match="nobody is left"):
        refuse(UserError(lack))
