import json

from gluteal.cli.commands import run


def test_a_ready_text_is_written_whole(tmp_path):
    assert run(["plan", str(tmp_path / "p.json"), "--text", '{"a": 1}']) == 0
    assert json.loads((tmp_path / "p.json").read_text()) == {"a": 1}


def test_a_plan_is_made_from_the_config_by_hand(tmp_path, root, monkeypatch):
    monkeypatch.chdir(root)
    assert run(["plan", str(tmp_path / "p.json"), "--analysis", "strength_by_lbp"]) == 0
    assert json.loads((tmp_path / "p.json").read_text())["analysis"] == "strength_by_lbp"


def test_an_unknown_analysis_is_one_message(tmp_path, root, monkeypatch, capsys):
    monkeypatch.chdir(root)
    assert run(["plan", str(tmp_path / "p.json"), "--analysis", "strength_by_lpb"]) == 2
    assert "Did you mean 'strength_by_lbp'?" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
