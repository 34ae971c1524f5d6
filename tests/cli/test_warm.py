import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def socket(tmp_path_factory):
    path = tmp_path_factory.mktemp("warm") / "socket"
    server = subprocess.Popen([sys.executable, "-m", "gluteal", "warm", str(path)])
    for _ in range(600):
        if path.exists():
            break
        time.sleep(0.05)
    yield str(path)
    server.terminate()
    server.wait()


def call(socket, *words, **kwargs):
    environment = {**os.environ, "GLUTEAL_WARM": socket}
    return subprocess.run(
        [sys.executable, "-m", "gluteal", *words],
        env=environment,
        capture_output=True,
        text=True,
        **kwargs,
    )


def test_output_and_status_come_back(socket):
    done = call(socket, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()
    bad = call(socket, "chek")
    assert bad.returncode == 2
    assert "no command 'chek'" in bad.stderr


def test_the_command_works_in_the_folder_of_the_caller(socket, tmp_path):
    done = call(socket, "plan", "here.json", "--text", "{}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "here.json").read_text() == "{}\n"


def test_many_at_once(socket, tmp_path):
    environment = {**os.environ, "GLUTEAL_WARM": socket}
    words = [sys.executable, "-m", "gluteal", "plan"]
    running = [
        subprocess.Popen([*words, f"{k}.json", "--text", str(k)], cwd=tmp_path, env=environment)
        for k in range(12)
    ]
    assert [p.wait() for p in running] == [0] * 12
    assert sorted(int(p.read_text()) for p in tmp_path.glob("*.json")) == list(range(12))


def test_it_ends_when_the_process_that_started_it_dies(tmp_path):
    path = tmp_path / "socket"
    starter = (
        "import subprocess, sys, time;"
        f"p = subprocess.Popen([sys.executable, '-m', 'gluteal', 'warm', {str(path)!r}]);"
        "print(p.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    for _ in range(600):
        if path.exists():
            break
        time.sleep(0.05)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    for _ in range(300):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] == "Z":
            return
        time.sleep(0.1)
    pytest.fail("the warm process lives on")
