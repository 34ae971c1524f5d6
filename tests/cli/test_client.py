import os
import subprocess
import sys

from gluteal.cli.client import ask


def test_no_warm_process_means_the_caller_does_the_work(tmp_path):
    socket = str(tmp_path / "none")
    assert ask(socket, ["--version"]) is None
    done = subprocess.run(
        [sys.executable, "-m", "gluteal", "--version"],
        env={**os.environ, "GLUTEAL_WARM": socket},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert done.stdout.strip()


def test_the_client_imports_next_to_nothing():
    code = (
        "import sys; before = set(sys.modules); import gluteal.cli.client;"
        "heavy = {'argparse', 'pathlib', 'tempfile', 'asyncio', 'numpy'} & set(sys.modules);"
        "sys.exit(', '.join(heavy - before) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
