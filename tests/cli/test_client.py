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


def test_a_warm_process_that_dies_is_reported(tmp_path, capsys):
    import socket
    import threading

    path = tmp_path / "socket"
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen(1)

    def accept_and_die():
        peer, _ = server.accept()
        peer.close()

    dying = threading.Thread(target=accept_and_die)
    dying.start()
    status = ask(str(path), ["--version"])
    dying.join()
    server.close()
    assert status in (1, None)  # died before or after it had taken the request
    if status == 1:
        assert "warm process died" in capsys.readouterr().err
