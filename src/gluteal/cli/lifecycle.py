"""What the workflow does around a run: find the commands, start the warm process, end it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

_running: list[tuple[subprocess.Popen[bytes], Path]] = []


def find_commands() -> None:
    """Put the commands of this environment first on the path, activated or not."""
    here = str(Path(sys.executable).parent)
    if here not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = f"{here}{os.pathsep}{os.environ.get('PATH', '')}"


def start_warm() -> Path | None:
    """Start the process that has the heavy imports; the rules of this run find it by themselves.

    Returns
    -------
    Path or None
        Its socket, in a folder that only this user may enter. None where forking a process that
        has such imports is not safe (anything but Linux): every job is then a plain process.
    """
    if sys.platform != "linux":
        return None
    socket = Path(tempfile.mkdtemp(prefix="gluteal-")) / "socket"
    words = [sys.executable, "-m", "gluteal", "warm", str(socket)]
    _running.append((subprocess.Popen(words), socket))
    os.environ["GLUTEAL_WARM"] = str(socket)
    return socket


def stop_warm() -> None:
    """End what `start_warm` started, and remove its socket."""
    os.environ.pop("GLUTEAL_WARM", None)
    while _running:
        process, socket = _running.pop()
        process.terminate()
        process.wait()
        socket.unlink(missing_ok=True)
        with suppress(OSError):
            socket.parent.rmdir()
