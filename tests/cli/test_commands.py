import subprocess
import sys

import pytest

from gluteal.cli.commands import COMMANDS, run


def test_an_unknown_command_suggests_the_nearest_and_ends_with_2(capsys):
    assert run(["chek"]) == 2
    assert "Did you mean 'check'?" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as end:
        run([command, "--help"])
    assert end.value.code == 0
    assert "usage: gluteal" in capsys.readouterr().out


def test_help_and_version_need_no_heavy_import():
    code = (
        "import sys; from gluteal.cli.commands import run; run([]); run(['--version']);"
        "heavy = {'pandas', 'numpy', 'matplotlib', 'scipy', 'pyarrow'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
