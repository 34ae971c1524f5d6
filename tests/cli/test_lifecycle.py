import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gluteal.cli.lifecycle import find_commands, start_warm, stop_warm


def test_the_commands_of_this_environment_come_first(monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin")
    find_commands()
    find_commands()
    here = str(Path(sys.executable).parent)
    assert os.environ["PATH"] == f"{here}{os.pathsep}/usr/bin"


def test_elsewhere_than_on_linux_jobs_are_plain_processes(monkeypatch):
    monkeypatch.delenv("GLUTEAL_WARM", raising=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert start_warm() is None
    assert "GLUTEAL_WARM" not in os.environ
    stop_warm()


@pytest.mark.skipif(sys.platform != "linux", reason="the warm process is for Linux")
def test_a_warm_process_lives_between_start_and_stop(monkeypatch):
    monkeypatch.delenv("GLUTEAL_WARM", raising=False)
    socket = start_warm()
    assert socket is not None
    try:
        assert socket.parent.stat().st_mode & 0o777 == 0o700
        for _ in range(600):
            if socket.exists():
                break
            time.sleep(0.05)
        words = [sys.executable, "-m", "gluteal", "--version"]
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 0
        assert done.stdout.strip()
    finally:
        stop_warm()
    assert "GLUTEAL_WARM" not in os.environ
    assert not socket.parent.exists()
